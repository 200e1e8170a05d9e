"""Serve the current model, and see that it is the one that was trained."""

import numpy as np
import pandas as pd

from pipeline import features, registry
from pipeline.errors import DeployError
from pipeline.model import probabilities

CLOSE = 1e-9


def check(models, published, trained, sample):
    """The model just published is the current one, and predicts what it did in training."""
    if published is None:
        return
    if registry.current_version(models) != published:
        current = registry.current_version(models)
        raise DeployError(f"{published} was published, but {current} is served")
    away = np.abs(served(models, sample) - probabilities(trained, sample)).max()
    if away > CLOSE:
        raise DeployError(f"served and trained predictions differ by up to {away:.3f}")


def served(models, table):
    """What the current model says of rows with features."""
    model = registry.current(models)
    if model is None:
        raise DeployError("there is no model to serve")
    return probabilities(model, table)


def predictions(models, rows, config):
    """Booking id and probability of a cancellation for every open booking."""
    table = features.build(rows, config["features"])
    chance = served(models, table)
    return pd.DataFrame({"booking_id": table["booking_id"], "probability": chance})
