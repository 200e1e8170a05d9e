"""The pipeline that runs today, and that your model is measured against."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .names import LABEL


class Baseline:
    """Logistic regression on the columns as they stand: the *stated naive pipeline*.

    Numbers as they are, unknown ones 0, texts as categories. It uses the columns it is told to
    use, every row of its table, and the label as it was keyed in.

    Args:
        columns: the columns to use.
    """

    def __init__(self, columns: list[str]) -> None:
        self.columns = list(columns)
        self.model = make_pipeline(
            DictVectorizer(), StandardScaler(with_mean=False), LogisticRegression(max_iter=300)
        )

    def fit(self, rows: pd.DataFrame) -> Baseline:
        """Fit on rows that have the label."""
        self.model.fit(self._records(rows), rows[LABEL])
        return self

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of a late arrival for each row, (n,)."""
        if not len(rows):
            return np.empty(0)
        return self.model.predict_proba(self._records(rows))[:, 1]

    def _records(self, rows: pd.DataFrame) -> list[dict]:
        chosen = rows[self.columns]
        texts = chosen.select_dtypes(exclude="number").columns
        return chosen.fillna(dict.fromkeys(texts, "?")).fillna(0).to_dict("records")
