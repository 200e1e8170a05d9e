# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# total = { junior = [40, 100], standard = [40, 80], senior = [30, 80] }
# mean = { junior = [45, 100], standard = [40, 65], senior = [35, 65] }
# ended = "completed"

# %% cell="look_more"
summary = pd.DataFrame(
    {
        "reference mean": case.history[list(NUMERIC)].mean(),
        "recent mean": pd.concat([w.rows for w in case.recent])[list(NUMERIC)].mean(),
        "reference missing": case.history[list(NUMERIC)].isna().mean(),
        "recent missing": pd.concat([w.rows for w in case.recent])[list(NUMERIC)].isna().mean(),
    }
)
summary


# %% cell="psi_answer"
EPS = 1e-4


def psi_of_counts(reference, current):
    """PSI from two lists of bin counts."""
    ref = np.asarray(reference, dtype=float)
    cur = np.asarray(current, dtype=float)
    p = np.clip(ref / max(ref.sum(), 1), EPS, None)
    q = np.clip(cur / max(cur.sum(), 1), EPS, None)
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def bin_counts(reference, current, bins=10):
    """Counts per bin for both samples, with one bin more for missing values."""
    if pd.api.types.is_numeric_dtype(reference) and pd.api.types.is_numeric_dtype(current):
        ref, cur = reference.to_numpy(float), current.to_numpy(float)
        known = ref[~np.isnan(ref)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1))) if len(known) else []
        if len(edges) < 2:
            middle = edges[0] if len(edges) else 0.0
            edges = np.array([middle - 1e-9, middle + 1e-9])
        edges = np.array(edges, dtype=float)
        edges[0], edges[-1] = min(edges[0], edges[0] - 1e-9), max(edges[-1], edges[-1] + 1e-9)
        full = np.concatenate([[-np.inf], edges, [np.inf]])

        def count(values):
            there = values[~np.isnan(values)]
            return np.append(np.histogram(there, full)[0], np.isnan(values).sum())

        return count(ref), count(cur)
    ref = reference.astype(object).where(reference.notna(), "missing")
    cur = current.astype(object).where(current.notna(), "missing")
    levels = sorted(set(ref) | set(cur), key=str)
    return (
        ref.value_counts().reindex(levels, fill_value=0).to_numpy(),
        cur.value_counts().reindex(levels, fill_value=0).to_numpy(),
    )


def psi(reference, current):
    """Population stability index of two samples of one column."""
    return max(0.0, psi_of_counts(*bin_counts(reference, current)))


# %% cell="unsound_answer" levels=["standard", "senior"]
def overview_of(window):
    """Means, missing rates, level shares and the outcome residual of one window."""
    rows, out = window.rows, {"resid": residual(window.outcomes)}
    for c in NUMERIC:
        out[f"{c}|mean"], out[f"{c}|missing"] = rows[c].mean(), rows[c].isna().mean()
    for c in CATEGORICAL:
        for level, share in rows[c].value_counts(normalize=True).items():
            out[f"{c}|{level}"] = share
    return out


def robust_outliers(windows, limit=8):
    """First days of windows with a figure more than `limit` robust deviations from the median."""
    table = pd.DataFrame([overview_of(w) for w in windows]).fillna(0)
    middle = table.median()
    deviation = 1.4826 * (table - middle).abs().median()
    z = (table - middle).abs() / deviation.clip(lower=0.005)
    return [w.rows["date"].min() for w, far in zip(windows, (z > limit).any(axis=1)) if far]


UNSOUND = robust_outliers(case.reference)
print(len(UNSOUND), "windows left out:", UNSOUND)


# %% cell="monitor_answer"
class Monitor:
    """PSI, missing rate, unseen values and label residuals with thresholds from the reference."""

    def __init__(self, quantile=0.995, factor=1.25):
        self.quantile = quantile
        self.factor = factor

    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference], ignore_index=True)
        self.sample = rows.sample(min(len(rows), 8000), random_state=0)
        self.levels = {c: set(rows[c].dropna().unique()) for c in CATEGORICAL}
        self.low = rows[list(NUMERIC)].min()
        self.high = rows[list(NUMERIC)].max()
        self.missing = rows[list(FEATURES)].isna().mean()
        self.edges = {
            c: np.unique(np.nanquantile(rows[c], np.linspace(0, 1, 11)[1:-1]))
            for c in (*NUMERIC, SCORE)
        }
        self.base = {c: self.counts(rows, c) for c in (*FEATURES, SCORE)}
        table = pd.DataFrame([self.statistics(w) for w in reference])
        self.limits = table.quantile(self.quantile) * self.factor
        floors = {"missing": 0.02, "unseen": 0.005, "range": 0.005, "resid": 3.0}
        for name in self.limits.index:
            kind = name.split("|")[1]
            self.limits[name] = max(self.limits[name], floors.get(kind, 0.02))
        self.history = []

    def counts(self, rows, c):
        if c in CATEGORICAL:
            return rows[c].value_counts()
        values = rows[c].to_numpy(float)
        return np.bincount(np.digitize(values[~np.isnan(values)], self.edges[c]), minlength=11)

    def drift(self, rows, c):
        now = self.counts(rows, c)
        if c in CATEGORICAL:
            levels = self.base[c].index.union(now.index)
            base = self.base[c].reindex(levels, fill_value=0)
            return psi_of_counts(base, now.reindex(levels, fill_value=0))
        return psi_of_counts(self.base[c], now)

    def statistics(self, window):
        rows, out = window.rows, {}
        for c in (*FEATURES, SCORE):
            out[f"{c}|psi"] = self.drift(rows, c)
        for c in FEATURES:
            out[f"{c}|missing"] = abs(rows[c].isna().mean() - self.missing[c])
        for c in CATEGORICAL:
            out[f"{c}|unseen"] = (rows[c].notna() & ~rows[c].isin(self.levels[c])).mean()
        for c in NUMERIC:
            out[f"{c}|range"] = ((rows[c] < self.low[c]) | (rows[c] > self.high[c])).mean()
        if len(window.outcomes):
            out[f"{OUTCOME}|resid"] = abs(residual(window.outcomes))
            for c in CATEGORICAL:
                worst = max(
                    abs(residual(part)) for _, part in window.outcomes.groupby(c) if len(part) >= 30
                )
                out[f"{OUTCOME}|resid {c}"] = worst
        return out

    def check(self, window):
        ratio = (pd.Series(self.statistics(window)) / self.limits).dropna()
        self.history.append(ratio)
        over = ratio[ratio > 1]
        if len(self.history) >= 3:
            lasting = pd.concat(self.history[-3:], axis=1).mean(axis=1)
            over = pd.concat([over, lasting[lasting > 0.85]]).groupby(level=0).max()
        names = over.sort_values(ascending=False).index
        return list(dict.fromkeys(name.split("|")[0] for name in names))


simulate(Monitor, case, unsound=UNSOUND)


# %% cell="policy_answer" levels=["senior"]
def retrain(history):
    """Retrain when the last three weeks are bad on average and none of them was good."""
    if len(history) < 3:
        return False
    recent = history[-3:]
    return float(np.mean(recent)) > 0.2 and min(recent) > 0.08


# %% cell="plan_answer"
PLAN = {}
for alert in case.alerts:
    text = alert["evidence"].lower()
    if "cannot mend" in text:
        PLAN[alert["alert"]] = "fall_back"
    elif "our own" in text:
        PLAN[alert["alert"]] = "repair"
    elif "in a row" in text:
        PLAN[alert["alert"]] = "retrain"
    elif "reference windows" in text and "as predicted" in text or "holiday" in text:
        PLAN[alert["alert"]] = "ignore"
    else:
        PLAN[alert["alert"]] = "watch"
PLAN

# %% cell="dashboard_answer"
dashboard, panels = plt.subplots(2, 2, figsize=(12, 7))
monitor = Monitor()
monitor.fit(without(case.reference, UNSOUND))
worst = pd.DataFrame([monitor.statistics(w) for w in case.recent])
top = [c for c in worst.columns if c.endswith("|psi")]
panels[0, 0].plot(worst[top].max(axis=1), "o-")
panels[0, 0].set(title="Largest PSI of any column", xlabel="recent window", ylabel="PSI")
panels[0, 1].plot([w.rows[SCORE].mean() for w in case.recent], "o-")
panels[0, 1].set(title="Mean prediction", xlabel="recent window", ylabel="mean score")
panels[1, 0].plot([residual(w.outcomes) for w in case.recent], "o-")
panels[1, 0].set(title="Outcome residual", xlabel="recent window", ylabel="standard deviations")
panels[1, 1].plot([w.rows[list(FEATURES)].isna().mean().max() for w in case.recent], "o-")
panels[1, 1].set(title="Largest missing rate", xlabel="recent window", ylabel="share of rows")
dashboard.tight_layout()

# %% [markdown] cell="thresholds_answer"
# Thresholds are the 99.5 % quantile of each statistic over the reference windows times 1.25, with
# minimum values for missing and unseen rates. A lower factor finds faults sooner and gives more
# false alarms; the simulation shows the balance. Slow drifts in weather columns may be missed
# because the reference covers all seasons.

# %% [markdown] cell="response_answer"
# On an alert the on-call engineer checks the named column and the upstream feed. Data faults are
# repaired, with the fallback rule serving meanwhile; concept drift leads to retraining on recent
# data after validation. The monitor runs as a scheduled job after each window and writes metrics
# to the monitoring stack. For many models, configuration is shared and thresholds are fitted per
# model; alerts are grouped by upstream source. I used an assistant to write this.
