# title = "Evidently's conventions as they come"
# quality = "textbook"
# total = [15, 45]
# failing = ["monitor", "columns"]
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
    """Evidently's defaults for many rows: normed Wasserstein or Jensen–Shannon distance of 0.1;
    the data set has drifted when half of the columns have."""

    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.at = np.linspace(0.005, 0.995, 100)
        self.quantiles = {c: np.nanquantile(rows[c], self.at) for c in NUMERIC}
        self.spread = {c: np.nanstd(rows[c]) for c in NUMERIC}
        self.edges = {c: edges_of(rows[c]) for c in CATEGORICAL}
        self.usual = {c: shares_of(rows[c], e) for c, e in self.edges.items()}

    def check(self, window):
        rows, found = window.rows, {}
        for c in NUMERIC:
            if rows[c].notna().any():
                now = np.nanquantile(rows[c], self.at)
                found[c] = np.abs(now - self.quantiles[c]).mean() / self.spread[c]
        for c in CATEGORICAL:
            p, q = shares_of(rows[c], self.edges[c]), self.usual[c]
            m = (p + q) / 2
            found[c] = np.sqrt(((p * np.log(p / m)).sum() + (q * np.log(q / m)).sum()) / 2)
        drifted = [c for c in sorted(found, key=found.get, reverse=True) if found[c] >= 0.1]
        return drifted if len(drifted) >= 0.5 * len(found) else []


# %% cell="plan_answer"
def action(evidence):
    if "we cannot mend" in evidence:
        return "fall_back"
    if "release" in evidence or "mapping" in evidence:
        return "repair"
    if "four windows" in evidence:
        return "retrain"
    return "ignore" if "season" in evidence else "watch"


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
