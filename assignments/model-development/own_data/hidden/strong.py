"""The stated strong baseline: what a careful engineer gets without knowing the trade.

Repeated rows are dropped; categories become codes, rare and new ones missing; times become hour,
weekday and days since the first row; then gradient boosting with modest settings, the mean of three
ensembles. Never shipped: the candidate is told these sentences and not the code.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

RARE, MOST = 20, 200  # rows a level needs; levels that a column may have
SETTINGS = {
    "learning_rate": 0.05,
    "max_iter": 200,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 30,
    "l2_regularization": 3,
    "max_features": 0.5,
}


class Strong:
    """Fit on rows with the label, then ``predict``.

    Args:
        label: name of the label.
        leave_out: columns that are not known when a prediction is wanted.
    """

    def __init__(self, label: str, leave_out: list[str]) -> None:
        self.label, self.leave_out = label, {label, *leave_out}

    def fit(self, rows: pd.DataFrame) -> Strong:
        """Learn the codes and the model."""
        rows = rows.drop_duplicates()
        self.codes, self.first = {}, {}
        for name in rows.columns.drop(self.label):
            if pd.api.types.is_datetime64_any_dtype(rows[name]):
                self.first[name] = rows[name].min()
            elif not pd.api.types.is_numeric_dtype(rows[name]):
                counts = rows[name].astype(object).value_counts()
                kept = sorted(counts[counts >= RARE].index[:MOST], key=str)
                self.codes[name] = {value: i for i, value in enumerate(kept)}
        self.columns = [name for name in rows.columns if self._says_something(rows, name)]
        matrix, y = self._matrix(rows), rows[self.label].to_numpy()
        self.models = [
            HistGradientBoostingClassifier(**SETTINGS, random_state=seed).fit(matrix, y)
            for seed in range(3)
        ]
        return self

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of a label of 1 for each row, (n,)."""
        matrix = self._matrix(rows)
        return np.mean([model.predict_proba(matrix)[:, 1] for model in self.models], axis=0)

    def _says_something(self, rows: pd.DataFrame, name: str) -> bool:
        """Two values at least that the model can see."""
        levels = len(self.codes[name]) if name in self.codes else rows[name].nunique()
        return name not in self.leave_out and levels > 1

    def _matrix(self, rows: pd.DataFrame) -> np.ndarray:
        parts = []
        for name in self.columns:
            values = rows[name]
            if name in self.first:
                days = (values - self.first[name]).dt.total_seconds() / 86400
                parts += [values.dt.hour, values.dt.day_of_week, days]
            elif name in self.codes:
                parts.append(values.astype(object).map(self.codes[name]))
            else:
                parts.append(pd.to_numeric(values))
        return np.column_stack([np.asarray(part, dtype=float) for part in parts])
