"""The model team's library: one model, which says how likely a heat pump fails in thirty days.

Not ours to change: the model is judged and released with it.
"""

from __future__ import annotations

import math
import pickle
from pathlib import Path

STEPS = 12_000  # of thirty days, some four minutes each
_TABLE = 400_000


class Model:
    """Adds up how wear grows over the coming month.

    Attributes:
        version: of this model.
        features: the names of the numbers that :meth:`score` takes, in its order.
        media: coolant -> its number, for the feature `medium`; `other` is one of them.
        fill: feature -> what stands for a value that is missing.
        weights: feature -> how much it adds.
        scale: feature -> where it usually lay when the model was trained, and how far it spread.
        released: what was decided when it was released.
    """

    def __init__(self, version, features, media, fill, weights, scale, released):
        self.version, self.features, self.media = version, tuple(features), dict(media)
        self.fill, self.weights, self.scale = dict(fill), dict(weights), dict(scale)
        self.released = dict(released)

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._table = [float(number) for number in range(_TABLE)]  # wear curves, some 13 MB

    def score(self, values):
        """The chance of a failure within thirty days, of one row of numbers.

        Args:
            values: a number for each of `features`, in that order; read while it is worked out.
        """
        names, weights, scale = self.features, self.weights, self.scale
        wear = 0.0
        for step in range(STEPS):
            at = step % len(names)
            name = names[at]
            low, wide = scale[name]
            wear += (
                weights[name]
                * math.tanh((values[at] - low) / wide)
                * (1.0 + 0.3 * math.sin(step / 900.0))
            )
        wear *= len(names) / STEPS
        return 1.0 / (1.0 + math.exp(-wear))


def load(path):
    """The model in a file."""
    with Path(path).open("rb") as file:
        return pickle.load(file)
