# title = "Today's pipeline, handed in as it is"
# quality = "naive"
# total = [15, 28]
# failing = ["audit", "performance", "robustness"]
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


# %% cell="predict_answer"
def predict(rows):
    return baseline.predict(rows)


# %% cell="estimate_answer"
losses = log_loss(check_rows["late"], fitted.predict(check_rows))
half = 1.28 * losses.std() / np.sqrt(len(losses))
ESTIMATE = {"low": losses.mean() - half, "log_loss": losses.mean(), "high": losses.mean() + half}
