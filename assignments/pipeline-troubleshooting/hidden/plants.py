"""The faults that end a run: for each slot several, each a change of a repository that was right.

``mechanism`` is what the candidate's form calls it. A repair is judged by what the pipeline does,
never by whether this change was undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Files = Mapping[str, str]


@dataclass(frozen=True)
class Plant:
    """A change: (file, text before, text after).

    Attributes:
        subject: the message of the commit that brings it.
        cause, impact: for the truth card.
        begins: the oddity of the data without which it does nothing; empty if it needs none.
        test: the test that catches it, ``test_module.test_name``; empty where none does.
    """

    id: str
    slot: str
    component: str
    edits: tuple[tuple[str, str, str], ...]
    subject: str
    cause: str
    impact: str
    begins: str = ""
    test: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Files that it touches."""
        return tuple(dict.fromkeys(name for name, _, _ in self.edits))

    def put(self, files: Files) -> dict[str, str]:
        """The files with the fault in them."""
        return _changed(files, self.edits)

    def taken(self, files: Files) -> dict[str, str]:
        """The files without it."""
        return _changed(files, tuple((name, new, old) for name, old, new in self.edits))

    def stands(self, files: Files) -> bool:
        """Whether its text still stands in the files, so that it can be taken out."""
        return all(files.get(name, "").count(new) == 1 for name, _, new in self.edits)


def _changed(files: Files, edits: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    made = dict(files)
    for name, old, new in edits:
        if made[name].count(old) != 1:
            raise ValueError(f"{name} does not hold once: {old!r}")
        made[name] = made[name].replace(old, new)
    return made


CONFIG = "config/pipeline.toml"
INGEST, VALIDATE = "pipeline/ingest.py", "pipeline/validate.py"
EVALUATE, MODEL = "pipeline/evaluate.py", "pipeline/model.py"
REGISTRY, DEPLOY = "pipeline/registry.py", "pipeline/deploy.py"

DATA = (
    Plant(
        "date_form",
        "data",
        "ingest",
        ((INGEST, '("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M")', '("%Y-%m-%d %H:%M",)'),),
        "Ingest: read times in one form",
        "Times of the shop that writes the day first are no longer read.",
        "A third of the rows is bad, and the run ends in validation.",
    ),
    Plant(
        "decimal_comma",
        "data",
        "ingest",
        ((INGEST, 'float(text.replace(",", "."))', "float(text)"),),
        "Ingest: tidy to_number",
        "Prices with a decimal comma are no longer read.",
        "The run ends with a ValueError while it reads the exports.",
        begins="comma",
    ),
    Plant(
        "byte_order_mark",
        "data",
        "ingest",
        ((INGEST, 'encoding="utf-8-sig"', 'encoding="utf-8"'),),
        "Ingest: plain UTF-8",
        "The mark in front of an export is taken for part of the first column's name.",
        "The run ends with a KeyError: booking ids are missing.",
        begins="mark",
    ),
    Plant(
        "known_codes",
        "data",
        "validate",
        (
            (
                VALIDATE,
                "from pipeline.errors import ValidationError\n",
                "from pipeline.errors import ValidationError\n\n"
                'CHANNELS = ("web", "phone", "app")\n',
            ),
            (VALIDATE, 'isin(limits["channels"])', "isin(CHANNELS)"),
        ),
        "Validate: the channels we sell through",
        "A channel that is in use is missing from a list of those known, which stands beside the "
        "configuration's.",
        "Its rows are bad, and as they are more than 5 %, the run ends in validation.",
    ),
    Plant(
        "repeated_rows",
        "data",
        "ingest",
        (
            (
                INGEST,
                'rows.drop_duplicates("booking_id", keep="last").reset_index(drop=True)',
                "rows.reset_index(drop=True)",
            ),
        ),
        "Ingest: one pass less over the rows",
        "Bookings that were reported again are no longer put together.",
        "Booking ids stand in several rows, and the run ends in validation.",
    ),
)

TRAINING = (
    Plant(
        "window_too_short",
        "training",
        "train",
        ((CONFIG, "window_days = 28\n", "window_days = 14\n"),),
        "Config: shorter window, faster nights",
        "The window leaves too few days to fit on once a week is held out.",
        "The run ends in training.",
    ),
    Plant(
        "penalty_too_strong",
        "training",
        "train",
        ((CONFIG, "inverse_penalty = 1.0\n", "inverse_penalty = 0.0001\n"),),
        "Config: regularise",
        "The penalty (its inverse is set) is so strong that all weights are about 0.",
        "The model is no better than the base rate, and is not published.",
    ),
    Plant(
        "stops_too_soon",
        "training",
        "train",
        ((CONFIG, "max_iter = 200\n", "max_iter = 2\n"),),
        "Config: cap the iterations",
        "Fitting is stopped long before it has converged.",
        "The run ends in training.",
    ),
    Plant(
        "feature_name",
        "training",
        "features",
        ((CONFIG, 'use = ["lead_log"', 'use = ["lead_days"'),),
        "Config: rename a feature as in the dashboard",
        "The configuration names a feature that the code does not have.",
        "The run ends with a KeyError when features are built.",
    ),
    Plant(
        "nothing_held_out",
        "training",
        "train",
        ((CONFIG, "holdout_days = 7\n", "holdout_days = 0\n"),),
        "Config: use every row",
        "No day is held out, so there is nothing to evaluate on.",
        "The run ends in training.",
    ),
    Plant(
        "gate_too_high",
        "training",
        "evaluate",
        ((CONFIG, "least_gain = 0.005\n", "least_gain = 0.5\n"),),
        "Config: gate in the new unit",
        "The least gain is a hundred times what it should be.",
        "No model can pass the gate, so none is published.",
    ),
)

DEPLOYMENT = (
    Plant(
        "serves_oldest",
        "deployment",
        "registry",
        ((REGISTRY, "return versions(folder)[-1] if", "return versions(folder)[0] if"),),
        "Registry: read the list from its head",
        "The oldest model is taken for the current one.",
        "What is served is not what was published; the run ends in its deploy check.",
        test="test_registry.test_the_newest_model_is_current",
    ),
    Plant(
        "feature_order",
        "deployment",
        "deploy",
        (
            (
                DEPLOY,
                "    return probabilities(model, table)\n",
                '    fixed = {**model, "features": sorted(model["features"])}\n'
                "    return probabilities(fixed, table)\n",
            ),
        ),
        "Deploy: features in a fixed order",
        "In serving the features are put in another order than the weights.",
        "Served and trained predictions differ; the run ends in its deploy check.",
        test="test_deploy.test_what_is_served_is_what_was_trained",
    ),
    Plant(
        "rounded_model",
        "deployment",
        "registry",
        (
            (
                MODEL,
                '    path.write_text(json.dumps(model, indent=1) + "\\n")\n',
                '    small = {**model, "weights": [round(each, 0) for each in model["weights"]]}\n'
                '    path.write_text(json.dumps(small, indent=1) + "\\n")\n',
            ),
        ),
        "Model: smaller files",
        "Weights are rounded to whole numbers when a model is written.",
        "Served and trained predictions differ; the run ends in its deploy check.",
        test="test_model.test_written_and_read_it_says_the_same",
    ),
    Plant(
        "second_version",
        "deployment",
        "registry",
        (
            (
                REGISTRY,
                '    return PREFIX + day.replace("-", "")\n',
                '    name = PREFIX + day.replace("-", "")\n'
                "    taken = len([each for each in versions(folder) if each.startswith(name)])\n"
                '    return f"{name}-{taken + 1}" if taken else name\n',
            ),
        ),
        "Registry: never write over a model",
        "A day that is run again makes a version of its own.",
        "Running a night again publishes twice; CI refuses to deploy.",
        test="test_registry.test_a_day_that_is_run_twice_has_one_version",
    ),
    Plant(
        "gate_turned_round",
        "deployment",
        "evaluate",
        (
            (
                EVALUATE,
                'found["log_loss"] <= found["current"] + gate["tolerance"]',
                'found["log_loss"] >= found["current"] - gate["tolerance"]',
            ),
        ),
        "Gate: compare with the current model",
        "The gate lets models pass that are worse, and stops those that are better.",
        "Worse models are published; CI refuses to deploy.",
        test="test_gate.test_a_model_that_is_clearly_worse_is_not_published",
    ),
)

SLOTS = {"data": DATA, "training": TRAINING, "deployment": DEPLOYMENT}
BY_ID = {plant.id: plant for plants in SLOTS.values() for plant in plants}


@dataclass(frozen=True)
class Stale:
    """A test that asks for what was agreed before: the code is right and the test is not."""

    id: str
    file: str
    text: str


STALE = (
    Stale(
        "version_name",
        "tests/test_registry.py",
        "\n\ndef test_the_name_of_a_version():\n"
        '    assert registry.version_of(folder(), "2031-05-09") == "model-2031-05-09"\n',
    ),
    Stale(
        "never_worse",
        "tests/test_gate.py",
        "\n\ndef test_a_model_that_is_a_little_worse_is_not_published():\n"
        "    assert not evaluate.is_good_enough(found(0.505, 0.50), GATE)\n",
    ),
    Stale(
        "free_bookings",
        "tests/test_validate.py",
        "\n\ndef test_a_booking_without_a_price_is_kept():\n"
        "    rows = bookings(price_eur=[0.0, 120.0, 45.5, 60.0, 99.0])\n"
        "    assert validate.checked(rows, LIMITS)[1] == {}\n",
    ),
)
