# title = "Nothing looked at: a model fitted again on the second half of the log, whatever happened"
# quality = "idle"
# total = [0, 40]
# failing = ["trace", "affected", "remedy_effect", "transfer"]
# ended = "completed"

# %% cell="onset_answer"
ONSET = str(log["served_at"].iloc[3 * len(log) // 4])[:10]

# %% cell="changelog_answer"
CHANGELOG = {entry: 0.0 for entry in case.questions["named_entries"]}


# %% cell="affected_answer"
def affected(rows):
    return rows["score"] >= 0.5


# %% cell="remedy_answer"
REMEDY_TYPE = "retrain"
remediate = retrain(str(log["served_at"].iloc[len(log) // 2])[:10])


# %% cell="transfer_answer"
def guard(reference, window):
    return len(window) % 2 == 0
