"""A model as plain data: what it predicts, how it is written and read."""

import json

import numpy as np


def probabilities(model, table):
    """Probability that each booking is cancelled."""
    values = table[model["features"]].to_numpy(float)
    scaled = (values - np.array(model["means"])) / np.array(model["scales"])
    return 1 / (1 + np.exp(-(scaled @ np.array(model["weights"]) + model["intercept"])))


def write(model, path):
    """As JSON, all digits."""
    path.write_text(json.dumps(model, indent=1) + "\n")


def read(path):
    """What `write` wrote."""
    return json.loads(path.read_text())
