"""The truth card of a case: for those who rate."""

from __future__ import annotations

from collections import Counter
from typing import Any

WORDS = {"amount": "amounts", "terms": "terms of payment", "channel": "channels"}


def text(truth: dict[str, Any], world: dict[str, Any], level: str) -> str:
    """What is hidden in this case."""
    (moves,), (told,) = truth["drift"], world["drift"]
    sizes, least = truth["sizes"], truth["least"]
    faults = ", ".join(
        f"{many} × {kind}" for kind, many in sorted(Counter(truth["faults"]).items())
    )
    calm = ", ".join(f"{many} × {kind}" for kind, many in sorted(Counter(truth["calm"]).items()))
    return f"""# Truth of this case ({level})

- Hidden days: {faults}; and harmless: {calm}.
- What drifts is the {WORDS[moves]}; the rehearsal's drift is in the {WORDS[told]}.
- Labels are matured after {world["mature"]} days; accuracy is usually {world["right"]:.2f} and
  falls by {sizes["quality"]:.2f}.
- Shares in a fault: {sizes["errors"]:.1%} fail ({least["fail"]:.0%} is the limit),
  {sizes["slow"]:.1%} are slow ({least["slow_share"]:.0%}), {sizes["missing"]:.1%} are filled in
  ({least["missing"]:.0%}).
- A request is slow from {least["slow"]} s on; slow ones take {truth["slow_for"]} s.
"""
