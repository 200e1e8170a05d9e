# %% [markdown] cell="brief" minutes=1
# # Four cells
# The table holds `x` and `y`. Fit a line, and write a function that predicts.

# %% cell="setup"
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import LinearRegression

from worksample.workbook import case_folder, record

points = pd.read_csv(case_folder() / "points.csv")

# %% cell="slope_answer" kind="answer" minutes=1
SLOPE = None


# %% cell="predict_answer" kind="answer" minutes=1
def predict(xs):
    raise NotImplementedError("write predict here")


# %% cell="line" kind="check" points=100 dimension="ML Approach & Implementation"
assert abs(SLOPE - points.y.cov(points.x) / points.x.var()) < 0.05, "SLOPE should fit the table"
assert len(predict([0.0, 1.0])) == 2, "predict should return one number for each input"
record("slope", SLOPE)

# %% [markdown] cell="trust" kind="criterion" points=4 dimension="Documentation & Communication"
# ## How far would you trust it?

# %% [markdown] cell="trust_answer" kind="answer" minutes=2
# *One sentence.*
