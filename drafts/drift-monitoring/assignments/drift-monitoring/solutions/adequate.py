# title = "Limits per column from the reference, inputs and scores only"
# quality = "adequate"
# total = [40, 85]
# mean = [55, 75]
# failing = ["monitor"]
# ended = "completed"

# %% cell="psi_answer"
def shares_of(values, edges):
    """Share per bin, with bins of their own for missing values and for levels never seen."""
    if isinstance(edges, list):
        codes = pd.Categorical(values, categories=edges).codes
        codes = np.where(values.isna(), len(edges) + 1, np.where(codes < 0, len(edges), codes))
    else:
        x = values.to_numpy(float)
        codes = np.where(np.isnan(x), len(edges) + 1, np.digitize(x, edges))
    count = np.bincount(codes, minlength=len(edges) + 2) + 0.5
    return count / count.sum()


def edges_of(values, bins=10):
    if values.dtype.kind not in "fiub":
        return sorted(values.dropna().unique())
    if values.nunique() == 1:
        only = values.dropna().iloc[0]
        return np.array([only - 0.5, only + 0.5])
    return np.unique(np.nanquantile(values, np.linspace(0, 1, bins + 1)[1:-1]))


def divergence(p, q):
    return float(((p - q) * np.log(p / q)).sum())


def psi(reference, current):
    edges = edges_of(reference)
    return divergence(shares_of(reference, edges), shares_of(current, edges))


# %% cell="monitor_answer"
class Monitor:
    """PSI with a limit for each column from the reference windows."""

    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.edges = {c: edges_of(rows[c]) for c in (*FEATURES, "score")}
        self.usual = {c: shares_of(rows[c], e) for c, e in self.edges.items()}
        self.limit = pd.DataFrame([self.figures(w) for w in reference]).max() * 1.3

    def figures(self, window):
        found = {
            c: divergence(shares_of(window.rows[c], e), self.usual[c])
            for c, e in self.edges.items()
        }
        return found

    def check(self, window):
        over = (pd.Series(self.figures(window)) / self.limit).sort_values(ascending=False)
        return list(over[over > 1].index)


# %% cell="plan_answer"
PLAN = {
    each["alert"]: "retrain"
    if "late" in each["evidence"] and "four" in each["evidence"]
    else "ignore"
    if "season" in each["evidence"]
    else "repair"
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
