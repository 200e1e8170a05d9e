"""The truth card: what graders and the teammate know of a case."""

from __future__ import annotations

from typing import Any

from worksample.workbook.design.reading import as_yaml

from .firm import Firm
from .reference import Reference
from .tomorrow import Tomorrow


def truth_card(firm: Firm, ahead: Tomorrow, best: Reference, truth: dict[str, Any]) -> str:
    """A page in Markdown."""
    rows = "\n".join(
        f"| {name} | {best.floor[name]:.1f} | {best.losses[name]:.1f} |" for name in best.losses
    )
    limits = "\n".join(f"- {name}: {rate:.1f} new requests a second" for name, rate in firm.limits.items())
    happens = "\n".join(f"- {name}: {told}" for name, told in ahead.happens.items())
    return f"""# Truth card

**Today's limits**, in the mix of the evening's peak, the first one first:

{limits}

**Tomorrow**: {ahead.growth:g} times today's requests (forecast {ahead.forecast[0]:g} to {ahead.forecast[1]:g}). `at` is the minute of the day.

{happens}

**Money an hour that is lost**: nothing earned, and the best of {best.looked_at} designs.

| evening | 0 | 1 |
|---|---|---|
{rows}

**The best design that was found**, one of many:

```yaml
{as_yaml(best.design)}```

**Other region**: the drill's {truth["restore_gb_hour"]:.0f} GB an hour count, not the data sheet's.

**What a teammate would answer**

- Which requests are heavy? Whole pages: few, and a large part of all work; more of them in the evening.
- Why did it not come back after the burst? "It went on being full. What was it full of?"
- Can the gateway see that the store is slow? It sees requests that take long, no more.
- May an answer be a little old? The catalogue says how old.
- Are there limits on machines? The catalogue says so where there are.
"""
