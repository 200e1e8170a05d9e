# title = "Boosting on features that the dictionary suggests, corrected afterwards"
# quality = "strong"
# like = "strong"
# total = [80, 100]
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
    """Airlines whose labels suit a model of all flights better when they are turned round.

    Today's pipeline without the airline among its columns; with enough rows only.
    """
    columns = [name for name in facts["baseline_columns"] if name != "carrier"]
    given = Baseline(columns).fit(rows).predict(rows)
    worse = pd.Series(log_loss(rows["late"], given) - log_loss(1 - rows["late"], given), rows.index)
    told = worse.groupby(rows["carrier"]).agg(["mean", "size"])
    return list(told.index[(told["mean"] > 0) & (told["size"] > 100)])


def told_otherwise(table, served):
    """Columns that one station's requests tell otherwise: (station, factor, amount) to undo it.

    By what cannot be: aircraft on the ground for less than their need, queues that are all even,
    routes that are all shorter, by the factor of a mile, departures at night.
    """
    undo = {}
    for station, asked in served.groupby("station"):
        known = table[table["station"] == station]
        places = np.linspace(0.1, 0.9, 9)
        factor = (
            known["distance_km"].quantile(places) / asked["distance_km"].quantile(places)
        ).median()
        if factor > np.sqrt(MILE_KM):
            undo["distance_km"] = (station, MILE_KM, 0)
        queue = asked["queue_len"][asked["queue_len"] != SENTINELS.get("queue_len")].dropna()
        if (queue % 2 == 0).mean() > 0.95:
            undo["queue_len"] = (station, 0.5, 0)
        least = [(rows["turnaround_min"] - 0.12 * rows["seats"]) for rows in (known, asked)]
        if least[1].min() < least[0].min() - 2.5:
            places = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
            later = (least[0].quantile(places) - least[1].quantile(places)).mean()
            undo["turnaround_min"] = (station, 1, round(later))
        hours = set(known["scheduled_at"].dt.hour)
        strange = {
            clock: (~((asked["scheduled_at"].dt.hour - clock) % 24).isin(hours)).mean()
            for clock in range(-11, 12)
        }
        if strange[0] > 0.02:
            fewest = min(strange.values())
            clocks = [clock for clock, share in strange.items() if share == fewest]
            # of several that fit, the one with the rush hours where the table has them
            usual = np.bincount(known["scheduled_at"].dt.hour, minlength=24)
            now = np.bincount(asked["scheduled_at"].dt.hour, minlength=24)
            fit = {clock: (usual * np.roll(now, -clock)).sum() for clock in clocks}
            undo["scheduled_at"] = (station, 1, max(fit, key=fit.get))
    return undo


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
# | labels are mistaken at a known rate | data dictionary | corrected for after fitting, and in validation |
# | some airlines' labels mean "on time" | printed above: of all airlines only theirs contradict the rest | turned round before anything else |
# | stations whose requests tell a column otherwise | printed above: columns by station, table beside requests | undone in `predict` |
# | I leave the capped visibility as it is | 16.1 in most rows, as the dictionary says | |

# %% cell="model_answer"
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier

COMMON = sorted(clean["carrier"].value_counts().index[:10])
PLACES = {code: i for i, code in enumerate(COMMON)}
SETTINGS = {
    "learning_rate": 0.07,
    "max_iter": 150,
    "max_leaf_nodes": 6,
    "min_samples_leaf": 30,
    "l2_regularization": 5,
    "max_features": 0.5,
}


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


def matrix(rows):
    """Features, the change of procedures and the carrier's place in the list; (n, k)."""
    carrier = rows["carrier"].astype(object).map(PLACES).to_numpy(float)
    return np.column_stack([*features(rows).values(), since_change(rows), carrier])


def corrected(keyed):
    """Probability of being late from that of being keyed as late."""
    return np.clip((keyed - INVENTED) / (1 - MISSED - INVENTED), 0.025, 0.975)


def fit(rows):
    """Boosting on the keyed labels, corrected for the mistakes; one small model, for its speed."""
    inputs, labels = matrix(rows), rows["late"]
    model = HistGradientBoostingClassifier(**SETTINGS, random_state=0).fit(inputs, labels)

    def probabilities(rows):
        return corrected(model.predict_proba(matrix(rows))[:, 1])

    return probabilities


def straightened(probabilities, line):
    """Probabilities whose log-odds follow a straight line of those given, (n,)."""
    log_odds = np.log(probabilities / (1 - probabilities))
    return 1 / (1 + np.exp(-(line[0] + line[1] * log_odds)))


def best_line(probabilities, labels):
    """Intercept and slope that suit the labels best, keying mistakes in the likelihood."""

    def loss(line):
        keyed = INVENTED + (1 - MISSED - INVENTED) * straightened(probabilities, line)
        return log_loss(labels, keyed).sum()

    return minimize(loss, [0.0, 1.0]).x


RAW = out_of_fold(fit)
LINE = best_line(RAW, clean["late"].to_numpy())
UNSEEN = straightened(RAW, LINE)
compared(boosting=RAW, calibrated=UNSEEN)
MODEL = fit(clean)


# %% cell="predict_answer"
def predict(rows):
    """Probability of arriving late, (n,). Text that is no number raises a ValueError."""
    if not len(rows):
        return np.empty(0)
    return straightened(MODEL(as_in_table(rows)), LINE)


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
# - Boosting: spare ground time, share of seats, time of day, queue (with its own effect after the
#   change of procedures), route length, wind, temperature, carrier. Probabilities are corrected
#   for the rates of keying mistakes, and calibrated on probabilities of weeks not seen.
# - Validation: each week by a model that has not seen it, loss corrected for keying mistakes. The
#   requests say how hard the weeks to come are.
#
# ## How good it is
# See section 6: the interval holds the sampling errors of what it is made of.
#
# ## Limits
# Another change of procedures would go unnoticed: watch the rate of late flights by queue length.
# New carriers get the average. Text that is no number is refused with a ValueError. Small; one
# ensemble of 150 small trees.
#
# ## Improvements
# Find the date of the change from the stations; check a sample of labels.
#
# ## How to run it
# Restart and run all, one minute.
#
# ## Help
# None.
