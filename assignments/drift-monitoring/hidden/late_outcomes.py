"""When the outcome of a prediction becomes known. Trusted side only.

From standard level on outcomes do not come in at once, and those of one sort take longer than
those of the other. So the outcomes that are known early are no fair sample of all: until the slow
ones have arrived, a sound model looks too high or too low. Which sort is slow, and how slow, is
drawn for the case. The history has every outcome and says when it became known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LONGEST = 4  # windows
SLOW, FAST = (0.62, 0.70), (0.88, 0.92)  # share of a sort that is known after one window


@dataclass(frozen=True)
class Arrival:
    """Share of the outcomes of a sort that become known in the first window after their own, and
    in each later one of those that are still open.

    Attributes:
        late: of flights that were late.
        on_time: of the others.
    """

    late: float = 1.0
    on_time: float = 1.0

    def known_after(self, late: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Windows until the outcome is known, for outcomes (n,) of 0 and 1: 1 to LONGEST."""
        share = np.where(late == 1, self.late, self.on_time)
        return np.minimum(rng.geometric(share), LONGEST).astype("int8")


AT_ONCE = Arrival()


def drawn(level: str, rng: np.random.Generator) -> Arrival:
    """How outcomes come in in one case; a junior's all come one window late."""
    slow, fast = float(rng.uniform(*SLOW)), float(rng.uniform(*FAST))
    if rng.random() < 0.5:
        slow, fast = fast, slow
    return AT_ONCE if level == "junior" else Arrival(slow, fast)
