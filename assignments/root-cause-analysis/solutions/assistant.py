# title = "Written in one pass from the brief, never looked at again"
# quality = "assistant"
# mean = [15, 80]
# total = [0, 100]
# ended = "completed"

# %% cell="performance_more"
performance("log_loss")

# %% cell="trace_1"
offered = hypothesis_ids()
spread_1 = {name: 100 / len(offered) for name in offered}
next_test_1 = "find the day of the drop, then slice by host, client, feed and version"
decision_trace(1, spread_1, next_test_1)

# %% cell="investigate"
from toolkit.model import CATEGORIES, NUMBERS

scored = log[log["late"].notna() & log["score"].notna()].copy()
p = scored["score"].clip(0.01, 0.99)
scored["loss"] = -(scored["late"] * np.log(p) + (1 - scored["late"]) * np.log(1 - p))
daily = scored.groupby(scored["served_at"].dt.normalize())["loss"].mean()
# the split of the days that explains most of the variance of the daily loss
splits = {
    day: (daily[daily.index >= day].mean() - daily[daily.index < day].mean())
    * np.sqrt((daily.index < day).sum() * (daily.index >= day).sum())
    for day in daily.index[7:-7]
}
start = max(splits, key=splits.get)
before, after = log[log["served_at"] < start], log[log["served_at"] >= start]

rises = {}
for by in ("host", "client", "feed", "model_version"):
    old = scored[scored["served_at"] < start].groupby(by)["loss"].mean()
    new = scored[scored["served_at"] >= start].groupby(by)["loss"].mean()
    for group, rise in (new - old).dropna().items():
        rises[by, group] = rise

evidence = dict.fromkeys(offered, 0.0)
unseen = {c: set(after[c].dropna()) - set(before[c].dropna()) for c in CATEGORIES}
renamed = next((c for c, names in unseen.items() if names), None)
gone_missing = (after[list(NUMBERS)].isna().mean() - before[list(NUMBERS)].isna().mean()).idxmax()
more_missing = after[gone_missing].isna().mean() - before[gone_missing].isna().mean()
ratio = after[list(NUMBERS)].median() / before[list(NUMBERS)].median()
moved = np.log(ratio.where(ratio > 0)).abs().idxmax()
evidence["duplicated_events"] = 5.0 * log["prediction_id"].duplicated().any()
evidence["recoded_category"] = 4.0 * bool(renamed)
evidence["segment_nulls"] = 30 * more_missing
evidence["default_on_failed_fetch"] = -30 * more_missing
evidence["unit_change"] = 2 * abs(np.log(ratio[moved]))
evidence["wrong_threshold"] = 10 * abs(after["flagged"].mean() - before["flagged"].mean())
evidence["concept_change"] = 1.0
evidence = {name: max(0.1, value) for name, value in evidence.items() if name in offered}
guess = max(evidence, key=evidence.get)
pd.Series(evidence).sort_values()[::-1].round(2).to_frame("evidence")

# %% [markdown] cell="investigation_answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | an input changed | missing rates, medians and levels before and after | table above | the top line is likely |
# | one host or client | loss by group before and after | `rises` | considered |
# | repeated events | repeated prediction ids | table above | considered |
# | the world changed | daily loss | rises at one day | cannot be ruled out |

# %% cell="onset_answer"
ONSET = str(start.date())

# %% cell="trace_2"
spread_2 = {name: 100 * value / sum(evidence.values()) for name, value in evidence.items()}
next_test_2 = "replay a remedy for the top hypothesis"
decision_trace(2, spread_2, next_test_2)

# %% cell="changelog_answer"
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
distance = (pd.to_datetime(entries["at"]) - start).abs().dt.total_seconds() / 86400
weight = np.exp(-distance)
CHANGELOG = dict(zip(entries["entry"], (0.8 * weight / weight.sum()).tolist(), strict=True))

# %% cell="affected_answer"
rules = {
    "duplicated_events": repeated(by="prediction_id"),
    "recoded_category": where(since=ONSET, **{renamed: sorted(unseen[renamed])})
    if renamed
    else where(since=ONSET),
    "segment_nulls": where(since=ONSET, **{gone_missing: missing()}),
}
affected = rules.get(guess, where(since=ONSET))

# %% cell="remedy_answer"
remedies = {
    "duplicated_events": ("mend_measurement", drop_duplicates(by="prediction_id")),
    "wrong_threshold": ("correct_threshold", set_threshold(case.questions["threshold"])),
    "unit_change": ("repair_input", rescale(moved, 1 / ratio[moved], 0.0, where(since=ONSET))),
}
REMEDY_TYPE, remediate = remedies.get(guess, ("retrain", retrain(ONSET)))

# %% cell="trace_3"
spread_3 = spread_2
next_test_3 = "watch the metric after the remedy"
decision_trace(3, spread_3, next_test_3)


# %% cell="transfer_answer"
def guard(reference, window):
    """Alarm when any reading lies outside what the healthy weeks have shown."""
    for column in ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa", "humidity"):
        low, high = reference[column].quantile([0.001, 0.999])
        if (~window[column].between(low, high) & window[column].notna()).mean() > 0.05:
            return True
    return False


# %% cell="shares_answer" levels=["senior"]
SHARES = {name: value for name, value in spread_2.items() if value > 20} or {guess: 100}

# %% [markdown] cell="incident_note_answer"
# **For engineers**
#
# The daily log loss rises at one day. Around that day an input or the serving changed; the table of
# evidence above ranks the possible causes. The top one should be mended first and the metric watched.
# Further investigation may be needed.
#
# **For the business, in five sentences**
#
# The predictions became less reliable in the last weeks. We have identified the most likely cause. A fix
# is being prepared. We will monitor the results closely. No action is needed from you at this time.

# %% [markdown] cell="prevention_answer"
# - today: apply the remedy
# - this week: add monitoring for inputs, scores and outcomes
# - this quarter: improve the process for changes upstream
# - caught on day one by: data quality checks with alerts

# %% [markdown] cell="disclosure_answer"
# Assistants used: for all of it
