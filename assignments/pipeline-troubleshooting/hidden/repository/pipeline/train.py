"""Fit the model."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline.clock import days_before
from pipeline.errors import TrainingError

LEAST_ROWS = 400


def split(table, day, settings):
    """Rows to fit on, and those of the last days, which are held out."""
    last = days_before(day, settings["holdout_days"])
    held = table["appointment"].isin(last)
    fitting, holdout = table[~held], table[held]
    if len(fitting) < LEAST_ROWS or holdout.empty:
        raise TrainingError(f"{len(fitting)} rows to fit on and {len(holdout)} held out: too few")
    return fitting, holdout


def fit(table, config):
    """A model as plain data: names of the features, means, scales, weights, intercept."""
    names, settings = config["features"]["use"], config["training"]
    fitted = make_pipeline(
        StandardScaler(),
        LogisticRegression(
            C=settings["inverse_penalty"], max_iter=settings["max_iter"], solver="newton-cholesky"
        ),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fitted.fit(table[names].to_numpy(float), table["cancelled"])
        except ConvergenceWarning:
            raise TrainingError("the model did not converge") from None
    scaler, model = fitted[0], fitted[1]
    return {
        "features": list(names),
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "weights": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]),
    }
