# title = "Additive model that knows how labels are mistaken"
# quality = "strong"
# total = [85, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="audit_work"
def profile(table, served):
    """Each column of the table beside the same column of the requests."""
    rows = []
    for name in served.columns:
        values, asked = table[name], served[name]
        rows.append(
            {
                "column": name,
                "missing": values.isna().mean(),
                "missing when served": asked.isna().mean(),
                "levels": values.nunique(),
                "levels when served": asked.nunique(),
                "smallest": values.min(),
                "largest": values.max(),
                "commonest": values.mode().iloc[0],
            }
        )
    return pd.DataFrame(rows).set_index("column")


def sentinel_of(values):
    """A frequent value beyond all others: negative, or far above the second largest; else None."""
    counts = values.value_counts()
    for value in (values.min(), values.max()):
        rest = values[values != value]
        beyond = value < 0 or value > 1.5 * rest.max()
        if counts[value] > 0.02 * len(values) and beyond:
            return float(value)
    return None


overview_of_columns = profile(train, requests)
numbers = train.select_dtypes("number").columns.drop("late")
texts = [name for name in train.columns.drop("scheduled_at") if name not in (*numbers, "late")]
LATE_COLUMNS = [  # says a lot about the label in the table, and nothing in any request
    name
    for name in numbers
    if requests[name].nunique() <= 1 and abs(train[name].corr(train["late"])) > 0.25
]
ID_COLUMNS = [name for name in texts if train[name].nunique() > 300]
SENTINELS = {
    name: value
    for name in numbers.drop(LATE_COLUMNS)
    if (value := sentinel_of(train[name].dropna())) is not None
}
UNIT = next(name for name in texts if name.endswith("_unit"))
MEASURED = UNIT.removesuffix("_unit")
MILE_KM = 1.609344


def turned_airlines(rows):
    """Airlines whose label says the opposite of what is written after arrival: "on time", not late.

    Only those with enough rows to tell. What is written afterwards is no feature, but a witness.
    """
    witness = (rows[LATE_COLUMNS] > 0).any(axis=1)
    agree = (witness == (rows["late"] == 1)).groupby(rows["carrier"]).agg(["mean", "size"])
    return list(agree.index[(agree["mean"] < 0.5) & (agree["size"] > 100)])


def told_otherwise(table, served):
    """Columns that one station's requests tell otherwise: (station, factor, amount) to undo it.

    Kilometres in miles, queues counted twice, time on the ground that begins later, another zone's
    clock. Queues change with the season, at all stations: so each is held against the others.
    """
    known, asked = (typical(rows) for rows in (table, served))
    moved = (asked - known).groupby("station")
    distance, queue = moved["distance"].mean(), moved["queue"].mean()
    ground = (asked - known)["ground"].unstack().loc[:, :0.6].mean(axis=1)  # the dense half
    undo = {}
    for station in distance.index:
        if distance[station] < -np.log(MILE_KM) / 2:
            undo["distance_km"] = (station, MILE_KM, 0)
        if queue[station] - queue.median() > np.log(2) / 2:
            undo["queue_len"] = (station, 0.5, 0)
        if ground[station] < -4:
            undo["turnaround_min"] = (station, 1, -round(ground[station]))
        begun, later = (first_hour(rows[rows["station"] == station]) for rows in (table, served))
        if later > begun + 1:  # one may be chance
            undo["scheduled_at"] = (station, 1, later - begun)
    return undo


def first_hour(rows):
    """The hour in which the day's flights begin: the one after the longest pause."""
    hours = np.unique(rows["scheduled_at"].dt.hour)
    pauses = np.diff(np.r_[hours, hours[0] + 24])
    return int(np.roll(hours, -1)[pauses.argmax()])


def typical(rows):
    """Deciles by station: logarithms of distance and queue, time on the ground less the need."""
    queue = rows["queue_len"].where(rows["queue_len"] != SENTINELS.get("queue_len"))
    columns = pd.DataFrame(
        {
            "distance": np.log(rows["distance_km"]),
            "queue": np.log1p(queue),
            "ground": rows["turnaround_min"] - 0.12 * rows["seats"],
        }
    )
    return columns.groupby(rows["station"]).quantile(np.linspace(0.1, 0.9, 9))


TURNED = turned_airlines(train)
TOLD = told_otherwise(train, requests)
print("labels turned round:", TURNED, "; told otherwise when served:", TOLD)


def turned_back(rows):
    """The rows with every label meaning the same: late."""
    turned = rows["carrier"].isin(TURNED)
    return rows.assign(late=rows["late"].mask(turned, 1 - rows["late"]))


def as_in_table(rows):
    """Requests with every column as the table has it."""
    told = {}
    for column, (station, factor, amount) in TOLD.items():
        if column == "scheduled_at":
            values = pd.to_datetime(rows[column])
            meant = values - pd.Timedelta(hours=amount)
        else:
            values = pd.to_numeric(rows[column])
            meant = values * factor + amount
        known = (rows["station"] == station) & (values != SENTINELS.get(column))
        told[column] = values.mask(known, meant)
    return rows.assign(**told)


overview_of_columns

# %% cell="audit_answer"
repeats = train.duplicated().sum()
rare = train["carrier"].value_counts()


def among_alike(rows):
    """Queue and outcome, less the mean of rows of the same hour and as much spare time; (n, 2)."""
    delay = rows["inbound_delay_min"].where(rows["inbound_delay_min"].between(0, 900), 0)
    spare = pd.qcut(rows["turnaround_min"] - 0.12 * rows["seats"] - delay, 6, labels=False)
    both = rows[["queue_len", "late"]].assign(
        queue_len=rows["queue_len"].where(rows["queue_len"].between(0, 60))
    )
    return both - both.groupby([rows["scheduled_at"].dt.hour, spare]).transform("mean")


week = (train["scheduled_at"] - train["scheduled_at"].min()).dt.days // 7
slopes = among_alike(turned_back(train)).groupby(week).apply(lambda rows: rows.corr().iloc[0, 1])
print(f"{repeats} repeats; {(rare < 50).sum()} carriers below 50 rows; sentinels {SENTINELS}")
print("correlation of queue and late among flights alike, by week:", slopes.round(2).tolist())
AUDIT = {
    "written_after_outcome": LATE_COLUMNS,
    "sentinel_value": list(SENTINELS),
    "mixed_units": [MEASURED],
    "rare_categories": ["carrier"],
    "meaningless_id": ID_COLUMNS,
    "outliers": [],
    "constant_column": [],
    "duplicate_column": [],
    "repeated_rows": bool(repeats),
    "changes_over_time": bool(slopes.iloc[-5:].mean() - slopes.iloc[:5].mean() > 0.04),
    "sorted_by_label": False,
}

# %% [markdown] cell="data_answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | one column is filled in the table, not in requests | profile, "when served" | left out |
# | an impossible value stands for unknown | profile, largest or smallest | as empty cells |
# | one measurement in two units | tag column beside it | convert by the tag |
# | repeats | count printed above | dropped before any split |
# | queues are felt from some week on | correlation by week, among flights alike | effect of its own afterwards |
# | rare carriers, an id of 900 levels | counts | rare and new share a level; no id |
# | labels are mistaken at a known rate | data dictionary | in likelihood and validation |
# | some airlines' labels mean "on time" | printed above: of all airlines only theirs contradict the rest | turned round before anything else |
# | stations whose requests tell a column otherwise | printed above: columns by station, table beside requests | undone in `predict` |
# | I leave the capped visibility as it is | 16.1 in most rows, as the dictionary says | |

# %% cell="validation_answer"
MISSED = facts["keying_mistakes"]["late_keyed_as_on_time"]
INVENTED = facts["keying_mistakes"]["on_time_keyed_as_late"]


def true_loss(labels, probabilities):
    """Unbiased loss of each row without keying mistakes (Natarajan et al., 2013), (n,)."""
    if_late = log_loss(np.ones(len(labels)), probabilities)
    if_not = log_loss(np.zeros(len(labels)), probabilities)
    keyed_late = (1 - INVENTED) * if_late - MISSED * if_not
    keyed_not = (1 - MISSED) * if_not - INVENTED * if_late
    return np.where(labels == 1, keyed_late, keyed_not) / (1 - MISSED - INVENTED)


def day_of(rows):
    """Days since the first training row."""
    return (rows["scheduled_at"] - FIRST).dt.days.to_numpy()


def change_day(rows):
    """The day that best splits the table into two straight lines of late on queue."""
    alike = among_alike(rows)
    known = alike["queue_len"].notna().to_numpy()
    x, y, day = *alike[known].to_numpy().T, day_of(rows)[known]
    left = {}
    for split in range(21, 64):
        parts = [(x[side], y[side]) for side in (day < split, day >= split)]
        left[split] = sum(((b - np.polyval(np.polyfit(a, b, 1), a)) ** 2).sum() for a, b in parts)
    return min(left, key=left.get)


clean = turned_back(train.drop_duplicates().reset_index(drop=True))
FIRST = clean["scheduled_at"].min().normalize()
CHANGED = change_day(clean)
print("change on day", CHANGED, "rows since then", (day_of(clean) >= CHANGED).sum())


def since_change(rows):
    """1 for rows under the new procedures, as all later ones are; 0 for those before, (n,)."""
    day = (pd.to_datetime(rows["scheduled_at"]) - FIRST).dt.days
    return 1.0 - (day < CHANGED).to_numpy(float)


def out_of_fold(fit):
    """Probability of each row by a model that has not seen its week, (n,)."""
    week = day_of(clean) // 7
    given = np.empty(len(clean))
    for held in range(12):
        given[week == held] = fit(clean[week != held])(clean[week == held])
    return given


LAST = day_of(clean) >= 63
today = Baseline(facts["baseline_columns"]).fit(clean[~LAST]).predict(clean[LAST])


def compared(**probabilities):
    """Loss of the last three weeks, today's pipeline first, without keying mistakes."""
    labels = clean["late"].to_numpy()[LAST]
    print(f"last three weeks: baseline {true_loss(labels, today).mean():.3f}")
    for name, given in probabilities.items():
        print(f"{name} {true_loss(labels, given[LAST]).mean():.3f}")


# %% cell="model_answer"
from scipy.optimize import minimize
from sklearn.preprocessing import SplineTransformer

RANGES = {  # smallest, largest, knots
    "minute": (300, 1435, 14),
    "short": (-45, 30, 10),
    "full": (0.6, 1.04, 8),
    "queue_len": (0, 33, 6),
    "distance_km": (200, 4300, 12),
    "wind": (0, 58, 6),
    "temp": (-8, 32, 3),
}
SPLINES = {
    name: SplineTransformer(n_knots=knots, degree=2, include_bias=False).fit(
        np.linspace(low, high, 50)[:, None]
    )
    for name, (low, high, knots) in RANGES.items()
}
COMMON = sorted(clean["carrier"].value_counts().index[:10])
RIDGE = 3.0


def number(rows, name):
    """A column as floats; unknown where the sentinel stands, or nothing at all."""
    if name not in rows:
        return np.full(len(rows), np.nan)
    values = pd.to_numeric(rows[name]).to_numpy(float, na_value=np.nan)
    return np.where(values == SENTINELS.get(name, np.inf), np.nan, values)


def metric(rows, name, metric_name, other, convert):
    """A measurement in its metric unit, whether the case mixes units or not."""
    if name != MEASURED:
        return number(rows, metric_name)
    values = number(rows, name)
    tag = rows[UNIT].astype(object).to_numpy()
    return np.where(tag == other, convert(values), np.where(pd.isna(tag), np.nan, values))


def features(rows):
    """What the model sees, from rows of any kind: one preparation for training and serving."""
    at = pd.to_datetime(rows["scheduled_at"])
    seats = number(rows, "seats")
    spare = number(rows, "turnaround_min") - (20 + 0.12 * seats)
    return {
        "minute": (at.dt.hour * 60 + at.dt.minute).to_numpy(float),
        "short": number(rows, "inbound_delay_min") - spare,
        "full": number(rows, "booked") / seats,
        "queue_len": number(rows, "queue_len"),
        "distance_km": number(rows, "distance_km"),
        "wind": metric(rows, "wind", "wind_kmh", "kt", lambda x: x * 1.852),
        "temp": metric(rows, "temp", "temp_c", "F", lambda x: (x - 32) / 1.8),
    }


# beyond what the table shows, a curve stays where it was: later weeks may be warmer
LIMITS = {
    name: tuple(np.clip(np.nanquantile(values, [0.05, 0.95]), *RANGES[name][:2]))
    for name, values in features(clean).items()
}


def design(rows):
    """Spline bases, what is missing, the queue's own effect after the change, carriers; (n, k)."""
    parts, changed = [np.ones((len(rows), 1))], since_change(rows)
    for name, values in features(rows).items():
        low, high = LIMITS[name]
        unknown = np.isnan(values)
        basis = SPLINES[name].transform(np.clip(np.where(unknown, low, values), low, high)[:, None])
        basis = np.column_stack([np.where(unknown[:, None], 0, basis), unknown])
        parts.append(basis)
        if name == "queue_len":
            parts += [basis * changed[:, None], changed[:, None]]
    carrier = rows["carrier"].astype(object).to_numpy()
    parts.append(np.column_stack([carrier == code for code in COMMON]))
    return np.hstack(parts).astype(float)


def fit(rows):
    """Ridge logistic regression on the label as it is keyed in, mistakes in the likelihood.

    Returns a function from rows to probabilities of *being* late (Patrini et al., 2017: forward
    correction).
    """
    matrix = design(rows)
    y = rows["late"].to_numpy(float)
    scale = np.maximum(matrix.std(axis=0), 0.15)
    scaled = matrix / scale
    kept = 1 - MISSED - INVENTED

    def objective(weights):
        late = 1 / (1 + np.exp(-scaled @ weights))
        keyed = INVENTED + kept * late
        loss = -(y * np.log(keyed) + (1 - y) * np.log(1 - keyed)).sum()
        slope = -(y / keyed - (1 - y) / (1 - keyed)) * kept * late * (1 - late)
        penalty = np.r_[0, weights[1:]]
        return loss + RIDGE * (penalty**2).sum(), scaled.T @ slope + 2 * RIDGE * penalty

    found = minimize(
        objective, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}
    )
    weights = found.x / scale

    def probabilities(rows):
        log_odds = design(rows) @ weights
        return np.clip(1 / (1 + np.exp(-log_odds)), 0.01, 0.99)

    return probabilities


UNSEEN = out_of_fold(fit)
compared(additive=UNSEEN)
MODEL = fit(clean)


# %% cell="predict_answer"
def predict(rows):
    """Probability of arriving late, (n,). Text that is no number raises a ValueError."""
    if not len(rows):
        return np.empty(0)
    return MODEL(as_in_table(rows))


# %% cell="estimate_answer"
# How hard the weeks to come are, by the model's own probabilities for the requests, which are a
# sample of them; and how far these are off, which all weeks of the table can tell: less noise than
# in the loss of a few weeks alone. Both are means of samples, so the interval follows from them, and
# from how far weeks differ.
asked = predict(requests)
expected = log_loss(asked, asked)
off = true_loss(clean["late"].to_numpy(), UNSEEN) - log_loss(UNSEEN, UNSEEN)
middle = expected.mean() + off.mean()
standard_error = np.hypot(off.std() / np.sqrt(len(off)), expected.std() / np.sqrt(len(expected)))
standard_error = np.hypot(standard_error, 0.015)  # weeks differ by more than by chance
ESTIMATE = {
    "low": middle - 1.28 * standard_error,
    "log_loss": middle,
    "high": middle + 1.28 * standard_error,
}

# %% [markdown] cell="readme_answer"
# # README
# `predict(rows)` gives the probability that a flight arrives more than 15 minutes late, two hours
# before departure.
#
# ## Decisions
# - One column is written after arrival (empty or constant in every request): left out.
# - Some airlines' exports say "on time" where the others say "late": turned round. What a
#   station's requests tell otherwise than the table (see section 2) is undone when it is asked.
# - Repeats dropped before splitting; unknown values in either spelling are the same; units
#   converted by the tag.
# - Additive logistic model on splines: spare ground time, share of seats, time of day, queue (with
#   its own effect after the change of procedures), route length, wind, temperature, carrier. It
#   beat boosting on the same validation because the rates of keying mistakes stand in its
#   likelihood.
# - Validation: each week by a model that has not seen it, loss corrected for keying mistakes. The
#   requests say how hard the weeks to come are.
#
# ## How good it is
# See section 6: the interval holds the sampling errors of what it is made of.
#
# ## Limits
# Another change of procedures would go unnoticed: watch the rate of late flights by queue length.
# New carriers get the average. Text that is no number is refused with a ValueError. About 30 ms
# for 4,000 rows; a hundred numbers to store.
#
# ## Improvements
# Find the date of the change from the stations; blend with boosting (about 0.003 in my trials);
# check a sample of labels.
#
# ## How to run it
# Restart and run all, one minute.
#
# ## Help
# None.
