# title = "Every fault where it was made, found by log, test, expectation, history and exports"
# quality = "strong"
# total = [99, 100]

# %% cell="work"
import csv
import json
import re
from datetime import UTC, datetime, timedelta
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
    "known_codes": ("pipeline/validate.py", "isin(CHANNELS)", 'isin(limits["channels"])'),
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
}
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
published = {
    d: re.search(r"register: (\S+) published", Path("case/runs", f"{d}.log").read_text("utf-8"))
    for d in RUNS
}
for name in present:
    replaced(*FOUND[name])

# what fails nothing: the exports shop by shop, day by day, against docs/DATA.md
EXPORTS = {}
for path in sorted(Path("case/raw").glob("2*.csv")):
    with open(path, encoding="utf-8-sig", newline="") as file:
        EXPORTS[path.stem] = list({r["booking_id"]: r for r in csv.DictReader(file)}.values())
FIRST = {}  # booking -> the export that reported it first
for day, rows in EXPORTS.items():
    for row in rows:
        FIRST.setdefault(row["booking_id"].lower(), day)


def signs(shop, day):
    """For each mechanism whether the shop's bookings of a day show it; None where nothing tells."""
    of_shop = {d: [r for r in rows if r["shop"] == shop] for d, rows in EXPORTS.items()}
    new = [r for r in of_shop[day] if FIRST[r["booking_id"].lower()] == day]
    new = [r for r in new if r["appointment"] in (day, yesterday(day))]
    ids = {r["booking_id"].lower() for r in new}
    again = [r for d in EXPORTS if d > day for r in of_shop[d] if r["booking_id"].lower() in ids]
    nobody_new = not any(r["visits_before"] in ("", "0") for r in new)
    return {
        "outcome_turned_round": all(r["cancelled"] == "0" for r in again) if again else None,
        "visit_counted_in": False if not nobody_new else True if len(new) > 11 else None,
        "number_changed": any(r["booking_id"].isupper() for r in again) if again else None,
        "clock_reset": any(
            "2031-01-01" in r["updated_at"] or "01.01.2031" in r["updated_at"] for r in again
        )
        if again
        else None,
        "day_early": all(r["appointment"] < day for r in new) if new else None,
    }


def yesterday(day):
    return str(datetime.fromisoformat(day).date() - timedelta(days=1))


def begins(values):
    """The day since which most of what can be told is so; None where it never is."""
    days = [d for d in values if values[d]]
    worth = {
        d: sum((3 if v else -1) * (v is not None) for e, v in values.items() if e >= d)
        for d in days
    }
    best = max(worth, key=worth.get, default=None)  # of equal ones the first
    return best if best and worth[best] > 15 else None


DAYS = list(EXPORTS)[3:]  # what is reported again in the first three was new before them
SIGNS = {shop: {day: signs(shop, day) for day in DAYS} for shop in ("north", "south", "harbour")}
touched = {}
for mechanism in SIGNS["north"][DAYS[0]]:
    for shop, values in SIGNS.items():
        own = {day: found[mechanism] for day, found in values.items()}
        if begins(own):
            touched.setdefault(mechanism, {})[shop] = own
silent = (
    "day_early" if "day_early" in touched else max(touched, key=lambda name: len(touched[name]))
)
own = touched[silent]
since = min(begins(values) for values in own.values())
days = [d for d in DAYS if d >= since]
paused = [
    d
    for d in days
    if any(v[d] is False for v in own.values()) and not any(v[d] for v in own.values())
]
issues.append({"mechanism": silent, "first_bad_run": since})
fitted = str(datetime.fromisoformat(since).date() + timedelta(days=7))  # seven days are held out
withdraw = [found[1] for d, found in published.items() if found and d >= fitted]
HOW = {
    "outcome_turned_round": """if "cancelled" in row:
            row["cancelled"] = "10"[int(row["cancelled"])]""",
    "visit_counted_in": 'row["visits_before"] = str(int(row["visits_before"]) - 1)',
    "number_changed": 'row["booking_id"] = row["booking_id"].lower()',
    "clock_reset": "pass  # reports are taken in the order of their exports, below",
    "day_early": 'row["appointment"] = day',
}[silent]
ingest = (WORK / "pipeline/ingest.py").read_text("utf-8")
ingest = ingest.replace(
    "list(csv.DictReader(file))", "[as_agreed(row) for row in csv.DictReader(file)]"
)
ingest = ingest.replace('    rows = rows.sort_values("updated_at", kind="stable")\n', "")
ingest = ingest.replace("import csv\n", "import csv\nfrom datetime import date, timedelta\n")
ingest += f'''

def as_agreed(row):
    """A row as docs/DATA.md has it: the tills of some shops write otherwise since a day."""
    day = row["appointment"]
    if {silent == "day_early"}:
        day = str(date.fromisoformat(day) + timedelta(days=1))
    if row["shop"] in {sorted(own)} and day >= "{since}" and day not in {paused}:
        {HOW}
    return row
'''
(WORK / "pipeline/ingest.py").write_text(ingest, "utf-8")
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
FEW = 9  # rows of a shop, below which nothing is said of them all


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list({row["booking_id"]: row for row in csv.DictReader(file)}.values())


def price(row):
    return float(row["price_eur"].replace(",", "."))


def booked(row):
    for form in ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        try:
            return str(datetime.strptime(row["booked_at"], form).date())
        except ValueError:
            continue
    return ""


def of_shop(shop, today, before, day):
    """What is wrong with one shop's rows; those reported again can only be cancellations."""
    own = [row for row in today if row["shop"] == shop]
    past = [row for rows in before for row in rows if row["shop"] == shop]
    if not own:
        return ["no row"]
    found = []
    if not 0.2 < statistics.median(map(price, own)) / statistics.median(map(price, past)) < 5:
        found.append("prices in another unit")
    if sum(booked(row) > row["appointment"] for row in own) > 0.2 * len(own):
        found.append("appointments before their booking")
    new = [row for row in own if row["appointment"] == day]
    again = [row for row in own if row["appointment"] < day]
    cancelled = sum(row["cancelled"] == "1" for row in new)
    if not new:
        found.append("no appointment of the day")
    elif any(row["cancelled"] != "1" for row in again) or not again and cancelled > 0.6 * len(new):
        found.append("outcomes turned round")
    if len(own) >= FEW:
        if all(row["visits_before"] == "" for row in own):
            found.append("visits blank")
        if all(row["reminder_sent"] in ("", "0") for row in own):
            found.append("no reminder")
    return found


def problems(raw, day):
    today = rows_of(raw / f"{day}.csv")
    before = [rows_of(path) for path in sorted(raw.glob("2*.csv")) if path.stem < day]
    found = []
    usual = statistics.median(map(len, before))
    if len(today) < 0.33 * usual:
        found.append(f"{len(today)} rows, usually {usual:.0f}")
    ids = {row["booking_id"] for row in today}
    if len(ids & {row["booking_id"] for row in before[-1]}) > 0.5 * max(len(ids), 1):
        found.append("most of it was in the export of the day before")
    if all(row["cancelled"] in ("0", "") for row in today):
        found.append("nobody cancelled")
    for shop in SHOPS:
        found += [f"{shop}: {problem}" for problem in of_shop(shop, today, before, day)]
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
# The last log first: it ends in the exports. I expected a bad file; the export is as docs/DATA.md says, so the code has changed: `git log -p` of that file shows where. A night then stopped later, for another reason, and so on until one ended with 0. Dead end: ten minutes on the rows that stand twice; they are put together, nothing is lost. What failed nothing: the log loss left its course while the current model's went with it, so rows had changed and not the model. I suspected the three commits of those evenings first: the same learned.csv and features before and after each of them, so it is in the exports. Then figures of each column, shop by shop and day by day: one column of one or two shops says something else since a day.

# %% [markdown] cell="impact_answer"
# Each fault with its first night stands in work/diagnosis.json. The worst is the silent one: for some nights the shops overbooked by predictions that knew less than half of what they could. The others only cost a night without a new model.

# %% [markdown] cell="prevention_answer"
# The silent one: the guard, shop by shop; and alarm when the log loss of the *current* model moves by more than 0.03 overnight, which no new model explains; it would be wrong after holidays, so it warns and does not stop. Config: a test that runs one night with the shipped configuration (40 s a merge). Exports: the guard. Withdrawing: mark versions with the commit they were learned with.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none.
