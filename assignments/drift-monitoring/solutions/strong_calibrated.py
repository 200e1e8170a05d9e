# title = "Plain summaries, a calibrated limit for each; one window and three"
# quality = "strong"
# total = [90, 100]
# mean = [96, 100]
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
WEATHER = ("temp_c", "wind_kmh", "visibility_km", "pressure_hpa", "humidity_pct")
STILL = WEATHER[1:]  # all but the temperature stand still for days now and then


class Figures:
    """Plain summaries of a window, up and down: means, shares, residuals."""

    def __init__(self, windows):
        rows = pd.concat([w.rows for w in windows], ignore_index=True)
        self.levels = {c: pd.Index(sorted(rows[c].unique())) for c in CATEGORICAL}
        self.values = {c: np.unique(rows[c].dropna()) for c in NUMERIC}
        # where most rows lie a new value is a surprise, in the tails it is not
        self.core = {c: np.nanquantile(rows[c], (0.005, 0.995)) for c in NUMERIC}
        codes = {c: levels.get_indexer(rows[c]) for c, levels in self.levels.items()}
        self.rare = {
            pair: np.bincount(self.cells(codes, pair), minlength=400) < 3e-4 * len(rows)
            for pair in (("carrier", "origin"), ("carrier", "region"))
        }

    def cells(self, codes, pair):
        """One number for each pair of levels; levels never seen are left out."""
        one, other = codes[pair[0]], codes[pair[1]]
        return (one * 20 + other)[(one >= 0) & (other >= 0)]

    def __call__(self, window):
        rows = window.rows
        codes = {c: levels.get_indexer(rows[c]) for c, levels in self.levels.items()}
        found = {"score mean": rows["score"].mean()}
        for c, known in self.values.items():
            found |= self.number(c, rows[c].to_numpy(float), known)
        for c, levels in self.levels.items():
            shares = np.bincount(codes[c] + 1, minlength=len(levels) + 1) / len(rows)
            found |= {f"{c} {level}": s for level, s in zip(["unseen", *levels], shares)}
        for pair, rare in self.rare.items():
            found[f"{pair[0]} rare with {pair[1]}"] = rare[self.cells(codes, pair)].mean()
        distance = rows["distance_km"].to_numpy(float)
        for number, level in enumerate(self.levels["region"]):
            own = distance[codes["region"] == number]
            found[f"region {level} distance"] = np.nanmean(own) if len(own) > 9 else np.nan
        return found | self.residuals(window.outcomes)

    def number(self, c, x, known):
        there = x[~np.isnan(x)]
        found = {f"{c} missing": 1 - len(there) / len(x)}
        if len(there):
            at = np.minimum(np.searchsorted(known, there), len(known) - 1)
            # weather has extremes that a few months have not seen
            room = 0.1 * (known[-1] - known[0]) if c in WEATHER else 0
            inside = (there >= self.core[c][0]) & (there <= self.core[c][1])
            found[f"{c} unseen"] = np.mean((known[at] != there) & inside)
            found[f"{c} outside"] = np.mean((there < known[0] - room) | (there > known[-1] + room))
            if c not in STILL:
                found[f"{c} commonest"] = np.unique(there, return_counts=True)[1].max() / len(x)
            found[f"{c} mean"] = np.clip(there, known[0], known[-1]).mean()
        return found

    def residuals(self, known):
        """Late flights beyond the predicted number, in standard deviations, by segment."""
        if not len(known):
            return {}
        segments = {"": np.ones(len(known), bool)}
        segments["inbound_delay_min"] = known["inbound_delay_min"].to_numpy(float) > 15
        for c, levels in self.levels.items():
            codes = levels.get_indexer(known[c])
            segments |= {f"{c} {level}": codes == i for i, level in enumerate(levels)}
        score = known["score"].to_numpy()
        off, spread = known["late"].to_numpy() - score, score * (1 - score)
        return {
            f"late {name}": off[own].sum() / np.sqrt(spread[own].sum() + 1)
            for name, own in segments.items()
        }


def held_out(reference, runs=8):
    """Figures of each reference window by a fit on the other runs of eight."""
    table = []
    for start in range(0, len(reference), runs):
        figures = Figures(reference[:start] + reference[start + runs :])
        table += [figures(window) for window in reference[start : start + runs]]
    return pd.DataFrame(table)


class Monitor:
    """A limit for each figure, for one window and for the mean of the last three."""

    def __init__(self, margin=1.45, runs=8):
        self.margin, self.runs = margin, runs

    def fit(self, reference):
        table = held_out(reference)
        self.mean = table.mean()
        # what never happened in eighty windows may still happen in five rows of a thousand
        self.scale = np.maximum(table.std(), np.where(table.max() < 0.05, 0.004, 1e-6))
        z = (table - self.mean) / self.scale
        self.single = np.maximum(z.abs().max(), 3.5) * self.margin
        self.lasting = np.maximum(self.threes(z).max(), 2) * self.margin
        self.figures, self.last = Figures(reference), []

    def threes(self, z):
        """Means of three windows in a row of the same run, up or down."""
        runs = [z.iloc[i : i + self.runs].rolling(3).mean() for i in range(0, len(z), self.runs)]
        return pd.concat(runs).abs()

    def check(self, window):
        found = pd.Series(self.figures(window)).reindex(self.mean.index)
        z = (found - self.mean) / self.scale
        self.last = [*self.last, z][-3:]
        over = z.abs() / self.single
        if len(self.last) == 3:
            over = np.fmax(over, pd.concat(self.last, axis=1).mean(axis=1).abs() / self.lasting)
        over = over[over > 1].sort_values(ascending=False)
        return list(dict.fromkeys(name.split()[0] for name in over.index))


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
