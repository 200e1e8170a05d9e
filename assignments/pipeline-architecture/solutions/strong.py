# title = "Nightly batches grown up: jobs, an object store, an erasure job that knows every copy"
# quality = "strong"
# total = [96, 100]
# mean = [98.5, 100]
# ended = "completed"

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
days, known = case.facts.data["labels"]["days"], case.facts.data["labels"]["known"]
WAIT = ceil(np.interp(0.92, known, days))  # fewer outcomes would teach it that all is well
PEAK = case.week.max() * HIGH


def sizes(needs):
    """What every kind of design needs to know: hours between runs, days kept, workers for old rows."""
    fresh = max(h for h in (1, 2, 3, 4, 6, 8, 12) if h <= max(1, needs["freshness_h"] / 2.5))
    old = needs["backfill_days"] * 24 * case.week.mean() * HIGH / needs["backfill_h"]
    audit = int(needs["audit_days"]) + 2
    return fresh, ceil(max(WAIT + WINDOW, needs["backfill_days"])) + 2, old, audit


EVERY, WINDOW = 168, 28


def common(needs, store, erased, stores, entry="agreed"):
    """Guards, training, release, what is kept, who is erased: the same for every kind of design."""
    _, _, _, audit = sizes(needs)
    every = max(1, floor(needs["erase_days"]) - 1)
    away = {
        "eraser": f"{{kind: eraser, every_days: {every}, to: [{stores}, copies, said]}}",
        "vault": f"{{kind: vault, to: [{stores}, copies, said]}}",
    }[erased]
    return f"""
  shop: {{kind: events, to: [load]}}
  returns: {{kind: labels, to: [people, watch]}}
  agreed: {{kind: contract, to: [once]}}
  once: {{kind: dedup, window_h: 24, to: [looks_right]}}
  looks_right: {{kind: checks, threshold: 3.4, on_fail: hold, to: [tokens]}}
  tokens: {{kind: mask, to: [{store}]}}
  people: {{kind: label_audit, looked_at: 200, to: [fit]}}
  repo: {{kind: code, tests: on_data, to: [fit]}}
  fit: {{kind: trainer, every_h: {EVERY}, window_days: {WINDOW}, wait_days: {WAIT}, machine: spot, to: [better, copies]}}
  copies: {{kind: snapshots, keep_days: {audit}}}
  better: {{kind: gate, margin: 0.1, to: [models]}}
  models: {{kind: registry, versions: {ceil(audit * 24 / EVERY) + 2}, lineage: code_and_data, to: [answers]}}
  answers: {{kind: serving, replicas: {ceil(PEAK / facts["parts"]["serving"]["rows"])}, to: [said, watch]}}
  said: {{kind: predictions, keep_days: {audit}}}
  watch: {{kind: monitor, looks_at: [outputs], every_h: 24, action: roll_back}}
  clock: {{kind: orchestrator, retries: 2}}
  elsewhere: {{kind: standby, mode: warm}}
  forget: {away}
"""


def machines(rows, kind):
    return min(20, max(1, ceil(rows / facts["parts"][kind]["speed"])))


def design(needs):
    fresh, keep, old, _ = sizes(needs)
    rows = PEAK * fresh / 3  # one run's rows in a third of its interval
    burst = ceil(1.3 * old / facts["parts"]["batch_features"]["speed"])
    return f"""\
components:
  load: {{kind: batch_load, every_h: {fresh}, machines: {machines(rows, "batch_load")}, lateness_h: 24, to: [agreed]}}
  bucket: {{kind: lake, keep_days: {keep}, to: [tables, fit]}}
  tables: {{kind: batch_features, every_h: {fresh}, machines: {machines(rows, "batch_features")}, burst: {min(200, burst)}, to: [lookup, fit]}}
  lookup: {{kind: online, to: [answers]}}""" + common(needs, "bucket", "eraser", "bucket, lookup")


DESIGN = design(NEEDS)
edit(DESIGN)

# %% cell="rehearsal"
rehearse(DESIGN, growth=HIGH, needs=NEEDS)

# %% cell="numbers_answer"
from dataclasses import replace

from toolkit.quarters import grown, owing
from worksample.workbook.design.pipeline import line
from worksample.workbook.design.quarter import Event, simulate

asked = case.facts.needing(NEEDS)
own = line(asked.read(DESIGN).design, asked)
resource = "storage" if "that storage will cost" in case.history else "compute"
# the history's mildest and worst
SPANS = {
    "schema": [Event("schema", 700, hours=h) for h in (4, 10)],
    "doubled": [Event("doubled", 700, hours=h, size=s) for h, s in ((8, 2.5), (20, 4.5))],
    "late": [Event("late", 900, hours=h) for h in (8, 20)],
    "value": [Event("value", 1200, hours=h, size=s) for h, s in ((4, 3.5), (10, 7))],
    "labels": [Event("labels", 700, hours=h, size=s) for h, s in ((72, 0.25), (144, 0.45))],
    "code": [Event("code", 700, size=s) for s in (0.12, 0.35)],
    "trainer": [Event("trainer", 700), Event("trainer", 1000)],
    "price": [Event("price", 700, size=s, what=resource) for s in (1.3, 1.8)],
}


def quarters(growth, *events):
    return grown(case.week, growth, *case.late, (*owing(asked.data["needs"]), *events))


def ran(*many):
    return simulate([own] * len(many), many, asked)


ends = []
for growth, end in ((LOW, 0), ((LOW + HIGH) / 2, 1), (HIGH, 1)):
    data = [SPANS[kind][end] for kind in ("schema", "doubled", "late", "value", "labels")]
    calm, faulty, dearer = ran(
        quarters(growth), quarters(growth, *data), quarters(growth, SPANS["price"][end])
    )
    ends.append(
        {
            "rows_day": calm.rows_day,
            "stored_tb": calm.stored_tb,
            "train_rows": calm.train_rows,
            "worst_age_h": faulty.worst_age_h,
            "cost_month": dearer.cost_month,
        }
    )


def around(values, part=0.01, least=0.0):
    low, high = min(values), max(values)
    return (
        round(max(0.0, low - part * low - least), 2),
        round(high + part * high + least, 2),
    )


NUMBERS = {name: around([end[name] for end in ends]) for name in ends[0]}
# how old features get hangs on the hour at which rows stay away
tried = [Event("late", 900 + at, hours=h) for at in range(0, 24, 4) for h in (8, 14, 20)]
oldest = [each.worst_age_h for each in ran(*(quarters(HIGH, event) for event in tried))]
NUMBERS["worst_age_h"] = around([np.quantile(oldest, 0.2), max(oldest)])
NUMBERS

# %% cell="failures_answer"
FAILURES = {}
middle = (LOW + HIGH) / 2
components = asked.read(DESIGN).design.components
for kind in ("schema", "doubled", "value", "labels", "code", "trainer"):
    first = ran(quarters(middle, SPANS[kind][1]))[0].caught[kind]
    out = components[first].kind if first else ""
    # when it comes is not known either: just before a training, long before it, in the night
    tried = [replace(e, out=out, at=e.at + later) for e in SPANS[kind] for later in (0, 61, 131)]
    calm, *told_of = ran(quarters(middle), *(quarters(middle, event) for event in tried))
    costs = [max(0.0, each.loss - calm.loss) for each in told_of]
    second = told_of[-1].caught[kind] or "nobody"
    FAILURES[kind] = (first or "nobody", second, *around(costs, 0.02, 5))
FAILURES

# %% cell="open_change"
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()) as said:
    open_change()
CHANGE = said.getvalue()
print(CHANGE)

# %% cell="revised_answer"
found = {
    "freshness_h": r"at most ([\d.]+) hours old",
    "erase_days": r"(\d+) days after somebody",
    "audit_days": r"reach (\d+) days back",
    "backfill_days": r"for the last (\d+) days of rows",
    "backfill_h": r"of rows, and (\d+) hours later",
}
LATER = dict(NEEDS)
for name, pattern in found.items():
    if match := re.search(pattern, CHANGE):
        LATER[name] = float(match.group(1))
REVISED = design(LATER)
edit(REVISED, "REVISED")

# %% [markdown] cell="choices_answer"
# - **Batches at a third of the allowed age**, on Airflow and Spark, into Parquet on an object store with Iceberg. Against a stream: it would be fresher than anybody asked for and costs a fifth more. Were the limit below an hour, it would win.
# - **Trainings wait until 92 % of the outcomes are known**; a window of four weeks. Younger rows look good because nobody has complained yet: that is most of what today's model loses. I decided against 99 %, which makes the rows a week older.
# - **Copies of what each weekly training saw** instead of all states of the store: the supervisor's weeks times one copy a week is less than every state of every row.
# - What binds: I ran the design with each requirement at last quarter's value and looked which saved most.

# %% [markdown] cell="governance_answer"
# - Erasure: the request's key goes into a table; the job deletes it from the bucket, look-ups, copies and answers; a query for the key over all of them is the proof and is kept without the name.
# - A model is published by the pipeline after the gate, released by whoever owns it; who is on call may take it back without asking.
# - Names end at masking; the table of tokens is elsewhere, with two people's access, and is read for erasure only.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
