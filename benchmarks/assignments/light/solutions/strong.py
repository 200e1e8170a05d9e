# title = "Least squares"
# quality = "strong"
# total = [100, 100]

# %% cell="slope_answer"
model = LinearRegression().fit(points[["x"]], points.y)
SLOPE = float(model.coef_[0])
points.plot.scatter("x", "y")
plt.axline((0, model.intercept_), slope=SLOPE)
plt.show()


# %% cell="predict_answer"
def predict(xs):
    return model.predict(pd.DataFrame({"x": xs}))
