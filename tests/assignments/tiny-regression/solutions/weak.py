# title = "A rough slope, and the mean whatever x is"
# quality = "weak"
# total = [20, 20]
# failing = ["slope", "predict"]
# ended = "completed"

# %% cell="slope_answer"
SLOPE = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0]) + 0.3


# %% cell="predict_answer"
def predict(values):
    return [sum(y for _, y in points) / len(points) for _ in values]
