# title = "Distance to the most similar reference windows, weighted means"
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


def distances(p, q):
    """Jensen-Shannon distance of one row of shares from each row of a table."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(p > 0, p * np.log(p / middle), 0) + np.where(
            q > 0, q * np.log(q / middle), 0
        )
    return np.sqrt(np.maximum(each.sum(axis=1) / 2, 0))


class Nearest:
    """How far a window is from the most similar reference windows, column by column."""

    def __init__(self, windows, count=3):
        rows = pd.concat([w.rows for w in windows], ignore_index=True)
        self.count = count
        # no two storms are alike: the weather is followed by its values, not by its shape
        self.columns = [c for c in (*FEATURES, "score") if c not in WEATHER]
        self.edges = {c: edges_of(rows[c]) for c in self.columns}
        self.known = {c: np.unique(rows[c].dropna()) for c in NUMERIC}
        # where most rows lie a new value is a surprise, in the tails it is not
        self.core = {c: np.nanquantile(rows[c], (0.005, 0.995)) for c in NUMERIC}
        self.shares = {c: np.array([self.of(w.rows, c) for w in windows]) for c in self.columns}
        self.joint = [("carrier", "origin"), ("region", "carrier")]
        self.pairs = {p: pd.Index((rows[p[0]] + rows[p[1]]).unique()) for p in self.joint}
        self.usual = {p: np.array([self.both(w.rows, p) for w in windows]) for p in self.joint}
        self.far = rows.groupby("region")["distance_km"].agg(["mean", "std"])
        self.arrival = Arrival(pd.concat([w.outcomes for w in windows]))

    def of(self, rows, c):
        counts = counts_of(rows[c], self.edges[c]) + 0.5
        return counts / counts.sum()

    def both(self, rows, pair):
        codes = self.pairs[pair].get_indexer(rows[pair[0]] + rows[pair[1]])
        counts = np.bincount(codes + 1, minlength=len(self.pairs[pair]) + 1) + 0.1
        return counts / counts.sum()

    def __call__(self, window):
        rows, found = window.rows, {}
        by_chance = 1 / np.sqrt(len(rows))
        for c in self.columns:
            near = np.sort(distances(self.of(rows, c), self.shares[c]))[: self.count]
            found[c] = near.mean() - by_chance
        for pair, usual in self.usual.items():
            near = np.sort(distances(self.both(rows, pair), usual))[: self.count]
            found[f"{pair[0]}:pairs"] = near.mean() - 2 * by_chance
        for c, known in self.known.items():
            x = rows[c].to_numpy(float)
            x = x[~np.isnan(x)]
            at = np.minimum(np.searchsorted(known, x), len(known) - 1)
            found[c + ":missing"] = 1 - len(x) / len(rows)
            inside = (x >= self.core[c][0]) & (x <= self.core[c][1])
            room = 0.1 * (known[-1] - known[0])  # extremes that a few months have not seen
            far = (x < known[0] - room) | (x > known[-1] + room)
            found[c + ":new"] = np.mean((known[at] != x) & inside) if len(x) else 1.0
            found[c + ":outside"] = np.mean(far) if len(x) else 1.0
            if c not in STILL and len(x):
                found[c + ":default"] = np.unique(x, return_counts=True)[1].max() / len(rows)
        for c in CATEGORICAL:
            found[c + ":new"] = np.mean(~rows[c].isin(self.edges[c]))
        each = rows.groupby("region")["distance_km"].agg(["mean", "size"]).reindex(self.far.index)
        off = (each["mean"] - self.far["mean"]).abs() / self.far["std"] * np.sqrt(each["size"])
        found["region:distance"] = off.max()
        return found | self.realised(window.outcomes)

    def realised(self, known):
        """Realised performance: outcomes against scores, in all rows and in segments."""
        if not len(known):
            return {}
        score = pd.Series(self.arrival.expected(known), index=known.index)
        off, spread = known["late"] - score, score * (1 - score)
        found = {"late": off.sum() / np.sqrt(spread.sum())}
        found["late:loss"] = (off**2 - spread).sum() / np.sqrt(
            (spread * (1 - 2 * score) ** 2).sum()
        )
        parts = {c: known[c] for c in CATEGORICAL}
        parts["inbound_delay_min"] = known["inbound_delay_min"] > 15
        for c, segments in parts.items():
            sums = pd.DataFrame({"off": off, "spread": spread}).groupby(segments).sum()
            z = sums["off"] / np.sqrt(sums["spread"] + 3)
            found |= {f"late:{c}:{segment}": value for segment, value in z.items()}
        return found


def runs_of(windows, days=16):
    """The windows run by run: a run is sixteen days, less what was left out of it."""
    parts, start = [], None
    for window in windows:
        day = pd.Timestamp(window.rows["date"].min())
        if start is None or (day - start).days >= days:
            parts, start = [*parts, []], day
        parts[-1].append(window)
    return parts


class Monitor:
    """Exponentially weighted means of the figures, against their range in held-out runs."""

    def __init__(self, weight=0.45, margin=1.5):
        self.weight, self.margin = weight, margin

    def fit(self, reference):
        parts = runs_of(reference)
        figures = [
            Nearest([w for other in parts if other is not part for w in other]) for part in parts
        ]
        table = pd.DataFrame([own(w) for own, part in zip(figures, parts) for w in part]).fillna(0)
        self.mean, self.scale = table.mean(), table.std()
        share = [name.endswith((":missing", ":new", ":outside")) for name in table]
        self.scale = np.maximum(self.scale, np.where(share, 0.004, 1e-6))
        self.near, self.seen = Nearest(reference), []
        self.rows = np.median([len(w.rows) for w in reference])
        z = (table - self.mean) / self.scale
        z = z.mul([self.trust(w) for w in reference], axis=0)
        ends = np.cumsum([len(part) for part in parts])
        runs = [z.iloc[end - len(part) : end] for end, part in zip(ends, parts)]
        smooth = [run.ewm(alpha=self.weight).mean() for run in runs]
        self.limit = np.maximum(pd.concat(smooth).abs().max(), 2.2) * self.margin

    def trust(self, window):
        """Less for a quiet window: the fewer rows, the noisier every figure."""
        return np.sqrt(min(1.0, len(window.rows) / self.rows))

    def check(self, window):
        found = pd.Series(self.near(window)).reindex(self.mean.index)
        z = ((found - self.mean) / self.scale).fillna(0) * self.trust(window)
        self.seen = [*self.seen, z]
        weights = (1 - self.weight) ** np.arange(len(self.seen))[::-1]
        smooth = sum(w * each for w, each in zip(weights, self.seen)) / weights.sum()
        over = (smooth.abs() / self.limit).sort_values(ascending=False)
        return list(dict.fromkeys(name.split(":")[0] for name in over[over > 1].index))


simulate(Monitor, case, unsound=UNSOUND)


# %% cell="policy_answer" levels=["senior"]
def storm():
    """Weeks that the longest storm of the practice histories lasts: bad weeks that pass."""
    lengths = [0]
    for each in case.practice:
        bad = np.array(each["damage"]) > 0.2
        if bad.any() and not bad[-1]:
            lengths.append(int(bad.sum()))
    return max(lengths)


STORM = storm()


def retrain(history):
    """One bad week in a row more than a storm lasts."""
    last = history[-STORM - 1 :]
    return len(last) > STORM and min(last) > 0.1 and np.mean(last) > 0.25
