"""Make an assignment of a company's own table: the hook of `worksample new … --from`.

The hidden rows are split off by time or by group, the stated baselines are fitted and judged on
them, and a report on the table is written for the author. Nothing of the table leaves the machine.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.assignments import modules
from worksample.errors import AssignmentError
from worksample.kit.files import json_text
from worksample.kit.scoring import log_loss

from .hidden import quality

TEMPLATE = Path(__file__).parent / "own_data"
TAKEN_ALONG = ("hidden/__init__.py", "judging/__init__.py", "judging/predictions.py")
TAKEN_ALONG += ("judging/asking.py",)
TAKEN_ALONG += ("toolkit/__init__.py", "toolkit/forms.py", "toolkit/validation.py")
TAKEN_ALONG += ("toolkit/views.py",)
HIDDEN = 0.25  # share of the rows
LEAST_ROWS, LEAST_HIDDEN, LEAST_OF_A_LABEL, LEAST_GROUPS = 800, 200, 30, 20
MOST_ROWS, MOST_COLUMNS = 200_000, 300
MOST_LEVELS = 200  # of a category that the naive pipeline uses
LEAST_WIN = 3.0  # standard errors by which the strong baseline has to beat the naive one


@dataclass(frozen=True)
class Brought:
    """A table that can be used.

    Attributes:
        rows: with the label as 0 and 1, in the order of time where there is one.
        hidden: for each row, is it hidden?
        positive: what a label of 1 stands for.
        split: a sentence on which rows are hidden.
    """

    rows: pd.DataFrame
    hidden: np.ndarray
    label: str
    time: str
    group: str
    positive: str
    split: str


def bring(data: Path, into: Path, options: Mapping[str, Sequence[str]]) -> str:
    """Write the folder of an assignment on this table; its name is the assignment's.

    Args:
        data: a Parquet or CSV file.
        into: the folder; it does not exist yet.
        options: ``target``, ``time`` or ``group``, ``known`` (columns that look as if they were
            written after the outcome and are known before).

    Returns:
        What the author should read first.

    Raises:
        AssignmentError: the table cannot be made an assignment of, with what to do.
    """
    brought = understood(read(data), data, options)
    train = brought.rows[~brought.hidden].reset_index(drop=True)
    hidden = brought.rows[brought.hidden].reset_index(drop=True)
    looked = quality.look_over(train, hidden, brought.label, brought.time, options.get("known", ()))
    _write_folder(into, brought)
    facts = _facts(into, brought, train, hidden, looked, data)
    _write_data(into, train, hidden, facts)
    report = quality.report(data, train, hidden, facts, looked)
    (into / "data" / "report.md").write_text(report, encoding="utf-8")
    warned = [f"warning: {each}" for each in (*looked.personal, *quality.licence(data))]
    return "\n".join([*warned, f"read data/report.md and guide.md in {into.name} first"])


# -- the table ------------------------------------------------------------------------------------


def read(data: Path) -> pd.DataFrame:
    """The table in a Parquet or CSV file."""
    readers = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    if not data.is_file():
        raise _bad(data, "there is no such file", "give the path of a .parquet or .csv file")
    if data.suffix.lower() not in readers:
        raise _bad(data, f"a {data.suffix or 'nameless'} file is not read", "save it as .parquet")
    try:
        rows = readers[data.suffix.lower()](data)
    except Exception as error:  # whatever a reader makes of a stranger's file
        said = (str(error).splitlines() or [""])[0][:120]
        raise _bad(data, f"it cannot be read: {said}", "save the table anew as .parquet") from error
    rows = rows.reset_index(drop=True)
    rows.columns = rows.columns.map(str)
    return rows


def understood(rows: pd.DataFrame, data: Path, options: Mapping[str, Sequence[str]]) -> Brought:
    """The table with label, time and hidden rows; AssignmentError says what is wrong with it."""
    label, time, group = ("".join(options.get(name, ())) for name in ("target", "time", "group"))
    if not label:
        raise _bad(data, "nothing says what is to be predicted", "give --target COLUMN")
    if bool(time) == bool(group):
        raise _bad(data, "hidden rows are split off by time or by group", "give one of the two")
    _right_shape(rows, data)
    for name in (label, time or group, *options.get("known", ())):
        if name not in rows:
            known = ", ".join(rows.columns[:20])
            raise _bad(data, f'there is no column "{name}"', f"there are: {known}")
    if label == (time or group):
        raise _bad(data, f'"{label}" cannot be both', "name two columns")
    rows, positive = _labelled(rows, label, data)
    if time:
        rows = _timed(rows, time, data)
        hidden, split = _by_time(rows, time)
    else:
        hidden, split = _by_group(rows, group, data)
    _enough(rows[label].to_numpy(), hidden, data)
    return Brought(rows, hidden, label, time, group, positive, split)


def _right_shape(rows: pd.DataFrame, data: Path) -> None:
    twice = sorted(set(rows.columns[rows.columns.duplicated()]))
    if twice:
        raise _bad(data, f"two columns are called {twice[0]!r}", "rename one")
    nested = [name for name in rows if rows[name].map(type).isin((list, dict, np.ndarray)).any()]
    if nested:
        raise _bad(data, f'"{nested[0]}" holds lists or dictionaries', "make plain columns of it")
    if len(rows) < LEAST_ROWS:
        raise _bad(data, f"{len(rows)} rows are too few", f"bring at least {LEAST_ROWS}")
    if len(rows) > MOST_ROWS or rows.shape[1] > MOST_COLUMNS:
        raise _bad(
            data,
            f"{len(rows)} rows and {rows.shape[1]} columns are too much for 3 to 4 hours",
            f"bring at most {MOST_ROWS} rows and {MOST_COLUMNS} columns: a sample will do",
        )
    if rows.shape[1] < 3:
        raise _bad(data, "there is nothing to predict from", "bring the other columns too")


def _labelled(rows: pd.DataFrame, label: str, data: Path) -> tuple[pd.DataFrame, str]:
    """Rows with the label as 0 and 1 (the rarer value is 1), and what 1 stands for."""
    counts = rows[label].value_counts()
    if gone := int(rows[label].isna().sum()):
        raise _bad(data, f'"{label}" is missing in {gone} rows', "leave these rows out")
    if len(counts) != 2:
        kind = "one value" if len(counts) == 1 else f"{len(counts)} values"
        raise _bad(
            data, f'"{label}" has {kind}', "only two outcomes can be scored: make a column of them"
        )
    truth = next((value for value in counts.index if str(value) in ("1", "1.0", "True")), None)
    positive = counts.index[-1] if truth is None else truth
    return rows.assign(**{label: (rows[label] == positive).astype(int)}), str(positive)


def _timed(rows: pd.DataFrame, time: str, data: Path) -> pd.DataFrame:
    """Rows in the order of time."""
    values = rows[time]
    if not pd.api.types.is_numeric_dtype(values):
        try:
            values = pd.to_datetime(values)
        except (ValueError, TypeError) as error:
            said = str(error).splitlines()[0][:100]
            raise _bad(data, f'"{time}" is no time: {said}', "write it like 2031-01-06") from error
        if getattr(values.dt, "tz", None) is not None:
            values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    if gone := int(values.isna().sum()):
        raise _bad(data, f'"{time}" is missing in {gone} rows', "leave these rows out")
    return rows.assign(**{time: values}).sort_values(time, kind="stable", ignore_index=True)


def _by_time(rows: pd.DataFrame, time: str) -> tuple[np.ndarray, str]:
    """The last rows; rows of one time stay together."""
    cut = rows[time].iloc[int((1 - HIDDEN) * len(rows))]
    hidden = (rows[time] >= cut).to_numpy()
    return hidden, f"They are later than yours: `{time}` from {cut} on."


def _by_group(rows: pd.DataFrame, group: str, data: Path) -> tuple[np.ndarray, str]:
    """All rows of some groups, drawn with a fixed seed."""
    names = rows[group].astype(object).fillna("(missing)").astype(str)
    sizes = names.value_counts().sort_index()
    if len(sizes) < LEAST_GROUPS:
        raise _bad(
            data, f'"{group}" has {len(sizes)} groups', f"bring at least {LEAST_GROUPS}, or --time"
        )
    drawn = sizes.sample(frac=1, random_state=0)
    chosen = drawn.index[drawn.cumsum() <= HIDDEN * len(rows)]
    hidden = names.isin(chosen).to_numpy()
    return (
        hidden,
        f"They are of other groups: no value of `{group}` of theirs stands in your table.",
    )


def _enough(label: np.ndarray, hidden: np.ndarray, data: Path) -> None:
    for name, part in (("hidden", label[hidden]), ("remaining", label[~hidden])):
        rarer = int(min(part.sum(), len(part) - part.sum()))
        if len(part) < LEAST_HIDDEN or rarer < LEAST_OF_A_LABEL:
            raise _bad(
                data,
                f"the {len(part)} {name} rows hold {rarer} of the rarer outcome",
                f"bring more: at least {LEAST_HIDDEN} hidden rows, {LEAST_OF_A_LABEL} of each "
                "outcome, spread over time or groups",
            )


def _bad(data: Path, what: str, do: str) -> AssignmentError:
    return AssignmentError(f"{data.name}: {what}", do=do)


# -- the folder -----------------------------------------------------------------------------------


def _write_folder(into: Path, brought: Brought) -> None:
    """The template with its words filled in, and what it shares with this assignment."""
    shutil.copytree(TEMPLATE, into, ignore=shutil.ignore_patterns("__pycache__"))
    for name in TAKEN_ALONG:
        (into / name).parent.mkdir(exist_ok=True)
        shutil.copy(Path(__file__).parent / name, into / name)
    words = {
        "title": into.name,
        "target": brought.label,
        "time": brought.time,
        "group": brought.group,
        "positive": f"`{brought.positive}`",
        "split": brought.split,
    }
    for path in (p for p in into.rglob("*") if p.suffix in (".py", ".toml", ".md")):
        text = path.read_text(encoding="utf-8")
        for key, word in words.items():
            text = text.replace(f"@{key}@", word if path.suffix != ".py" else _quoted(word))
        path.write_text(text, encoding="utf-8")


def _quoted(word: str) -> str:
    """A word as it stands inside double quotes and comments of Python."""
    return json.dumps(word, ensure_ascii=False)[1:-1]


def _facts(
    into: Path,
    brought: Brought,
    train: pd.DataFrame,
    hidden: pd.DataFrame,
    looked: quality.Looked,
    data: Path,
) -> dict[str, Any]:
    """What is true of the table, and how good the stated baselines are on the hidden rows."""
    afterwards = looked.afterwards
    served = hidden.assign(**{name: hidden[name].mask(hidden.index >= 0) for name in afterwards})
    left_out = {brought.label, brought.time, brought.group, *afterwards, *looked.ids}
    columns = [name for name in train if name not in left_out and _plain(train[name])]
    naive = modules.load(into, "toolkit.baseline").Baseline(columns).fit(train)
    strong = modules.load(into, "hidden.strong").Strong(brought.label, list(afterwards)).fit(train)
    outcome = hidden[brought.label].to_numpy(float)
    losses = [log_loss(outcome, model.predict(served)) for model in (naive, strong)]
    won = losses[0] - losses[1]
    error = float(won.std() / np.sqrt(len(won)))
    if won.mean() < LEAST_WIN * error:
        raise _bad(
            data,
            f"on the hidden rows the strong baseline wins {won.mean():.4f} over the naive one, "
            f"with a standard error of {error:.4f}: scores would be luck",
            "bring more rows, or columns that say more about the outcome",
        )
    return {
        "label": brought.label,
        "label_1": brought.positive,
        "split": brought.split,
        "hidden_rows": len(hidden),
        "baseline": columns,
        "naive_loss": round(float(losses[0].mean()), 6),
        "strong_loss": round(float(losses[1].mean()), 6),
        "interval_full": round(0.02 + 4 * float(losses[1].std() / np.sqrt(len(hidden))), 6),
        "known_afterwards": list(afterwards),
        "audit": looked.audit,
    }


def _plain(values: pd.Series) -> bool:
    """A number, or a category of a size that a naive pipeline can take."""
    return values.dtype.kind != "M" and (
        values.dtype.kind in "biuf" or values.nunique() <= MOST_LEVELS
    )


def _write_data(
    into: Path, train: pd.DataFrame, hidden: pd.DataFrame, facts: Mapping[str, Any]
) -> None:
    folder = into / "data"
    folder.mkdir()
    train.to_parquet(folder / "train.parquet", index=False)
    hidden.to_parquet(folder / "hidden.parquet", index=False)
    (folder / "facts.json").write_text(json_text(facts, sort_keys=False), encoding="utf-8")
    lines = [f"| `{name}` | |" for name in train.columns if name != facts["label"]]
    told = f"The label is `{facts['label']}`: 1 stands for `{facts['label_1']}`."
    text = ["# Data dictionary", "", "| column | meaning |", "|---|---|", *lines, "", told, ""]
    (folder / "dictionary.md").write_text("\n".join(text), encoding="utf-8")
