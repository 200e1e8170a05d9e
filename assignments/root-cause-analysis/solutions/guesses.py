# title = "Nothing looked at: every row, every entry, every hypothesis alike"
# quality = "weak"
# total = [0, 40]
# failing = ["onset", "trace", "remedy_effect", "transfer"]
# ended = "completed"

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "none"

# %% cell="onset_answer"
ONSET = "2000-01-01"

# %% cell="trace_2"
spread_2 = spread_1
next_test_2 = "none"

# %% cell="changelog_answer"
CHANGELOG = {entry: 1.0 for entry in case.questions["named_entries"]}


# %% cell="affected_answer"
def affected(rows):
    return np.ones(len(rows), dtype=bool)


# %% cell="remedy_answer"
REMEDY_TYPE = "wait"


def remediate(rows):
    return rows.copy()


# %% cell="trace_3"
spread_3 = spread_1
next_test_3 = "none"


# %% cell="transfer_answer"
def guard(reference, window):
    return True


SHARES = {name: 1.0 for name in hypothesis_ids()}
