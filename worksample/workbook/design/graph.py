"""Questions that a design's arrows answer: what reaches what, and what everything has to pass."""

from __future__ import annotations

from collections.abc import Iterable

from worksample.workbook.design.reading import Component, Design


def behind(design: Design, starts: Iterable[str], without: str = "") -> set[str]:
    """Ids that can be reached from some components, those included, past none of a kind."""
    parts = design.components
    ahead = [name for name in starts if parts[name].kind != without]
    found = set(ahead)
    while ahead:
        fresh = {n for n in parts[ahead.pop()].to if parts[n].kind != without} - found
        found |= fresh
        ahead += fresh
    return found


def leads(design: Design, start: str, end: str) -> bool:
    """Whether a component of one kind leads to one of another."""
    reached = behind(design, ids(design, start))
    return any(design.components[name].kind == end for name in reached)


def always_passes(design: Design, start: str, end: str, guard: str) -> bool:
    """Whether there are ways from one kind to another, all of them past a third.

    Kinds need not differ in number: every component of ``start`` and of ``end`` counts.
    """
    if not leads(design, start, end):
        return False
    reached = behind(design, ids(design, start), without=guard)
    return not any(design.components[name].kind == end for name in reached)


def before(design: Design, kind: str) -> list[Component]:
    """Components with an arrow to one of a kind."""
    ends = set(ids(design, kind))
    return [each for each in design.components.values() if ends & set(each.to)]


def circle(design: Design) -> list[str]:
    """Ids on a circle of arrows, in its order; empty if there is none."""
    done: set[str] = set()
    for start in design.components:
        way: list[str] = []
        ahead = [(start, 0)]
        while ahead:
            name, depth = ahead.pop()
            del way[depth:]
            if name in way:
                return way[way.index(name) :]
            if name in done:
                continue
            way.append(name)
            ahead += [(each, depth + 1) for each in design.components[name].to]
        done |= design.reached(start) | {start}
    return []


def ids(design: Design, kind: str) -> list[str]:
    """Ids of the components of a kind."""
    return [each.id for each in design.of(kind)]
