# title = "What can be bought: a managed loader, a warehouse, a feature store"
# quality = "strong"
# total = [96, 100]
# mean = [98, 100]
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
WAIT = ceil(np.interp(0.9, labels["known"], labels["days"]))
PEAK = case.week.max() * HIGH
EVERY, WINDOW = 168, 30


def design(needs):
    fresh = 1 if needs["freshness_h"] < 6 else 6
    keep = ceil(max(WAIT + WINDOW, needs["backfill_days"])) + 2
    old = needs["backfill_days"] * 24 * case.week.mean() * HIGH / needs["backfill_h"]
    burst = min(200, ceil(1.2 * old / facts["parts"]["feature_store"]["speed"]))
    audit = int(needs["audit_days"]) + 2
    runs = max(1, floor(needs["erase_days"]) - 1)
    return f"""\
components:
  shop: {{kind: events, to: [connector]}}
  returns: {{kind: labels, to: [people, watch]}}
  connector: {{kind: managed_load, every_h: {fresh}, lateness_h: 24, to: [agreed]}}
  agreed: {{kind: contract, to: [looks_right]}}
  looks_right: {{kind: checks, threshold: 3.3, on_fail: hold, to: [tokens]}}
  tokens: {{kind: mask, to: [house]}}
  house: {{kind: warehouse, keep_days: {keep}, to: [features, fit]}}
  features: {{kind: feature_store, every_h: {fresh}, keep_days: 2, burst: {burst}, to: [answers, fit]}}
  people: {{kind: label_audit, looked_at: 150, to: [fit]}}
  repo: {{kind: code, tests: unit, to: [fit]}}
  fit: {{kind: trainer, every_h: {EVERY}, window_days: {WINDOW}, wait_days: {WAIT}, machine: spot, to: [better, copies]}}
  copies: {{kind: snapshots, keep_days: {audit}}}
  better: {{kind: gate, margin: 0.09, to: [models]}}
  models: {{kind: registry, versions: {ceil(audit * 24 / EVERY) + 2}, lineage: code_and_data, to: [answers]}}
  answers: {{kind: serving, replicas: {ceil(PEAK / facts["parts"]["serving"]["rows"])}, first: 0.1, watch_h: 24, to: [said, watch]}}
  said: {{kind: predictions, keep_days: {audit}}}
  watch: {{kind: monitor, looks_at: [inputs], every_h: 12, action: roll_back}}
  clock: {{kind: orchestrator, retries: 2}}
  elsewhere: {{kind: standby, mode: warm}}
  forget: {{kind: eraser, every_days: {runs}, to: [house, features, copies, said]}}
"""


DESIGN = design(NEEDS)
edit(DESIGN)
