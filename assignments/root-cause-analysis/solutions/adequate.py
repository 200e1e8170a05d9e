# title = "Splits before and after, sees the cause, mends it roughly"
# quality = "adequate"
# ended = "completed"
# mean = { junior = [55, 78], standard = [55, 75], senior = [52, 75] }
# total = [15, 100]

# %% cell="performance_more"
performance("reported")

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "compare the columns before and after the drop"
decision_trace(1, spread_1, next_test_1)

# %% cell="investigate"
first, last = log["served_at"].min(), log["served_at"].max()
before = log[log["served_at"] < first + pd.Timedelta(days=28)]
after = log[log["served_at"] >= last - pd.Timedelta(days=10)]
signs = {}  # hypothesis -> (how strong from 0 to 1, rows that show it)

# versions and threshold
score = pd.Series(case.models.score(log), index=log.index)
mismatch = (log["score"] - score).abs() > 0.001
by_host = mismatch[after.index].groupby(after["host"]).mean()
some = by_host.max() > 0.1
if some and by_host.min() > 0.5:
    signs["wrong_model"] = (1.0, mismatch)
elif some and after.loc[mismatch[after.index], "score"].nunique() < 5:
    signs["fallback_at_timeout"] = (1.0, mismatch)
elif some:  # hosts differ; which of the two I did not find out
    signs["old_version_on_part_of_fleet"] = (0.6, mismatch)
    signs["transform_skew"] = (0.5, mismatch)
flags = log["flagged"] != (log["score"] >= case.questions["threshold"])
if flags[after.index].mean() > 0.02:
    signs["wrong_threshold"] = (1.0, flags)

# the measurement
twice = log["prediction_id"].duplicated()
if twice.any():
    signs["duplicated_events"] = (1.0, twice)
other_trip = log["reported_trip_key"].notna() & (log["reported_trip_key"] != log["trip_key"])
if other_trip.mean() > 0.01:
    signs["label_join"] = (1.0, other_trip)
old_reports = log["label_age_days"] > 2
if old_reports[after.index].mean() > 0.02:
    signs["partial_batch"] = (0.7, old_reports)
no_outcome = log["late"].isna() & (log["served_at"] < last - pd.Timedelta(days=2))
if no_outcome[after.index].mean() > 0.1:
    signs["censored_labels"] = (0.8, no_outcome)

# the inputs
known = case.models.preprocessing[log["prep_version"].iloc[0]]["levels"]
for column in ("carrier", "region"):
    unknown = ~log[column].isin(known[column])
    if unknown.any():
        signs["recoded_category"] = (1.0, unknown)
for column in ("temp_c", "wind_kmh", "visibility_km", "queue_len", "inbound_delay_min"):
    empty = after[column].isna().groupby(after["client"]).mean()
    if empty.max() > 0.3:
        signs["segment_nulls"] = (1.0, (log["client"] == empty.idxmax()) & log[column].isna())
    top = after[column].mode().iloc[0]
    if (after[column] == top).mean() > (before[column] == top).mean() + 0.2 and top == 0:
        signs["default_on_failed_fetch"] = (1.0, log[column] == top)
    means = after.groupby("feed")[column].median() + 1e-9
    usual = before.groupby("feed")[column].median() + 1e-9
    change = (means / usual).abs()
    if change.max() > 3 * max(change.min(), 0.2) and means.max() > 1:
        feed = change.idxmax()
        signs["unit_change"] = (
            0.8,
            (log["feed"] == feed) & (log[column] > before[column].quantile(0.99)),
        )

# the world
share = after["region"].value_counts(normalize=True) - before["region"].value_counts(normalize=True)
if share.max() > 0.15 and "recoded_category" not in signs:
    signs["mix_shift"] = (0.8, log["region"] == share.idxmax())


# not everything that changed did harm: where the AUC is the same without the rows, it is no cause
def auc_of(rows):
    rows = rows[rows["late"].notna()]
    ranks, late = rows["score"].rank(), rows["late"] == 1
    return (ranks[late].mean() - (late.sum() + 1) / 2) / (~late).sum()


seen_elsewhere = ("wrong_threshold", "partial_batch", "censored_labels")  # not in the log's AUC
for name in [name for name in signs if name not in seen_elsewhere]:
    if auc_of(after[~signs[name][1][after.index]]) < auc_of(after) + 0.003:
        del signs[name]
if not signs:  # nothing wrong with what I looked at: relations or the world
    signs = {
        "concept_change": (0.5, log["served_at"] > last),
        "swapped_codes": (0.35, log["served_at"] > last),
        "stale_feature": (0.3, log["served_at"] > last),
        "retrained_on_bad_data": (0.3, log["served_at"] > last),
    }
signs = {name: sign for name, sign in signs.items() if name in hypothesis_ids()}
pd.Series({name: sign[0] for name, sign in signs.items()})

# %% [markdown] cell="investigation_answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | wrong model, old version | scored the log again with the versions it names, by host | see the cell above | kept if hosts differ |
# | wrong threshold | flags against the agreed threshold | see the cell above | kept if they disagree |
# | changed inputs | missing values by client, most frequent value, medians by feed before and after | see the cell above | the column that jumps |
# | repeated or wrongly joined rows | ids that repeat, trip keys that don't match | counts above | kept if there are any |
# | concept change | what is left if nothing else shows | not tested by itself | least sure |

# %% cell="onset_answer"
best = max(signs, key=lambda name: signs[name][0])
marked = signs[best][1]
per_day = marked.groupby(log["served_at"].dt.date).mean()
usual = per_day.iloc[:28]
jump = per_day[per_day > usual.mean() + 6 * usual.std() + 0.005]
if len(jump):
    ONSET = str(jump.index[0])
else:  # the dashboard's AUC, smoothed
    daily = case.dashboard.dropna(subset=["auc"])
    low = (
        daily["auc"].rolling(3).mean()
        < daily["auc"].iloc[:28].mean() - 1.5 * daily["auc"].iloc[:28].std()
    )
    days = daily.loc[low & (daily["day"] > first + pd.Timedelta(days=28)), "day"]
    ONSET = str(days.iloc[0] if len(days) else last)[:10]

# %% cell="trace_2"
total = sum(strength for strength, _ in signs.values())
spread_2 = {name: 100 * strength / total for name, (strength, _) in signs.items()}
next_test_2 = "replay a repair"
decision_trace(2, spread_2, next_test_2)

# %% cell="changelog_answer"
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
near = 1 / (
    1
    + (entries["at"] - pd.Timestamp(ONSET) - pd.Timedelta(hours=12)).abs().dt.total_seconds()
    / 43200
)
place = {
    "feeds": ("unit_change", "default_on_failed_fetch", "recoded_category", "swapped_codes"),
    "client": ("segment_nulls",),
    "scoring service": ("wrong_model", "wrong_threshold", "retrained_on_bad_data"),
    "hosts": ("old_version_on_part_of_fleet", "transform_skew", "fallback_at_timeout"),
    "loaders": ("duplicated_events", "label_join", "partial_batch", "censored_labels"),
}
fits = entries["component"].map(lambda c: 4.0 if best in place.get(c, ()) else 0.5)
weight = near * fits
CHANGELOG = dict(zip(entries["entry"], 0.85 * weight / weight.sum()))

# %% cell="affected_answer"
segment = {}
if best in ("old_version_on_part_of_fleet", "transform_skew", "fallback_at_timeout"):
    segment = {"host": list(by_host.index[by_host > 0.1])}
if best == "segment_nulls":
    segment = {"client": after.loc[marked[after.index], "client"].mode()[0]}
if best == "mix_shift":
    segment = {"region": share.idxmax()}
affected = (
    repeated("prediction_id") if best == "duplicated_events" else where(since=ONSET, **segment)
)


# %% cell="remedy_answer"
kinds = {
    "wrong_threshold": ("correct_threshold", set_threshold(case.questions["threshold"])),
    "duplicated_events": ("mend_measurement", drop_duplicates()),
    "label_join": ("mend_measurement", join_again()),
    "partial_batch": ("mend_measurement", as_not_reported()),
    "censored_labels": ("mend_measurement", as_not_reported()),
    "mix_shift": ("mend_measurement", retrain(ONSET)),
    "wrong_model": ("roll_back", score_again()),
    # take the hosts out until they are repaired
    "fallback_at_timeout": ("replay_with_right_version", leave_out(affected)),
    "transform_skew": ("replay_with_right_version", leave_out(affected)),
    "old_version_on_part_of_fleet": ("replay_with_right_version", leave_out(affected)),
}
REMEDY_TYPE, remediate = kinds.get(best, ("repair_input", None))
if best in ("concept_change", "retrained_on_bad_data"):
    REMEDY_TYPE, remediate = "retrain", retrain(ONSET)
if remediate is None:
    # call the spoiled values missing; the preprocessing fills them in
    columns = ["temp_c", "wind_kmh", "visibility_km", "queue_len", "inbound_delay_min"]
    limits = {c: (before[c].quantile(0.001), before[c].quantile(0.999)) for c in columns}

    def remediate(rows):
        rows = rows.copy()
        for column, (low, high) in limits.items():
            strange = affected(rows) & ~rows[column].between(low, high)
            rows[column] = rows[column].mask(strange)
        return rows


replay(remediate)

# %% cell="trace_3"
# what it could be mistaken for; I have not tested these against each other
rivals = {
    "unit_change": ("default_on_failed_fetch", "stale_feature"),
    "default_on_failed_fetch": ("unit_change", "segment_nulls"),
    "segment_nulls": ("default_on_failed_fetch", "partial_batch"),
    "recoded_category": ("swapped_codes", "mix_shift"),
    "wrong_model": ("transform_skew", "retrained_on_bad_data"),
    "wrong_threshold": ("wrong_model", "concept_change"),
    "fallback_at_timeout": ("old_version_on_part_of_fleet", "wrong_model"),
    "duplicated_events": ("label_join", "mix_shift"),
    "label_join": ("concept_change", "partial_batch"),
    "partial_batch": ("label_join", "censored_labels"),
    "censored_labels": ("partial_batch", "mix_shift"),
    "mix_shift": ("concept_change", "recoded_category"),
}
# one sign may mean something else; two that do not exclude each other are more believable
sure = 38 if len(signs) == 1 else 60
spread_3 = {name: sure * strength / total for name, (strength, _) in signs.items()}
others = [name for name in rivals.get(best, ()) if name in hypothesis_ids()]
for name in others or hypothesis_ids():
    spread_3[name] = spread_3.get(name, 0) + (100 - sure) / len(others or hypothesis_ids())
next_test_3 = "ask the owner of the feed"
decision_trace(3, spread_3, next_test_3)


# %% cell="transfer_answer"
def guard(reference, window):
    """Three simple limits, one for each way a reading can go wrong."""
    frozen = window.groupby("station")["temp_c"].apply(lambda x: (x.diff() == 0).mean()).max()
    zero = (window["pressure_hpa"] == 0).mean()
    level = window.groupby("station")["temp_c"].mean()
    return bool(frozen > 0.6 or zero > 0.05 or level.max() - level.median() > 20)


try_guard(guard)

# %% cell="shares_answer" levels=["senior"]
SHARES = {name: 100 * strength / total for name, (strength, _) in signs.items()}

# %% [markdown] cell="incident_note_answer"
# **For engineers**
#
# Since the day given as ONSET the figures are worse. The cause that fits best is the first one in my third
# spread; the cell `investigate` shows which rows. I scored the log again and compared the inputs before and
# after by feed and client. The remedy in section 10 wins part of the loss back in the replay. I did not look
# into relations between columns, so an error there is still possible.
#
# **For the business, in five sentences**
#
# Our late-arrival warnings have been less reliable for about two weeks. Some passengers were warned for
# nothing, others were not warned. We think that we know the cause. A correction is ready and being checked.
# We will tell you when the figures are normal again.

# %% [markdown] cell="prevention_answer"
# - today: put the remedy of section 10 in place and watch the daily figures
# - this week: check the same thing in the other feeds, hosts and releases
# - this quarter: add checks of ranges, unknown codes and repeated ids before scoring
# - caught on day one by: an alert on missing values, unknown codes and the share flagged per day

# %% [markdown] cell="disclosure_answer"
# Assistants used: for pandas syntax
