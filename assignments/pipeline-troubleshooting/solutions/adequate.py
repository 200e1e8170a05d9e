# title = "All that fails is mended; what fails nothing is not seen"
# quality = "adequate"
# like = "strong"
# total = [40, 75]
# mean = [50, 75]
# failing = ["repairs", "whole", "guard", "diagnosis"]

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
stale = [replaced(*change) for change in STALE]
withdraw = [found[1] for found in published.values() if found][-1:]
answer = {"issues": issues, "withdraw": withdraw, "test": "stale" if any(stale) else "right"}
(WORK / "diagnosis.json").write_text(json.dumps(answer, indent=1), "utf-8")

GUARD = """import csv
import statistics
import sys
from pathlib import Path

raw, day = Path(sys.argv[2]), sys.argv[4]


def rows_of(path):
    with open(path, encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def price(rows, shop):
    return statistics.median([float(r["price_eur"].replace(",", ".")) for r in rows if r["shop"] == shop] or [0])


rows = rows_of(raw / f"{day}.csv")
paths = [path for path in sorted(raw.glob("2*.csv")) if path.stem < day]
before = [rows_of(path) for path in paths]
found = len(rows) < 0.4 * sum(map(len, before)) / len(before)
found |= all(row["cancelled"] in ("", "0") for row in rows)
found |= {row["booking_id"] for row in rows} == {row["booking_id"] for row in before[-1]}
for shop in ("north", "south", "harbour"):
    own = [row for row in rows if row["shop"] == shop]
    found |= any(all(row[name] in ("", "0") for row in own) for name in ("visits_before", "reminder_sent"))
    found |= sum(row["booked_at"][:10] > row["appointment"] for row in own if row["booked_at"][:2] == "20") > 5
    now, past = price(rows, shop), statistics.median([price(each, shop) for each in before])
    found |= not past / 4 < now < past * 4
sys.exit(2 if found else 0)
"""
(WORK / "guard.py").write_text(GUARD, "utf-8")

# %% [markdown] cell="log_answer"
# Looked at the last log, mended what failed, ran it again, until it ended with 0 and the tests passed.

# %% [markdown] cell="impact_answer"
# Code and configuration were changed wrongly, so no model was published.

# %% [markdown] cell="prevention_answer"
# Reviews for changes of the configuration, and a run in CI.
