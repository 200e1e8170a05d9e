# title = "Plain summaries, a calibrated limit for each; one window and three"
# quality = "strong"
# like = "strong"
# total = [90, 100]
# mean = [96, 100]
# ended = "completed"

# %% cell="monitor_answer"
class Arrival:
    """What an outcome that is known after so many windows says of how likely it was.

    Late ones and others do not come in equally fast. By Bayes' rule the odds of a row are those of
    its score times the ratio of the two sorts' shares that take as long.
    """

    def __init__(self, outcomes):
        table = pd.crosstab(outcomes["known_after"], outcomes["late"]) + 0.5
        shares = table / table.sum()
        self.ratio = shares[1] / shares[0]

    def expected(self, known):
        """Probability of being late, given the score and when the outcome came in."""
        score = known["score"].to_numpy()
        odds = score / (1 - score) * known["known_after"].map(self.ratio).fillna(1).to_numpy()
        return odds / (1 + odds)


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
        self.arrival = Arrival(pd.concat([w.outcomes for w in windows]))

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
        score = self.arrival.expected(known)
        off, spread = known["late"].to_numpy() - score, score * (1 - score)
        return {
            f"late {name}": off[own].sum() / np.sqrt(spread[own].sum() + 1)
            for name, own in segments.items()
        }


def runs_of(windows, days=16):
    """The windows run by run: a run is sixteen days, less what was left out of it."""
    parts, start = [], None
    for window in windows:
        day = pd.Timestamp(window.rows["date"].min())
        if start is None or (day - start).days >= days:
            parts, start = [*parts, []], day
        parts[-1].append(window)
    return parts


def held_out(reference):
    """Figures of each reference window by a fit on the other runs."""
    table, parts = [], runs_of(reference)
    for part in parts:
        figures = Figures([w for other in parts if other is not part for w in other])
        table += [figures(window) for window in part]
    return pd.DataFrame(table)


class Monitor:
    """A limit for each figure, for one window and for the mean of the last three."""

    def __init__(self, margin=1.6):
        self.margin = margin

    def fit(self, reference):
        table = held_out(reference)
        self.mean = table.mean()
        # what never happened in eighty windows may still happen in five rows of a thousand
        self.scale = np.maximum(table.std(), np.where(table.max() < 0.05, 0.004, 1e-6))
        z = (table - self.mean) / self.scale
        self.single = np.maximum(z.abs().max(), 3.5) * self.margin
        lengths = [len(part) for part in runs_of(reference)]
        self.lasting = np.maximum(self.threes(z, lengths).max(), 2) * self.margin
        self.figures, self.last = Figures(reference), []

    def threes(self, z, lengths):
        """Means of three windows in a row of the same run, up or down."""
        ends = np.cumsum(lengths)
        runs = [z.iloc[end - n : end].rolling(3).mean() for end, n in zip(ends, lengths)]
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


simulate(Monitor, case, unsound=UNSOUND)
