# title = "NannyML's conventions: three standard deviations per column"
# quality = "adequate"
# total = { junior = [35, 100], standard = [30, 80], senior = [25, 70] }
# mean = { junior = [45, 95], standard = [35, 65], senior = [30, 60] }
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


# %% cell="monitor_answer"
def shares_of(values, edges):
    counts = counts_of(values, edges) + 0.5
    return counts / counts.sum()


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return float(np.sqrt(((p * np.log(p / middle)).sum() + (q * np.log(q / middle)).sum()) / 2))


class Monitor:
    """NannyML's convention: Jensen–Shannon distance beyond mean + 3 standard deviations of the
    reference chunks, for the inputs and the score, and the realised performance likewise."""

    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.edges = {c: edges_of(rows[c]) for c in (*FEATURES, "score")}
        self.usual = {c: shares_of(rows[c], e) for c, e in self.edges.items()}
        table = pd.DataFrame([self.figures(w) for w in reference])
        self.limit = table.mean() + 3 * table.std()

    def figures(self, window):
        found = {
            c: jensen_shannon(shares_of(window.rows[c], e), self.usual[c])
            for c, e in self.edges.items()
        }
        return found | {"late": abs(residual(window.outcomes))}

    def check(self, window):
        over = (pd.Series(self.figures(window)) / self.limit).sort_values(ascending=False)
        return list(over[over > 1].index)


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
