"""The naive pipeline that your model is measured against."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .names import LABEL


class Baseline:
    """Logistic regression on the columns as they stand: numbers, unknown ones 0, texts as they are.

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
        """Probability of a label of 1 for each row, (n,)."""
        if not len(rows):
            return np.empty(0)
        return self.model.predict_proba(self._records(rows))[:, 1]

    def _records(self, rows: pd.DataFrame) -> list[dict]:
        chosen = rows[self.columns]
        numbers = chosen.select_dtypes(["number", "bool"]).astype(float).fillna(0.0)
        texts = chosen.drop(columns=numbers.columns).astype(object)
        return numbers.join(texts.where(texts.notna(), "?").astype(str)).to_dict("records")
