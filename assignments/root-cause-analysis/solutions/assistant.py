# title = "One pass of an assistant, from the brief alone"
# quality = "assistant"
# ended = "completed"
# mean = { junior = [45, 95], standard = [35, 85], senior = [20, 75] }
# total = [0, 100]

# %% cell="trace_1"
spread_1 = {name: 100 / len(hypothesis_ids()) for name in hypothesis_ids()}
next_test_1 = "Systematically check data quality, schema, versions, labels and distribution shift"
decision_trace(1, spread_1, next_test_1)

# %% cell="investigate"
from scipy import stats

log["day"] = pd.to_datetime(log["served_at"]).dt.floor("D")
daily = case.dashboard.set_index("day")
# change point on the daily AUC
values = daily["auc"].interpolate().bfill()
costs = {
    d: values[:d].var() * (values.index < d).sum() + values[d:].var() * (values.index >= d).sum()
    for d in values.index[10:-5]
}
change_point = min(costs, key=costs.get)
pre, post = log[log["day"] < change_point], log[log["day"] >= change_point]
log = log.drop(columns="day")

evidence = dict.fromkeys(hypothesis_ids(), 0.05)


def found(name, weight):
    if name in evidence:
        evidence[name] = max(evidence[name], weight)


# 1. data quality
missing_jump, missing_where = 0, None
for column in ("temp_c", "wind_kmh", "visibility_km", "queue_len", "inbound_delay_min"):
    for group in ("client", "feed", "host"):
        rate = post.groupby(group)[column].apply(lambda x: x.isna().mean())
        jump = rate.max() - pre[column].isna().mean()
        if jump > missing_jump:
            missing_jump, missing_where = jump, (column, group, rate.idxmax())
if missing_jump > 0.1:
    found("segment_nulls", 3)

new_levels = {
    c: sorted(set(post[c].dropna()) - set(case.training[c].dropna()))
    for c in ("carrier", "origin", "region")
}
if any(new_levels.values()):
    found("recoded_category", 3)

spike = None
for column in ("temp_c", "wind_kmh", "visibility_km", "queue_len", "inbound_delay_min"):
    shift = (
        post[column]
        .value_counts(normalize=True)
        .sub(pre[column].value_counts(normalize=True), fill_value=0)
    )
    if shift.max() > 0.15:
        spike = (column, shift.idxmax())
        found("default_on_failed_fetch", 2.5)

unit = None
for column in (
    "temp_c",
    "wind_kmh",
    "inbound_delay_min",
    "visibility_km",
    "queue_len",
    "pressure_hpa",
):
    for feed in post["feed"].unique():
        a = pre.loc[pre["feed"] == feed, column].dropna()
        b = post.loc[post["feed"] == feed, column].dropna()
        ks = stats.ks_2samp(a, b).statistic
        ratio = b.quantile(0.9) / (a.quantile(0.9) + 1e-9)
        if ks > 0.35 and (ratio > 1.6 or ratio < 0.6) and spike is None:
            unit = (column, feed, ratio)
            found("unit_change", 2)

# 2. scoring
rescored = case.models.score(post)
mismatch = np.abs(rescored - post["score"]) > 1e-3
if mismatch.mean() > 0.02:
    hosts = mismatch.groupby(post["host"]).mean()
    if hosts.min() > 0.5:
        found("wrong_model", 3)
    elif post.loc[mismatch, "score"].nunique() <= 3:
        found("fallback_at_timeout", 3)
    else:
        found("old_version_on_part_of_fleet", 2)
        found("transform_skew", 1.5)
threshold = post.loc[post["flagged"] == 1, "score"].min()
if (
    abs(threshold - case.questions["threshold"]) > 0.02
    or post.loc[post["flagged"] == 0, "score"].max() > case.questions["threshold"] + 0.02
):
    found("wrong_threshold", 3)

# 3. measurement
if log["prediction_id"].duplicated().mean() > 0.01:
    found("duplicated_events", 3)
if (post["reported_trip_key"] != post["trip_key"])[post["late"].notna()].mean() > 0.15:
    found("label_join", 2.5)
if post["label_age_days"].gt(2).mean() > 0.03:
    found("partial_batch", 2)
if post["late"].isna().mean() > 0.25:
    found("censored_labels", 2)

# 4. the world
mix = (
    post["region"]
    .value_counts(normalize=True)
    .sub(pre["region"].value_counts(normalize=True), fill_value=0)
)
if mix.abs().max() > 0.12:
    found("mix_shift", 1.5)
if max(evidence.values()) < 1:
    found("concept_change", 1.0)
    found("stale_feature", 0.4)
    found("swapped_codes", 0.4)
    found("retrained_on_bad_data", 0.4)
top = max(evidence, key=evidence.get)
evidence

# %% [markdown] cell="investigation_answer"
# | hypothesis | test: what did you look at, what would refute it? | result | so |
# |---|---|---|---|
# | data quality (nulls, new categories, defaults, units) | missing rates by segment, new levels against training, most frequent values, KS test by feed | see the evidence dictionary | weighted |
# | wrong model or version | rescored the log with the stated versions | see the evidence dictionary | weighted |
# | label problems | duplicated ids, mismatched trip keys, label age | see the evidence dictionary | weighted |
# | mix shift or concept change | region shares, remaining explanation | see the evidence dictionary | weighted |

# %% cell="onset_answer"
ONSET = str(change_point.date())

# %% cell="trace_2"
total = sum(evidence.values())
spread_2 = {name: 100 * value / total for name, value in evidence.items()}
next_test_2 = "Replay the remedy and compare the AUC with the baseline"
decision_trace(2, spread_2, next_test_2)

# %% cell="changelog_answer"
component = {
    "unit_change": "feeds", "default_on_failed_fetch": "feeds", "recoded_category": "feeds",
    "swapped_codes": "feeds", "stale_feature": "feeds", "segment_nulls": "client",
    "wrong_model": "scoring service", "wrong_threshold": "scoring service",
    "retrained_on_bad_data": "scoring service", "transform_skew": "hosts",
    "old_version_on_part_of_fleet": "hosts", "fallback_at_timeout": "hosts",
    "duplicated_events": "loaders", "label_join": "loaders", "partial_batch": "loaders",
    "censored_labels": "loaders",
}  # fmt: skip
entries = case.changes[case.changes["entry"].isin(case.questions["named_entries"])]
CHANGELOG = {
    e.entry: 0.7 if e.component == component.get(top) else 0.05 for e in entries.itertuples()
}


# %% cell="affected_answer"
def affected(rows):
    rows = rows.copy()
    after = pd.to_datetime(rows["served_at"]) >= pd.Timestamp(ONSET)
    if top == "segment_nulls":
        column, group, value = missing_where
        return after & (rows[group] == value) & rows[column].isna()
    if top == "recoded_category":
        return after & np.logical_or.reduce([rows[c].isin(v) for c, v in new_levels.items()])
    if top == "default_on_failed_fetch":
        return after & (rows[spike[0]] == spike[1])
    if top == "unit_change":
        return after & (rows["feed"] == unit[1]) & rows[unit[0]].notna()
    if top == "wrong_threshold":
        return rows["flagged"] != (rows["score"] >= case.questions["threshold"])
    if top == "duplicated_events":
        return rows["prediction_id"].duplicated()
    if top == "label_join":
        return rows["reported_trip_key"].notna() & (rows["reported_trip_key"] != rows["trip_key"])
    if top in (
        "fallback_at_timeout",
        "old_version_on_part_of_fleet",
        "transform_skew",
        "wrong_model",
    ):
        return after & (np.abs(case.models.score(rows) - rows["score"]) > 1e-3)
    if top == "mix_shift":
        return after & (rows["region"] == mix.idxmax())
    return after


# %% cell="remedy_answer"
REMEDY_TYPE = {
    "wrong_model": "roll_back",
    "retrained_on_bad_data": "roll_back",
    "wrong_threshold": "correct_threshold",
    "fallback_at_timeout": "replay_with_right_version",
    "old_version_on_part_of_fleet": "replay_with_right_version",
    "transform_skew": "replay_with_right_version",
    "duplicated_events": "mend_measurement",
    "label_join": "mend_measurement",
    "censored_labels": "mend_measurement",
    "partial_batch": "wait",
    "mix_shift": "retrain",
    "concept_change": "retrain",
}.get(top, "repair_input")


def remediate(rows):
    if top in (
        "wrong_model",
        "fallback_at_timeout",
        "old_version_on_part_of_fleet",
        "transform_skew",
    ):
        return score_again()(rows)
    if top == "wrong_threshold":
        return set_threshold(case.questions["threshold"])(rows)
    if top == "duplicated_events":
        return drop_duplicates()(rows)
    if top == "label_join":
        return join_again()(rows)
    if top == "partial_batch":
        return as_not_reported()(rows)
    if top == "censored_labels":
        return rows[rows["arm"] == "explore"]
    if top == "unit_change":
        return rescale(unit[0], 1 / unit[2], 0, affected)(rows)
    if top == "default_on_failed_fetch":
        return as_missing(spike[0], affected)(rows)
    if top in ("concept_change", "mix_shift", "retrained_on_bad_data"):
        return retrain(ONSET)(rows)
    return rows


# %% cell="trace_3"
spread_3 = spread_2
next_test_3 = "Monitor after the fix"
decision_trace(3, spread_3, next_test_3)


# %% cell="transfer_answer"
def guard(reference, window):
    for _, part in window.groupby("station"):
        run = (part["temp_c"].diff() == 0) & (part["wind_kmh"].diff() == 0)
        if run.rolling(20).sum().max() >= 20:
            return True
        if ((part["visibility_km"] == 0) & (part["pressure_hpa"] == 0)).mean() > 0.2:
            return True
    medians = window.groupby("station")["temp_c"].median()
    return bool(medians.max() - medians.median() > 12)


try_guard(guard)

# %% cell="shares_answer" levels=["senior"]
best_two = sorted(evidence, key=evidence.get)[-2:]
SHARES = {best_two[1]: 65, best_two[0]: 35}

# %% [markdown] cell="incident_note_answer"
# **For engineers**
#
# A systematic investigation across data quality, scoring, measurement and distribution shift was conducted. The
# evidence dictionary summarises the findings; the hypothesis with the highest weight is the most likely root
# cause. The onset was located with a change-point analysis of the daily AUC. The recommended remediation is
# implemented in `remediate`. Residual uncertainty remains about secondary causes.
#
# **For the business, in five sentences**
#
# Our late-arrival predictions have recently become less reliable. We identified the most likely reason through a
# structured analysis. A fix has been prepared and validated. We expect performance to return to normal soon. We
# will keep you informed about progress.

# %% [markdown] cell="prevention_answer"
# - today: deploy the fix and monitor the metrics closely
# - this week: add data validation (schema, ranges, categories) to the pipeline
# - this quarter: introduce continuous monitoring of drift, model performance and label quality with alerts
# - caught on day one by: automated data validation and parity tests

# %% [markdown] cell="disclosure_answer"
# Assistants used: written by an assistant in one pass
