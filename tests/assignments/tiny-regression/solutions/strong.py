# title = "Least squares"
# quality = "strong"
# total = [100, 100]
# ended = "completed"

# %% cell="slope_answer"
xs, ys = [x for x, _ in points], [y for _, y in points]
mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
SLOPE = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x in xs)


# %% cell="predict_answer"
def predict(values):
    return [mean_y + SLOPE * (value - mean_x) for value in values]


# %% [markdown] cell="explanation_answer"
# The residuals are small and show no bend. I trust the line within the table's range.
# Beyond it I would want a few more points first.
