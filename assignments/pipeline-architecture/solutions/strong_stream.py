# title = "A log and streams, and keys that are thrown away"
# quality = "strong"
# total = [95, 100]
# mean = [97, 100]
# ended = "completed"
# like = "strong"

# %% cell="design_answer"
import re
from math import ceil, floor


def told(pattern):
    return float(re.search(pattern, case.dossier + case.history).group(1))


NEEDS = {
    "freshness_h": told(r"\*\*(\d+) minutes\*\* old") / 60,
    "erase_days": told(r"Signed was: (\d+) hours") / 24,
    "audit_days": 7 * told(r"may now reach (\d+) weeks"),
    "backfill_days": 7 * told(r"for the last (\d+) weeks"),
    "backfill_h": told(r"be there (\d+) hours later"),
    "budget": 13 * told(r"may cost (\d+) money in a week"),
}
LOW, HIGH = told(r"At its end ([\d.]+) to"), told(r"At its end [\d.]+ to ([\d.]+) times")
labels = facts["labels"]
WAIT = ceil(np.interp(0.92, labels["known"], labels["days"]))
PEAK = case.week.max() * HIGH
EVERY, WINDOW = 168, 28


def design(needs):
    # what comes at the peak may be worked off in the night where features may be half a day old
    most = PEAK * 1.1 if needs["freshness_h"] < 6 else case.week.mean() * HIGH * 1.25
    partitions = ceil(most / facts["parts"]["stream_load"]["speed"])
    workers = ceil(most / facts["parts"]["stream_features"]["speed"])
    keep = ceil(max(WAIT + WINDOW, needs["backfill_days"])) + 2
    old = needs["backfill_days"] * 24 * case.week.mean() * HIGH / needs["backfill_h"]
    burst = min(200, ceil(1.2 * old / facts["parts"]["stream_features"]["speed_old"]))
    audit = int(needs["audit_days"]) + 2
    return f"""\
components:
  shop: {{kind: events, to: [topic]}}
  returns: {{kind: labels, to: [people, watch]}}
  topic: {{kind: stream_load, partitions: {partitions}, lateness_h: 20, to: [registry_of_schemas]}}
  registry_of_schemas: {{kind: contract, to: [once]}}
  once: {{kind: dedup, window_h: 20, to: [looks_right]}}
  looks_right: {{kind: checks, threshold: 3.5, on_fail: hold, to: [tokens]}}
  tokens: {{kind: mask, to: [replay]}}
  replay: {{kind: log, keep_days: {keep}, to: [flow, fit]}}
  flow: {{kind: stream_features, workers: {workers}, burst: {burst}, to: [lookup, fit]}}
  lookup: {{kind: online, to: [answers]}}
  people: {{kind: label_audit, looked_at: 150, to: [fit]}}
  repo: {{kind: code, tests: on_data, to: [fit]}}
  fit: {{kind: trainer, every_h: {EVERY}, window_days: {WINDOW}, wait_days: {WAIT}, machine: spot, to: [better, copies]}}
  copies: {{kind: snapshots, keep_days: {audit}}}
  better: {{kind: gate, margin: 0.1, to: [models]}}
  models: {{kind: registry, versions: {ceil(audit * 24 / EVERY) + 2}, lineage: code_and_data, to: [answers]}}
  answers: {{kind: serving, replicas: {ceil(PEAK / facts["parts"]["serving"]["rows"])}, to: [said, watch]}}
  said: {{kind: predictions, keep_days: {audit}}}
  watch: {{kind: monitor, looks_at: [outputs], every_h: 24, action: roll_back}}
  clock: {{kind: orchestrator, retries: 1}}
  elsewhere: {{kind: standby, mode: warm}}
  keys: {{kind: vault, to: [replay, lookup, copies, said]}}
"""


DESIGN = design(NEEDS)
edit(DESIGN)
