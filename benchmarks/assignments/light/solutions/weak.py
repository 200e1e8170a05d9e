# title = "The mean, whatever x is"
# quality = "weak"
# total = [0, 40]
# failing = ["line"]

# %% cell="slope_answer"
SLOPE = (points.y.iloc[-1] - points.y.iloc[0]) / (points.x.iloc[-1] - points.x.iloc[0])
points.plot.scatter("x", "y")
plt.show()


# %% cell="predict_answer"
def predict(xs):
    return [points.y.mean()] * len(xs)
