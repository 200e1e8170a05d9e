# title = "Limits per column from the reference, inputs and scores only"
# quality = "adequate"
# total = { junior = [50, 88], standard = [45, 85], senior = [30, 75] }
# mean = { junior = [60, 82], standard = [55, 75], senior = [35, 65] }
# failing = ["monitor", "plan"]
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
    """Rows per bin of the values that are there; levels never seen have a bin of their own."""
    values = values.dropna()
    if isinstance(edges, pd.Index):
        codes = edges.get_indexer(values) % (len(edges) + 1)
    else:
        codes = np.searchsorted(edges, values.to_numpy(float), side="right")
    return np.bincount(codes, minlength=len(edges) + 1)


def psi_of_counts(reference, current):
    p, q = np.asarray(reference, float), np.asarray(current, float)
    if (p == 0).any() or (q == 0).any():
        p, q = p + 0.5, q + 0.5
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def psi(reference, current):
    edges = edges_of(reference)
    return psi_of_counts(counts_of(reference, edges), counts_of(current, edges))


# %% cell="unsound_answer" levels=["standard", "senior"]
# windows with far more gaps than usual, or with levels that hardly any other window has
gaps = pd.DataFrame([w.rows[list(FEATURES)].isna().mean() for w in case.reference])
odd = ((gaps - gaps.median()) > 0.1).any(axis=1)
for c in CATEGORICAL:
    levels = case.history.groupby(c, observed=True)["date"].nunique()
    rare = levels.index[levels < 20]
    odd |= np.array([w.rows[c].isin(rare).mean() > 0.02 for w in case.reference])
UNSOUND = [w.rows["date"].min() for w, out in zip(case.reference, odd) if out]


# %% cell="monitor_answer" levels=["junior"]
def Monitor():
    """The second of the three: it has fewer false alarms in simulate() than the complete one."""
    return CalibratedPsi(margin=1.6)


# %% cell="monitor_answer" levels=["standard", "senior"]
class Monitor:
    """PSI with a limit for each column from the reference windows, and missing values."""

    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.edges = {c: edges_of(rows[c]) for c in (*FEATURES, "score")}
        self.usual = {c: counts_of(rows[c], edges) for c, edges in self.edges.items()}
        table = pd.DataFrame([self.figures(w) for w in reference])
        self.limit = table.max() * 1.6 + 0.005

    def figures(self, window):
        found = {
            c: psi_of_counts(self.usual[c], counts_of(window.rows[c], edges))
            for c, edges in self.edges.items()
        }
        return found | {f"{c}:missing": window.rows[c].isna().mean() for c in FEATURES}

    def check(self, window):
        over = (pd.Series(self.figures(window)) / self.limit).sort_values(ascending=False)
        return [name.split(":")[0] for name in over[over > 1].index]


# %% cell="plan_answer"
PLAN = {
    each["alert"]: "retrain"
    if "windows in a row" in each["evidence"]
    else "repair"
    if "our own" in each["evidence"]
    else "watch"
    for each in case.alerts
}

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
