"""Proof by counterfactual replay that a case is what its truth says, made when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import pandas as pd

from worksample.kit.scoring import precision_recall_f1

from ..toolkit import model
from . import materials
from .planting import Cause, Log
from .world import HIDDEN, LOG
from .yardstick import Yardstick

WINDOW = 2_000  # rows of the window that a loss is compared with
LEAST = {"ranking": 0.03, "measurement": 0.03, "decisions": 0.03}
MOST = {"junior": 0.25, "standard": 0.15, "senior": 0.14}
LOUDER = {"junior": 1.2, "standard": 1.0, "senior": 1.0}  # least loss, as a multiple of LEAST
RETURNED, IDLE = 0.90, 0.10
SECOND = (0.2, 0.45)  # the smaller cause's share of the loss
HARMLESS = 0.10  # of the loss, that what does no harm may cost or bring


@dataclass(frozen=True)
class Proof:
    """What replaying showed.

    Attributes:
        values: reference, before, loss, loss_sd (its size in standard deviations of the metric on
            a window), visible_loss, best_gain.
        red_herrings: share of the loss returned by acting on each.
        shares: share of the loss of each cause.
    """

    yardstick: Yardstick
    values: dict[str, float]
    red_herrings: dict[str, float]
    shares: dict[str, float]
    f1: float

    def failures(self, level: str) -> list[str]:
        """What keeps the case from being a good one, in words; none: it is good.

        Shares and red herrings that were not looked into are not held against it.
        """
        values = self.values
        found = []
        if not fitting(values["loss"], self.yardstick.metric, level):
            return [f"loss {values['loss']:.3f} outside its band"]
        if values["loss_sd"] < 3:
            found.append(f"loss of only {values['loss_sd']:.1f} standard deviations")
        if values["best_gain"] < RETURNED:
            found.append(f"best remedy returns {values['best_gain']:.2f}")
        if abs(values["oddities"]) >= HARMLESS:
            found.append(f"what should do no harm costs {values['oddities']:.2f} of the loss")
        if self.f1 < 0.97:
            found.append(f"affected rows found with F1 {self.f1:.2f}")
        if len(self.shares) > 1 and not SECOND[0] <= min(self.shares.values()) <= SECOND[1]:
            found.append(f"smaller share {min(self.shares.values()):.2f}")
        if max(self.red_herrings.values(), default=0.0) >= IDLE:
            found.append(f"a red herring returns {max(self.red_herrings.values()):.2f}")
        return found

    def holds(self, level: str) -> bool:
        return not self.failures(level)


def fitting(loss: float, metric: str, level: str) -> bool:
    """Is a loss of this size wanted at this level?"""
    most = 0.4 if metric == "decisions" else MOST[level]
    return LEAST[metric] * LOUDER[level] <= loss <= most


def prove(
    log: Log, planted: Sequence[Cause], table: pd.DataFrame, ids: tuple[np.ndarray, np.ndarray]
) -> Proof:
    """Replay the remedies and the red herrings on the hidden rows, the cheapest first.

    What fails one of them is not looked into any further: it is drawn anew anyway.
    """
    level = log.world.level
    yard = yardstick(log, planted, table, ids)
    loss = abs(yard.before - yard.reference)
    values = {"reference": yard.reference, "before": yard.before, "loss": loss}
    if not fitting(loss, yard.metric, level):
        return Proof(yard, values, {}, {}, 0.0)

    values["best_gain"] = gained(yard, planted, log)
    values["oddities"] = of_oddities(log, yard) / loss
    values["loss_sd"] = loss / window_sd(yard)
    values = {k: round(float(v), 5) for k, v in values.items()}
    proof = Proof(yard, values, {}, {}, found(log, planted, yard))
    if proof.holds(level):
        proof = replace(proof, shares=shares(log, planted, table, ids))
    if proof.holds(level):
        proof = replace(proof, red_herrings=red_herrings(log, planted, yard))
    return proof


def red_herrings(log: Log, planted: Sequence[Cause], yard: Yardstick) -> dict[str, float]:
    """Share of the loss returned by acting on each, but for those that do undo a cause."""
    return {
        name: round(float(idle_gain(log, planted, yard, act)), 4)
        for name, act in RED_HERRINGS.items()
        if not any(name in cause.idle_but for cause in planted)
    }


def first(planted: Sequence[Cause]) -> float:
    """The moment at which the first of the causes began, in days."""
    return min(cause.onset for cause in planted)


def of_oddities(log: Log, yard: Yardstick) -> float:
    """What the harmless changes take from the ranking, or add to the cost of decisions."""
    if not len(log.pristine_score):
        return 0.0
    where = yard.truth["index"].to_numpy()
    p, weight = log.p[where], log.weight[where]
    clean, pristine = log.clean_score[where], log.pristine_score[where]
    if yard.metric == "decisions":
        decided = [log.models.decide(score) for score in (clean, pristine)]
        return model.cost(decided[0], p) - model.cost(decided[1], p)
    return model.auc(pristine, p, weight) - model.auc(clean, p, weight)


def gained(yard: Yardstick, causes: Sequence[Cause], log: Log) -> float:
    """Share of the loss that the remedies of these causes return together."""
    rows = yard.rows
    for cause in causes:
        rows = cause.remedy(rows, log)
    return yard.gain(rows)[1]


def earlier(
    log: Log,
    planted: Sequence[Cause],
    table: pd.DataFrame,
    ids: tuple[np.ndarray, np.ndarray],
) -> pd.DataFrame:
    """Rows of as many days before the incident as the hidden rows are of, in the same form."""
    onset = first(planted)
    return materials.frozen(log, table, ids, (onset - (HIDDEN[1] - HIDDEN[0]), onset))


def yardstick(
    log: Log,
    planted: Sequence[Cause],
    table: pd.DataFrame,
    ids: tuple[np.ndarray, np.ndarray],
    days: tuple[float, float] = HIDDEN,
) -> Yardstick:
    """Rows of some days, their truth, and the history that a retrained model would learn from."""
    rows = materials.frozen(log, table, ids, days)
    where = rows["index"].to_numpy()
    copy = rows["copy"].to_numpy(dtype=bool)
    any_mask = np.zeros(len(log.p), dtype=bool)
    input_mask = any_mask.copy()
    label_mask = any_mask.copy()
    for cause in planted:
        any_mask |= cause.affected
        (label_mask if cause.metric == "measurement" else input_mask)[cause.affected] = True
    affected = any_mask[where] | copy
    truth = pd.DataFrame(
        {
            "row": rows["row"],
            "index": where,
            "odd": log.odd[where],
            "p": log.p[where],
            "late": log.late[where],
            "affected": affected,
            "copy": copy,
            "input_spoiled": input_mask[where],
            "mislabelled": label_mask[where],
            "clean_score": log.clean_score[where],
            "clean_flagged": log.clean_flagged[where],
            "weight": log.weight[where],
        }
    )
    clean = log.clean.iloc[where].reset_index(drop=True).add_prefix("clean_")
    shown = table[(table["at"] >= LOG[0]) & (table["at"] < LOG[1])]
    outcomes = materials.reports(log, ids, until=LOG[1] + 0.04)
    visible = (shown[list(materials.LOGGED)].reset_index(drop=True), outcomes)
    kinds = {cause.metric for cause in planted}
    metric = next(k for k in ("decisions", "measurement", "ranking") if k in kinds)
    rows = rows.drop(columns=["index", "copy"])
    return Yardstick(metric, rows, pd.concat([truth, clean], axis=1), log.models, visible)


def window_sd(yard: Yardstick, draws: int = 40) -> float:
    """Standard deviation of the measured metric on a window of WINDOW rows without the incident."""
    truth = yard.truth[~yard.truth["copy"]]
    p, score = truth["p"].to_numpy(), truth["clean_score"].to_numpy()
    flagged = truth["clean_flagged"].to_numpy()
    rng = np.random.default_rng(0)
    found = []
    for _ in range(draws):
        rows = rng.integers(len(p), size=WINDOW)
        late = rng.random(WINDOW) < p[rows]
        if yard.metric == "decisions":
            found.append(model.cost(flagged[rows], late))
        else:
            found.append(model.auc(score[rows], late))
    return float(np.std(found))


def shares(
    log: Log, planted: Sequence[Cause], table: pd.DataFrame, ids: tuple[np.ndarray, np.ndarray]
) -> dict[str, float]:
    """Each cause's share of what all remedies together return, averaged over the orders.

    Measured on the days of the incident that a candidate sees: two causes weigh differently on
    other days, and nobody could know those.
    """
    if len(planted) == 1:
        return {planted[0].id: 1.0}
    yard = yardstick(log, planted, table, ids, (first(planted), LOG[1]))
    total = {cause.id: 0.0 for cause in planted}
    orders = list(permutations(planted))
    for order in orders:
        before = 0.0
        for place, cause in enumerate(order):
            after = gained(yard, order[: place + 1], log)
            total[cause.id] += (after - before) / len(orders)
            before = after
    whole = sum(total.values())
    return {k: round(v / whole, 4) for k, v in total.items()}


def found(log: Log, planted: Sequence[Cause], yard: Yardstick) -> float:
    """F1 of the affected rows as the public information shows them."""
    given = np.zeros(len(yard.rows), dtype=bool)
    for cause in planted:
        given |= cause.find(yard.rows, log)
    true = yard.truth["affected"].to_numpy(dtype=bool)
    return precision_recall_f1((given & true).sum(), given.sum(), true.sum())[2]


def idle_gain(
    log: Log, planted: Sequence[Cause], yard: Yardstick, act: Callable[..., pd.DataFrame]
) -> float:
    """Share of the loss that acting on a red herring returns while the cause stands."""
    returned = act(yard.rows, log)
    for cause in planted:
        if cause.stands:
            returned = served_as_before(returned, yard.rows, cause.find(yard.rows, log))
    return yard.gain(returned)[1]


def served_as_before(returned: pd.DataFrame, rows: pd.DataFrame, here: np.ndarray) -> pd.DataFrame:
    """Take back what was done to the serving of the rows ``here``; what is measured stays."""
    returned = returned.copy()
    hit = returned["row"].isin(rows["row"][here]).to_numpy()
    logged = rows.set_index("row").loc[returned["row"][hit]]
    for column in (*model.FEATURES, "model_version", "prep_version"):
        returned.loc[hit, column] = logged[column].to_numpy()
    if "rescore" in returned:
        returned.loc[hit, "rescore"] = False
    return returned


# -- red herrings -------------------------------------------------------------------------------


def older_model(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Roll back the release: score with the version before it."""
    world = log.world
    return rows.assign(model_version=world.names.models[world.releases["second"]])


def newer_client(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Distrust the new client: what its requests brought counts as missing."""
    rows = rows.copy()
    here = rows["client"] == log.world.names.client[3]
    rows.loc[here, ["inbound_delay_min", "queue_len"]] = np.nan
    return rows


def named_hosts(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Score the rebuilt hosts' rows again."""
    hosts = [log.world.names.host[h] for h in log.world.hosts]
    return rows.assign(rescore=rows["host"].isin(hosts))


def named_feed(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Distrust the named feed: its delay and queue count as missing."""
    rows = rows.copy()
    here = rows["feed"] == log.world.names.feed[log.world.feed]
    rows.loc[here, ["inbound_delay_min", "queue_len"]] = np.nan
    return rows


def clean_join(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Suspect the loaders: no repeated ids, labels of the rows' own trips, reported ones only."""
    rows = rows.drop_duplicates("prediction_id").copy()
    own = rows["reported_trip_key"].isna() | (rows["reported_trip_key"] == rows["trip_key"])
    rows["late"] = rows["late"].where(own & rows["label_age_days"].notna())
    return rows


def usual_weather(rows: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Blame the season: leave out the twentieth of the trips with the strangest weather."""
    history = log.seen[~log.after & (log.world.rows["when"] >= 0).to_numpy()]
    columns = ["temp_c", "wind_kmh", "pressure_hpa"]
    strange = ((rows[columns] - history[columns].mean()) / history[columns].std()).abs()
    most = strange.max(axis=1)
    return rows.assign(late=rows["late"].mask(most > most.quantile(0.95)))


RED_HERRINGS: dict[str, Callable[[pd.DataFrame, Log], pd.DataFrame]] = {
    "scoring": older_model,
    "client": newer_client,
    "platform": named_hosts,
    "feed": named_feed,
    "loader": clean_join,
    "season": usual_weather,
}
