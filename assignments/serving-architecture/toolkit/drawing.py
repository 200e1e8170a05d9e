"""Today's and the own design as a picture, and while it is written."""

from __future__ import annotations

from pathlib import Path

from worksample.workbook.design.diagram import drawing
from worksample.workbook.design.editor import DesignEditor
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import base_price, largest
from worksample.workbook.plots import View

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


def show(text: str) -> View:
    """A design as a picture.

    Raises:
        ValueError: it cannot be run; the text says why.
    """
    read = load().facts.read(text)
    if read.design is None:
        raise ValueError(read.complaint)
    return drawing(read.design, load().facts.catalogue).view("show(DESIGN)")


def edit(text: str, name: str = "DESIGN") -> DesignEditor:
    """A text field with mistakes, price and picture as you type; run the cell again to keep it."""
    return DesignEditor(name, text, load().facts, price)


def form(text: str, name: str = "DESIGN") -> DesignEditor:
    """The same with a field for every setting."""
    return DesignEditor(name, text, load().facts, price, form=True)


def save_svg(text: str, name: str = "design.svg") -> Path:
    """Write the picture as a vector drawing beside the notebook.

    Raises:
        ValueError: the design cannot be run; the text says why.
    """
    read = load().facts.read(text)
    if read.design is None:
        raise ValueError(read.complaint)
    path = Path(name)
    path.write_text(drawing(read.design, load().facts.catalogue).svg, "utf-8")
    return path


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
