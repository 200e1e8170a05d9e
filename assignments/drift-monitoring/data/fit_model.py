"""Fit the deployed model once and write ``model.json``; a case shakes its weights a little.

    python assignments/drift-monitoring/data/fit_model.py

A logistic regression on hinge functions of the numbers and indicators of the levels, trained on
outcomes drawn from the world's mechanism. It has no interactions, so it is good and not perfect.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from worksample.assignments.modules import load

FOLDER = Path(__file__).resolve().parent.parent
KNOTS = 6


def main() -> None:
    world, schema = load(FOLDER, "hidden.world"), load(FOLDER, "toolkit.schema")
    rows = world.real()
    late = np.random.default_rng(5).random(len(rows)) < world.USUAL.late_probability(rows)
    blocks, curves, weights, shapes = [], {}, {}, []
    for name in schema.NUMERIC:
        x = rows[name].to_numpy()
        at = np.unique(np.nanquantile(x, np.linspace(0.005, 0.995, KNOTS)).round(1))
        basis = np.stack([np.interp(x, at, np.eye(len(at))[i]) for i in range(1, len(at))], 1)
        gap = np.isnan(x)
        basis[gap] = 0
        blocks += [basis, gap[:, None].astype(float)]
        shapes.append((name, at))
    for name in schema.CATEGORICAL:
        levels = sorted(rows[name].unique())
        blocks.append((rows[name].to_numpy()[:, None] == np.array(levels)[1:]).astype(float))
        shapes.append((name, levels))
    fitted = LogisticRegression(C=10, max_iter=2000).fit(np.hstack(blocks), late)
    found = list(fitted.coef_[0].round(4))
    for name, at in shapes:
        taken = [0.0, *(float(found.pop(0)) for _ in at[1:])]
        if name in schema.NUMERIC:
            curves[name] = {
                "at": [float(x) for x in at],
                "log_odds": taken,
                "missing": float(found.pop(0)),
            }
        else:
            weights[name] = dict(zip(at, taken, strict=True))
    spec = {
        "intercept": round(float(fitted.intercept_[0]), 4),
        "curves": curves,
        "weights": weights,
    }
    (FOLDER / "data" / "model.json").write_text(json.dumps(spec, indent=1) + "\n")


if __name__ == "__main__":
    main()
