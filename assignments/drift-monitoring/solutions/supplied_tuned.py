# title = "The supplied complete monitor, its margin tuned by simulate()"
# quality = "alternative"
# total = { junior = [90, 100], standard = [30, 80], senior = [25, 70] }
# mean = { junior = [96, 100], standard = [40, 70], senior = [35, 65] }
# ended = "completed"

# %% cell="psi_answer"
def edges_of(values, bins=10):
    """Inner edges of a number's bins by quantiles; the levels of a category."""
    if values.dtype.kind not in "fiub":
        return pd.Index(sorted(values.dropna().unique()))
    there = values.dropna()
    if there.nunique() <= 1:
        middle = there.iloc[0] if len(there) else 0.0
        return np.array([middle - 0.5, middle + 0.5])
    return np.unique(np.quantile(there, np.linspace(0, 1, bins + 1)[1:-1]))


def counts_of(values, edges):
    """Rows per bin; missing values and levels never seen have bins of their own."""
    if isinstance(edges, pd.Index):
        codes = np.where(
            values.isna(), len(edges) + 1, edges.get_indexer(values) % (len(edges) + 1)
        )
    else:
        x = values.to_numpy(float)
        codes = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="right"))
    return np.bincount(codes, minlength=len(edges) + 2)


def psi_of_counts(reference, current):
    p, q = np.asarray(reference, float), np.asarray(current, float)
    if (p == 0).any() or (q == 0).any():
        p, q = p + 0.5, q + 0.5
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def psi(reference, current):
    edges = edges_of(reference)
    return psi_of_counts(counts_of(reference, edges), counts_of(current, edges))


# %% cell="monitor_answer" levels=["junior"]
def Monitor():
    """The complete monitor; at a margin of 1 simulate() shows too many false alarms."""
    return CompleteMonitor(margin=1.5)


simulate(Monitor, case)


# %% cell="monitor_answer" levels=["standard", "senior"]
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


def Monitor():
    return CompleteMonitor(margin=1.5)


simulate(Monitor, case)


# %% cell="policy_answer" levels=["senior"]
def retrain(history):
    """Three weeks in a row that cost more than noise and that a storm does not last."""
    last = history[-3:]
    left = 20 - len(history)
    return len(last) == 3 and min(last) > 0.1 and np.mean(last) > 0.25 and left * 0.35 * 2 > 1


# %% cell="plan_answer"
def action(evidence):
    """What I decided on reading them, by the words that decide."""
    if "cannot mend" in evidence:
        return "fall_back"
    if "our own" in evidence:
        return "repair"
    if "windows in a row" in evidence:
        return "retrain"
    return "ignore" if "reach that too" in evidence else "watch"


PLAN = {each["alert"]: action(each["evidence"]) for each in case.alerts}

# %% cell="dashboard_answer"
dashboard, panels = plt.subplots(2, 2, figsize=(11, 6))
followed = {
    "inputs: wind": lambda w: w.rows["wind_kmh"].mean(),
    "inputs: missing values": lambda w: w.rows[list(FEATURES)].isna().mean().mean(),
    "predictions": lambda w: w.rows["score"].mean(),
    "outcomes against predictions": lambda w: residual(w.outcomes),
}
for axes, (title, figure) in zip(panels.flat, followed.items(), strict=True):
    usual = [figure(w) for w in case.reference]
    axes.axhspan(min(usual), max(usual), color="#dddddd", label="reference windows")
    axes.plot([figure(w) for w in case.recent], "o-", label="recent")
    axes.set(title=title, xlabel="recent window", ylabel=title.split(":")[0])
panels[0, 0].legend()
dashboard.tight_layout()

# %% [markdown] cell="thresholds_answer"
# Each figure is standardised by its own variation on runs of the reference that were held out,
# so natural weather does not call. simulate() gave about one false alarm in forty windows, at a
# mean delay of about one window for the examples. With some eighty windows that rate is
# uncertain by two points, so the margin is on the calm side. Small shifts of weather columns
# will be missed; they are watched by integrity checks only.

# %% [markdown] cell="response_answer"
# An alarm names columns: on call checks the feed first. Values never seen or missing: repair,
# fallback meanwhile. Residuals with flat inputs: retrain on outcomes since the change. Nothing
# is retrained while an input is broken. The monitor runs as a scheduled job after each window,
# reads log and outcomes, alarms through the pager. Many models: one job, limits fitted per
# model, alarms grouped by feed.
