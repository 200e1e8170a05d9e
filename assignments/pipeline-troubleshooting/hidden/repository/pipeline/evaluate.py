"""Is the new model good enough to be published?"""

import numpy as np
from sklearn.metrics import log_loss

from pipeline.model import probabilities


def scores(model, fitting, holdout, current):
    """Log loss on the days held out: the new model's, the base rate's, the current model's."""
    truth = holdout["cancelled"]
    base = np.full(len(holdout), fitting["cancelled"].mean())
    return {
        "log_loss": loss(truth, probabilities(model, holdout)),
        "baseline": loss(truth, base),
        "current": None if current is None else loss(truth, probabilities(current, holdout)),
    }


def loss(truth, predicted):
    """Mean log loss."""
    return round(float(log_loss(truth, predicted, labels=[0, 1])), 6)


def is_good_enough(found, gate):
    """Better than the base rate, and not clearly worse than the model that is current."""
    if found["log_loss"] > found["baseline"] - gate["least_gain"]:
        return False
    return found["current"] is None or found["log_loss"] <= found["current"] + gate["tolerance"]
