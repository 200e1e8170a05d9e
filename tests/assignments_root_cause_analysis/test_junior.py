"""At junior level the fields suffice: for each of the simpler causes, rows and remedy without code.

What a candidate finds out (column, feed, factor) is read from the truth here; what is tested is
that the builders can say it, and that what they say earns the points.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from .drawn import FOLDER, case, module, run

CAUSES = [cause.id for cause in module("hidden.causes").J]

# the row builder's conditions and the remedy builder's fields, from the facts of the truth
ROWS = {
    "unit_change": lambda w: [("feed", "is", w["feed"]), (w["column"], "present", "")],
    "default_on_failed_fetch": lambda w: [
        ("feed", "is", w["feed"]),
        (w["column"], "is", str(w["value"])),
    ],
    "segment_nulls": lambda w: [("client", "is", w["client"]), (w["column"], "missing", "")],
    "recoded_category": lambda w: [(w["column"], "is", ", ".join(w["codes"].values()))],
    "wrong_model": lambda w: [],
    "wrong_threshold": lambda w: [
        ("score", "at least", str(min(0.25, w["threshold"]))),
        ("score", "at most", str(max(0.25, w["threshold"]) - 1e-4)),
    ],
    "duplicated_events": lambda w: [("prediction_id", "repeats", "")],
    "label_join": lambda w: [("trip_key", "differs from", "reported_trip_key")],
}
REMEDIES = {
    "unit_change": lambda w: (
        "rescale",
        {
            "column": w["column"],
            "multiply": f"1/{w['factor']}",
            "add": f"-{w['offset']}/{w['factor']}",
        },
    ),
    "default_on_failed_fetch": lambda w: ("borrow", {"column": w["column"]}),
    "segment_nulls": lambda w: ("borrow", {"column": w["column"]}),
    "recoded_category": lambda w: (
        "remap",
        {
            "column": w["column"],
            "from": ", ".join(w["codes"].values()),
            "to": ", ".join(w["codes"]),
        },
    ),
    "wrong_model": lambda w: ("score_again", {}),
    "wrong_threshold": lambda w: ("set_threshold", {"value": "0.25"}),
    "duplicated_events": lambda w: ("drop_duplicates", {"column": "prediction_id"}),
    "label_join": lambda w: ("join_again", {}),
}


@pytest.fixture(params=CAUSES)
def toolkit(request, monkeypatch) -> Iterator[tuple[str, ModuleType]]:
    monkeypatch.setenv("WORKSAMPLE_CASE", str(case("junior", request.param).public))
    monkeypatch.syspath_prepend(str(FOLDER))
    yield request.param, importlib.import_module("toolkit")
    for name in [n for n in sys.modules if n == "toolkit" or n.startswith("toolkit.")]:
        del sys.modules[name]


@pytest.mark.slow
def test_the_fields_say_it_all(toolkit):
    cause, helpers = toolkit
    drawn = case("junior", cause)
    truth = drawn.truth()
    where = truth["causes"][0]["where"]
    names = {name: getattr(helpers, name) for name in helpers.__all__}

    builder = helpers.build_rows()
    builder.since.value = truth["onset"]
    for fields, values in zip(builder.conditions, ROWS[cause](where), strict=False):
        for field, value in zip(fields, values, strict=True):
            field.value = value
    names["affected"] = eval(builder.line(), names)

    remedy = helpers.build_remedy()
    function, values = REMEDIES[cause](where)
    remedy.kind.value = next(
        words
        for words, (name, _) in sys.modules["toolkit.builders"].KINDS.items()
        if name == function
    )
    for name, value in values.items():
        remedy.fields[name].value = value
    remedy.rows.value = "affected"
    names["remediate"] = eval(remedy.line(), names)

    probe = module("probe")
    hidden = probe.hidden_rows(drawn)
    asked = pd.concat([probe.earlier_rows(drawn), hidden], ignore_index=True)
    checks = module("checks")
    calls = {
        "affected": np.asarray(names["affected"](asked)),
        "remediate": names["remediate"](hidden),
    }
    found = run({}, calls)
    assert checks.check_affected(found, drawn).points >= 14.5, builder.line()
    assert checks.check_remedy_effect(found, drawn).points >= 14.5, remedy.line()
