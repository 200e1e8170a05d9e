"""Simulated candidates: what they notice in the table, how far their model goes, how they validate.

Four knobs make an ability. ``data``: which oddities of the table they notice, and so what they do
about them and put into the audit; ``model``: the features they think of, how long they fit, and
whether they allow for mistaken labels; ``validation``: which rows and labels they estimate the loss
on, and how wide their interval is; ``care``: which shapes of rows ``predict`` stands. All of it is
code that is fitted in the notebook, so that what it earns is what such code earns. Never shipped:
it reads the private part of a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people

from .toolkit.names import ISSUES, WHOLE_TABLE

PEOPLE = people(["data", "model", "validation", "care"], count=32)

# how able one has to be to notice it, from what everybody sees to what hardly anybody does
NOTICED = {
    "written_after_outcome": 0.25,
    "meaningless_id": 0.3,
    "repeated_rows": 0.35,
    "sentinel_value": 0.4,
    "mixed_units": 0.5,
    "rare_categories": 0.6,
    "changes_over_time": 0.85,
}
# what no issue of the form names: that some airlines' labels are odd, so that their rows are left
# out; that they mean the opposite; and that a station sends a column otherwise
ODD_LABELS, TURNED_LABELS = 0.5, 0.7
SENT_OTHERWISE = {
    "queue_len": 0.6,
    "distance_km": 0.64,
    "scheduled_at": 0.68,
    "turnaround_min": 0.76,
}
MILE_KM = 1.609344
LUCK = 0.06  # standard deviation of a day's form
ROUNDS = (2, 260)  # boosting rounds of the least and of the most able


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source."""
    mind = Mind(person, case.truth(), luck)
    noticed = mind.noticed()
    return {
        "audit_answer": f"AUDIT = {mind.audit(noticed)!r}",
        "model_answer": mind.model(noticed),
        "predict_answer": mind.predict(),
        "estimate_answer": mind.estimate(),
    }


@dataclass
class Mind:
    """One person before one case."""

    person: Person
    truth: Mapping[str, Any]
    luck: np.random.Generator

    def knob(self, name: str) -> float:
        """A knob on that day, between 0 and 1."""
        return float(np.clip(self.person.knobs[name] + self.luck.normal(0, LUCK), 0, 1))

    def noticed(self) -> set[str]:
        """The issues of the table that they see."""
        return {issue for issue, needed in NOTICED.items() if self.knob("data") > needed}

    def audit(self, noticed: set[str]) -> dict[str, Any]:
        """The form: what they noticed, and now and then what is not there."""
        known = self.truth["audit"]
        given: dict[str, Any] = {}
        for issue in ISSUES:
            seen = issue in noticed and issue in known
            feared = issue not in known and self.luck.random() < 0.35 * (1 - self.knob("data"))
            if issue in WHOLE_TABLE:
                given[issue] = bool(seen or feared)
            else:
                given[issue] = list(known.get(issue, ())) if seen else ["gate_area"] * feared
        return given

    def model(self, noticed: set[str]) -> str:
        """Cleaning of what they noticed, features, and the fit."""
        skill, truth = self.knob("model"), self.truth
        left = [truth["id"]] * ("meaningless_id" in noticed)
        left += [truth["leak"]["column"]] * ("written_after_outcome" in noticed)
        units = truth["units"] if "mixed_units" in noticed else None
        sentinel = truth["sentinel"] if "sentinel_value" in noticed else None
        rounds = round(ROUNDS[0] + skill * (ROUNDS[1] - ROUNDS[0]))
        late = "changes_over_time" in noticed
        data = self.knob("data")
        turned = data > TURNED_LABELS
        return _MODEL.format(
            left=[*left, "late", "scheduled_at"],
            sentinel=(sentinel["column"], sentinel["value"]) if sentinel else None,
            units=(units["column"], units["tag"], units["units"][1]) if units else None,
            numbers="pd.to_numeric(rows[name])" if self.knob("care") > 0.55 else "rows[name]",
            holes="" if self.knob("care") > 0.3 else ".fillna(0)",
            odd=truth["turned_airlines"] if data > ODD_LABELS and not turned else [],
            turned=truth["turned_airlines"] if turned else [],
            undone=self.undone(data),
            spare=skill > 0.6,
            hours=skill > 0.25,
            repeats=".drop_duplicates()" if "repeated_rows" in noticed else "",
            weights=f"np.where(rows['scheduled_at'] < {truth['changed_on']!r}, 0.4, 1.0)"
            if late
            else "None",
            rounds=rounds,
            allow=skill > 0.8,
            seed="None" if self.knob("care") < 0.2 else "0",
        )

    def undone(self, data: float) -> dict[str, tuple[str, float, int]]:
        """Column -> (station, factor, amount) of what stations send otherwise and they saw."""
        factors = {"queue_len": 0.5, "distance_km": MILE_KM}
        sent = self.truth["sent_otherwise"]
        return {
            column: (sent[column]["station"], factors.get(column, 1), sent[column]["amount"])
            for column, needed in SENT_OTHERWISE.items()
            if column in sent and data > needed
        }

    def predict(self) -> str:
        """``predict``; the careless do not think of an empty table."""
        care = self.knob("care")
        guard = "    if not len(rows):\n        return np.empty(0)\n" if care > 0.4 else ""
        return f"""def predict(rows):
{guard}    return probabilities(model, as_in_table(rows))"""

    def estimate(self) -> str:
        """Their own estimate: on which rows, against which labels, how wide."""
        skill = self.knob("validation")
        return _ESTIMATE.format(
            by_time=skill > 0.35,
            unmistaken=skill > 0.75,
            half=round(0.012 + 0.10 * (1 - skill) ** 2, 4),
            off=round(0.06 * (1 - skill) * float(self.luck.normal()), 4),
        )


_MODEL = """from sklearn.ensemble import HistGradientBoostingClassifier

LEFT_OUT = {left!r}
ODD, TURNED, UNDONE = {odd!r}, {turned!r}, {undone!r}
SENTINEL, UNITS = {sentinel!r}, {units!r}
MISSED = facts["keying_mistakes"]["late_keyed_as_on_time"]
INVENTED = facts["keying_mistakes"]["on_time_keyed_as_late"]
COLUMNS = [name for name in requests.columns if name not in LEFT_OUT]
LEVELS = {{
    name: sorted(train[name].dropna().unique())
    for name in COLUMNS
    if not pd.api.types.is_numeric_dtype(train[name])
}}


def prepare(rows):
    out = pd.DataFrame(index=rows.index)
    for name in COLUMNS:
        if name in LEVELS:
            place = {{level: code for code, level in enumerate(LEVELS[name][:200])}}
            out[name] = rows[name].astype(object).map(place).astype(float)
        else:
            out[name] = {numbers}
    if SENTINEL:
        out[SENTINEL[0]] = out[SENTINEL[0]].where(out[SENTINEL[0]] != SENTINEL[1])
    if UNITS:
        column, tag, other = UNITS
        turned = out[column] * 1.852 if other == "kt" else (out[column] - 32) / 1.8
        out[column] = out[column].mask((rows[tag].astype(object) == other), turned)
        out = out.drop(columns=tag, errors="ignore")
    at = pd.to_datetime(rows["scheduled_at"])
    if {hours}:
        out["minute"] = at.dt.hour * 60 + at.dt.minute
    if {spare}:
        delay = out["inbound_delay_min"].clip(0, 600).fillna(0)
        out["spare"] = out["turnaround_min"] - 20 - 0.12 * out["seats"] - delay
        out["full"] = out["booked"] / out["seats"]
    return out{holes}


def fitted(rows):
    weights = {weights}
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter={rounds},
        max_leaf_nodes=8,
        min_samples_leaf=30,
        l2_regularization=3,
        random_state={seed},
    ).fit(prepare(rows), rows["late"], sample_weight=weights)


def probabilities(model, rows):
    p = model.predict_proba(prepare(rows))[:, 1]
    if {allow}:  # of being late, where the model says what is keyed in as late
        p = np.clip((p - INVENTED) / (1 - MISSED - INVENTED), 0.004, 0.996)
    return p


def as_in_table(rows):
    for column, (station, factor, amount) in UNDONE.items():
        if column == "scheduled_at":
            values = pd.to_datetime(rows[column])
            meant = values - pd.Timedelta(hours=amount)
        else:
            values = pd.to_numeric(rows[column])
            meant = factor * values + amount
        told = rows["station"] == station
        if SENTINEL and SENTINEL[0] == column:
            told &= values != SENTINEL[1]
        rows = rows.assign(**{{column: values.mask(told, meant)}})
    return rows


known = train{repeats}
known = known[~known["carrier"].isin(ODD)]
known = known.assign(late=known["late"].mask(known["carrier"].isin(TURNED), 1 - known["late"]))
model = fitted(known)"""

_ESTIMATE = """def mean_loss(labels, p):
    if not {unmistaken}:
        return log_loss(labels, p).mean()
    if_late, if_not = log_loss(np.ones(len(p)), p), log_loss(np.zeros(len(p)), p)
    keyed_late = (1 - INVENTED) * if_late - MISSED * if_not
    keyed_not = (1 - MISSED) * if_not - INVENTED * if_late
    return (np.where(labels == 1, keyed_late, keyed_not) / (1 - MISSED - INVENTED)).mean()


if {by_time}:
    cut = known["scheduled_at"].max() - pd.Timedelta(weeks=3)
    before, after = known[known["scheduled_at"] <= cut], known[known["scheduled_at"] > cut]
else:
    after = known.sample(frac=0.25, random_state=0)
    before = known.drop(after.index)
middle = mean_loss(after["late"], probabilities(fitted(before), after)) + {off}
ESTIMATE = {{"low": middle - {half}, "log_loss": middle, "high": middle + {half}}}"""
