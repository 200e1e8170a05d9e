# title = "Every fault where it was made, found by log, test, expectation and history"
# quality = "strong"
# total = [99, 100]

# %% cell="work"
import csv
import json
import re
from datetime import datetime, timezone, UTC
from pathlib import Path

# what was found to be wrong, and what is right by docs/EXPECTED.md and docs/DATA.md
FOUND = {
    "date_form": (
        "pipeline/ingest.py",
        '("%Y-%m-%d %H:%M",)',
        '("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M")',
    ),
    "decimal_comma": (
        "pipeline/ingest.py",
        "return float(text)",
        'return float(text.replace(",", "."))',
    ),
    "byte_order_mark": ("pipeline/ingest.py", 'encoding="utf-8",', 'encoding="utf-8-sig",'),
    "known_codes": ("config/pipeline.toml", '"app"]', '"app", "partner"]'),
    "repeated_rows": (
        "pipeline/ingest.py",
        "return rows.reset_index(drop=True)",
        'return rows.drop_duplicates("booking_id", keep="last").reset_index(drop=True)',
    ),
    "window_too_short": ("config/pipeline.toml", "window_days = 14", "window_days = 28"),
    "penalty_too_strong": (
        "config/pipeline.toml",
        "inverse_penalty = 0.0001",
        "inverse_penalty = 1.0",
    ),
    "stops_too_soon": ("config/pipeline.toml", "max_iter = 2\n", "max_iter = 200\n"),
    "feature_name": ("config/pipeline.toml", '"lead_days"', '"lead_log"'),
    "nothing_held_out": ("config/pipeline.toml", "holdout_days = 0", "holdout_days = 7"),
    "gate_too_high": ("config/pipeline.toml", "least_gain = 0.5", "least_gain = 0.005"),
    "serves_oldest": ("pipeline/registry.py", "versions(folder)[0] if", "versions(folder)[-1] if"),
    "feature_order": (
        "pipeline/deploy.py",
        'sorted(model["features"])',
        'model["features"]',
    ),
    "rounded_model": ("pipeline/model.py", "round(each, 0)", "each"),
    "second_version": (
        "pipeline/registry.py",
        'return f"{name}-{taken + 1}" if taken else name',
        "return name",
    ),
    "gate_turned_round": (
        "pipeline/evaluate.py",
        '>= found["current"] - gate["tolerance"]',
        '<= found["current"] + gate["tolerance"]',
    ),
    "lead_time_lost": (
        "pipeline/features.py",
        "((appointment - booked).dt.seconds // 86400)",
        "(appointment - booked).dt.days",
    ),
    "labels_too_early": (
        "pipeline/ingest.py",
        ', kind="stable", ascending=False)',
        ', kind="stable")',
    ),
    "blank_visits": (
        "pipeline/features.py",
        '.fillna(rows["visits_before"].median().round() + 1)',
        ".fillna(0)",
    ),
    "wrong_weekday": (
        "pipeline/features.py",
        '"weekend": (booked.dt',
        '"weekend": (appointment.dt',
    ),
}
SILENT = ("lead_time_lost", "labels_too_early", "blank_visits", "wrong_weekday")
STALE = (
    ("tests/test_registry.py", '"model-2031-05-09"', '"m-20310509"'),
    (
        "tests/test_gate.py",
        "assert not evaluate.is_good_enough(found(0.505, 0.50), GATE)",
        "assert evaluate.is_good_enough(found(0.505, 0.50), GATE)",
    ),
    (
        "tests/test_validate.py",
        "assert validate.checked(rows, LIMITS)[1] == {}",
        'assert validate.checked(rows, LIMITS)[1] == {"price out of range": 1}',
    ),
)
WORK = Path("work")


def replaced(name, wrong, right):
    path = WORK / name
    text = path.read_text("utf-8")
    if wrong not in text:
        return False
    path.write_text(text.replace(wrong, right), "utf-8")
    return True


HISTORY = json.loads(Path("case/work.history.json").read_text("utf-8"))
RUNS = sorted(path.stem for path in Path("case/runs").glob("20*.log"))


def code_at(day):
    """The files that the night after a day ran: it was started at two."""
    files = {}
    for commit in HISTORY:
        if str(datetime.fromtimestamp(commit["time"], UTC).date()) <= day:
            files.update(commit["files"])
    return files


present = [
    name for name, change in FOUND.items() if change[1] in (WORK / change[0]).read_text("utf-8")
]


def is_in(name, day):
    file, wrong, _ = FOUND[name]
    return wrong in (code_at(day).get(file) or "")


def is_met(name, day):
    """Whether the day's export has what the fault trips over: it may have waited for the data."""
    text = Path("case/raw", f"{day}.csv").read_text("utf-8")
    if name == "byte_order_mark":
        return text.startswith("\ufeff")
    return name != "decimal_comma" or re.search(r'"\d+,\d\d"', text) is not None


def first_run(name):
    return next(d for d in RUNS if is_in(name, d) and is_met(name, d))


issues = [{"mechanism": name, "first_bad_run": first_run(name)} for name in present]
silent = next(name for name in present if name in SILENT)
published = {
    d: re.search(r"register: (\S+) published", Path("case/runs", f"{d}.log").read_text("utf-8"))
    for d in RUNS
}
withdraw = [found[1] for d, found in published.items() if found and is_in(silent, d)]
for name in present:
    replaced(*FOUND[name])
stale = [replaced(*change) for change in STALE]
answer = {"issues": issues, "withdraw": withdraw, "test": "stale" if any(stale) else "right"}
(WORK / "diagnosis.json").write_text(json.dumps(answer, indent=1), "utf-8")

GUARD = '''"""python guard.py --raw DIR --day 2031-06-09: may the export of that day be used?

Ends with 0 where it may, with 2 where it may not, and prints why. Limits come from the nights before.
"""

import argparse
import csv
import statistics
import sys
from datetime import datetime
from pathlib import Path

SHOPS = ("north", "south", "harbour")


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list({row["booking_id"]: row for row in csv.DictReader(file)}.values())


def price(row):
    return float(row["price_eur"].replace(",", "."))


def booked(row):
    for form in ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        try:
            return datetime.strptime(row["booked_at"], form)
        except ValueError:
            continue
    return None


def problems(raw, day):
    today = rows_of(raw / f"{day}.csv")
    before = [rows_of(path) for path in sorted(raw.glob("2*.csv")) if path.stem < day]
    found = []
    usual = statistics.median(map(len, before))
    if len(today) < 0.33 * usual:
        found.append(f"{len(today)} rows, usually {usual:.0f}")
    ids = {row["booking_id"] for row in today}
    if before and len(ids & {row["booking_id"] for row in before[-1]}) > 0.5 * max(len(ids), 1):
        found.append("most of it was in the export of the day before")
    for shop in SHOPS:
        own = [price(row) for row in today if row["shop"] == shop]
        past = [price(row) for rows in before for row in rows if row["shop"] == shop]
        if not own:
            found.append(f"no row of {shop}")
        elif not 0.2 < statistics.median(own) / statistics.median(past) < 5:
            found.append(f"prices of {shop} are in another unit")
    for name, empty in (("visits_before", ("",)), ("cancelled", ("0", "")), ("reminder_sent", ("0", ""))):
        if all(row[name] in empty for row in today):
            found.append(f"{name} was not entered")
    late = [row for row in today if booked(row) and str(booked(row).date()) > row["appointment"]]
    if len(late) > 0.2 * len(today):
        found.append("appointments before their booking")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--day", required=True)
    given = parser.parse_args()
    found = problems(given.raw, given.day)
    print("\\n".join(found) or "the export can be used")
    sys.exit(2 if found else 0)
'''
(WORK / "guard.py").write_text(GUARD, "utf-8")

# %% cell="look"
print(runs())

# %% cell="diagnosis_answer"
import json

with open("work/diagnosis.json") as _file:
    DIAGNOSIS = json.load(_file)

# %% [markdown] cell="log_answer"
# The last log first: it ends in the exports. I expected a bad file; the export is as docs/DATA.md says, so the code has changed: `git log -p` of that file shows where. A night then stopped later, for another reason, and so on until one ended with 0. Dead end: ten minutes on the rows that stand twice; they are put together, nothing is lost. What failed nothing: the log loss jumped from one night to the next, and the current model's with it, so features or labels had changed and not the model. I compared learned.csv of two commits.

# %% [markdown] cell="impact_answer"
# Each fault with its first night stands in work/diagnosis.json. The worst is the silent one: for some nights the shops overbooked by predictions that knew less than half of what they could. The others only cost a night without a new model.

# %% [markdown] cell="prevention_answer"
# The silent one: alarm when the log loss of the *current* model moves by more than 0.03 overnight, which no new model explains; it would be wrong after holidays, so it warns and does not stop. Config: a test that runs one night with the shipped configuration (40 s a merge). Exports: the guard. Withdrawing: mark versions with the commit they were learned with.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
