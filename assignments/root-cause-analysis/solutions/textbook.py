# title = "PSI of every column, the biggest drift is the cause"
# quality = "textbook"
# mean = [10, 45]
# total = [0, 85]
# ended = "completed"

# %% cell="performance_more"
performance("log_loss")

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "population stability index of every input against the training data"

# %% cell="investigate"
from toolkit.model import CATEGORIES, NUMBERS


def psi(expected, actual, bins=10):
    """Population stability index, sum of (a - e) ln(a / e) over deciles of ``expected``."""
    if pd.api.types.is_numeric_dtype(expected) and expected.nunique() > bins:
        edges = np.unique(np.quantile(expected.dropna(), np.linspace(0, 1, bins + 1)))
        edges[0], edges[-1] = -np.inf, np.inf
        e = np.histogram(expected.dropna(), edges)[0]
        a = np.histogram(actual.dropna(), edges)[0]
    else:
        levels = pd.concat([expected, actual]).unique()
        e = expected.value_counts().reindex(levels).fillna(0).to_numpy()
        a = actual.value_counts().reindex(levels).fillna(0).to_numpy()
    e, a = np.clip(e / e.sum(), 1e-4, None), np.clip(a / a.sum(), 1e-4, None)
    return float(np.sum((a - e) * np.log(a / e)))


newest = log[log["served_at"] >= log["served_at"].max() - pd.Timedelta(days=14)]
columns = [*CATEGORIES, *NUMBERS]
drift = pd.Series({c: psi(case.training[c], newest[c]) for c in columns}).sort_values()[::-1]
biggest = drift.index[0]
drift.round(3).to_frame("PSI")

# %% [markdown] cell="investigation_answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | data drift | PSI of every column, last two weeks against training | several columns above 0.2 | yes |
# | the column with the highest PSI is the cause | PSI table | first line of the table | the input changed |
# | concept drift | log loss by day | it rises | possible |

# %% cell="onset_answer"
# the first day whose week has a PSI above 0.25 in that column
days = pd.date_range(log["served_at"].min().normalize() + pd.Timedelta(days=7), periods=48)
weekly = pd.Series(
    {
        day: psi(
            log.loc[log["served_at"] < days[14], biggest],
            log.loc[log["served_at"].between(day, day + pd.Timedelta(days=3)), biggest],
        )
        for day in days[14:]
    }
)
ONSET = str((weekly.index[weekly > 0.25][0] if (weekly > 0.25).any() else weekly.idxmax()).date())

# %% cell="trace_2"
offered = hypothesis_ids()
guess = "recoded_category" if biggest in CATEGORIES else "unit_change"
guess = (
    guess if guess in offered else "concept_change" if "concept_change" in offered else offered[0]
)
spread_2 = {guess: 100}
next_test_2 = "retrain on recent data"

# %% cell="changelog_answer"
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
CHANGELOG = {row.entry: 0.7 if row.component == "feeds" else 0.05 for row in entries.itertuples()}

# %% cell="affected_answer"
affected = where(since=ONSET)

# %% cell="remedy_answer"
REMEDY_TYPE = "retrain"
remediate = retrain(ONSET, where(since=ONSET))

# %% cell="trace_3"
rest = [name for name in offered if name != guess]
spread_3 = {guess: 70, **{name: 30 / len(rest) for name in rest}}
next_test_3 = "PSI after retraining"


# %% cell="transfer_answer"
def guard(reference, window):
    """The rule of thumb: a PSI above 0.25 is a significant shift."""
    numbers = ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa", "humidity")
    return bool(max(psi(reference[c], window[c]) for c in numbers) > 0.25)


# %% cell="shares_answer" levels=["senior"]
SHARES = {guess: 100}

# %% [markdown] cell="incident_note_answer"
# **For engineers**
#
# Data drift was detected with the population stability index: at least one input is above 0.25, which
# means a significant shift. The column with the highest value is the root cause. The model should be
# retrained on recent data.
#
# **For the business, in five sentences**
#
# The data that our model sees has changed. Models get worse when the data drifts. We measured this with
# an established statistic. We will retrain the model on newer data. This should bring the performance back.

# %% [markdown] cell="prevention_answer"
# - today: retrain
# - this week: add PSI monitoring for all inputs with an alert at 0.25
# - this quarter: automatic retraining when drift is detected
# - caught on day one by: PSI

# %% [markdown] cell="disclosure_answer"
# Assistants used: none
