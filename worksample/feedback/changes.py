"""Before and after: what a revision changed, cell by cell and check by check."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from worksample.feedback.schema import Cell, CellChange, Changes, Check, CheckChange, Record
from worksample.feedback.text import cut

#: longest cell that is compared line by line; comparing takes time that grows with its square
MOST_LINES = 400
#: and most pairs of equal lines, for that it grows with, too: four hundred blank lines are 160,000
MOST_PAIRS = 20_000
WIDTH = 1000
CONTEXT = 2


def compare(before: Record, checks: Sequence[Check], cells: Sequence[Cell]) -> Changes:
    """The approved feedback on attempt 1 against the checks and cells of attempt 2."""
    # with pictures comes a second of imports, which most commands do without
    from worksample.feedback.charts import points_by_dimension

    old = {cell["id"]: cell["source"] for cell in before["cells"]}
    work = [cell for cell in cells if cell["kind"] in ("answer", "file")]
    # a file that was as it came is not listed: then it is what it is compared with
    old |= {c["id"]: c["came"] for c in work if "came" in c and c["id"] not in old}
    changed = [c for c in work if _lines(old.get(c["id"])) != _lines(c["source"])]
    return Changes(
        task=before["task"],
        improvement=before["improvement"]["title"],
        checks=_checks(before["checks"], checks),
        cells=[_cell(cell, old.get(cell["id"])) for cell in changed],
        unchanged=[cell["title"] for cell in work if cell not in changed],
        dimensions_before=points_by_dimension(before["checks"]),
    )


def _checks(before: Sequence[Check], after: Sequence[Check]) -> list[CheckChange]:
    old = {check["id"]: check for check in before}
    new = {check["id"]: check for check in after}
    found = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        either = now or old[name]
        found.append(
            CheckChange(
                id=name,
                title=either["title"],
                possible=either["possible"],
                before=was["points"] if was else None,
                after=now["points"] if now else None,
                messages_before=[part["message"] for part in was["parts"]] if was else [],
                messages_after=[part["message"] for part in now["parts"]] if now else [],
            )
        )
    return found


def _cell(cell: Cell, before: str | None) -> CellChange:
    lines, note = compared(before, cell["source"])
    return CellChange(
        id=cell["id"],
        title=cell["title"],
        removed=sum(sign == "-" for sign, _ in lines),
        added=sum(sign == "+" for sign, _ in lines),
        lines=lines,
        note=note,
    )


def compared(before: str | None, after: str) -> tuple[list[tuple[str, str]], str]:
    """Signs and lines of what was changed, or a note on why these are not shown."""
    old, new = _lines(before), _lines(after)
    there = Counter(new)
    counts = f"{len(old)} lines before, {len(new)} after"
    if max(len(old), len(new)) > MOST_LINES:
        return [], f"Too long to compare line by line: {counts}."
    if sum(count * there[row] for row, count in Counter(old).items()) > MOST_PAIRS:
        return [], f"Too alike to compare line by line: {counts}."
    return _difference(old, new), ""


def _difference(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Signs and lines, with ``CONTEXT`` unchanged lines around each change."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    lines: list[tuple[str, str]] = []
    for place, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if place:
            lines.append(("…", ""))
        for kind, first, last, start, stop in group:
            if kind == "equal":
                lines += [(" ", row) for row in old[first:last]]
            else:
                lines += [("-", row) for row in old[first:last]]
                lines += [("+", row) for row in new[start:stop]]
    return lines


def _lines(source: str | None) -> list[str]:
    return (
        []
        if source is None
        else [cut(row, WIDTH).rstrip() for row in source.strip("\n").split("\n")]
    )
