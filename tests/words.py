"""That what is said of a result fits its number: shared by the assignments' tests.

That praise and blame are added by the share alone is the work of ``Part`` and of
``proposal.level``, and is tested there. This holds for the words themselves: none that judge
stand in a sentence that is said whatever the number is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from worksample.assignments.model import Assignment
from worksample.feedback import record as building
from worksample.feedback.proposal import propose
from worksample.feedback.schema import Cell, Check, Ended
from worksample.grading.checkhost import to_json
from worksample.grading.checks import CheckResult

PRAISE = re.compile(
    r"closely|holds on|near enough|evidence leads|\bfits\b(?! what)|is right\b(?! for)|Keep doing"
    r"|close to it|That is the day|when it pays|well done|\bgood\b|as it should"
)
BLAME = re.compile(
    r"should (be|give|get)|missing(?! value)|(?<!nothing was )wrong|[Tt]oo (many|little|much|few)"
    r"|worse|far from|some way from|wanted|wider than|counts in full once|rest of the loss"
    r"|not what|cost the rest|Put first"
)
DONE = Ended(how="completed", cell=None, detail="")


def assert_fitting(assignment: Assignment, results: Mapping[str, CheckResult]) -> None:
    """Nothing praised below 60 %, nothing blamed above 90 %, no sentence without its number."""
    for name, result in results.items():
        for part in result.parts:
            assert part.message.strip(), name
            assert part.share >= 0.6 or not PRAISE.search(part.message), (name, part)
            assert part.share <= 0.9 or not BLAME.search(part.message), (name, part)
        _fitting_remarks(assignment, name, result)


def _fitting_remarks(assignment: Assignment, name: str, result: CheckResult) -> None:
    json: dict[str, Any] = to_json(result)
    check = Check(
        id=name, title=name, cell="cell", dimension="", aspect="", points=json["points"],
        possible=json["possible"], parts=[],
    )  # fmt: skip
    item = building._check_item(assignment, check, json)
    cell = Cell(id="cell", kind="answer", title="cell", status="completed", error="", source="x")
    made = propose([item], [cell], DONE)
    told = made.strength["text"] + made.strength["meaning"]
    stands_out = made.strength.get("stands_out", True)
    assert item.share >= 0.6 or not stands_out, name
    assert stands_out or (told.startswith("Nothing stands out yet.") and "Keep" not in told)
    asked = made.improvement["text"] + made.improvement["meaning"]
    assert item.share <= 0.9 or not BLAME.search(asked), (name, asked)
    texts = assignment.check_texts[name]
    if json["details"] and item.level > 1:
        for kind in ("strength", "improvement", "revision"):
            words = texts.at(kind, item.level)
            assert not words or building.filled(words, json["details"]), (name, kind, item.level)
