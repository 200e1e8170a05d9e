"""The truth of a case by computations of its own, and what nothing but the evidence gives away."""

from __future__ import annotations

import json
import math
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from worksample.sandbox import bases

from .drawn import assignment, case, module

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model():
    module("hidden.heat").package()
    with (case().public / "work/model/model.pkl").open("rb") as file:
        return pickle.load(file)  # ours


def test_what_is_right_by_hand(model) -> None:
    """The contract once more, from the model's file and the requests alone."""
    truth = case().truth()
    card = json.loads((case().public / "work/model/card.json").read_text("utf-8"))
    times, plus = module("hidden.heat").UNITS[truth["unit"]]
    threshold = card["threshold"] if truth["place"] == "card" else model.released["threshold"]
    for name in ("single", "missing"):
        for row, right in list(zip(truth["given"][name], truth["right"][name], strict=True))[:10]:
            values = []
            for feature in model.features:
                value = row.get(feature)
                if feature == "medium":
                    value = model.media.get(value, model.media["other"])
                elif feature == truth["unit"] and value is not None:
                    value = value * times + plus
                values.append(model.fill[feature] if value is None else value)
            wear = 0.0
            for step in range(sys.modules["kestrel"].STEPS):
                at = step % 7
                low, wide = model.scale[model.features[at]]
                bent = math.tanh((values[at] - low) / wide)
                wear += model.weights[model.features[at]] * bent * (1 + 0.3 * math.sin(step / 900))
            expected = 1 / (1 + math.exp(-wear * 7 / sys.modules["kestrel"].STEPS))
            assert right["probability"] == pytest.approx(expected, abs=1e-9)
            assert right["flag"] is (right["probability"] >= threshold)


def test_documents_and_helper_have_another_order_than_the_model(model) -> None:
    """The first trap is there in every case: by the document, half of the rows come out wrong."""
    heat = module("hidden.heat")
    truth = case().truth()
    far = 0
    for row, right in zip(truth["given"]["single"], truth["right"]["single"], strict=True):
        numbers = [
            float(model.media[row["medium"]] if n == "medium" else row[n]) for n in heat.COLUMNS
        ]
        far += abs(model.score(numbers) - right["probability"]) > 1e-3
    assert far > len(truth["given"]["single"]) / 2


@pytest.mark.parametrize("unit", ["age_years", "run_hours", "pressure_bar", "flow_c"])
def test_the_unit_of_the_documents_is_wrong_by_far_and_the_scale_tells_which(unit: str) -> None:
    """Taken as it comes, nearly every row's answer is wrong; the model's scale shows one number."""
    heat = module("hidden.heat")
    rng = np.random.default_rng(5)
    some = heat.drawn(rng, "3.1", 0.4, unit)
    rows = heat.rows(rng, 40)
    far = [
        abs(heat.score(some, row, unit) - some.score([taken(some, row, n) for n in some.features]))
        for row in rows
    ]
    assert np.mean(np.array(far) > 1e-3) > 0.9
    for name in heat.NUMBERS:
        usual = float(np.mean([row[name] for row in rows]))
        low, wide = some.scale[name]
        assert (abs(usual - low) > 0.75 * wide) is (name == unit), name


def taken(model, row, name) -> float:
    return float(model.media[row[name]] if name == "medium" else row[name])


def test_thresholds_decide_something(model) -> None:
    """Half, the other place's and the right one give different flags to some of the rows."""
    truth = case().truth()
    chances = [each["probability"] for each in truth["right"]["single"]]
    right = [chance >= truth["threshold"] for chance in chances]
    for other in (0.5, *(set(truth["thresholds"].values()) - {truth["threshold"]})):
        assert sum(a != (c >= other) for a, c in zip(right, chances, strict=True)) >= 3


def test_nothing_hidden_lies_in_what_is_given() -> None:
    truth = case().truth()
    asked = {row["unit"] for rows in truth["given"].values() for row in rows}
    for path in sorted(case().public.rglob("*")):
        if not path.is_file():
            continue
        text = path.read_text("utf-8")
        assert truth["password"] not in text
        assert (truth["token"] in text) == (path.name in (".env", "work.history.json"))
        assert not {unit for unit in asked if unit in text} - _sampled()


def _sampled() -> set[str]:
    text = (case().public / "work/samples.json").read_text("utf-8")
    return set(re.findall(r"hp-\d{6}", text))


def test_the_index_is_what_the_course_installs() -> None:
    """A workflow is tried with what is installed, an image is built from the index: one version."""
    pins = module("hidden.story").pins()
    locked = (ROOT / "requirements.lock").read_text("utf-8")
    assert {"flask", "fastapi", "gunicorn", "uvicorn", "waitress", "werkzeug"} <= pins.keys()
    for name, version in pins.items():
        assert re.search(rf"^{re.escape(name)}=={re.escape(version)}[ ;\\]", locked, re.M), name
    assert (case().public / "index.txt").read_text("utf-8").count("==") == len(pins)
    assert bases.LOCK.is_file()


def test_the_past_leaves_what_lies_there() -> None:
    history = json.loads((case().public / "work.history.json").read_text("utf-8"))
    left: dict[str, str] = {}
    for commit in history:
        left |= commit["files"]
    work = case().public / "work"
    there = {p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file()}
    assert left.keys() == there


def test_newer_wheels_are_the_same_bytes_each_time_and_cannot_be_imported(tmp_path) -> None:
    from worksample.kit.wheels import BROKEN, wheel

    name, data = wheel("some-thing", "99.0", BROKEN)
    assert name == "some_thing-99.0-py3-none-any.whl"
    assert (name, data) == wheel("some-thing", "99.0", BROKEN)
    (tmp_path / name).write_bytes(data)
    sys.path.insert(0, str(tmp_path / name))
    try:
        with pytest.raises(ImportError, match="no longer supports"):
            __import__("some_thing")
    finally:
        sys.path.remove(str(tmp_path / name))


def test_minutes_and_levels() -> None:
    assert assignment().minutes.work + assignment().minutes.discussion <= 75
    assert assignment().needs == ("image", "events")
