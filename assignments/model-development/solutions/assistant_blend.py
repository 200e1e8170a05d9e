# title = "One pass by an assistant, from the brief and the dictionary: two models blended"
# quality = "assistant"
# total = {junior = [70, 100], standard = [30, 75], senior = [20, 60]}
# mean = {junior = [85, 100], standard = [35, 65], senior = [20, 50]}
# ended = "completed"

# %% cell="audit_work"
MISSED = facts["keying_mistakes"]["late_keyed_as_on_time"]
INVENTED = facts["keying_mistakes"]["on_time_keyed_as_late"]

numeric = [c for c in requests.select_dtypes("number").columns]
text = [c for c in train.columns if c not in numeric and c not in ("late", "scheduled_at")]

# filled in the table, empty or constant in the requests
AFTERWARDS = [c for c in requests.columns if requests[c].nunique() <= 1 and train[c].nunique() > 1]
numeric = [c for c in train.select_dtypes("number").columns if c not in (*AFTERWARDS, "late")]
# a value at the end of the range that is frequent and far from its neighbour
SENTINELS = {}
for c in numeric:
    counts = train[c].value_counts()
    for value in (train[c].min(), train[c].max()):
        others = train.loc[train[c] != value, c]
        far = abs(value - (others.min() if value < others.min() else others.max()))
        if counts[value] > 0.01 * len(train) and (value < 0 or far > 3 * others.std()):
            SENTINELS[c] = value
UNIT_TAGS = [c for c in text if c.endswith("_unit")]
UNITS = {tag.removesuffix("_unit"): tag for tag in UNIT_TAGS}
IDS = [c for c in text if train[c].nunique() > 200]
RARE = [c for c in text if c not in IDS and (train[c].value_counts() < 50).sum() >= 3]
week = (train["scheduled_at"] - train["scheduled_at"].min()).dt.days // 7
print("afterwards", AFTERWARDS, "sentinels", SENTINELS, "ids", IDS, "rare", RARE)
print(train.groupby(week)["late"].agg(["size", "mean"]))
print(pd.DataFrame({"table": train[numeric].mean(), "requests": requests[numeric].mean()}))

# %% cell="audit_answer"
AUDIT = {
    "written_after_outcome": AFTERWARDS,
    "sentinel_value": list(SENTINELS),
    "mixed_units": list(UNITS),
    "rare_categories": RARE,
    "meaningless_id": IDS,
    "outliers": [],
    "constant_column": [],
    "duplicate_column": [],
    "repeated_rows": bool(train.duplicated().sum() > 20),
    "changes_over_time": True,
    "sorted_by_label": False,
}

# %% [markdown] cell="data_answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | written after arrival | filled in the table, empty in requests | dropped |
# | a value for unknown | frequent at the end of the range | missing |
# | two units | the tag's two levels | converted |
# | repeated rows | `duplicated()` | dropped before the split |
# | keying mistakes | dictionary | corrected in model and loss |
# | procedures change over the weeks | weekly rates | recent weeks weigh more, split by time |

# %% cell="validation_answer"
table = train.drop_duplicates().sort_values("scheduled_at").reset_index(drop=True)
START = table["scheduled_at"].min()


def true_loss(labels, p):
    """Unbiased loss against what happened, given the rates of keying mistakes, (n,)."""
    y = (np.asarray(labels, float) - INVENTED) / (1 - MISSED - INVENTED)
    return log_loss(y, p)


def splits(rows, weeks=(6, 8, 10)):
    """Forward validation: fit before, judge on the two weeks after."""
    day = (rows["scheduled_at"] - START).dt.days
    for start in weeks:
        yield rows[day < 7 * start], rows[(day >= 7 * start) & (day < 7 * start + 14)]


# %% cell="model_answer"
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CATEGORIES = [c for c in text if c not in (*IDS, *UNIT_TAGS)]
LEVELS = {}
for c in CATEGORIES:
    counts = table[c].value_counts()
    LEVELS[c] = sorted(counts.index[counts >= 50])


def prepare(rows):
    """Numbers for both models; unknown values NaN, rare and new categories one level."""
    out = pd.DataFrame(index=range(len(rows)))
    for c in numeric:
        values = pd.to_numeric(rows[c]).to_numpy(float, na_value=np.nan)
        out[c] = np.where(values == SENTINELS.get(c, np.inf), np.nan, values)
    for c, tag in UNITS.items():
        other = rows[tag].astype(object).isin(["kt", "F"]).to_numpy()
        converted = out[c] * 1.852 if c == "wind" else (out[c] - 32) / 1.8
        out[c] = np.where(other, converted, out[c])
    at = pd.to_datetime(rows["scheduled_at"]).reset_index(drop=True)
    out["minute"] = at.dt.hour * 60.0 + at.dt.minute
    out["weekday"] = at.dt.day_of_week.astype(float)
    out["need"] = 20 + 0.12 * out["seats"]
    out["slack"] = out["turnaround_min"] - out["need"]
    out["short"] = out["inbound_delay_min"].clip(lower=0) - out["slack"]
    out["load"] = out["booked"] / out["seats"]
    for c in CATEGORIES:
        places = {level: float(i) for i, level in enumerate(LEVELS[c])}
        out[c] = rows[c].astype(object).map(places).to_numpy(float)
    return out


MEDIANS = prepare(table).median()


def for_logistic(x):
    """Filled, with flags for what is missing, humps of the day and the shortage bent."""
    parts = [x.fillna(MEDIANS).drop(columns=CATEGORIES), x.isna().astype(float)]
    parts[1].columns = [f"{c} missing" for c in x]
    filled = parts[0]
    angle = 2 * np.pi * filled["minute"] / 1440
    extra = {f"{f.__name__}{k}": f(k * angle) for f in (np.sin, np.cos) for k in (1, 2, 3)}
    for edge in (-30, -20, -10, 0, 10):
        extra[f"short above {edge}"] = (filled["short"] - edge).clip(lower=0)
    extra["full"] = (filled["load"] > 0.95).astype(float)
    for c in CATEGORIES:
        extra |= {f"{c} {i}": (x[c] == i).astype(float) for i in range(len(LEVELS[c]))}
    return pd.concat([*parts, pd.DataFrame(extra, index=x.index)], axis=1)


def fit(rows):
    """Both models on keyed labels; later weeks weigh more, because procedures changed."""
    x, y = prepare(rows), rows["late"].to_numpy()
    age = (rows["scheduled_at"].max() - rows["scheduled_at"]).dt.days.to_numpy()
    weight = 0.5 ** (age / 42)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=200,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=5,
        categorical_features=[c in CATEGORIES for c in x],
        random_state=0,
    ).fit(x, y, sample_weight=weight)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=500))
    line.fit(for_logistic(x), y, logisticregression__sample_weight=weight)
    return trees, line


def answered(models, rows):
    """Mean of both, corrected for keying mistakes."""
    x = prepare(rows)
    trees, line = models
    keyed = 0.6 * trees.predict_proba(x)[:, 1] + 0.4 * line.predict_proba(for_logistic(x))[:, 1]
    return np.clip((keyed - INVENTED) / (1 - MISSED - INVENTED), 0.01, 0.99)


LOSSES = []
for before, after in splits(table):
    LOSSES.append(true_loss(after["late"], answered(fit(before), after)))
    print(f"fitted on {len(before)}: {LOSSES[-1].mean():.4f}")
MODELS = fit(table)


# %% cell="predict_answer"
def predict(rows):
    """Probability of arriving late, (n,)."""
    if not len(rows):
        return np.empty(0)
    return answered(MODELS, rows)


# %% cell="estimate_answer"
last = LOSSES[-1]
error = np.hypot(last.std() / np.sqrt(len(last)), np.std([each.mean() for each in LOSSES]))
half = max(0.04, 1.28 * error)
ESTIMATE = {"low": last.mean() - half, "log_loss": last.mean(), "high": last.mean() + half}

# %% [markdown] cell="readme_answer"
# # README
#
# ## What this is
# The probability, two hours before departure, that a flight arrives more than 15 minutes late.
#
# ## Decisions
# - What is only written after arrival is left out; unknown values are missing; units are one.
# - Boosting and logistic regression with the shortage of time on the ground, blended 60:40.
# - Keyed labels are learnt and probabilities corrected by the known rates of mistakes.
# - Recent weeks weigh more; forward validation with three starts.
#
# ## How good it is
# The loss of the last forward split, with its error and the spread over the splits.
#
# ## Limits
# New airlines get the average. Another change of procedures is not foreseen.
#
# ## Improvements
# Splines in the logistic part; the day of the change; calibration by station.
#
# ## How to run it
# Restart and run all.
#
# ## Help
# Written by an assistant in one pass from the brief.
