"""What is written about a case: the data dictionary, the README template, the truth card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sources, words

if TYPE_CHECKING:
    from .drawing import Drawn

README_TEMPLATE = """# README

## What this is
*Two sentences: what the model predicts, for whom, from what.*

## Decisions
*Each with its reason and, where you have one, a number: data, validation, model, calibration.*

## How good it is
*The estimate with its interval, what it was measured on, what could make it wrong.*

## Limits
*Where not to use it; what it does with input it cannot use; latency and size.*

## Improvements
*What you would do with another day, in order, and what you would expect of it.*

## How to run it
*Files, order, minutes.*

## Help
*Assistants, references, code of others: what for.*
"""


def dictionary(drawn: Drawn) -> str:
    """The data dictionary: what each column is, less what its authors left out."""
    rows = []
    for name in drawn.train.columns:
        meaning = words.MEANING.get(name) or words.LEAKS.get(name)
        if name == drawn.how.unit_names[1]:
            meaning = "unit"
        rows.append(f"| `{name}` | {meaning} |")
    missed, invented = drawn.how.missed, drawn.how.invented
    lines = [
        "# Data dictionary",
        "",
        "One row per flight, as it was two hours before departure, completed from the exports of",
        "the airlines' systems. When the service is asked, the station's own system sends the row.",
        "",
        "| column | meaning |",
        "|---|---|",
        *rows,
        "",
        "The label is keyed in by hand, at the station. An audit of the entries found that",
        f"{missed:.0%} of the late flights are keyed in as on time, and {invented:.0%} of those on",
        "time as late; it found no pattern.",
    ]
    if drawn.level == "junior":
        lines += [
            "",
            "Known to the team: values nobody knows have been written in more than one way; feeds",
            "don't agree on units; the procedures at the stations were changed during the period.",
        ]
    return "\n".join(lines) + "\n"


def _sources(drawn: Drawn) -> str:
    """Whose records mean something else; nothing at junior level."""
    told, hidden = "", drawn.world.sources
    if hidden.turned:
        codes = " and ".join(f"`{drawn.names.carrier[code]}`" for code in hidden.turned)
        told += f"""- **Labels that mean something else**: the exports of {codes} say whether a
  flight was *on time*: 1 and 0 are exchanged in all of their rows. Their flights look late twice
  as often as others and the more often the more time they have, and the column that is written
  afterwards says the opposite. At serving time they are airlines like any other.
"""
    for sent in hidden.sent:
        station, column = drawn.names.origin[sent.station], sources.shown_as(sent.column)
        told += f"""- **Sent otherwise**: requests from station {station} give
  `{column}` {_OTHERWISE[sent.column].format(amount=sent.amount)}
"""
    if hidden.sent:
        told += """  The table does not. Seen by holding both against each other by station and
  column: what the season changes, it changes at all three.
"""
    return told


_OTHERWISE = {
    "distance_km": "in miles: all of its routes look shorter by the same factor.",
    "queue_len": """with arrivals and departures, so twice: all of it is even, and some of it is
  longer than any queue of the table.""",
    "turnaround_min": """{amount} minutes shorter (counted from when the doors are open): some are
  shorter than preparing the aircraft takes, which no row of the table is by so much.""",
    "minute": """{amount} hours later than local time (by another zone's clock): nothing leaves in
  its first hours of the day, and flights leave at night, which none of the table do.""",
}


def truth_card(drawn: Drawn) -> str:
    """For graders and for whoever answers the candidate's questions. Private."""
    how = drawn.how
    name, tag, units = how.unit_names
    rushes = " and ".join(f"{at // 60:02.0f}:{at % 60:02.0f}" for at in drawn.world.shape.rushes)
    how_far, how_full = drawn.world.shape.full_km, drawn.world.shape.full_seats
    served = "empty" if how.leak_when_served is None else f"{how.leak_when_served:g}"
    return f"""# Truth card ({drawn.level})

| | log loss on the hidden rows, under the true probabilities |
|---|---|
| stated naive pipeline | {drawn.naive_loss:.4f} |
| the best that is possible | {drawn.oracle_loss:.4f} |

## What the table suffers from
- **Written after the outcome**: `{how.leak}`. Full in the training table, {served} in every
  request. It knows the true outcome, so a model with it looks better than any model can be.
- **Sentinel**: {how.sentinel:g} in `{words.COLUMNS[how.sentinel_of]}` means unknown; empty cells
  of that column mean the same.
- **Two units**: `{name}`, {units[0]} or {units[1]} by `{tag}`, {how.unit_share:.0%} in {units[1]}.
- **Repeated rows**: {int(drawn.train.duplicated().sum())} exact repeats, late flights more often.
- **Label**: {how.missed:.0%} of the late keyed as on time, {how.invented:.0%} the other way round
  (the candidate is told). Scores use the true probabilities.
{_sources(drawn)}- **Rare categories**: `carrier` has nine codes with some twenty rows each;
  new ones come later.
- **Meaningless id**: `{how.id}`, 900 levels, drawn at random.
- **Change over time**: from {drawn.changed_on:%Y-%m-%d} on queues at the station are felt much
  more. A random split mixes the two periods and puts repeats on both sides.

## What the label depends on
Whether the inbound delay fits into the spare turnaround time (planned minutes less
20 + 0.12 × seats: the dictionary says it); the queue, after the change; two rushes a day
({rushes}); routes of about {how_far:,.0f} km; more than {how_full:.0%} of the seats booked;
strong wind, frost, heat; the airline a little. `crew_rest_h`, `gate_area`, `precip_mm` and
`{how.id}` say nothing.

## Answers of the contact person
- "Is `{how.leak}` known when the service is asked?": "Look at the requests. What do you see?"
- "What does {how.sentinel:g} mean?": "I would have to ask. What do the rows with it look like?"
- "Did anything change at the stations?": "There were new procedures. I don't have the date."
- "How are the keying mistakes known?": "A sample was checked against the aircraft's own log."
- "What is different about this airline?": "Nothing that I know of. They send their own export."
- "Who sends the distance?": "Each station's own system, when the service is asked. They were
  built by different people."
- "What does the time on the ground count from?", "whose clock is that?": "I know what the
  dictionary says. What do you see?"
- "Which metric?": "Log loss against what really happened, on the five weeks after your table."
"""
