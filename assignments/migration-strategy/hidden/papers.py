"""What the firm's people say and what its files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..toolkit.firm import SKILLS, STAGES, Firm
from .catalogue import AUDIT, CARRIED
from .firm import OFFICIAL, Hidden

EACH_SKILL = 8  # projects of the last years
WEEKS = 40  # that a new tool was watched
LOUD = {
    "training": "Training. You start a run at night, and in the morning the notebook is dead. "
    "I have written to everybody about it. Give us a faster server and the rest follows.",
    "restore": "When something breaks at night nobody sees anything. Last spring I sat there until "
    "three with the whole board on the telephone. We need a wall of live figures, at once.",
}
AGREES = {
    "training": "What everybody says: machines to train on. It is what new people ask about first, "
    "and I have promised them something.",
    "restore": "What everybody says: nights. It is what the newspapers wrote about, and I have "
    "promised the board a page with all models on it.",
}


def papers(firm: Firm, hidden: Hidden, level: str) -> dict[str, str]:
    """The dossier and the interviews, by name of file."""
    folder = Path(__file__).parent
    prices, audit = firm.data["prices"], firm.data["audit"]
    told = {
        "budget": firm.data["budget"],
        "audit": audit["sprint"],
        "wants": ", ".join(AUDIT),
        **prices,
        "register": "\n".join(
            f"| {name} | {what} | {OFFICIAL[name]:.0%} |"
            for name, what in _happenings(firm).items()
        ),
        "promised": 4,
        "stages": ", ".join(STAGES),
    }
    return {
        "dossier.md": (folder / "dossier.md").read_text("utf-8").format(**told),
        "interviews.md": (folder / "interviews.md").read_text("utf-8").format(
            loud=LOUD[hidden.loud], agrees=AGREES[hidden.loud], quiet=_quiet(hidden, level),
            leaver=firm.data["leaver"],
        ),
    }  # fmt: skip


def _quiet(hidden: Hidden, level: str) -> str:
    if level == "junior":
        return (
            f"At {hidden.bottleneck} things wait and come back, and they come back because "
            f"{CARRIED[hidden.carried]}. As long as there is no {hidden.carried}, {hidden.main} "
            "will run into the same wall and be worth nothing."
        )
    return (
        "I count what is sent back and note why. In one place it is mostly one and the same thing "
        "that is missing. Somebody tried to do away with the waiting there two years ago. It ran "
        "into that wall: what was missing was still missing, so everything went on being sent back "
        "and the new way was worth nothing."
    )


def _happenings(firm: Firm) -> dict[str, str]:
    holds, brings = (", ".join(firm.data[k]) for k in ("owner_holds", "vendor_brings"))
    return {
        "leaver": f"{firm.data['leaver']} leaves; six weeks later somebody else takes over",
        "audit": "the audit comes six weeks earlier",
        "price": "what is not begun yet costs 40 % more",
        "owner": f"the data's owner refuses for fourteen weeks; held: {holds}",
        "vendor": f"the supplier is fourteen weeks late; held: {brings}",
        "incident": "for six weeks only a quarter of everybody's days is left",
        "freeze": "30 % of the budget is taken away, as far as it is still there",
        "resistance": "everything new takes two and a half times as long to be adopted",
    }


def projects(rng: np.random.Generator, hidden: Hidden) -> pd.DataFrame:
    """What was estimated and what it took, of past projects."""
    rows = []
    for skill in SKILLS:
        for _ in range(EACH_SKILL):
            likely = float(rng.uniform(5, 40))
            real = likely * rng.triangular(0.8, 1.0, 1.4) * hidden.overrun[skill]
            rows.append((skill, round(likely), round(float(real), 1)))
    order = rng.permutation(len(rows))
    table = pd.DataFrame([rows[i] for i in order], columns=["skill", "likely_days", "real_days"])
    table.insert(0, "project", [f"P{n + 1:02}" for n in range(len(table))])
    return table


def rollouts(rng: np.random.Generator, hidden: Hidden) -> pd.DataFrame:
    """Share of people who used each of six new tools, by week after it was there."""
    rows = []
    for number, coached in enumerate(rng.permutation([True, True, True, False, False, False])):
        sprints = hidden.adoption[0 if coached else 1] * float(rng.uniform(0.85, 1.18))
        weeks = np.arange(0, WEEKS + 1, 2)
        share = 1 - np.exp(-weeks / 2 / sprints) + rng.normal(0, 0.02, len(weeks))
        for week, part in zip(weeks, np.clip(share, 0, 1), strict=True):
            rows.append((f"tool-{number + 1}", bool(coached), int(week), round(float(part), 3)))
    return pd.DataFrame(rows, columns=["tool", "coached", "week", "share"])


def facts(firm: Firm) -> dict[str, Any]:
    """What candidates get of the firm as data, with the register's probabilities."""
    return {**firm.data, "register": OFFICIAL}
