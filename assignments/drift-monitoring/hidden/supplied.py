"""Three monitors to choose from and to tune. Each has `fit(reference)` and `check(window)`."""

import numpy as np
import pandas as pd
from toolkit.schema import CATEGORICAL, NUMERIC, OUTCOME


def shares(values, edges):
    """Share of rows per bin; missing values and levels never seen have bins of their own."""
    if isinstance(edges, list):
        codes = pd.Categorical(values, categories=edges).codes
        codes = np.where(codes < 0, len(edges), codes)
        size = len(edges) + 1
    else:
        x = values.to_numpy(float)
        codes = np.where(np.isnan(x), len(edges) + 1, np.digitize(x, edges))
        size = len(edges) + 2
    count = np.bincount(codes, minlength=size) + 0.5
    return count / count.sum()


class PsiMonitor:
    """Population stability index of each column against the pooled reference, one limit."""

    def __init__(self, limit=0.2):
        self.limit = limit

    def fit(self, reference):
        self.learn(reference)

    def learn(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        cuts = np.linspace(0, 1, 11)[1:-1]
        self.edges = {c: np.unique(np.nanquantile(rows[c], cuts)) for c in (*NUMERIC, "score")}
        self.edges |= {c: sorted(rows[c].dropna().unique()) for c in CATEGORICAL}
        self.usual = {c: shares(rows[c], edges) for c, edges in self.edges.items()}

    def figures(self, window):
        found = {}
        for c, edges in self.edges.items():
            p, q = shares(window.rows[c], edges), self.usual[c]
            found[c] = float(((p - q) * np.log(p / q)).sum())
        return found

    def check(self, window):
        found = self.figures(window)
        return [c for c in sorted(found, key=found.get, reverse=True) if found[c] > self.limit]


class CalibratedPsi(PsiMonitor):
    """PSI, each column with a limit of its own: `margin` times the largest in windows held out."""

    def __init__(self, margin=1.0):
        self.margin = margin

    def fit(self, reference):
        table, size = [], -(-len(reference) // 4)
        for start in range(0, len(reference), size):
            self.learn(reference[:start] + reference[start + size :])
            table += [self.figures(w) for w in reference[start : start + size]]
        self.learn(reference)
        self.limits = pd.DataFrame(table).max() * self.margin

    def check(self, window):
        over = (pd.Series(self.figures(window)) / self.limits).sort_values(ascending=False)
        return list(over[over > 1].index)


class CompleteMonitor(CalibratedPsi):
    """As above, and: values never seen or out of range, missing ones, outcomes against scores."""

    def learn(self, reference):
        super().learn(reference)
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.seen = {c: rows[c].dropna().unique() for c in (*NUMERIC, *CATEGORICAL)}
        lowest, highest = rows[list(NUMERIC)].min(), rows[list(NUMERIC)].max()
        room = 0.1 * (highest - lowest)  # weather has extremes that the reference has not
        self.lowest, self.highest = lowest - room, highest + room
        self.core = rows[list(NUMERIC)].quantile([0.005, 0.995])  # tails bring new values anyway

    def figures(self, window):
        rows, found = window.rows, super().figures(window)
        for c, seen in self.seen.items():
            new = rows[c].notna() & ~rows[c].isin(seen)
            if c in NUMERIC:
                new &= rows[c].between(*self.core[c])
            found[c + ":unseen"] = 0.015 + new.mean()
            found[c + ":missing"] = 0.01 + rows[c].isna().mean()
        for c in NUMERIC:
            outside = (rows[c] < self.lowest[c]) | (rows[c] > self.highest[c])
            found[c + ":outside"] = 0.01 + outside.mean()
        known = window.outcomes
        if len(known):
            off = known[OUTCOME] - known["score"]
            spread = known["score"] * (1 - known["score"])
            found[OUTCOME] = abs(off.sum()) / spread.sum() ** 0.5
            for c in CATEGORICAL:
                each = off.groupby(known[c]).sum() / (spread.groupby(known[c]).sum() + 4) ** 0.5
                found[OUTCOME + ":" + c] = each.abs().max()
        return found

    def check(self, window):
        return list(dict.fromkeys(name.split(":")[0] for name in super().check(window)))
