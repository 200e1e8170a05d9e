"""The truth against computations of its own, and nothing but the evidence gives it away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from tests.guessing import assert_tells_nothing

from .drawn import case, module


@pytest.fixture(scope="module")
def hidden() -> dict[str, str]:
    return json.loads((case().private / "days.json").read_text("utf-8"))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_what_counts_on_a_hidden_day_by_hand(hidden: dict[str, str]) -> None:
    """docs/EXPECTED.md once more, without pandas and without a line of the repository."""
    agreed = json.loads((case().private / "clean.json").read_text("utf-8"))
    truth = case().truth()
    for name, day in truth["days"].items():
        exports = {p: t for p, t in {**hidden, **agreed}.items() if p.startswith(f"raw-{name}/2")}
        days = {path[-14:-4] for path in exports}
        assert len(days) == 28
        assert max(days) == day

        def when(row: dict[str, str]) -> datetime:
            form = "%d.%m.%Y %H:%M" if "." in row["updated_at"][:5] else "%Y-%m-%d %H:%M"
            return datetime.strptime(row["updated_at"], form)

        last: dict[str, dict[str, str]] = {}
        for text in exports.values():
            for row in rows_of(text):
                known = last.get(row["booking_id"])
                if row["appointment"] in days and (known is None or when(row) >= when(known)):
                    last[row["booking_id"]] = row
        right = {
            row["booking_id"]: int(row["cancelled"])
            for row in last.values()
            if row["shop"] != "moon" and row["channel"] != "fax" and row["price_eur"] != "0.00"
        }
        assert truth["expected"][name]["learned"] == right
        assert 0 < len(last) - len(right) <= 9


def test_versions_to_withdraw_from_logs_and_exports() -> None:
    """What a candidate can find out: since when rows are odd, and which nights fitted on them."""
    drawn = case()
    truth = drawn.truth()
    world, tills = module("hidden.world"), module("hidden.tills")
    first = truth["faults"]["silent"]["first"]
    found = []
    for path in sorted((drawn.public / "runs").glob("2*.log")):
        published = re.search(r"register: (\S+) published", path.read_text("utf-8"))
        days = module("hidden.repository.pipeline.clock").days_before(path.stem, 28)
        fitted = days[:-7]
        found += [published[1]] if published and fitted[-1] >= first else []
    assert found == truth["withdrawn"]
    assert 2 <= len(found) < len(truth["published"])
    assert tills.BY_ID.keys().isdisjoint(module("hidden.plants").BY_ID)
    assert world.World.till == ""


@pytest.mark.parametrize("name", ["junior", "standard", "senior"])
def test_a_till_changes_its_own_shops_since_its_day_and_no_other_row(name: str) -> None:
    """Each way of writing otherwise, against the same bookings as agreed; at a level's plot."""
    world, tills = module("hidden.world"), module("hidden.tills")
    plot = module("scenario")._plot(name, np.random.default_rng(4))
    for till in tills.TILLS:
        shops = world.SHOPS[: till.shops]
        odd = replace(plot["world"], till=till.id, shops=shops)
        days = range(odd.since - 3, odd.since + 8)
        agreed = world.exports(replace(odd, till=""), days)
        touched = set()
        for number, export in world.exports(odd, days).items():
            for row, right in zip(export.rows, agreed[number].rows, strict=True):
                if row != right:
                    day = (date.fromisoformat(right["appointment"]) - odd.first).days
                    assert row["shop"] in shops
                    assert day >= odd.since
                    assert day not in odd.paused
                    touched.add((row["shop"], day))
        assert {shop for shop, _ in touched} == set(shops), till.id
        assert min(day for _, day in touched) == odd.since


def test_each_harmless_change_comes_with_each_till() -> None:
    """So none of the commits of those evenings tells what is written otherwise."""
    scenario, tills = module("scenario"), module("hidden.tills")
    rng = np.random.default_rng(3)
    subjects = defaultdict(Counter)
    for _ in range(250):
        plot = scenario._plot("standard", rng)
        subjects[plot["till"].id].update(
            each.message for each in plot["commits"] if each.day >= plot["nights"]["silent"] - 2
        )
    assert set(subjects) == set(tills.BY_ID)
    nearby = [change[3] for change in module("hidden.story").NEARBY]
    for found in subjects.values():
        assert min(found[message] for message in nearby) > 0, found


def test_the_true_chances_are_those_of_what_happens() -> None:
    """Predictions are scored by the chances; outcomes drawn from them have to agree."""
    world = module("hidden.world")
    some = world.drawn(np.random.default_rng(8), 40, {"comma": 5, "mark": 5})
    chances, came = [], []
    for number in range(40, 60):
        rows, own = world._fresh(some, number)
        chances += own
        came += [int(row["cancelled"]) for row in rows]
    spread = np.sqrt(np.sum(np.array(chances) * (1 - np.array(chances))))
    assert abs(sum(came) - sum(chances)) < 3.5 * spread


def test_every_fault_can_be_put_in_and_taken_out() -> None:
    plants, story = module("hidden.plants"), module("hidden.story")
    forms = module("toolkit.forms")
    assert {*plants.BY_ID, *module("hidden.tills").BY_ID} < set(forms.MECHANISMS)
    for plant in plants.BY_ID.values():
        wrong = plant.put(story.RIGHT)
        assert {n for n in wrong if wrong[n] != story.RIGHT[n]} == set(plant.files)
        assert plant.stands(wrong)
        assert not plant.stands(story.RIGHT)
        assert plant.taken(wrong) == story.RIGHT
        if plant.test:
            module_name, test = plant.test.split(".")
            assert f"def {test}(" in story.RIGHT[f"tests/{module_name}.py"]


def test_plots_tell_nothing_by_their_form() -> None:
    """Neither the number of commits nor of files or tests goes with a fault or with the test."""
    scenario, story = module("scenario"), module("hidden.story")
    rng = np.random.default_rng(1)
    for level in ("junior", "standard", "senior"):
        commits, suites, verdicts = Counter(), defaultdict(set), Counter()
        for _ in range(60):
            plot = scenario._plot(level, rng)
            commits[len(plot["commits"])] += 1
            files = story.at(plot["commits"], story.LAST)
            assert set(files) == set(story.RIGHT)
            kind = "stale" if plot["stale"] else "right"
            verdicts[kind] += 1
            tests = sum(t.count("\ndef test_") for n, t in files.items() if n.startswith("tests/"))
            suites[kind].add(tests)
        assert len(commits) == 1, commits
        assert suites["stale"] == suites["right"], suites
        assert min(verdicts.values()) >= 8, verdicts


def test_a_program_that_reads_no_text_guesses_no_fault_and_no_first_night() -> None:
    """How many commits, by whom, when, how many files each, since when the exports are odd."""
    scenario, story = module("scenario"), module("hidden.story")
    rng, shapes, truths = np.random.default_rng(7), [], defaultdict(list)
    for _ in range(240):
        plot = scenario._plot("standard", rng)
        history = story.as_json(plot["commits"], plot["world"], rng)
        authors = Counter(each["author"] for each in history)
        hours = [datetime.fromtimestamp(each["time"], UTC).hour for each in history]
        shapes.append(
            [
                *(authors[name] for name in story.PEOPLE),
                np.mean(hours),
                *(len(each["files"]) for each in history[-4:]),
                *np.diff([each.day for each in plot["commits"]])[:8],
            ]
        )
        for slot, plant in plot["chosen"].items():
            truths[slot].append(plant.id)
        truths["silent"].append(plot["till"].id)
        truths["test"].append("stale" if plot["stale"] else "right")
        truths["silent since"].append(str(plot["nights"]["silent"]))
    assert_tells_nothing(shapes, truths)


def test_no_public_file_names_a_fault() -> None:
    """The form lists them all; nothing else may."""
    drawn = case()
    names = [each["id"] for each in drawn.truth()["faults"].values()]
    words = [name for name in names if "_" in name and name != "feature_order"]
    for path in sorted(drawn.public.rglob("*")):
        if path.is_file() and path.suffix != ".csv":
            text = path.read_text("utf-8")
            assert not [word for word in words if word in text], path
            assert "/tmp/" not in text
            assert "site-packages" not in text
