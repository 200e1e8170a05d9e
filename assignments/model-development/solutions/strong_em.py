# title = "Logistic regression that guesses which labels were mistaken"
# quality = "strong"
# like = "strong"
# total = [85, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="audit_work"
from scipy.stats import ks_2samp


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
    """Airlines whose flights are late the more often, the more time they have: keyed the wrong way.

    By the correlation of late with how far the delay exceeds the spare time; with enough rows only.
    """
    delay = rows["inbound_delay_min"].where(rows["inbound_delay_min"].between(0, 900), 0)
    short = (delay - rows["turnaround_min"] + 0.12 * rows["seats"]).rank()
    told = {
        code: rows["late"][places].corr(short[places])
        for code, places in rows.groupby("carrier").groups.items()
        if len(places) > 100
    }
    return [code for code, correlation in told.items() if correlation < 0]


def told_otherwise(table, served):
    """Columns that one station's requests tell otherwise: (station, factor, amount) to undo it.

    Of some readings of a column the one with which the requests lie nearest to the table's rows of
    the same station (Kolmogorov-Smirnov), if it brings them much nearer. Not queues: the season
    moves those as far, but only what is counted twice is always even.
    """
    readings = {
        "distance_km": [(1, 0), (MILE_KM, 0), (1 / MILE_KM, 0)],
        "turnaround_min": [(1, minutes) for minutes in range(-25, 26)],
    }
    undo = {}
    for station, asked in served.groupby("station"):
        rows = table[table["station"] == station]
        for column, ways in readings.items():
            known, given = (measured(each, column) for each in (rows, asked))
            far = {way: ks_2samp(given * way[0] + way[1], known).statistic for way in ways}
            best = min(far, key=far.get)
            if far[best] < far[1, 0] - (0.08 if len(ways) > 3 else 0.03):
                undo[column] = (station, *best)
        clocks = {
            hours: ks_2samp((minute(asked) - 60 * hours) % 1440, minute(rows)).statistic
            for hours in range(-11, 12)
        }
        if (measured(asked, "queue_len") % 2 == 0).mean() > 0.95:
            undo["queue_len"] = (station, 0.5, 0)
        best = min(clocks, key=clocks.get)
        if clocks[best] < clocks[0] - 0.08:
            undo["scheduled_at"] = (station, 1, best)
    return undo


def minute(rows):
    """Minute of the day."""
    return rows["scheduled_at"].dt.hour * 60 + rows["scheduled_at"].dt.minute


def measured(rows, column):
    """Known values of a column; time on the ground less what the aircraft's size asks for."""
    values = rows[column][rows[column] != SENTINELS.get(column)].dropna()
    return values - 0.12 * rows["seats"] if column == "turnaround_min" else values


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

# %% [markdown] cell="data_answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | one column is filled in the table, not in requests | profile, "when served" | left out |
# | an impossible value stands for unknown | profile, largest or smallest | as empty cells |
# | one measurement in two units | tag column beside it | convert by the tag |
# | repeats | count printed above | dropped before any split |
# | queues are felt from some week on | correlation by week, among flights alike | effect of its own afterwards |
# | rare carriers, an id of 900 levels | counts | rare and new share a level; no id |
# | labels are mistaken at a known rate | data dictionary | each guessed in rounds, and in validation |
# | some airlines' labels mean "on time" | printed above: of all airlines only theirs contradict the rest | turned round before anything else |
# | stations whose requests tell a column otherwise | printed above: columns by station, table beside requests | undone in `predict` |
# | I leave the capped visibility as it is | 16.1 in most rows, as the dictionary says | |

# %% cell="model_answer"
from sklearn.linear_model import LogisticRegression
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


ROUNDS = 6


def fit(rows):
    """Logistic regression by expectation and maximisation: was a label mistaken?

    Each round weighs "late" and "on time" of every row by what the model of the round before and
    the rates of keying mistakes say (Dawid and Skene, 1979).
    """
    inputs = design(rows)[:, 1:]
    scale = np.maximum(inputs.std(axis=0), 0.15)
    keyed = rows["late"].to_numpy() == 1
    if_late = np.where(keyed, 1 - MISSED, MISSED)
    if_not = np.where(keyed, INVENTED, 1 - INVENTED)
    late = np.full(len(rows), 0.3)
    twice = np.vstack([inputs, inputs]) / scale
    labels = np.repeat([1, 0], len(rows))
    model = LogisticRegression(C=0.2, max_iter=400, warm_start=True)
    for _ in range(ROUNDS):
        weight = late * if_late / (late * if_late + (1 - late) * if_not)
        model.fit(twice, labels, sample_weight=np.r_[weight, 1 - weight])
        late = model.predict_proba(inputs / scale)[:, 1]

    def probabilities(rows):
        inputs = design(rows)[:, 1:] / scale
        return np.clip(model.predict_proba(inputs)[:, 1], 0.01, 0.99)

    return probabilities


UNSEEN = out_of_fold(fit)
compared(additive=UNSEEN)
MODEL = fit(clean)


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
#   its own effect after the change of procedures), route length, wind, temperature, carrier.
#   Six rounds of guessing which labels were mistaken, by their rates and the round before.
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
