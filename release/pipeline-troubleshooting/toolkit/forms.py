"""The words of the diagnosis: what can be wrong, and whether a form can be read."""

from __future__ import annotations

from typing import Any

MECHANISMS = {
    "date_form": "Times that are written in another form are not read",
    "decimal_comma": "Prices with a decimal comma are not read",
    "byte_order_mark": "A mark in front of a file is taken for a part of its first column's name",
    "known_codes": "A code that is in use is missing from those that are known",
    "repeated_rows": "Rows that are reported again are not put together",
    "labels_too_early": "Of several reports of a booking, not the last one is learned from",
    "late_rows_lost": "Rows that come some nights late are thrown away",
    "blank_visits": "Blank values that mean none are filled with something else",
    "wrong_weekday": "A feature is made of the wrong one of two dates",
    "lead_time_lost": "A feature is the same for every row, by a slip in arithmetic",
    "outcome_turned_round": "Since a day, outcomes of a shop are written the other way round",
    "visit_counted_in": "Since a day, tills count the booking itself among the visits before",
    "number_changed": "Since a day, what is reported again has another booking id",
    "clock_reset": "Since a day, what is reported again has a time of change that is too early",
    "day_early": "Since a day, dates of a shop are a day off",
    "price_in_cents": "Since a day, prices of a shop are in another unit",
    "codes_swapped": "Since a day, two codes of a shop are written for each other",
    "future_in_features": "A feature knows what is known only afterwards",
    "feature_name": "The configuration names a feature that the code does not have",
    "window_too_short": "The window leaves too few days to learn from",
    "penalty_too_strong": "The penalty is so strong that the model learns nothing",
    "stops_too_soon": "Fitting ends before it has converged",
    "nothing_held_out": "No day is held out to evaluate on",
    "unlucky_seed": "The random seed of a run is an unlucky one",
    "imbalance": "The classes are weighted, and probabilities are off by it",
    "gate_too_high": "The gate asks for a gain that no model can have",
    "gate_turned_round": "The gate lets worse models pass and stops better ones",
    "serves_oldest": "Another model than the newest is taken for the current one",
    "feature_order": "In serving, features are in another order than the weights",
    "rounded_model": "A model loses digits when it is written",
    "second_version": "A night that is run again makes a version of its own",
    "library_changed": "A library behaves otherwise than when the model was trained",
    "disk_full": "A file is cut off for want of space",
}
TESTS = ("right", "stale")


def mechanisms() -> None:
    """Print every mechanism that can be named, with its name."""
    for name, words in MECHANISMS.items():
        print(f"{name:20} {words}")


def diagnosis_problem(given: Any, nights: list[str], versions: list[str]) -> str:
    """Why a diagnosis cannot be read; empty if it can. It says nothing of whether it is right."""
    if not isinstance(given, dict) or set(given) != {"issues", "withdraw", "test"}:
        return "DIAGNOSIS should have issues, withdraw and test"
    if not isinstance(given["issues"], list) or not given["issues"]:
        return "issues should be a list with one entry or more"
    for each in given["issues"]:
        if not isinstance(each, dict) or set(each) != {"mechanism", "first_bad_run"}:
            return "each issue should have mechanism and first_bad_run"
        if each["mechanism"] not in MECHANISMS:
            return f"{each['mechanism']!r} is no mechanism; mechanisms() lists them"
        if each["first_bad_run"] not in nights:
            return f"{each['first_bad_run']!r} is none of the runs: {', '.join(nights)}"
    if not isinstance(given["withdraw"], list) or set(given["withdraw"]) - set(versions):
        return f"withdraw should be a list of versions: {', '.join(versions)}"
    return "" if given["test"] in TESTS else "test should be 'right' or 'stale'"
