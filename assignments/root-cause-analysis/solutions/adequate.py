# title = "Finds the cause, is sure of little, and runs out of time"
# quality = "adequate"
# like = "strong"
# ended = "completed"
# mean = { junior = [55, 80], standard = [60, 80], senior = [40, 75] }
# total = [30, 90]

# %% cell="trace_2"
# the first suspect that a test has found, not held against its rivals
spread_2 = {name: 50 / len(hypothesis_ids()) for name in hypothesis_ids()}
spread_2[main.cause] += 50
next_test_2 = "replay a repair"
decision_trace(2, spread_2, next_test_2)

# %% cell="changelog_answer"
# the nearer to the first day, the likelier; what the entries say is not held against the cause
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
days = (entries["at"] - main.first_bad).abs() / pd.Timedelta(days=1)
weight = 1 / (3 + days)
CHANGELOG = dict(zip(entries["entry"], 0.9 * weight / weight.sum()))


# %% cell="affected_answer"
def affected(rows):
    return np.asarray(main.rows(rows), dtype=bool)


# %% cell="remedy_answer"
# right in kind; that it touches sound rows too, and what the other cause takes, was not looked at
REMEDY_TYPE = main.remedy


def remediate(rows):
    return main.mend(rows)


replay(remediate)

# %% cell="trace_3"
# two more that stand beside it on the list could look the same; I have not tested them apart
names = list(hypothesis_ids())
beside = [names[names.index(main.cause) - step] for step in (1, 2)]
spread_3 = {name: 28 / len(names) for name in names}
for name, points in zip([main.cause, *beside], (32, 20, 20)):
    spread_3[name] += points
next_test_3 = "watch the dashboard for a week"
decision_trace(3, spread_3, next_test_3)


# %% cell="transfer_answer"
def guard(reference, window):
    return False  # no time left


# %% cell="shares_answer" levels=["senior"]
SHARES = {f.cause: 100 / len(findings) for f in findings}
