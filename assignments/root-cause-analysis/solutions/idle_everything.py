# title = "Nothing looked at: all rows, all entries, all hypotheses alike; a constant guard"
# quality = "idle"
# total = [0, 15]
# failing = ["trace", "affected", "remedy_effect", "transfer"]
# ended = "completed"

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "none"

# %% cell="onset_answer"
ONSET = str(log["served_at"].iloc[len(log) // 2])[:10]

# %% cell="trace_2"
spread_2 = spread_1
next_test_2 = "none"

# %% cell="changelog_answer"
CHANGELOG = {entry: 1 / 6 for entry in case.questions["named_entries"]}


# %% cell="affected_answer"
def affected(rows):
    return np.ones(len(rows), dtype=bool)


# %% cell="remedy_answer"
REMEDY_TYPE = "repair_input"


def remediate(rows):
    return rows.copy()


# %% cell="trace_3"
spread_3 = spread_1
next_test_3 = "none"


# %% cell="transfer_answer"
def guard(reference, window):
    return True


# %% cell="shares_answer" levels=["senior"]
SHARES = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
