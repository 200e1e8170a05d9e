# title = "check never returns"
# quality = "endless loop"
# total = [0, 45]
# failing = ["monitor", "columns"]
# ended = "timeout"

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
    def fit(self, reference):
        pass

    def check(self, window):
        while True:
            pass


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
