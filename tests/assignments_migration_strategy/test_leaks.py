"""Only logs and tables of the past tell the truth: no paper, name, order or number beside them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from .drawn import case, module

firms, papers, catalogue = (module(f"hidden.{n}") for n in ("firm", "papers", "catalogue"))
SIZES = {"day": 1.0, "failure": 1.0, "hour": 1.0}
MANY = 150


def drawn(seed: int, level: str = "standard"):
    rng = np.random.default_rng(seed)
    hidden = firms.draw_hidden(rng)
    return firms.draw(rng, level, hidden, SIZES), hidden


def test_papers_are_the_same_whatever_is_hidden():
    """But for what is loud, which is told loudly."""
    firm, hidden = drawn(1)
    told = papers.papers(firm, hidden, "standard")
    for stage in catalogue.MAIN:
        for carried in catalogue.CARRIED:
            other = replace(
                hidden, bottleneck=stage, carried=carried, overrun={}, adoption=(9.0, 9.0),
                chances={}, useful={},
            )  # fmt: skip
            assert papers.papers(firm, other, "standard") == told


def test_a_junior_is_told_of_the_wall_and_nobody_else():
    firm, hidden = drawn(2)
    assert hidden.carried in papers.papers(firm, hidden, "junior")["interviews.md"]
    assert hidden.carried not in papers.papers(firm, hidden, "senior")["interviews.md"]


def test_the_table_of_initiatives_does_not_tell_which_ones_matter():
    """Order, votes, effort, cut and price of what matters are those of others alike."""
    places, votes, effort, cuts = [], [], [], []
    for seed in range(MANY):
        firm, hidden = drawn(seed)
        rows, ids = firm.data["initiatives"], list(firm.ids)
        mains = list(catalogue.MAIN.values())
        places.append(ids.index(hidden.main) / (len(ids) - 1) - 0.5)
        votes.append(rows[hidden.main]["votes"] - np.mean([rows[n]["votes"] for n in mains]))
        cuts.append(rows[hidden.main]["cut"][1] - np.mean([rows[n]["cut"][1] for n in mains]))
        walls = [rows[n]["effort"][1] for n in catalogue.CARRIED]
        effort.append(rows[hidden.carried]["effort"][1] - np.mean(walls))
    for told in (places, votes, effort, cuts):
        assert abs(np.mean(told)) < 3.5 * np.std(told) / np.sqrt(MANY)


def test_what_is_loud_tells_nothing_of_the_bottleneck():
    seen = Counter()
    for seed in range(4 * MANY):
        hidden = firms.draw_hidden(np.random.default_rng(seed))
        seen[hidden.loud, hidden.bottleneck] += 1
    expected = 4 * MANY / 8
    assert sum((n - expected) ** 2 / expected for n in seen.values()) < 24.3  # 99.9 % of 7


def test_the_public_folder_has_no_hidden_number():
    truth, public = case().truth(), case().public
    names = sorted(path.name for path in public.iterdir())
    assert names == [
        "case.json", "changes.csv", "dossier.md", "draft.json", "events.csv", "facts.json",
        "incidents.csv", "interviews.md", "projects.csv", "rollouts.csv", "signals.csv",
        "visits.csv",
    ]  # fmt: skip
    given = json.loads((public / "facts.json").read_text("utf-8"))
    assert set(given) - set(truth["firm"]) == {"register"}
    assert given["register"] == firms.OFFICIAL


@pytest.mark.parametrize("name", ["leaver", "audit", "resistance"])
def test_a_measures_price_does_not_tell_whether_it_pays(name):
    """What a measure costs over what it saves is drawn by itself, whatever the event's chance."""
    risks = module("hidden.risks")
    place = list(module("toolkit.firm").EVENTS).index(name)
    parts, chances = [], []
    for seed in range(MANY):
        rng = np.random.default_rng(seed)
        chances.append(firms.draw_hidden(rng).chances[name])
        parts.append(rng.permutation(risks.PARTS)[place])
    assert abs(np.corrcoef(parts, chances)[0, 1]) < 3.5 / np.sqrt(MANY)
