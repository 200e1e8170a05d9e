"""The cells of one notebook made safe and cheap to look at, whatever that would cost.

`clean` says what may be shown. Here it is asked for in a child with limits, one
output at a time: what takes too much is shown without its formatting, or is a sentence in its
place, and nothing else of the notebook is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worksample.grading import clean
from worksample.grading.bounded import Budget, Helper, TooCostly

JSON = dict[str, Any]

# CPU seconds of a notebook. An honest one takes hundredths of a second.
FORMATTED_SECONDS, FORMATTED_SECONDS_ONE = 2.0, 0.75
PLAIN_SECONDS, PLAIN_SECONDS_ONE = 1.0, 0.5
MAX_OUTPUTS = 1_000  # of a notebook, as shown; streams count once between two others
MAX_CHARACTERS = 12_000_000  # of all outputs and pasted pictures together, as they are kept
MAX_PIXELS = 400_000_000  # of all pictures together: some 400 figures

COSTLY = "[An output is not shown here: it is too large, or to draw it would take too long.]\n"
MANY = "[{} more outputs are not shown: {:,} is the most that a notebook may show.]\n"

helper = Helper("worksample.grading.clean")


class Cleaner:
    """Cleans one notebook: what its cells cost, and what they hold, adds up."""

    def __init__(self) -> None:
        self._formatted = Budget(FORMATTED_SECONDS, FORMATTED_SECONDS_ONE)
        self._plain = Budget(PLAIN_SECONDS, PLAIN_SECONDS_ONE)
        self._outputs, self._room, self._pixels = MAX_OUTPUTS, MAX_CHARACTERS, MAX_PIXELS

    def cell(self, raw: Mapping[str, Any]) -> JSON:
        """What :func:`clean.cell` makes of a cell, or as much of it as may be had."""
        source = {name: value for name, value in raw.items() if name not in ("outputs", "metadata")}
        made = self._cheapest("without_outputs", source)
        if made is None and "attachments" in source:
            made = self._cheapest("without_outputs", {**source, "attachments": None})
        # a cell never goes missing: here it is read without any library, and that is linear
        made = made or clean.without_outputs(
            {**source, "attachments": None, "source": clean.shortened(source.get("source", ""))},
            formatted=False,
        )
        if made["cell_type"] == "code":
            outputs = raw.get("outputs")
            made["outputs"] = list(self._shown(outputs if isinstance(outputs, list) else []))
        return made

    def _shown(self, outputs: list[Any]) -> Iterator[JSON]:
        for place, raw in enumerate(outputs):
            if self._outputs <= 0:
                yield _told(MANY.format(len(outputs) - place, MAX_OUTPUTS))
                return
            self._outputs -= 1
            made = self._cheapest("output", raw)
            if made is None or made:
                yield made or _told(COSTLY)

    def _cheapest(self, function: str, raw: Any) -> JSON | None:
        """With its formatting, else without; None if it may not be had, empty if it is nothing."""
        for budget, formatted in ((self._formatted, True), (self._plain, False)):
            try:
                found = helper.call(budget, "weighed", function, raw, formatted)
            except TooCostly:
                continue
            room = self._room - found["characters"], self._pixels - found["pixels"]
            if min(room) >= 0:
                self._room, self._pixels = room
                return found["made"] or {}
        return None


def _told(words: str) -> JSON:
    return {"output_type": "stream", "name": "stderr", "text": words}
