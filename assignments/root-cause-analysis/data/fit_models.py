"""Fit the models that every case ships and write them, with the preprocessing steps.

    python assignments/root-cause-analysis/data/fit_models.py

A case renames the versions and the levels (`materials.py`); nothing is fitted when it is drawn.
The roles below never leave the assignment folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.assignments.modules import load
from worksample.kit.draws import logistic
from worksample.kit.nycflights import from_tenths

FOLDER = Path(__file__).resolve().parent.parent
HERE = FOLDER / "data"
ROWS = 60_000
KNOTS = {
    "distance_km": [150, 800, 1800, 4000],
    "hour": [5, 9, 13, 17, 20, 23],
    "temp_c": [-8, 0, 6, 14, 24, 30, 35],
    "wind_kmh": [0, 10, 20, 32, 45, 60],
    "precip_mm": [0, 0.5, 3, 10],
    "visibility_km": [0, 3, 8, 16],
    "pressure_hpa": [990, 1005, 1015, 1030],
    "plane_age_y": [0, 8, 20, 35],
}
BY_REGION = {
    "inbound_delay_min": [0, 3, 8, 20, 45, 90],
    "queue_len": [2, 8, 14, 20, 30, 45],
}
FILL = {
    "distance_km": 1400.0,
    "hour": 13.0,
    "temp_c": 13.0,
    "wind_kmh": 17.0,
    "precip_mm": 0.0,
    "visibility_km": 16.0,
    "pressure_hpa": 1017.0,
    "inbound_delay_min": 3.0,
    "queue_len": 4.0,
    "plane_age_y": 11.0,
}
CLIP = {
    "distance_km": [100, 9000],
    "hour": [0, 23],
    "temp_c": [-40, 60],
    "wind_kmh": [0, 150],
    "precip_mm": [0, 100],
    "visibility_km": [0, 20],
    "pressure_hpa": [900, 1100],
    "inbound_delay_min": [0, 600],
    "queue_len": [0, 100],
    "plane_age_y": [0, 60],
}


def canonical(rng: np.random.Generator) -> pd.DataFrame:
    """A random sample of the base in natural units, with hour and weekday."""
    base = pd.read_parquet(HERE / "flights.parquet")
    rows = base.iloc[np.sort(rng.choice(len(base), ROWS, replace=False))].reset_index(drop=True)
    rows = from_tenths(rows, ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa"))
    rows["hour"] = rows["minute"] // 60
    rows["weekday"] = (rows["day"] + 1) % 7
    return rows


def blank(used: tuple[str, ...]) -> dict[str, Any]:
    """A model that knows nothing, with the layout for the numbers in ``used``."""
    return {
        "intercept": 0.0,
        "weights": {"carrier": [0.0] * 10, "origin": [0.0] * 3, "region": [0.0] * 6}
        | {"weekday": [0.0] * 7},
        "curves": {c: {"x": x, "y": [0.0] * len(x)} for c, x in KNOTS.items() if c in used},
        "curves_by_region": {
            c: {"x": x, "y": [[0.0] * len(x) for _ in range(6)]}
            for c, x in BY_REGION.items()
            if c in used
        },
    }


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value


def bad_labels(rows: pd.DataFrame, late: np.ndarray) -> np.ndarray:
    """Labels as a broken collection had them: two regions' late trips mostly lost."""
    lost = rows["region"].isin(BAD_REGIONS).to_numpy() & (rows["bad_draw"].to_numpy() < BAD_SHARE)
    return np.where(lost, 0, late)


BAD_REGIONS = (1, 4)
BAD_SHARE = 0.6


def main() -> None:
    model, mechanism = load(FOLDER, "toolkit.model"), load(FOLDER, "hidden.mechanism")
    step = {
        "levels": {c: list(range(n)) for c, n in (("carrier", 10), ("origin", 3), ("region", 6))}
        | {"weekday": list(range(7))},
        "unknown": 0,
        "fill": FILL,
        "clip": CLIP,
    }
    everything = (*KNOTS, *BY_REGION)
    weather_and_plan = tuple(c for c in everything if c not in BY_REGION)
    roles = {
        # three sound refits of the same model: what a healthy release looks like
        "sound_a": (1, everything, {}, False),
        "sound_b": (2, everything, {}, False),
        "sound_c": (3, everything, {}, False),
        # from before inbound delay and queue were collected
        "early": (4, weather_and_plan, {}, False),
        # of another market, where queues are worked off and weather matters less
        "other_market": (5, everything, OTHER_MARKET, False),
        "bad_labels": (6, everything, {}, True),
    }
    first: dict[str, Any] = {}
    for name, (seed, used, curves, bad) in roles.items():
        rng = np.random.default_rng(seed)
        rows = canonical(rng)
        p = logistic(mechanism.log_odds(rows, curves))
        late = (rng.random(len(rows)) < p).astype(float)
        rows["bad_draw"] = rng.random(len(rows))
        if bad:
            late = bad_labels(rows, late)
        inputs = model.preprocess(rows, step)
        # a refit starts from the model before it, as the service's own retraining does
        start, ridge = (first, 60.0) if name in ("sound_b", "sound_c") else (blank(used), 1.0)
        fitted = rounded(model.fit(start, inputs, late, ridge=ridge))
        first = fitted if name == "sound_a" else first
        (HERE / "models" / f"{name}.json").write_text(json.dumps(fitted, indent=1) + "\n")
        truth = logistic(mechanism.log_odds(rows))
        score = model.probability(model.logits(fitted, inputs))
        print(f"{name:13} AUC {model.auc(score, truth):.4f}  oracle {model.auc(truth, truth):.4f}")
        print(f"{'':13} mean score {score.mean():.3f}, late {truth.mean():.3f}")
    write_steps(step)


OTHER_MARKET = {
    "queue_len": ([2, 8, 14, 20, 30, 45], [0.6, 0.4, 0.0, -0.3, -0.5, -0.6]),
    "temp_c": ([-8, 0, 6, 14, 24, 30, 35], [0.2, 0.1, 0.0, 0.0, 0.0, 0.1, 0.2]),
    "wind_kmh": ([0, 10, 20, 32, 45, 60], [0.3, 0.2, 0.0, -0.2, -0.3, -0.3]),
    "hour": ([5, 9, 13, 17, 20, 23], [0.6, 0.3, 0.0, -0.2, -0.3, 0.0]),
}


def write_steps(step: dict[str, Any]) -> None:
    """The three steps: the present one, one that sorts its levels, one from before a refit.

    ``levels: sorted`` is filled in when a case names its levels.
    """
    early = {**FILL, "inbound_delay_min": 0.0, "wind_kmh": 15.0, "temp_c": 12.0}
    steps = {
        "present": {"order": "as_fitted", "unknown": 0, "fill": FILL, "clip": CLIP},
        "sorted": {"order": "sorted", "unknown": 0, "fill": FILL, "clip": CLIP},
        "early": {"order": "as_fitted", "unknown": 0, "fill": early, "clip": CLIP},
    }
    for name, content in steps.items():
        path = HERE / "preprocessing" / f"{name}.json"
        path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
