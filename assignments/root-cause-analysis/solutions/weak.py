# title = "Blames the entry nearest to the dip"
# quality = "weak"
# mean = [10, 40]
# total = { junior = [0, 100], standard = [0, 80], senior = [0, 80] }
# ended = "completed"

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "look at the change log"

# %% cell="investigate"
timeline("auc")

# %% [markdown] cell="investigation_answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | new model | timeline with the change log | the AUC falls around a release | likely |
# | drift | the AUC again | it is lower now | likely |

# %% cell="onset_answer"
daily = case.dashboard.dropna(subset=["auc"])
drop = daily["auc"].rolling(5).mean().diff(5)
ONSET = str(daily.loc[drop.idxmin(), "day"])[:10]

# %% cell="trace_2"
spread_2 = spread_1
next_test_2 = "retrain"

# %% cell="changelog_answer"
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
distance = (entries["at"] - pd.Timestamp(ONSET)).abs()
CHANGELOG = dict.fromkeys(entries["entry"], 0.02)
CHANGELOG[entries.loc[distance.idxmin(), "entry"]] = 0.9

# %% cell="affected_answer"
affected = where(since=ONSET)

# %% cell="remedy_answer"
REMEDY_TYPE = "roll_back"
older = log.groupby("model_version")["served_at"].min().sort_values().index[0]
remediate = roll_back(older, where(since=ONSET))

# %% cell="trace_3"
spread_3 = {name: 40 / (len(hypothesis_ids()) - 1) for name in hypothesis_ids()}
likely = [n for n in ("wrong_model", "concept_change", "unit_change") if n in hypothesis_ids()]
spread_3[likely[0] if likely else hypothesis_ids()[0]] = 60
next_test_3 = "see if the new model is better"


# %% cell="transfer_answer"
def guard(reference, window):
    """An alarm if a mean is far from the reference's."""
    for column in ("temp_c", "wind_kmh", "visibility_km", "pressure_hpa"):
        spread = reference[column].std()
        if abs(window[column].mean() - reference[column].mean()) > 3 * spread:
            return True
    return False


# %% cell="shares_answer" levels=["senior"]
SHARES = spread_3

# %% [markdown] cell="incident_note_answer"
# **For engineers**
#
# The model got worse after a deployment. The AUC fell. We should roll back and see.
#
# **For the business, in five sentences**
#
# The AUC of the model has dropped. This is probably due to drift or the release. We will roll back the
# deployment. Then we will retrain. Everything will be fine after that.

# %% [markdown] cell="prevention_answer"
# - today: roll back
# - this week: retrain the model
# - this quarter: better monitoring
# - caught on day one by: an alert on the AUC

# %% [markdown] cell="disclosure_answer"
# Assistants used: none
