"""Rate limits: a bucket of tries for each key, which fills up again with time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_KEYS = 10_000  # remembered; the ones that were used least lately are forgotten


@dataclass
class Bucket:
    """Allows ``tries`` at once, and as many again in ``seconds``.

    Keys are strangers' addresses or the names that they try; what is remembered of them is
    bounded. May be used from several threads.
    """

    tries: float
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_empty(self, key: str) -> bool:
        """Whether nothing may be tried under this key now."""
        with self._lock:
            return self._now(key) < 1

    def take(self, key: str) -> bool:
        """Use one try; False where none is left."""
        with self._lock:
            left = self._now(key)
            if left < 1:
                return False
            self._left[key] = (left - 1, self.clock())
            self._left.move_to_end(key)
            while len(self._left) > MOST_KEYS:
                self._left.popitem(last=False)
            return True

    def _now(self, key: str) -> float:
        left, since = self._left.get(key, (self.tries, self.clock()))
        return min(self.tries, left + (self.clock() - since) * self.tries / self.seconds)
