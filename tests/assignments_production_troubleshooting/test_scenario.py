"""Cases: the same bytes again, a truth that is computed, and nothing in the files but evidence."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pandas as pd
import pytest

from tests.guessing import assert_tells_nothing
from worksample.workbook.twin import advance

from .drawn import case, module

LEVELS = ("junior", "standard", "senior")
INCIDENT = module("judging.incident")


def test_the_same_bytes_again(tmp_path):
    of = case("junior")
    for part in ("public", "private"):
        (tmp_path / part).mkdir()
    module("scenario").prepare(of.seed, "junior", tmp_path / "public", tmp_path / "private")
    for folder in (of.public, of.private):
        for file in folder.iterdir():
            assert file.read_bytes() == (tmp_path / folder.name / file.name).read_bytes(), file.name


@pytest.mark.parametrize("level", LEVELS)
def test_the_truth_is_what_running_it_again_gives(level):
    """Independently of the search: harm of nothing, of the reference and of half-done repairs."""
    truth = case(level).truth()
    best = [{k: v for k, v in a.items() if v is not None} for a in truth["reference"]]
    for actions, name in (([], "nothing"), (best, "reference")):
        assert INCIDENT.harm_of(actions, 0, truth) == pytest.approx(truth["harm"][name])
    nothing, reference = (truth["harm"][name][0] for name in ("nothing", "reference"))
    assert reference < 0.35 * nothing
    restarted = truth["harm"]["restart everything"][0]
    assert (nothing - restarted) / (nothing - reference) <= 0.3
    for fault in truth["faults"]:
        left = truth["harm"][f"all but {fault['mechanism']}"][0]
        assert (nothing - left) / (nothing - reference) <= 0.88


@pytest.mark.parametrize("level", LEVELS)
def test_undoing_the_faults_takes_away_what_they_did(level):
    world = INCIDENT.world_of(case(level).truth())
    _, record = world.history()
    state = module("hidden.world").start_state(world.plant, -180)
    sound = advance(world.plant, (), state, -180, [world.past], ((),))
    last = slice(-10, None)  # a harmless peak has gone by then
    assert sound.totals["wrong"][0, last].sum() == pytest.approx(0, abs=30)
    assert sound.totals["failed"][0, last].sum() < 0.05 * record.totals["failed"][0, last].sum()


def test_impact_can_be_counted_in_the_tables():
    of = case()
    truth = of.truth()["impact"]
    gateway = pd.read_csv(of.public / "gateway.csv")
    since = gateway[gateway["minute"] >= truth["start"]]
    minutes = -truth["start"]
    failed = (since["requests"] - since["answered"]).sum() * minutes / len(since)
    assert failed == pytest.approx(truth["failed"], rel=0.15)


def test_no_file_names_a_cause_or_holds_what_is_hidden():
    of = case("senior")
    truth = of.truth()
    names = [f["mechanism"] for f in truth["faults"]]
    for file in of.public.iterdir():
        text = file.read_text("utf-8")
        if file.name != "questions.json":
            assert not any(name in text for name in names), file.name
        assert str(truth["faults"][0]["size"]) not in text, file.name
    plant = json.loads((of.public / "plant.json").read_text("utf-8"))
    assert plant["managed"] == []
    asked = json.loads((of.public / "questions.json").read_text("utf-8"))
    assert asked["hypotheses"] == sorted(asked["hypotheses"])
    cards = json.loads((of.public / "cards.json").read_text("utf-8"))
    answers = json.loads(zlib.decompress(base64.b64decode(cards["answers"])))
    assert len(cards["questions"]) == len(answers) == 20
    assert not any(name in " ".join(answers) for name in names)


def test_what_everybody_sees_first_does_not_tell_the_mechanism():
    """Versions of the last hours, by component: sound ones are as frequent as faulty ones."""
    world = module("hidden.world")
    sound = faulty = 0
    for seed in range(60):
        drawn = world.drawn("standard", np.random.default_rng([seed, 8]))
        bad = {fault.component for fault in drawn.faults}
        for name, versions in drawn.plant.versions.items():
            if name == "feature-file":
                continue
            recent = any(version.minute > -180 for version in versions)
            faulty += recent and name in bad
            sound += recent and name not in bad
    assert sound > 0.8 * faulty


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_and_points_are_as_the_brief_says(level):
    from worksample import assignments

    from .drawn import FOLDER

    sample = assignments.load(FOLDER)
    assert sum(cell.minutes for cell in sample.cells_of(level)) == sample.minutes.work == 42
    brief, points = sample.cell("brief").source, {c.id: int(c.points) for c in sample.checks}
    assert sum(points.values()) == 100
    told = "issues named {diagnosis}, spread {trace}, plan {mitigation} and its first ten minutes"
    assert told.format(**points) in brief
    checks = module("checks")
    assert f"all points take {checks.PLAN_FULL} ({checks.EARLY_FULL} in the first ten" in brief
    words = len(brief.split()) + len((case(level).public / "runbook.md").read_text().split())
    assert words / 200 <= sample.cell("brief").minutes + 0.5


@pytest.mark.parametrize("level", ["standard", "senior"])
def test_a_program_that_reads_only_the_form_guesses_no_fault(level):
    """Names, prices, sizes, ticks and numbers of versions: all that is there besides events."""
    world = module("hidden.world")
    shapes, truths = [], {name: [] for name in ("loud", "silent", "first", "managed")}
    for seed in range(240):
        drawn = world.drawn(level, np.random.default_rng([seed, 5]))
        plant = drawn.plant
        told = plant.as_dict()
        numbers = [value for value in told.values() if isinstance(value, (int, float))]
        names = [world._CODES.index(name.partition("-")[2]) for name in plant.replicas]
        versions = plant.versions.values()
        majors = [int(each[0].name.partition(".")[0]) for each in versions if "." in each[0].name]
        ticks = [minute for pair in plant.ticks.values() for minute in pair]
        shapes.append([*numbers, *names, *majors, *ticks, *plant.prices.values()])
        mechanisms = [fault.mechanism for fault in drawn.faults]
        truths["loud"].append(next(each for each in mechanisms if each in world.LOUD))
        truths["silent"].append(next(each for each in mechanisms if each in world.SILENT))
        truths["first"].append(mechanisms[0])
        truths["managed"].append(str(len(plant.managed)))
    assert_tells_nothing(shapes, truths)
