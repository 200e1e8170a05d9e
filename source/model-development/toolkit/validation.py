"""Log loss by row."""

from __future__ import annotations

import numpy as np


def log_loss(labels, probabilities) -> np.ndarray:
    """Loss of each row, (n,): ``-log`` of the probability given to what the label says.

    Its mean is the log loss. Labels may themselves be probabilities.
    """
    y = np.asarray(labels, dtype=float)
    p = np.clip(np.asarray(probabilities, dtype=float), 1e-6, 1 - 1e-6)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))
