"""Today's and the own design as a picture, and while it is written."""

from __future__ import annotations

import pandas as pd

from worksample.workbook.design.board import Board
from worksample.workbook.design.pipeline import line
from worksample.workbook.design.quarter import simulate
from worksample.workbook.design.reading import Design
from worksample.workbook.sketch import sketchpad

from .papers import load
from .quarters import grown, owing


def price(design: Design) -> str:
    """What a design costs, in a line: in a quarter of today's rows, as was required until now."""
    case = load()
    quarter = grown(case.week, 1.0, *case.late, owing(case.facts.data["needs"]))
    told = simulate([line(design, case.facts)], [quarter], case.facts)[0]
    return (
        f"In a quarter of today's rows, as was required until now: platform "
        f"{told.money['platform']:,.0f}, lost besides {told.loss - told.money['platform']:,.0f}; "
        f"features up to {told.worst_age_h:.1f} hours old."
    )


__all__ = ["edit", "form", "offered", "parts", "save_svg", "show", "sketchpad"]
_BOARD = Board(lambda: load().facts, price, joins=True)
show, edit, form, save_svg = _BOARD.show, _BOARD.edit, _BOARD.form, _BOARD.save_svg


def parts(kind: str = "") -> pd.DataFrame:
    """The catalogue: kinds and what they are for; of one kind its settings and its numbers."""
    case = load()
    pd.set_option("display.max_colwidth", 200)  # sentences, which pandas would cut
    kinds = case.facts.catalogue.kinds
    if kind:
        rows = {
            name: {"what": each.text, "default": "" if each.default is None else each.default}
            for name, each in kinds[kind].settings.items()
        } | {f"facts: {name}": {"what": value} for name, value in case.facts.of(kind).items()}
        return pd.DataFrame.from_dict(rows, orient="index")
    rows = {
        name: {
            "does": each.text,
            "settings": ", ".join(each.settings),
            "leads to": ", ".join(each.to),
        }
        for name, each in kinds.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


OFFERED = """\
components:
  shop: {kind: events, to: [load]}
  returns: {kind: labels, to: [people, watch]}
  load: {kind: batch_load, every_h: 12, machines: 1, lateness_h: 12, to: [agreed]}
  agreed: {kind: contract, to: [once]}                     # columns as agreed?
  once: {kind: dedup, window_h: 12, to: [looks_right]}
  looks_right: {kind: checks, threshold: 6, to: [tokens]}  # how far off is too far?
  tokens: {kind: mask, to: [bucket]}
  bucket: {kind: lake, keep_days: 60, to: [tables, fit]}
  tables: {kind: batch_features, every_h: 12, machines: 1, burst: 0, to: [lookup, fit]}
  lookup: {kind: online, to: [answers]}
  people: {kind: label_audit, looked_at: 20, to: [fit]}
  repo: {kind: code, tests: unit, to: [fit]}
  fit: {kind: trainer, every_h: 336, window_days: 14, wait_days: 7, to: [better, copies]}
  copies: {kind: snapshots, keep_days: 30}
  better: {kind: gate, margin: 0.3, to: [models]}
  models: {kind: registry, versions: 5, lineage: code, to: [answers]}
  answers: {kind: serving, replicas: 2, to: [said, watch]}
  said: {kind: predictions, keep_days: 30}
  watch: {kind: monitor, looks_at: [outputs], every_h: 24}
  clock: {kind: orchestrator, retries: 1}
  elsewhere: {kind: standby, mode: cold}
  forget: {kind: eraser, every_days: 30, to: [bucket]}     # whom else?
"""


def offered() -> None:
    """Ready-made parts to connect; every number in them, and some arrows, are yours to find."""
    print(OFFERED)
