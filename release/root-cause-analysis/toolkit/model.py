"""The deployed model: scoring, refitting and the figures, as the service computes them.

Everything is plain numpy on the case's own JSON files, so the same rows give the same scores here
and when your remedy is scored. A *row* is one line of the log joined with its outcome, as
`joined()` returns it:

- the columns of ``predictions.csv`` and ``row``, the row's number in the table (keep it);
- ``late``: 1, 0 or NaN (no record), as the dashboard shows it;
- ``label_age_days``: days from the prediction to the report that the label comes from, NaN if no
  station has reported the trip (the label is then missing or only assumed to be 0);
- ``reported_trip_key``: the trip that the joined outcome record speaks of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CATEGORIES = ("carrier", "origin", "region", "weekday")
NUMBERS = (
    "distance_km",
    "hour",
    "temp_c",
    "wind_kmh",
    "precip_mm",
    "visibility_km",
    "pressure_hpa",
    "inbound_delay_min",
    "queue_len",
    "plane_age_y",
)
FEATURES = (
    "carrier",
    "origin",
    "region",
    "distance_km",
    "hour",
    "weekday",
    "temp_c",
    "wind_kmh",
    "precip_mm",
    "visibility_km",
    "pressure_hpa",
    "inbound_delay_min",
    "queue_len",
    "plane_age_y",
)
RETRAIN = "retrain:"  # model_version "retrain:YYYY-MM-DD": refitted on the log from that day on
RESCORED = 4  # decimals of a logged score


# -- preprocessing ------------------------------------------------------------------------------


def preprocess(rows: pd.DataFrame, step: Mapping[str, Any]) -> pd.DataFrame:
    """What the model sees of logged rows: positions of levels, numbers filled and clipped.

    Args:
        rows: frame with the columns FEATURES.
        step: one file of ``preprocessing/``: ``levels`` (the order of each category's levels; one
            that isn't among them is read as the one at ``unknown``), ``fill`` and ``clip``.
    """
    out = {}
    for column in CATEGORIES:
        levels = {level: i for i, level in enumerate(step["levels"][column])}
        codes, found = pd.factorize(rows[column])  # a missing value has the code -1
        positions = pd.Series(found, dtype=object).map(levels).fillna(step["unknown"])
        out[column] = np.append(positions.to_numpy(dtype=int), step["unknown"])[codes]
    for column in NUMBERS:
        values = pd.to_numeric(rows[column], errors="coerce").to_numpy(dtype=float)
        values = np.where(np.isfinite(values), values, step["fill"][column])
        out[column] = np.clip(values, *step["clip"][column])
    return pd.DataFrame(out, index=rows.index)


# -- one model ----------------------------------------------------------------------------------


def logits(model: Mapping[str, Any], inputs: pd.DataFrame) -> np.ndarray:
    """Log-odds of a late arrival: intercept + weight of each level + a curve for each number.

    A curve is piecewise linear through the points (x, y) and flat outside them. A number under
    ``curves_by_region`` has one curve per region.
    """
    total = np.full(len(inputs), float(model["intercept"]))
    for column, weights in model["weights"].items():
        total += np.asarray(weights)[inputs[column].to_numpy()]
    for column, curve in model["curves"].items():
        total += np.interp(inputs[column].to_numpy(), curve["x"], curve["y"])
    regions = inputs["region"].to_numpy()
    for column, curve in model["curves_by_region"].items():
        values = inputs[column].to_numpy()
        for position, y in enumerate(curve["y"]):
            here = regions == position
            total[here] += np.interp(values[here], curve["x"], y)
    return total


def probability(log_odds: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))


def hats(values: np.ndarray, knots: list[float]) -> np.ndarray:
    """(n, knots) weights so that ``hats @ y`` is the piecewise linear curve through (knots, y)."""
    return np.stack([np.interp(values, knots, unit) for unit in np.eye(len(knots))], axis=1)


def design(like: Mapping[str, Any], inputs: pd.DataFrame) -> np.ndarray:
    """Design matrix (n, parameters) of a model with the layout of ``like``; intercept first."""
    blocks = [np.ones((len(inputs), 1))]
    for column, weights in like["weights"].items():
        blocks.append(np.eye(len(weights))[inputs[column].to_numpy()])
    for column, curve in like["curves"].items():
        blocks.append(hats(inputs[column].to_numpy(), curve["x"]))
    regions = inputs["region"].to_numpy()
    for column, curve in like["curves_by_region"].items():
        one = hats(inputs[column].to_numpy(), curve["x"])
        blocks += [one * (regions == i)[:, None] for i in range(len(curve["y"]))]
    return np.concatenate(blocks, axis=1)


def parameters(model: Mapping[str, Any]) -> np.ndarray:
    """The model's numbers in the order of `design`'s columns."""
    parts = [np.array([model["intercept"]])]
    parts += [np.asarray(w) for w in model["weights"].values()]
    parts += [np.asarray(c["y"]) for c in model["curves"].values()]
    parts += [np.ravel(c["y"]) for c in model["curves_by_region"].values()]
    return np.concatenate(parts).astype(float)


def with_parameters(like: Mapping[str, Any], values: np.ndarray) -> dict[str, Any]:
    """A model with the layout of ``like`` and these numbers (the inverse of `parameters`)."""
    left = [float(v) for v in values]

    def take(count: int) -> list[float]:
        taken, left[:] = left[:count], left[count:]
        return taken

    model: dict[str, Any] = {**like, "intercept": take(1)[0]}
    model["weights"] = {c: take(len(w)) for c, w in like["weights"].items()}
    model["curves"] = {c: {"x": k["x"], "y": take(len(k["y"]))} for c, k in like["curves"].items()}
    model["curves_by_region"] = {
        c: {"x": k["x"], "y": [take(len(k["x"])) for _ in k["y"]]}
        for c, k in like["curves_by_region"].items()
    }
    return model


def fit(
    like: Mapping[str, Any], inputs: pd.DataFrame, late: np.ndarray, ridge: float = 1.0
) -> dict[str, Any]:
    """Refit a model on preprocessed rows, drawn towards ``like`` where the rows say little.

    Penalised logistic regression by Newton's method, its steps halved until the loss falls; the
    penalty is ``ridge / 2`` times the squared distance of the parameters from those of ``like``.

    Args:
        inputs: n rows as `preprocess` returns them.
        late: (n,) 0, 1 or a share between them.
    """
    start = parameters(like)
    x = design(like, inputs)
    beta = start.copy()

    def loss(values: np.ndarray) -> float:
        odds = x @ values
        return np.sum(np.logaddexp(0, odds) - late * odds) + ridge / 2 * np.sum(
            (values - start) ** 2
        )

    for _ in range(15):
        p = probability(x @ beta)
        gradient = x.T @ (late - p) - ridge * (beta - start)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(beta))
        step = np.linalg.solve(hessian, gradient)
        now = loss(beta)
        while loss(beta + step) > now and np.abs(step).max() > 1e-6:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() < 1e-4:
            break
    return with_parameters(like, beta)


# -- all models of a case -----------------------------------------------------------------------


@dataclass(frozen=True)
class Models:
    """Every model and preprocessing version there ever was, and the agreed threshold."""

    models: Mapping[str, Mapping[str, Any]]
    preprocessing: Mapping[str, Mapping[str, Any]]
    threshold: float
    retrained: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def score(self, rows: pd.DataFrame) -> np.ndarray:
        """Score each row with the versions that its own columns name, (n,) between 0 and 1.

        Raises:
            ValueError: a row names a version that isn't there.
        """
        out = np.zeros(len(rows))
        models = rows["model_version"].astype(str).to_numpy()
        steps = rows["prep_version"].astype(str).to_numpy()
        kinds = rows[["model_version", "prep_version"]].astype(str).drop_duplicates()
        for pair in sorted(kinds.itertuples(index=False, name=None)):
            here = (models == pair[0]) & (steps == pair[1])
            inputs = preprocess(rows.loc[here, list(FEATURES)], self._step(pair[1]))
            out[here] = probability(logits(self._model(pair[0]), inputs))
        return np.round(out, RESCORED)

    def decide(self, score: np.ndarray, threshold: float | None = None) -> np.ndarray:
        """1 where the score reaches the threshold (default: the agreed one), else 0."""
        return (np.asarray(score) >= (self.threshold if threshold is None else threshold)) * 1

    def retrain(self, history: pd.DataFrame, version: str) -> None:
        """Fit the model named ``retrain:YYYY-MM-DD`` on labelled rows served from that day on.

        It starts from the model that served last in ``history``. Already fitted: nothing happens.

        Raises:
            ValueError: the date can't be read, or fewer than 200 labelled rows are left.
        """
        if version in self.retrained:
            return
        try:
            since = pd.Timestamp(version.removeprefix(RETRAIN))
        except ValueError:
            raise ValueError(f"{version!r}: write retrain:YYYY-MM-DD") from None
        rows = history[(pd.to_datetime(history["served_at"]) >= since) & history["late"].notna()]
        if len(rows) < 200:
            raise ValueError(f"{version!r}: only {len(rows)} labelled rows from that day on")
        last = history.sort_values("served_at", kind="stable").iloc[-1]
        inputs = preprocess(rows, self._step(str(last["prep_version"])))
        late = rows["late"].to_numpy(dtype=float)
        self.retrained[version] = fit(self._model(str(last["model_version"])), inputs, late)

    def _model(self, version: str) -> Mapping[str, Any]:
        found = self.models.get(version) or self.retrained.get(version)
        if found is None:
            raise ValueError(f"no model version {version!r}; there are {', '.join(self.models)}")
        return found

    def _step(self, version: str) -> Mapping[str, Any]:
        if version not in self.preprocessing:
            names = ", ".join(self.preprocessing)
            raise ValueError(f"no preprocessing version {version!r}; there are {names}")
        return self.preprocessing[version]


def load_models(case: Path | str) -> Models:
    """The models and preprocessing steps of a case folder (the one with ``predictions.csv``)."""
    folder = Path(case)

    def read(part: str) -> dict[str, Any]:
        return {p.stem: json.loads(p.read_text()) for p in sorted((folder / part).glob("*.json"))}

    questions = json.loads((folder / "questions.json").read_text())
    return Models(read("models"), read("preprocessing"), float(questions["threshold"]))


# -- the log joined with the outcomes -----------------------------------------------------------


def joined(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, dashboard: bool = False
) -> pd.DataFrame:
    """The log with its outcomes, by ``prediction_id`` as the dashboard joins them.

    Args:
        dashboard: True: as the dashboard froze each row, two days after it was served (a report
            that came later was not known then). False: with everything reported until now.
    """
    reports = outcomes.rename(columns={"trip_key": "reported_trip_key"})
    reports = reports.drop_duplicates("prediction_id", keep="last")
    rows = predictions.merge(reports, on="prediction_id", how="left", validate="many_to_one")
    served = pd.to_datetime(rows["served_at"])
    age = (pd.to_datetime(rows["reported_at"]) - served).dt.total_seconds() / 86400
    rows["label_age_days"] = age.round(2)
    rows["late"] = rows["late"].astype(float)
    if dashboard:
        unknown = ~(age <= DASHBOARD_DAYS) & rows["late"].notna()
        rows.loc[unknown, "late"] = 0.0
        rows.loc[unknown, "label_age_days"] = np.nan
    rows["row"] = np.arange(len(rows))
    return rows.drop(columns="reported_at")


DASHBOARD_DAYS = 2.0


# -- what a remedy does to rows -----------------------------------------------------------------


def apply_remedy(
    rows: pd.DataFrame, returned: pd.DataFrame, models: Models, history: pd.DataFrame
) -> pd.DataFrame:
    """What the log would show if the rows that a remedy returned had been served and measured.

    A row is scored again when the remedy changed one of its FEATURES, its ``model_version`` or its
    ``prep_version``, or set ``rescore`` to True; otherwise it keeps its logged score. It is decided
    again when it was scored again or has a ``threshold``. Without one, it is flagged
    from the least score on that was flagged on its day: the threshold in force is not logged, and
    lies at that score or a little below.

    Args:
        rows: logged rows (see the top of this file).
        returned: what the remedy made of them: the same columns, perhaps ``rescore`` and
            ``threshold``; rows may be missing or in another order, ``row`` says which is which.
        history: logged rows that a ``retrain:YYYY-MM-DD`` model learns from.

    Returns:
        One line per row of ``rows``, in their order: ``score``, ``flagged``, ``late`` (NaN: left
        out of the measurement), ``kept`` (False: the remedy dropped the row), ``rescored``.

    Raises:
        ValueError: no data frame was returned, ``row`` is missing, or a version isn't there.
    """
    if not isinstance(returned, pd.DataFrame):
        kind = "nothing: has it a return?" if returned is None else type(returned).__name__
        raise ValueError(f"a remedy returns the rows as a data frame; this one returned {kind}")
    if "row" not in returned:
        raise ValueError("the remedy must keep the column `row`, which says which row is which")
    now = rows.set_index("row")
    back = returned.drop_duplicates("row").set_index("row")
    if not (back.index.dtype == now.index.dtype and back.index.equals(now.index)):
        back = back.reindex(now.index)
    kept = np.isin(now.index.to_numpy(), returned["row"].to_numpy())
    changed = np.zeros(len(now), dtype=bool)
    served = [c for c in (*FEATURES, "model_version", "prep_version") if c in back]
    for column in served:
        changed |= kept & ~same(now[column], back[column])
    if "rescore" in back:
        changed |= kept & (back["rescore"].astype("boolean").fillna(False).to_numpy(dtype=bool))
    score = now["score"].to_numpy(dtype=float).copy()
    if changed.any():
        new = now[changed].assign(**{column: back.loc[changed, column] for column in served})
        versions = new["model_version"].astype(str).unique()
        for version in sorted(v for v in versions if v.startswith(RETRAIN)):
            models.retrain(history, version)
        score[changed] = models.score(new)
    flagged = now["flagged"].to_numpy(dtype=int).copy()
    threshold = deployed_threshold(now, models.threshold)
    wanted = np.full(len(now), np.nan)
    if "threshold" in back:
        wanted = pd.to_numeric(back["threshold"], errors="coerce").to_numpy(dtype=float)
    again = changed | np.isfinite(wanted)
    flagged[again] = (score >= np.where(np.isfinite(wanted), wanted, threshold))[again]
    late = now["late"].to_numpy(dtype=float)
    if "late" in back:
        late = np.where(kept, pd.to_numeric(back["late"], errors="coerce"), late)
    columns = {"score": score, "flagged": flagged, "late": late, "kept": kept, "rescored": changed}
    return pd.DataFrame(columns, index=rows.index)


def same(a: pd.Series, b: pd.Series) -> np.ndarray:
    """Where two columns hold the same value; missing equals missing, 1 equals 1.0."""
    if isinstance(a.dtype, pd.StringDtype) and a.dtype == b.dtype and a.equals(b):
        return np.ones(len(a), dtype=bool)  # most columns of most remedies
    missing = a.isna().to_numpy() & b.isna().to_numpy()
    if all(pd.api.types.is_numeric_dtype(column) for column in (a, b)):
        x, y = a.to_numpy(dtype=float), b.to_numpy(dtype=float)
        return missing | (np.abs(x - y) < 1e-9)
    if pd.api.types.is_numeric_dtype(a):  # a remedy may hand numbers back as objects
        return same(a, pd.to_numeric(b, errors="coerce")) & (b.notna().to_numpy() | missing)
    # pandas.NA equals nothing and is not unequal either
    x, y = (each.astype(object).where(each.notna(), None) for each in (a, b))
    return missing | np.asarray(x.to_numpy() == y.to_numpy(), dtype=bool)


def deployed_threshold(rows: pd.DataFrame, agreed: float) -> np.ndarray:
    """What stands for the threshold in force on each row's day: its least flagged score, (n,).

    A day without a flag has the agreed one.
    """
    day = rows["served_at"].astype(str).str[:10]
    flagged = rows["score"].where(rows["flagged"] == 1)
    return flagged.groupby(day).transform("min").fillna(agreed).to_numpy(dtype=float)


# -- figures ------------------------------------------------------------------------------------


def auc(score: np.ndarray, late: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area under the ROC curve; ``late`` may be probabilities (then the expected area).

    Each row counts as late with weight ``late`` and as on time with ``1 - late``; ties count half.
    NaN where one of the two sides is empty.
    """
    score, late = np.asarray(score, dtype=float), np.asarray(late, dtype=float)
    weight = np.ones(len(score)) if weight is None else np.asarray(weight, dtype=float)
    values, where = np.unique(score, return_inverse=True)
    positive = np.bincount(where, weight * late, minlength=len(values))
    negative = np.bincount(where, weight * (1 - late), minlength=len(values))
    below = np.cumsum(negative) - negative
    total = positive.sum() * negative.sum()
    return float((positive * (below + negative / 2)).sum() / total) if total > 0 else float("nan")


def cost(
    flagged: np.ndarray, late: np.ndarray, needless: float = 1.0, missed: float = 3.0
) -> float:
    """Mean cost of the decisions per row; ``late`` may be probabilities (the expected cost)."""
    flagged, late = np.asarray(flagged, dtype=float), np.asarray(late, dtype=float)
    return float(np.mean(flagged * (1 - late) * needless + (1 - flagged) * late * missed))
