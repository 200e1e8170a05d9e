# title = "Modules written anew by docs/EXPECTED.md, and a guard of figures"
# quality = "strong"
# like = "strong"
# total = [97, 100]

# %% cell="work"
import itertools
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

# what gives each mechanism away, as git log -S would look for it
SIGNS = """
date_form           | pipeline/ingest.py   | ("%Y-%m-%d %H:%M",)
decimal_comma       | pipeline/ingest.py   | return float(text)
byte_order_mark     | pipeline/ingest.py   | encoding="utf-8",
known_codes         | pipeline/validate.py | isin(CHANNELS)
repeated_rows       | pipeline/ingest.py   | return rows.reset_index(drop=True)
window_too_short    | config/pipeline.toml | window_days = 14
penalty_too_strong  | config/pipeline.toml | inverse_penalty = 0.0
stops_too_soon      | config/pipeline.toml | max_iter = 2$
feature_name        | config/pipeline.toml | "lead_days"
nothing_held_out    | config/pipeline.toml | holdout_days = 0
gate_too_high       | config/pipeline.toml | least_gain = 0.5
serves_oldest       | pipeline/registry.py | versions(folder)[0]
feature_order       | pipeline/deploy.py   | sorted(
rounded_model       | pipeline/model.py    | round(
second_version      | pipeline/registry.py | taken + 1
gate_turned_round   | pipeline/evaluate.py | >= found["current"]
"""
SIGNS = [[part.strip() for part in line.split("|")] for line in SIGNS.strip().splitlines()]
MET = {"decimal_comma": r'"\d+,\d\d"', "byte_order_mark": "^\ufeff"}  # in an export
work, given = Path("work"), Path("case")
history = json.loads((given / "work.history.json").read_text("utf-8"))
logs = {path.stem: path.read_text("utf-8") for path in sorted(given.glob("runs/20*.log"))}


def evening(commit):
    return datetime.fromtimestamp(commit["time"], UTC).date().isoformat()


# the history once through: what stands in the code after each evening's commits
standing, after = set(), {"": set()}
for day, commits in itertools.groupby(history, evening):
    for commit in commits:
        for name, file, sign in SIGNS:
            if file in commit["files"]:
                text = (commit["files"][file] or "") + "\n"
                there = sign in text if sign[-1] != "$" else f"{sign[:-1]}\n" in text
                (standing.add if there else standing.discard)(name)
    after[day] = set(standing)
ran = {night: after[max(day for day in after if day <= night)] for night in logs}


def trips(name, night):
    export = (given / "raw" / f"{night}.csv").read_text("utf-8")
    return re.search(MET.get(name, ""), export) is not None


issues, withdraw = [], []
for name in sorted(standing):
    nights = [night for night, code in ran.items() if name in code and trips(name, night)]
    issues.append({"mechanism": name, "first_bad_run": nights[0]})

# every report there is, and figures of each shop's bookings of a day that should not move
reports = pd.concat(
    [
        pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        .drop_duplicates("booking_id")
        .assign(export=path.stem)
        for path in sorted(given.glob("raw/2*.csv"))
    ]
)
reports["key"] = reports["booking_id"].str.lower()
reports["of"] = reports.groupby("key")["export"].transform("min")
again = reports["export"] > reports["of"]
yesterday = (pd.to_datetime(reports["export"]) - pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")
new = ~again & (
    (reports["appointment"] == reports["export"]) | (reports["appointment"] == yesterday)
)
days = ["shop", "of"]
many = reports[new].groupby(days).size() > 11
figures = pd.DataFrame(
    {
        "outcome_turned_round": (reports["cancelled"] == "0")[again]
        .groupby([reports[d][again] for d in days])
        .mean(),
        "number_changed": reports["booking_id"]
        .str.isupper()[again]
        .groupby([reports[d][again] for d in days])
        .mean(),
        "clock_reset": reports["updated_at"]
        .str.contains(r"2031-01-01|01\.01\.2031")[again]
        .groupby([reports[d][again] for d in days])
        .mean(),
        "visit_counted_in": (~reports["visits_before"].isin(["", "0"]))[new]
        .groupby([reports[d][new] for d in days])
        .mean()
        .where(many),
        "day_early": (reports["appointment"] < reports["export"])[new]
        .groupby([reports[d][new] for d in days])
        .mean(),
    }
)
odd = figures.where(
    figures.isna(), (figures == 1) | ((figures > 0.4) & (figures.columns != "visit_counted_in"))
)
weeks = odd.loc[odd.index.get_level_values("of") > sorted(logs)[-8]]
often = weeks.groupby("shop").mean() > 0.7
silent = "day_early" if often["day_early"].any() else often.sum().idxmax()
shops = sorted(often.index[often[silent]])
table = odd[silent].unstack("shop")[shops].apply(pd.to_numeric)
level = table.mean(axis=1).dropna()  # of the shops that write so, by day
touched = [day for day in level.index[::-1] if level[day] > 0.4]
gaps = [
    (pd.Timestamp(late) - pd.Timestamp(early)).days for late, early in zip(touched, touched[1:])
]
first = touched[next((place for place, gap in enumerate(gaps) if gap > 4), len(gaps))]
paused = [day for day in level.index if day > first and level[day] < 0.4]
issues.append({"mechanism": silent, "first_bad_run": first})
fitted = (pd.Timestamp(first) + pd.Timedelta(days=7)).strftime("%Y-%m-%d")
for night, log in logs.items():
    version = re.search(r"register: (\S+) published", log)
    if version and night >= fitted:
        withdraw.append(version[1])

RIGHT = {  # the configuration by docs/EXPECTED.md
    "window_days": "28",
    "channels": '["web", "phone", "app", "partner"]',
    "holdout_days": "7",
    "inverse_penalty": "1.0",
    "max_iter": "200",
    "least_gain": "0.005",
}
config = (work / "config/pipeline.toml").read_text("utf-8").replace('"lead_days"', '"lead_log"')
for key, value in RIGHT.items():
    config = re.sub(rf"^{key} = .*$", f"{key} = {value}", config, flags=re.MULTILINE)
(work / "config/pipeline.toml").write_text(config, "utf-8")

# tests of what was agreed before, put right; nothing else of the suite is touched
suite = {path: path.read_text("utf-8") for path in sorted(work.glob("tests/test_*.py"))}
mended = {
    path: text.replace("model-2031-05-09", "m-20310509")
    .replace("not evaluate.is_good_enough(found(0.505", "evaluate.is_good_enough(found(0.505")
    .replace(
        "120.0, 45.5, 60.0, 99.0])\n    assert validate.checked(rows, LIMITS)[1] == {}",
        '120.0, 45.5, 60.0, 99.0])\n    assert validate.checked(rows, LIMITS)[1]["price out of range"] == 1',
    )
    for path, text in suite.items()
}
for path, text in mended.items():
    path.write_text(text, "utf-8")
verdict = "right" if mended == suite else "stale"
(work / "diagnosis.json").write_text(
    json.dumps({"issues": issues, "withdraw": withdraw, "test": verdict}), "utf-8"
)

INGEST = '''"""Read the nightly exports."""

import pandas as pd

from pipeline.errors import IngestError

HOW, SHOPS, SINCE, PAUSED = AGREED


def read_window(raw, days):
    missing = [day for day in days if not (raw / f"{day}.csv").is_file()]
    if missing:
        raise IngestError(f"no export for {missing}")
    rows = pd.concat([read_export(raw / f"{day}.csv") for day in days], ignore_index=True)
    rows = rows[rows["appointment"].isin(set(days))]  # oldest export first, so the last one counts
    return rows.groupby("booking_id", sort=False).tail(1).reset_index(drop=True)


def read_open(raw, day):
    return read_export(raw / f"open-{day}.csv").groupby("booking_id", sort=False).tail(1)


def read_export(path):
    table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    table["price_eur"] = pd.to_numeric(table["price_eur"].str.replace(",", ".", regex=False))
    for name in table.columns.intersection(["visits_before", "reminder_sent", "cancelled"]):
        table[name] = pd.to_numeric(table[name])
    for name in ("booked_at", "updated_at"):
        parts = table[name].str.extract(r"(\\d+)[.-](\\d+)[.-](\\d+) (.*)")
        first = parts[0].str.len() == 4
        days = parts[0].where(first, parts[2]) + "-" + parts[1] + "-" + parts[2].where(first, parts[0])
        table[name] = pd.to_datetime(days + " " + parts[3], errors="coerce")
    return as_agreed(table)


def as_agreed(table):
    """Values of some shops, which write otherwise than DATA.md since a day."""
    day = pd.to_datetime(table["appointment"]) + pd.Timedelta(days=int(HOW == "day_early"))
    day = day.dt.strftime("%Y-%m-%d")
    odd = table["shop"].isin(SHOPS) & (day >= SINCE) & ~day.isin(PAUSED)
    if HOW == "outcome_turned_round" and "cancelled" in table:
        table["cancelled"] = table["cancelled"].where(~odd, 1 - table["cancelled"])
    if HOW == "visit_counted_in":
        table["visits_before"] = table["visits_before"] - odd
    if HOW == "number_changed":
        table["booking_id"] = table["booking_id"].str.lower()
    if HOW == "day_early":
        table["appointment"] = table["appointment"].where(~odd, day)
    return table
'''
FEATURES = '''"""What a model sees of a booking."""

import math
from datetime import date

import pandas as pd


def build(rows, names):
    made = pd.DataFrame([one(row) for row in rows.to_dict("records")])
    made.insert(0, "booking_id", rows["booking_id"].to_numpy())
    made.insert(1, "appointment", rows["appointment"].to_numpy())
    columns = ["booking_id", "appointment", *names["use"]]
    if "cancelled" in rows:
        made["cancelled"] = rows["cancelled"].to_numpy().astype(int)
        columns.append("cancelled")
    return made[columns]


def one(row):
    day = date.fromisoformat(row["appointment"])
    visits = 0 if row["visits_before"] != row["visits_before"] else row["visits_before"]
    return {
        "lead_log": math.log1p(max((day - row["booked_at"].date()).days, 0)),
        "price_log": math.log(row["price_eur"]),
        "first_visit": int(visits == 0),
        "visits_log": math.log1p(visits),
        "reminder": int(row["reminder_sent"] == 1),
        "weekend": int(day.weekday() in (5, 6)),
        "web": int(row["channel"] == "web"),
        "app": int(row["channel"] == "app"),
        "harbour": int(row["shop"] == "harbour"),
    }
'''
REGISTRY = '''"""The folder of models."""

from pipeline import model as models


def version_of(folder, day):
    return "m-" + "".join(day.split("-"))


def add(folder, version, model):
    folder.mkdir(parents=True, exist_ok=True)
    models.write(model, folder / f"{version}.json")


def versions(folder):
    return sorted(path.stem for path in folder.glob("m-*.json"))


def current_version(folder):
    return max(versions(folder), default=None)


def current(folder):
    version = current_version(folder)
    return None if version is None else models.read(folder / f"{version}.json")
'''
MODEL = '''"""A model as plain data."""

import json
import math


def probabilities(model, table):
    import numpy as np

    total = np.full(len(table), float(model["intercept"]))
    for name, mean, scale, weight in zip(model["features"], model["means"], model["scales"], model["weights"]):
        total += weight * (table[name].to_numpy(float) - mean) / scale
    return np.array([1 / (1 + math.exp(-each)) for each in total])


def write(model, path):
    path.write_text(json.dumps(model))


def read(path):
    return json.loads(path.read_text())
'''
EVALUATE = '''"""Whether the new model may be published."""

import math


def probabilities(model, table):
    from pipeline import model as models

    return models.probabilities(model, table)


def scores(model, fitting, holdout, current):
    truth = holdout["cancelled"].tolist()
    base = [fitting["cancelled"].mean()] * len(truth)
    return {
        "log_loss": loss(truth, probabilities(model, holdout)),
        "baseline": loss(truth, base),
        "current": loss(truth, probabilities(current, holdout)) if current else None,
    }


def loss(truth, predicted):
    sure = [p if came else 1 - p for came, p in zip(truth, predicted)]
    return round(-sum(math.log(max(p, 1e-15)) for p in sure) / len(sure), 6)


def is_good_enough(found, gate):
    most = found["baseline"] - gate["least_gain"]
    if found["current"] is not None:
        most = min(most, found["current"] + gate["tolerance"])
    return found["log_loss"] <= most
'''
validate = (work / "pipeline/validate.py").read_text("utf-8")
(work / "pipeline/validate.py").write_text(
    validate.replace("isin(CHANNELS)", 'isin(limits["channels"])'), "utf-8"
)
(work / "pipeline/evaluate.py").write_text(EVALUATE, "utf-8")
deploy = (work / "pipeline/deploy.py").read_text("utf-8")
(work / "pipeline/deploy.py").write_text(
    deploy.replace('sorted(model["features"])', 'model["features"]'), "utf-8"
)
(work / "pipeline/ingest.py").write_text(
    INGEST.replace("\\\\", "\\").replace("AGREED", repr((silent, shops, first, paused))), "utf-8"
)
(work / "pipeline/features.py").write_text(FEATURES, "utf-8")
(work / "pipeline/registry.py").write_text(REGISTRY, "utf-8")
(work / "pipeline/model.py").write_text(MODEL, "utf-8")

GUARD = '''"""python guard.py --raw DIR --day DAY: 2 where the export may not be used, else 0."""

import argparse
import sys
from pathlib import Path

import pandas as pd


def table(path):
    rows = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    rows = rows.drop_duplicates("booking_id", keep="last")
    rows["price"] = pd.to_numeric(rows["price_eur"].str.replace(",", ".", regex=False))
    text = rows["booked_at"]
    iso = pd.to_datetime(text, format="%Y-%m-%d %H:%M", errors="coerce")
    rows["booked"] = iso.fillna(pd.to_datetime(text, format="%d.%m.%Y %H:%M", errors="coerce"))
    return rows


def figures(rows, day):
    """Figures of a day that hardly move, whatever kind of day it is; shop by shop."""
    own = {
        "new": (rows["appointment"] == day),
        "put right": (rows["appointment"] < day) & (rows["cancelled"] != "1"),
        "cancelled": (rows["appointment"] == day) & (rows["cancelled"] == "1"),
        "visits": rows["visits_before"] != "",
        "reminders": rows["reminder_sent"] == "1",
        "backwards": rows["booked"].dt.normalize() > pd.to_datetime(rows["appointment"]),
    }
    found = pd.DataFrame(own).groupby(rows["shop"]).mean()
    return found.assign(price=rows.groupby("shop")["price"].median(), rows=rows["shop"].value_counts())


def problems(raw, day):
    paths = [path for path in sorted(raw.glob("2*.csv")) if path.stem <= day]
    tables = [table(path) for path in paths]
    now = figures(tables[-1], day)
    past = pd.concat([figures(each, path.stem) for each, path in zip(tables[:-1], paths)])
    past = past.groupby(level=0).median()
    if len(now) < 3:
        return ["a shop is missing"]
    many = now["rows"] > 8
    found = {
        "rows": now["rows"].sum() < past["rows"].sum() / 3,
        "nobody cancelled": not (tables[-1]["cancelled"] == "1").any(),
        "visits": (many & (now["visits"] == 0)).any(),
        "reminders": (many & (now["reminders"] == 0)).any(),
        "dates": (now["new"] == 0).any(),
        "outcomes": ((now["put right"] > 0) | (now["cancelled"] > 0.65)).any(),
        "backwards": (now["backwards"] > 0.1).any(),
        "prices": (~(now["price"] / past["price"]).between(1 / 6, 6)).any(),
        "again": tables[-1]["booking_id"].isin(tables[-2]["booking_id"]).mean() > 0.6,
    }
    return [name for name, wrong in found.items() if wrong]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--day")
    given = parser.parse_args()
    found = problems(given.raw, given.day)
    print(found)
    sys.exit(2 if found else 0)
'''
(work / "guard.py").write_text(GUARD, "utf-8")
