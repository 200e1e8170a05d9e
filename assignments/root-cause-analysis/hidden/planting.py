"""The log that a world leaves behind, with the causes planted in it.

`write_log` goes through the stages that a prediction goes through: inputs, serving, decision,
outcome, event. A cause overrides the stages that it spoils; the others stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..toolkit import model
from .arrival import SPAN, Arrival, draw_arrival
from .world import DECIMALS, FALLBACK_SCORE, FED, TIMEOUT_MS, World, named_models, named_steps

BETWEEN = (22.5, 44.0)  # the days on which one begins
SAME_SCORE = 2e-4  # a logged score has four decimals


class Cause:
    """One thing that goes wrong. Subclasses override the stages that they spoil.

    Attributes:
        id: the hypothesis (toolkit/hypotheses.py).
        kind: the kind of change-log entry that could be its trigger; None: never one.
        always: the trigger is always in the change log.
        metric: what gets worse: ranking, decisions or measurement.
        remedy_type: the right remedy; ``accepted``: others that are as right.
        affected: mask over the world's rows (n,), set while planting.
        stands: the fault lies in the serving itself, so it stands whatever is done to the inputs.
        idle_but: acts of proof.py that do undo this cause, so are no red herrings for it.
        told: range of the share of rows that it hits, where every row shows whether it was hit;
            None: it hits all rows that it can, as nobody could tell which.
        span: days from its first stage to its last, least and most.
        arrival, reached: how it arrives, and the world's rows within its reach (n,) bool.
    """

    id = ""
    kind: str | None = None
    always = False
    metric = "ranking"
    remedy_type = "repair_input"
    accepted: tuple[str, ...] = ()
    stands = False
    idle_but: tuple[str, ...] = ()
    told: tuple[float, float] | None = None
    span = SPAN

    def __init__(
        self,
        world: World,
        rng: np.random.Generator,
        arriving: np.random.Generator,
        onset: float | None = None,
    ) -> None:
        self.world = world
        self.affected = np.zeros(len(world.rows), dtype=bool)
        self.draw(rng)
        begins = world.onset if onset is None else onset
        self.arrival: Arrival = draw_arrival(
            arriving, world, begins, self.along(), self.told, self.span
        )
        self.reached = self.arrival.reached(world.rows)

    def along(self) -> Mapping[str, tuple[int, ...]]:
        """Columns of the world's rows that it may spread along, with the groups it can hit."""
        return {}

    @property
    def onset(self) -> float:
        return self.arrival.begins

    def open(self, rows: pd.DataFrame) -> np.ndarray:
        """Logged rows that it can have reached, by their moment and group (n,) bool.

        A candidate sees the moments in the log: days on which a group's rows are hit or sound.
        """
        # log rows are written to the minute, so the moment of a row is at most a minute early
        served = pd.to_datetime(rows["served_at"]) + pd.Timedelta(minutes=1)
        when = (served - self.world.first_day) / pd.Timedelta(days=1)
        column = self.arrival.column
        groups = None
        if column:
            names = getattr(self.world.names, column)
            groups = rows[column].map({name: i for i, name in enumerate(names)}).to_numpy(float)
        return self.arrival.open(when.to_numpy(float), groups)

    @classmethod
    def surge(cls, rng: np.random.Generator) -> tuple[int, float] | None:
        """(region, share) where the cause is a change of the mix of trips."""
        return None

    @property
    def triggered(self) -> bool:
        return self.world.timeline.trigger == self.kind and self.kind is not None

    def draw(self, rng: np.random.Generator) -> None:
        """Draw the column, the segment, the factor."""

    def inputs(self, log: Log) -> None:
        """Spoil what the model sees (log.seen)."""

    def serving(self, log: Log) -> None:
        """Spoil what scores the rows (log.model, log.step), or how fast (log.latency)."""

    def decisions(self, log: Log) -> None:
        """Spoil the threshold (log.threshold)."""

    def outcomes(self, log: Log) -> None:
        """Spoil probabilities or reports (log.p, log.record...)."""

    def events(self, log: Log) -> None:
        """Spoil the log of events (log.copies)."""

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        """The best remedy that the public files allow, in the way a candidate writes it."""
        raise NotImplementedError

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        """The affected rows as the public files show them (n,) bool."""
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        """Column, segment, factor: for truth.json."""
        return {}

    def story(self) -> dict[str, str]:
        """Sentences for the truth card: ``what``, ``evidence``, ``separates``, ``teammate``."""
        raise NotImplementedError


@dataclass
class Log:
    """What is written down about each trip, and what truly happened (all arrays: one per row)."""

    world: World
    models: model.Models
    seen: pd.DataFrame  # FEATURES in the case's names, as the model saw them
    clean: pd.DataFrame  # the same without the incident
    declared: np.ndarray  # model version that the log states
    actual: np.ndarray  # that scored
    declared_step: np.ndarray
    actual_step: np.ndarray
    latency: np.ndarray
    threshold: np.ndarray
    p: np.ndarray
    training_late: np.ndarray
    errors: np.ndarray  # failed calls to other services
    weight: np.ndarray  # of a row when the mix of trips is as it used to be
    score: np.ndarray = field(default_factory=lambda: np.zeros(0))
    flagged: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    clean_score: np.ndarray = field(default_factory=lambda: np.zeros(0))
    late: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    recorded: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    report: np.ndarray = field(default_factory=lambda: np.zeros(0))  # days after the prediction
    provisional: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    record_of: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    copies: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # rows, minutes
    retries: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # harmless copies
    loud: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # keys in capitals
    odd: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # harmlessly changed
    pristine_score: np.ndarray = field(default_factory=lambda: np.zeros(0))  # without oddities

    @property
    def after(self) -> np.ndarray:
        return self.world.after

    @property
    def clean_flagged(self) -> np.ndarray:
        return self.models.decide(self.clean_score)


def inputs_of(world: World) -> pd.DataFrame:
    """The inputs as the log shows them when all is well: the case's names, decimals, real gaps."""
    rows, names = world.rows, world.names
    seen = pd.DataFrame(index=rows.index)
    for column in model.FEATURES:
        values = rows[column]
        if column in ("carrier", "origin", "region"):
            seen[column] = np.array(getattr(names, column), dtype=object)[values.to_numpy()]
        elif column in DECIMALS:
            seen[column] = values.astype(float).round(DECIMALS[column])
        else:
            seen[column] = values.astype(int)
    for column in FED:
        seen.loc[rows[f"lost_{column}"], column] = np.nan
    return seen


def open_log(world: World) -> Log:
    """The log before anything is served."""
    rows, names = world.rows, world.names
    seen = inputs_of(world)
    threshold = 0.25
    models = model.Models(named_models(names), named_steps(names), threshold)
    stage = np.digitize(rows["when"], [world.timeline.early_release, world.timeline.at["scoring"]])
    roles = [names.models[world.releases[r]] for r in ("first", "second", "third")]
    declared = np.array(roles, dtype=object)[stage]
    step = np.full(len(rows), names.steps["present"], dtype=object)
    latency = rows["latency"].to_numpy().copy()
    renewed = rows["host"].isin(world.hosts) & (rows["when"] >= world.timeline.at["platform"])
    latency = np.where(renewed, latency * 0.93, latency)
    return Log(
        world=world,
        models=models,
        seen=seen,
        clean=seen.copy(),
        declared=declared,
        actual=declared.copy(),
        declared_step=step,
        actual_step=step.copy(),
        latency=latency,
        threshold=np.full(len(rows), threshold),
        p=rows["p"].to_numpy().copy(),
        training_late=(rows["luck"] < rows["p"]).astype(int).to_numpy(),
        errors=np.zeros(len(rows), dtype=int),
        weight=np.ones(len(rows)),
    )


class Oddity:
    """One harmless change.

    Attributes:
        id: its name in truth.json.
        kin: hypotheses that it looks like.
        touched: the world's rows that it changes (n,) bool, set while planting.
    """

    id = ""
    kin: tuple[str, ...] = ()

    def __init__(self, world: World, rng: np.random.Generator, planted: set[str]) -> None:
        self.world, self.planted = world, planted
        self.begins = float(rng.uniform(*BETWEEN))
        self.touched = np.zeros(len(world.rows), dtype=bool)
        self.since = (world.rows["when"] >= self.begins).to_numpy()
        self.draw(rng)

    def draw(self, rng: np.random.Generator) -> None:
        """Draw the part and the size."""

    def spoil(self, log: Log) -> None:
        """Change inputs, versions or latencies of a log that was only opened."""

    def events(self, log: Log) -> None:
        """Change what is written down of events and reports."""

    def story(self) -> str:
        """One sentence for the truth card."""
        raise NotImplementedError

    def blamed(self) -> str:
        """What somebody on call took it for: what is seen is true, what follows from it is not."""
        raise NotImplementedError


def score_with(models: model.Models, seen: pd.DataFrame, versions: np.ndarray, steps: np.ndarray):
    return models.score(seen.assign(model_version=versions, prep_version=steps))


def write_log(world: World, causes: Sequence[Cause], oddities: Sequence[Oddity] = ()) -> Log:
    """Serve and measure every trip, with the causes planted, and with what does no harm."""
    log = open_log(world)
    rows = world.rows
    slow = rows["latency"].to_numpy() >= TIMEOUT_MS
    if oddities:
        pristine = score_with(log.models, log.seen, log.actual, log.actual_step)
        log.pristine_score = np.where(slow, FALLBACK_SCORE, pristine)
        for oddity in oddities:
            oddity.spoil(log)
        log.clean = log.seen.copy()
        slow = slow | (log.latency >= TIMEOUT_MS)
    log.odd = np.zeros(len(rows), dtype=bool)
    for oddity in oddities:
        log.odd |= oddity.touched
    log.loud = np.zeros(len(rows), dtype=bool)
    right, right_step = log.actual.copy(), log.actual_step.copy()
    for cause in causes:
        cause.inputs(log)
    for cause in causes:
        cause.serving(log)
    log.clean_score = score_with(log.models, log.clean, right, right_step)
    log.clean_score = np.where(slow, FALLBACK_SCORE, log.clean_score)
    log.score = score_with(log.models, log.seen, log.actual, log.actual_step)
    log.score = np.where(log.latency >= TIMEOUT_MS, FALLBACK_SCORE, log.score)
    for cause in causes:
        cause.decisions(log)
    log.flagged = (log.score >= log.threshold).astype(int)
    log.record_of = np.arange(len(rows))
    log.recorded = np.isfinite(rows["report"].to_numpy())
    log.report = rows["report"].to_numpy().copy()
    log.provisional = rows["tardy"].to_numpy() & log.recorded
    for cause in causes:
        cause.outcomes(log)
    log.late = (rows["luck"].to_numpy() < log.p).astype(int)
    for cause in causes:
        cause.events(log)
    for oddity in oddities:
        oddity.events(log)
    return log


def replayed_otherwise(rows: pd.DataFrame, log: Log) -> np.ndarray:
    """Rows whose logged score is not what the named versions give, and no fallback (n,) bool."""
    again = log.models.score(rows)
    off = np.abs(again - rows["score"].to_numpy(dtype=float)) > SAME_SCORE
    return off & (rows["latency_ms"] < TIMEOUT_MS).to_numpy()
