"""What a case says in words: the engineers' description, audience, role cards, truth card."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .proof import Proved
from .world import ALERTS, OPTIONS, PLAN, QUANTITIES, World

FIRST = date(2031, 1, 1)
KINDS = {
    "feed_stopped": "the lifts' sensor feed stood still, and old values were scored",
    "unit_changed": "a sensor came in another unit than before",
    "old_model": "an older model was loaded than the one released",
    "lifts_left_out": "some lifts got no score",
    "new_controllers": "lifts got new controllers and behave as the model has not seen",
    "list_overruled": "dispatchers sent people elsewhere than the list said",
    "outcomes_misbooked": "stalls were booked on the wrong lift",
    "list_not_sent": "the list did not reach the workshops",
}
ALERT_WORDS = {
    "fresh": "rings when the newest sensor value is old, or lifts have no score",
    "inputs": "rings when sensor values are not distributed as in training",
    "scores": "rings when the scores' distribution or the model's version changes",
    "outcomes": (
        "rings when flagged lifts stall less often, or others more often, than the scores say"
    ),
}
OPTION_WORDS = {
    "small": "two alerts, looked at in office hours",
    "full": "the plan: all four alerts, looked at in office hours",
    "watch": "all four alerts, with duty at night and on weekends",
    "wait": "nothing new; people notice as they do now",
}
UNITS = {
    "loss_avoided": "thousand euro a year",
    "false_alarms": "thousand euro a year",
    "detection": "days",
    "break_even": "months",
    "share_caught": "%",
    "hours": "hours a week",
}
LISTENERS = (
    ("Ines Roth", "product manager", "speaks to the building owners and reads the model's reports"),
    ("Paul Adeyemi", "controller", "has to find the money and knows every budget, and no model"),
    (
        "Mira Castell",
        "head of field service",
        "sends people to lifts and has been called at night for nothing",
    ),
)


def day(number: int) -> str:
    """A day of the year as a date."""
    return (FIRST + timedelta(days=int(number))).isoformat()


def accuracy(world: World) -> float:
    """Share of the lift-nights in which flag and stall agree, in per cent."""
    scored, stalled, flagged, both = (sum(each) for each in zip(*world.nights, strict=True))
    return 100 * (1 - (stalled + flagged - 2 * both) / scored)


def description(world: World, level: str) -> str:
    """What the engineers wrote about the monitoring."""
    late = (
        "In the replay the days until an outcome is known are already counted."
        if world.outcome_days_in_replay
        else f"An outcome is known {world.outcome_days} days after the night. The replay ran on "
        "the finished year and had every outcome at once."
    )
    twice = (
        "Two teams keep the register. What both wrote down stands in it twice, with the same two "
        "first days.\n\n"
        if level == "senior"
        else ""
    )
    sees = ""
    if level == "junior":
        sees = (
            "An incident that no alert rings for in `replay.csv` is one that the plan does not "
            "see.\n\n"
        )
    alerts = "\n".join(f"| {name} | {ALERT_WORDS[name]} |" for name in ALERTS)
    kinds = "\n".join(f"| {name} | {words} |" for name, words in KINDS.items())
    return f"""# Monitoring of the stall model (as the engineers wrote it)

{world.lifts:,} lifts. Every night the model gives each a probability to stall within seven days; flagged ones are visited the next day. Reports say: "{accuracy(world):.1f} % accurate" (`nights.csv`).

**Register** (`incidents.csv`): last year's incidents. `noticed`: the day on which somebody began to act. What an incident cost came evenly from `began` to `ended`; had somebody acted sooner, the days between would have been spared. `cost_low` and `cost_high` are finance's range, right four times out of five, in thousand euro, `in all` or `a day`. The incidents' errors have nothing to do with each other. {twice}Next year is planned as a repetition of the last.

**Alerts**

| alert | |
|---|---|
{alerts}

**Replay** (`replay.csv`): after how many days from `began` each alert would have rung; empty where it would not. What an alert is meant for and what it saw need not be the same. {late} From the alarm until somebody acts it takes as long as in `responses.csv` (days, forty tickets of each alert, empty where nobody took it: `office` without duty at night and on weekends, `duty` with it). {sees}**Quiet replay** (`alerts.csv`): how often each alert rang in so many weeks, how often it was right, minutes that each alarm takes. An hour costs {1000 * world.price:.0f} euro.

**Options** (`options.csv`): what they cost to build (a range, as above), to run, hours of upkeep a week (not charged). "The plan" is `{PLAN}`.

**Kinds**

| kind | what happens |
|---|---|
{kinds}
"""  # noqa: E501


def audience() -> str:
    """Who listens, as far as the candidate is told."""
    cards = "\n".join(f"- **{name}**, {role}: {words}." for name, role, words in LISTENERS)
    return f"""# Who listens

{cards}

They have ten minutes for you, then ask. Each of them believes something that is not so; you find out by listening. They decide together what is built.
"""  # noqa: E501


def beliefs(found: Proved) -> list[dict[str, Any]]:
    """The role cards: what each believes wrongly, asks, and what would be right."""
    world, actual = found.world, found.actual
    scored, stalled, flagged, both = (sum(each) for each in zip(*world.nights, strict=True))
    total = sum(each.cost for each in world.incidents)
    unseen = "; ".join(KINDS[kind] for kind in found.unseen)
    net = found.options[PLAN]["net"]
    weekly = sum(world.false_rates.values())
    believes = (
        f"The model is {accuracy(world):.0f} % accurate, so it sees nearly all stalls coming. "
        "What is there to monitor?",
        f"With monitoring, last year's {total:.0f} thousand euro would not have been lost. It "
        "pays in the first weeks.",
        "When an alarm rings, the screen will say what is broken, and somebody is up at once, day "
        "and night.",
    )
    asks = (
        (
            "If it is so accurate, why did owners complain?",
            "What do I tell an owner?",
            "Will the model get better by this?",
        ),
        (
            "What is the return in the first year, and how sure are you?",
            "What would it not have spared us?",
            "What is the cheapest thing that helps?",
        ),
        (
            "Who is called, how often, and for what?",
            "What are my people to do when it rings?",
            "How soon would we have known last time?",
        ),
    )
    rights = (
        f"{100 * stalled / scored:.1f} % of the lift-nights end in a stall: a list without a "
        "flag would be "
        f"{100 - 100 * stalled / scored:.1f} % accurate too. Of 100 stalls the model sees "
        f"{100 * both / stalled:.0f}, "
        f"of 100 flags {100 * both / flagged:.0f} are right. Monitoring does not make the model "
        "better.",
        f"It spares {actual['loss_avoided']:.0f} of {total:.0f} thousand euro, "
        f"{actual['share_caught']:.0f} %, and has paid for "
        f"itself after {actual['break_even']:.0f} months; first year {net:+.0f} thousand euro. "
        f"Not seen: {unseen}.",
        f"About {weekly:.1f} false alarms a week, {actual['hours']:.0f} hours with upkeep, in "
        "office hours in the plan. It says that "
        "something is wrong, not what. Where it sees something somebody acts after "
        f"{actual['detection']:.1f} days.",
    )
    return [
        {
            "name": name,
            "role": role,
            "character": words,
            "believes": belief,
            "asks": list(questions),
            "right": right,
        }
        for (name, role, words), belief, questions, right in zip(
            LISTENERS, believes, asks, rights, strict=True
        )
    ]


def truth_card(found: Proved, claims: list[dict[str, Any]], events: dict[str, Any]) -> str:
    """For graders: everything that the case hides."""
    quantities = "\n".join(
        f"| {name} | {found.actual[name]:.3g} | {found.expected[name][0]:.3g} to "
        f"{found.expected[name][1]:.3g} | {UNITS[name]} |"
        for name in QUANTITIES
    )
    options = "\n".join(
        f"| {name} | {found.options[name]['saves']:.0f} | {found.options[name]['costs']:.0f} | "
        f"{found.options[name]['net']:+.0f} |"
        for name in OPTIONS
    )
    said = "\n".join(
        f"| {each['claim']} | {each['class']} | {each['sentence']} |" for each in claims
    )
    rang = "\n".join(
        f"| e{i} | {event['kind']} | {one['what']} | {one['who']} | {one['by']} |"
        for i, (event, one) in enumerate(
            zip(events["events"], events["best_actions"], strict=True), 1
        )
    )
    heard = "\n".join(
        f"- **{each['name']}**, {each['role']}, believes: {each['believes']} Right: {each['right']}"
        for each in beliefs(found)
    )
    return f"""# Truth card

Best option: **{found.best}**. Not seen by the plan: {", ".join(found.unseen)}.

| quantity | truth | range of who reckons with all that is open | unit |
|---|---|---|---|
{quantities}

| option | saves | costs, first year | net |
|---|---|---|---|
{options}

| claim | is | sentence |
|---|---|---|
{said}

| event | is | best measure | by whom | within hours |
|---|---|---|---|---|
{rang}

## The listeners
{heard}
"""
