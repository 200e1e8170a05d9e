"""The truth card of a case: for graders and for whoever plays the teammate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..toolkit.hypotheses import REMEDIES, TITLE

if TYPE_CHECKING:
    from .drawing import Drawn

METRICS = {
    "ranking": "area under the ROC curve",
    "measurement": "measured area under the ROC curve",
    "decisions": "mean cost of the decisions per trip",
}
REFUTED = {
    "feed": "since the entry the named feed's inputs are those of the other feed in the same hours",
    "client": "by client release, inputs and figures are alike before and after the entry",
    "scoring": "the version before, replayed on the rows after the entry, does no better",
    "platform": "the named hosts are as good as the others, before and after the entry",
    "loader": "ids, trip keys and the delay of reports did not change with the entry",
}
ACT = {
    "feed": "Treating the named feed's delay and queue as missing",
    "client": "Treating the new release's delay and queue as missing",
    "scoring": "Rolling the release back",
    "platform": "Scoring the named hosts' rows again",
    "loader": "Dropping repeats and doubtful outcomes",
    "season": "Leaving out the strangest weather",
}


def truth_card(
    drawn: Drawn, truth: dict[str, Any], entries: dict[str, str], changes: pd.DataFrame
) -> str:
    """The card, in markdown. Private."""
    stories = {cause.id: cause.story() for cause in drawn.causes}
    values, metric = truth["values"], METRICS[truth["metric"]]
    parts = [
        f"# Truth card ({drawn.level})",
        "For graders and for whoever plays the teammate. Never for candidates.",
        f"**Onset:** {truth['onset_at'].replace('T', ' ')}. **What got worse:** the {metric}, from "
        f"{values['reference']:.3f} to {values['before']:.3f}, that is "
        f"{values['loss_sd']:.1f} standard deviations of a window of 2,000 trips. The best remedy "
        f"returns {values['best_gain']:.0%} of the loss.",
    ]
    if drawn.oddities:
        parts.append(
            "What is said of all rows or of the others leaves out the rows that a fault which came "
            "in stages or in part did not hit, and the changes that do no harm (below)."
        )
    for facts in truth["causes"]:
        story = stories[facts["id"]]
        share = f", {facts['share']:.0%} of the loss" if len(truth["causes"]) > 1 else ""
        kinds = " or ".join(f"`{kind}`" for kind in facts["remedy_types"])
        parts += [
            f"## {TITLE[facts['id']]} (`{facts['id']}`{share})",
            story["what"],
            f"**How it came.** {arrived(facts)}",
            f"**Evidence.** {story['evidence']}",
            f"**What separates it.** {story['separates']}",
            f"**Remedy.** {REMEDIES[facts['remedy_type']]}. Kind: {kinds}.",
        ]
    if drawn.oddities:
        odd = [f"- {oddity.story()}" for oddity in drawn.oddities]
        noted = "`on_call.md` blames the first of them. What it says of the figures is wrong."
        parts += ["## Changes that do no harm", "\n".join(odd), noted]
    parts += ["## The five named entries", entries_table(drawn, truth, entries, changes)]
    parts += ["## Red herrings, acted on", herrings(truth)]
    parts += ["## What a teammate would answer", answers(drawn, stories)]
    return "\n\n".join(parts) + "\n"


def arrived(facts: dict[str, Any]) -> str:
    """Since when, in which steps, in what part, and when it was gone."""
    came = facts["came"]
    text = f"From {facts['onset']} on, "
    if came["way"] == "at once":
        text += "everywhere at once"
    elif came["way"] == "stages":
        text += f"`{came['column']}` by `{came['column']}` within {came['span_days']:.1f} days"
    else:
        way = "12 %, then half, then all" if came["way"] == "canary" else "more from hour to hour"
        text += f"{way} within {came['span_days']:.1f} days"
    if came["share"] < 1:
        text += f"; in the end {came['share']:.0%} of the rows that it can hit"
    if came["healed"]:
        first, last = came["healed"]
        text += f"; gone from day {first:.1f} to day {last:.1f} of the log (counted from 0)"
    return text + "."


def entries_table(
    drawn: Drawn, truth: dict[str, Any], entries: dict[str, str], changes: pd.DataFrame
) -> str:
    """One line per named entry: what it says, and what speaks for or against it."""
    onset = pd.Timestamp(truth["onset_at"])
    kinds = {cause.kind for cause in drawn.causes}
    texts = changes.set_index("entry")
    lines = ["| entry | says | verdict |", "|---|---|---|"]
    for kind, entry in sorted(entries.items(), key=lambda item: item[1]):
        hours = (pd.Timestamp(texts.at[entry, "at"]) - onset).total_seconds() / 3600
        when = f"{abs(hours) / 24:.1f} days {'after' if hours > 0 else 'before'} the onset"
        if truth["changelog"][entry]:
            verdict = "**The trigger**: same hour, and the part it names is the part that is hit."
        elif kind in kinds:
            verdict = f"Not it: {when}, and not the part (or the moment) that is hit."
        else:
            verdict = f"Not it: {when}; {REFUTED[kind]}."
        lines.append(f"| {entry} | {texts.at[entry, 'text']} | {verdict} |")
    if not any(truth["changelog"].values()):
        lines.append("\nNone of the five set the incident off.")
    return "\n".join(lines)


def herrings(truth: dict[str, Any]) -> str:
    found = truth["red_herrings"]
    return "\n".join(
        f"- {ACT[name]} returns {max(0.0, found[name]):.0%} of the loss." for name in sorted(found)
    )


def answers(drawn: Drawn, stories: dict[str, dict[str, str]]) -> str:
    """Answers to typical questions: true, and no more than a teammate would know."""
    asked = [
        (
            "Is the threshold still 0.25?",
            "That is what was agreed; I have not looked at the service.",
        ),
        ("Could it be the season?", "It changes every year, and the model has seen all of it."),
        ("Who changed something that week?", "Everybody; it is all in the change log."),
        ("Can I trust the dashboard?", "It joins after two days and is never computed again."),
        ("What do hosts and feeds do?", "Requests are spread over both at random."),
        ("What does it cost us?", "A needless flag 1, a late trip nobody was told about 3."),
    ]
    lines = [f"- *{question}* {answer}" for question, answer in asked]
    lines += [f"- *Near the cause:* {stories[cause.id]['teammate']}" for cause in drawn.causes]
    return "\n".join(lines)
