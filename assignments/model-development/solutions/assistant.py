# title = "One pass by an assistant that saw one case's release only; names are those of each case"
# quality = "assistant"
# total = {junior = [70, 100], standard = [25, 75], senior = [20, 60]}
# mean = {junior = [85, 100], standard = [30, 65], senior = [20, 50]}
# ended = "completed"


# %% cell="audit_work"
# ✎ your exploration: as many cells as you like
print(train.describe(include="all").T)
print("repeated rows:", train.duplicated().sum())
print("missing share, train / requests:")
print(pd.DataFrame({"train": train.isna().mean(), "requests": requests.isna().mean()}))
SUSPECTS = (-999.0, -99.0, -9.0, -1.0, 99.0, 999.0, 9999.0)
numeric = [c for c in train.select_dtypes("number").columns if c != "late"]
sentinels = [
    c
    for c in numeric
    if any(
        (train[c] == v).mean() > 0.003 and v in (train[c].min(), train[c].max()) for v in SUSPECTS
    )
]
constant = [c for c in train.columns if train[c].nunique(dropna=False) == 1]
print("sentinels:", sentinels, "constant:", constant)
week = (train["scheduled_at"] - train["scheduled_at"].min()).dt.days // 7
print(train.groupby(week)["late"].agg(["size", "mean"]))
# by what the data dictionary says of them; the column with a unit; a column of many levels
AFTER_ARRIVAL = ("crew_overtime_min", "rebooked_guests", "compensation_claims")
leaking = [c for c in AFTER_ARRIVAL if c in train]
unit_column = next(c for c in train.columns if c.endswith("_unit"))
tagged = next(
    c for c in train.columns if unit_column.startswith(c.split("_")[0]) and c != unit_column
)
ids = [
    c
    for c in train.select_dtypes(exclude="number")
    if c != "scheduled_at" and train[c].nunique() > 300
]

# %% cell="audit_answer"
AUDIT = {
    "written_after_outcome": leaking,
    "sentinel_value": sentinels,
    "mixed_units": [tagged],
    "rare_categories": [],
    "meaningless_id": ids,
    "outliers": [],
    "constant_column": constant,
    "duplicate_column": [],
    "repeated_rows": bool(train.duplicated().any()),
    "changes_over_time": True,
    "sorted_by_label": False,
}

# %% [markdown] cell="data_answer"
# | finding | evidence | what I do about it |
# |---|---|---|
# | one column is written after arrival | filled in training, empty in `case.requests` | never used |
# | one measurement is in two units | its unit's column has two levels | converted to one unit |
# | repeated rows | `train.duplicated()`, already the first three rows | dropped before fitting and splitting |
# | the id has very many levels | `describe` | not used |
# | labels are keyed in wrongly, at stated rates | data dictionary | probabilities and losses are corrected for it |
# | sentinel values | the audit cell | set to missing |
# | drift over the weeks | rate by week in the audit cell | validation by time |

# %% cell="validation_answer"
# ✎ your validation
NOISE = facts["keying_mistakes"]
FALSE_NEG, FALSE_POS = NOISE["late_keyed_as_on_time"], NOISE["on_time_keyed_as_late"]


def denoised(labels):
    """Unbiased stand-in for the true label: may lie outside 0..1, its mean is right."""
    return (np.asarray(labels, float) - FALSE_POS) / (1 - FALSE_POS - FALSE_NEG)


def true_loss(labels, probabilities):
    """Estimate of the mean log loss against what really happened."""
    return log_loss(denoised(labels), probabilities)


clean = train.drop_duplicates().sort_values("scheduled_at").reset_index(drop=True)
cut = clean["scheduled_at"].max().normalize() - pd.Timedelta(days=20)
fit_rows = clean[clean["scheduled_at"] < cut]
check_rows = clean[clean["scheduled_at"] >= cut]
fitted = Baseline(facts["baseline_columns"]).fit(fit_rows)
base_loss = true_loss(check_rows["late"], fitted.predict(check_rows)).mean()
print(len(fit_rows), len(check_rows), f"baseline, last three weeks, corrected: {base_loss:.4f}")

# %% cell="model_answer"
# ✎ your model
from sklearn.ensemble import HistGradientBoostingClassifier

KMH_PER_KNOT = 1.852
NUMBERS = [c for c in requests.select_dtypes("number") if c not in leaking]
LEFT_OUT = [*leaking, *ids, unit_column, "scheduled_at"]
CATEGORIES = [c for c in requests if c not in NUMBERS and c not in LEFT_OUT]
LEVELS = {c: sorted(clean[c].dropna().astype(str).unique()) for c in CATEGORIES}


def features(rows):
    """Columns for the model, from rows of any shape."""
    rows = rows.reindex(columns=["scheduled_at", unit_column, *NUMBERS, *CATEGORIES])
    out = pd.DataFrame(index=rows.index)
    for c in NUMBERS:
        out[c] = pd.to_numeric(rows[c], errors="coerce").astype(float)
        if c in sentinels:
            out.loc[out[c].isin(SUSPECTS), c] = np.nan
    unit = rows[unit_column].astype(str).str.strip().str.lower()
    in_knots, in_celsius = out[tagged] / KMH_PER_KNOT, (out[tagged] - 32) / 1.8
    out[tagged] = out[tagged].mask(unit.isin(["km/h", "kmh"]), in_knots)
    out[tagged] = out[tagged].mask(unit == "f", in_celsius)
    time = pd.to_datetime(rows["scheduled_at"], errors="coerce")
    out["hour"] = time.dt.hour + time.dt.minute / 60
    out["weekday"] = time.dt.dayofweek.astype(float)
    need = 20 + 0.12 * out["seats"]
    out["slack"] = out["turnaround_min"] - need - out["inbound_delay_min"]
    out["load"] = out["booked"] / out["seats"]
    out["overbooked"] = out["booked"] - out["seats"]
    for c in CATEGORIES:
        codes = {level: float(i) for i, level in enumerate(LEVELS[c])}
        out[c] = rows[c].astype(str).map(codes).astype(float)
    return out


def make_model():
    probe = features(clean.head(1)).columns
    return HistGradientBoostingClassifier(
        learning_rate=0.04,
        max_iter=180,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=5.0,
        categorical_features=[c in CATEGORIES for c in probe],
        random_state=0,
    )


def corrected(model, rows):
    """Probability of really being late."""
    keyed = model.predict_proba(features(rows))[:, 1]
    return np.clip(denoised(keyed), 0.01, 0.99)


trial = make_model().fit(features(fit_rows), fit_rows["late"])
model_losses = true_loss(check_rows["late"], corrected(trial, check_rows))
print(f"model, last three weeks, corrected: {model_losses.mean():.4f}, baseline {base_loss:.4f}")
model = make_model().fit(features(clean), clean["late"])


# %% cell="predict_answer"
def predict(rows):
    """Probability that each flight arrives late; any index, order and surplus of columns."""
    if not len(rows):
        return np.empty(0)
    return corrected(model, rows.reset_index(drop=True))


# %% cell="estimate_answer"
error = model_losses.std() / np.sqrt(len(model_losses))
middle = float(model_losses.mean())
half = float(1.28 * np.sqrt(error**2 + 0.01**2))
ESTIMATE = {"low": middle - half, "log_loss": middle, "high": middle + half}
print(ESTIMATE)

# %% [markdown] cell="readme_answer"
# # README
#
# ## What this is
# Gives, two hours before departure, the probability that a flight arrives more than 15 minutes late, from the columns of `case.requests`. For the planners of the service.
#
# ## Decisions
# - What is written after arrival is not used: it is empty when the service is asked.
# - The measurement in two units is brought to one; repeated rows are dropped; sentinel values become missing.
# - `slack` (planned turnaround less the need of the aircraft less the inbound delay) is a feature.
# - Gradient boosted trees, since interactions are likely and missing values are handled by themselves.
# - Labels are wrong at stated rates: the model learns keyed labels, the probability is then corrected by (p - invented) / (1 - missed - invented). The loss is corrected the same way.
# - Validation: the last three weeks, after the fit rows in time.
#
# ## How good it is
# See `ESTIMATE`: loss on the last three weeks, corrected for keying mistakes, with an 80 % interval of its standard error and some drift.
#
# ## Limits
# Unknown categories and missing numbers are treated as missing. Changes over the weeks may make it worse. The model is far below 20 MB and answers 4,000 rows in well under a second.
#
# ## Improvements
# Compare with a regularised logistic regression and a blend; weight recent weeks; rolling validation.
#
# ## How to run it
# Run the notebook from the top, about a minute.
#
# ## Help
# A coding assistant wrote this from the brief.
