"""The model: a logistic regression that was fitted with scikit-learn, kept as JSON.

Weights are read by their place: the nightly job and the cash desk do so too, in the order of
contract/features.json.
"""

import json
from math import exp
from pathlib import Path

from app.features import features

CONTRACT = json.loads(Path("contract/features.json").read_text("utf-8"))


class Model:
    """A loaded model.

    Raises:
        ValueError, KeyError, OSError: the file cannot be read or is no model.
    """

    def __init__(self, path):
        content = json.loads(Path(path).read_text("utf-8"))
        self.version = content["version"]
        self.features = content["features"]
        self.weights = [float(each) for each in content["weights"]]
        self.intercept = float(content["intercept"])
        if len(self.weights) != len(CONTRACT):
            raise ValueError(f"{len(self.weights)} weights for {len(CONTRACT)} features")

    def predict(self, loan):
        """The chance, 0 to 1, that a loan comes back late."""
        values = features(loan)
        place = [values[name] for name in CONTRACT]
        total = self.intercept + sum(w * v for w, v in zip(self.weights, place, strict=True))
        return 1 / (1 + exp(-total))
