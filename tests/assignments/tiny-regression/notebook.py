# %% [markdown] cell="brief" minutes=5
# # A straight line
# The table holds measurements of `x` and `y`. Find the line behind them, write a function
# that predicts, and say in a few sentences how far you would trust it.

# %% cell="setup"
from toolkit import load_points

from worksample.workbook import record

points = load_points()

# %% [markdown] cell="hint" levels=["junior"]
# Hint: the slope is the covariance of `x` and `y` divided by the variance of `x`.

# %% [markdown] cell="slope_task" minutes=15
# ## 1. The slope
# Set `SLOPE` to the slope of the line, within 0.05.

# %% cell="slope_answer" kind="answer"
SLOPE = None

# %% cell="slope" kind="check" points=40 dimension="ML Approach & Implementation"
assert isinstance(SLOPE, (int, float)), "SLOPE should be a number"
record("slope", SLOPE)

# %% [markdown] cell="predict_task" minutes=15
# ## 2. The prediction
# Write `predict(xs)`: a list of numbers in, a list of predictions of the same length out.


# %% cell="predict_answer" kind="answer"
def predict(xs):
    raise NotImplementedError("write predict here")


# %% cell="predict" kind="check" points=60 dimension="Evaluation & Validation"
assert len(predict([0.0, 1.0])) == 2, "predict should return one number for each input"

# %% [markdown] cell="explanation" kind="criterion" points=4 dimension="Documentation & Communication"
# ## 3. How far would you trust it?
# Write three sentences in the cell below.

# %% [markdown] cell="explanation_answer" kind="answer" minutes=8
# *Your three sentences.*

# %% [markdown] cell="submit" minutes=2
# Save the notebook and submit it.
