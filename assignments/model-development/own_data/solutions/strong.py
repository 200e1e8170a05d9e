# title = "Boosting on codes, judged as the hidden rows were split off"
# quality = "strong"
# total = [70, 100]
# ended = "completed"

# %% cell="audit_work"
from toolkit.names import GROUP, TIME

AFTERWARDS = [c for c in requests if requests[c].isna().all() and train[c].notna().any()]
texts = [c for c in requests if train[c].dtype.kind not in "biufM"]
levels = train[texts].nunique()

# %% cell="audit_answer"
AUDIT = {
    "written_after_outcome": AFTERWARDS,
    "meaningless_id": [c for c in texts if levels[c] > 0.3 * len(train)],
    "constant_column": [c for c in requests if train[c].nunique(dropna=False) == 1],
    "repeated_rows": bool(train.duplicated().any()),
}

# %% cell="validation_answer"
rows = train.drop_duplicates()


def folds(rows, count=3):
    """Row masks to judge on: the last parts in time, or groups of which none was seen."""
    if GROUP:
        place = pd.Series(pd.factorize(rows[GROUP], sort=True)[0], index=rows.index) % count
        return [(place != k, place == k) for k in range(count)]
    order = rows[TIME].rank(pct=True)
    cuts = [0.55, 0.7, 0.85, 1.0]
    pairs = zip(cuts[:-1], cuts[1:], strict=True)
    return [(order <= low, (order > low) & (order <= high)) for low, high in pairs]


# %% cell="model_answer"
from sklearn.ensemble import HistGradientBoostingClassifier

CODES = {}
for name in texts:
    counts = rows[name].astype(object).value_counts()
    CODES[name] = {v: i for i, v in enumerate(sorted(counts[counts >= 20].index[:200], key=str))}
COLUMNS = [  # with two values at least that the model can see
    c
    for c in requests
    if c not in AFTERWARDS and (len(CODES[c]) if c in CODES else rows[c].nunique()) > 1
]
TIMES = {c: train[c].min() for c in COLUMNS if train[c].dtype.kind == "M"}


def prepare(rows):
    """Numbers for the model, from rows of any kind."""
    parts = []
    for name in COLUMNS:
        if name in TIMES:
            at = pd.to_datetime(rows[name])
            days = (at - TIMES[name]).dt.total_seconds() / 86400
            parts += [at.dt.hour, at.dt.day_of_week, days]
        elif name in CODES:
            parts.append(rows[name].astype(object).map(CODES[name]))
        else:
            parts.append(pd.to_numeric(rows[name]))
    return np.column_stack([np.asarray(part, dtype=float) for part in parts])


def fit(rows, ensembles=3):
    """The mean of some ensembles, as a function from rows to probabilities."""
    models = [
        HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=200,
            max_leaf_nodes=8,
            min_samples_leaf=30,
            l2_regularization=3,
            max_features=0.5,
            random_state=seed,
        ).fit(prepare(rows), rows[LABEL])
        for seed in range(ensembles)
    ]
    return lambda rows: np.mean([m.predict_proba(prepare(rows))[:, 1] for m in models], axis=0)


losses = np.concatenate(
    [
        log_loss(rows[LABEL][held], fit(rows[known], ensembles=1)(rows[held]))
        for known, held in folds(rows)
        if held.any() and rows[LABEL][known].nunique() == 2
    ]
)
MODEL = fit(rows)


# %% cell="predict_answer"
def predict(rows):
    """Probability of a label of 1, (n,). Text that is no number raises a ValueError."""
    if not len(rows):
        return np.empty(0)
    return MODEL(rows)


# %% cell="estimate_answer"
middle = losses.mean()
half = 1.28 * np.hypot(losses.std() * 2 / np.sqrt(len(losses)), 0.01)
ESTIMATE = {"low": max(middle - half, 0), "log_loss": middle, "high": middle + half}
