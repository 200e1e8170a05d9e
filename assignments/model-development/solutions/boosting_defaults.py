# title = "Boosting with defaults on the columns as they stand, without the leak"
# quality = "orientation"
# total = {junior = [50, 92], standard = [20, 75], senior = [20, 65]}
# failing = ["audit", "robustness"]
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
overview_of_columns

# %% cell="audit_answer"
AUDIT = {"repeated_rows": True, "meaningless_id": ID_COLUMNS, "outliers": list(SENTINELS)}

# %% cell="model_answer"
from sklearn.ensemble import HistGradientBoostingClassifier

LEFT_OUT = [*LATE_COLUMNS, "scheduled_at", "late"]
rows = train
CATEGORIES = {
    name: sorted(rows[name].dropna().unique())
    for name in rows.columns.drop("scheduled_at")
    if name not in LEFT_OUT and not pd.api.types.is_numeric_dtype(rows[name])
}
COLUMNS = [name for name in rows.columns if name not in LEFT_OUT]


def prepare(rows):
    """Numbers for the model; categories as codes, new ones missing."""
    out = pd.DataFrame(index=rows.index)
    for name in COLUMNS:
        if name in CATEGORIES:
            place = {value: i for i, value in enumerate(CATEGORIES[name])}
            out[name] = rows[name].astype(object).map(place).astype(float)
        else:
            out[name] = pd.to_numeric(rows[name])
    at = pd.to_datetime(rows["scheduled_at"])
    out["minute"] = at.dt.hour * 60 + at.dt.minute
    return out


model = HistGradientBoostingClassifier(random_state=0)
model.fit(prepare(rows), rows["late"])


# %% cell="predict_answer"
def predict(rows):
    if not len(rows):
        return np.empty(0)
    return model.predict_proba(prepare(rows))[:, 1]


# %% cell="estimate_answer"
from sklearn.base import clone

before, after = train_test_split(rows, test_size=0.25, random_state=0)
judged = clone(model).fit(prepare(before), before["late"])
p = judged.predict_proba(prepare(after))[:, 1]
losses = log_loss(after["late"], p)
middle, half = losses.mean(), 1.28 * np.hypot(losses.std() / np.sqrt(len(losses)), 0.01)
ESTIMATE = {"low": middle - half, "log_loss": middle, "high": middle + half}

# %% [markdown] cell="readme_answer"
# # README
# Gradient boosting with its default settings. The estimate comes from a random split of the table. Limits: new carriers.
# Improvements: more features.
