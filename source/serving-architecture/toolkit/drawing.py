"""Today's and the own design as a picture, and while it is written."""

from __future__ import annotations

from worksample.workbook.design.board import Board
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import base_price, largest
from worksample.workbook.sketch import sketchpad

from .papers import load


def price(design: Design) -> str:
    """What a design costs, in a line."""
    facts = load().facts
    machines = facts.data["machines"]
    most = sum(largest(p) * machines[p.settings["machine"]]["price"] for p in design.of("pool"))
    least = sum(
        p.settings["least"] * machines[p.settings["machine"]]["price"] for p in design.of("pool")
    )
    rest, budget = base_price(design, facts), facts.data["budget"]["hour"]
    return (
        f"Money an hour: {least + rest:.1f} with the fewest machines, {most + rest:.1f} with the "
        f"most; budget {budget:g} on average over an evening."
    )


__all__ = ["edit", "form", "offered", "save_svg", "show", "sketchpad"]
_BOARD = Board(lambda: load().facts, price)
show, edit, form, save_svg = _BOARD.show, _BOARD.edit, _BOARD.form, _BOARD.save_svg


OFFERED = """\
components:
  front:
    kind: gateway
    connections: 100     # how many requests are in flight at the peak, and some to spare?
    timeout_ms: 5000     # who waits longer than the slowest class may take?
    retries: 1
    retry_budget: 0.1    # one repeat for ten new requests
    overload: simple     # what is refused gets the simple answer
    to: [singles, pages, popular]
  singles:               # a pool for each class: a quick request waits for no page
    kind: pool
    machine: standard
    serves: [single]
    zones: [a, b, c]
    scale: demand
    least: 4
    most: 12
    target: 0.6
    queue: 50            # no more than can be answered in time
    to: [features]
  pages:
    kind: pool
    machine: standard
    serves: [page]
    zones: [a, b, c]
    scale: demand
    least: 4
    most: 12
    target: 0.6
    queue: 20
    to: [features]
  features:
    kind: store
    nodes: 6
    zones: [a, b, c]
    timeout_ms: 40
    on_timeout: defaults # better a little worse than too late
  popular:
    kind: simple
  versions:
    kind: release
    first: 0.05
    watch_min: 30
    stop_above: 0.05
  elsewhere:
    kind: standby
    mode: backup
    copy_every_min: 60
"""


def offered() -> None:
    """Ready-made parts to build from; every number in them is yours to find."""
    print(OFFERED)
