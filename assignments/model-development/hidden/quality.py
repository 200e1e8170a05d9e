"""A report on a company's table for the author: quality, personal data, licence.

It proposes; the author decides. Patterns are found and no meaning: what it does not name may still
be personal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

AFTERWARDS_AUC = 0.95  # a single column that knows so much was probably written afterwards
ID_SHARE, RARE_ROWS = 0.3, 20
SENTINEL_SHARE = 0.01
SAMPLE = 5000  # values looked at for patterns

NAMES = re.compile(
    r"(?:^|[_\W])(?:(?:first|last|sur|full|user)?_?name|e?_?mail|(?:tele)?phone|mobile|fax|address"
    r"|street|zip|post_?code|(?:date_of_)?birth(?:day|date)?|dob|ssn|passport|iban|ip(?:_address)?"
    r"|gender|sex|religion|ethnicity|race|nationality|salary|customer|patient|employee|member)"
    r"(?:$|[_\W])",
    re.IGNORECASE,
)
PATTERNS = {
    "addresses of e-mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]{2,}"),
    "telephone numbers": re.compile(r"(?<![\d.-])\+?\d{1,3}[ /-]\(?\d{2,5}\)?[ /-]?\d{3,}"),
    "bank accounts (IBAN)": re.compile(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"
    ),
    "addresses of computers (IP)": re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"),
}


@dataclass(frozen=True)
class Looked:
    """What was found.

    Attributes:
        audit: issue -> columns (or True, False); None where nothing was looked for.
        afterwards: columns that are probably written after the outcome.
        ids: columns of text with too many levels to mean anything.
        personal: sentences on what may be personal.
        notes: everything else that the author should know.
    """

    audit: Mapping[str, Any]
    afterwards: tuple[str, ...]
    ids: tuple[str, ...]
    personal: tuple[str, ...]
    notes: tuple[str, ...]


def look_over(
    train: pd.DataFrame, hidden: pd.DataFrame, label: str, time: str, known: Sequence[str]
) -> Looked:
    """Look a table over; columns in ``known`` are known before the outcome, whatever they say."""
    columns = [name for name in train if name not in (label, time)]
    told = {name: knows(train[name], train[label]) for name in columns}
    afterwards = [n for n in columns if told[n] >= AFTERWARDS_AUC and n not in known]
    texts = [name for name in columns if train[name].dtype.kind not in "biufM"]
    ids = [name for name in texts if train[name].nunique() > ID_SHARE * len(train)]
    constant = [name for name in columns if train[name].nunique(dropna=False) == 1]
    audit = {
        "written_after_outcome": afterwards,
        "sentinel_value": None,
        "mixed_units": None,
        "rare_categories": None,
        "meaningless_id": ids,
        "outliers": None,
        "constant_column": constant,
        "duplicate_column": None,
        "repeated_rows": bool(train.duplicated().any()),
        "changes_over_time": None,
        "sorted_by_label": None,
    }
    notes = [
        *(f"`{n}` alone tells the outcome (AUC {told[n]:.3f})." for n in afterwards),
        *_odd(train, columns, texts, ids, constant),
        *_both_sides(train, hidden, label),
    ]
    return Looked(audit, tuple(afterwards), tuple(ids), tuple(personal(train)), tuple(notes))


def knows(values: pd.Series, outcome: pd.Series) -> float:
    """How well one column orders the outcomes, missing values included: AUC, from 0.5 to 1."""
    if values.dtype.kind == "M" or values.nunique(dropna=False) < 2:
        return 0.5
    if values.dtype.kind in "biuf":
        scores = values.astype(float).rank().to_numpy()
        best = [np.where(np.isnan(scores), place, scores) for place in (-1, len(scores) + 1)]
        return max(_auc(outcome, each) for each in best)
    texts = values.astype(object).where(values.notna(), "(missing)").astype(str)
    half = np.arange(len(texts)) % 2 == 1  # the rate of a level comes from the other half
    rates = outcome[half].groupby(texts[half]).mean()
    return _auc(outcome[~half], texts[~half].map(rates).fillna(outcome[half].mean()))


def _auc(outcome: pd.Series, scores: Any) -> float:
    auc = roc_auc_score(outcome, scores)
    return float(max(auc, 1 - auc))


def _odd(
    train: pd.DataFrame,
    columns: Sequence[str],
    texts: Sequence[str],
    ids: Sequence[str],
    constant: Sequence[str],
) -> list[str]:
    """Sentinels, duplicate columns, rare categories, missing values: for the author to judge."""
    found = [f"`{name}` has one value only." for name in constant]
    found += [f"`{name}` has {train[name].nunique()} levels: an id?" for name in ids]
    for name in columns:
        if (gone := train[name].isna().mean()) > 0.2:
            found.append(f"`{name}` is missing in {gone:.0%} of the rows.")
        if train[name].dtype.kind in "iuf" and (value := sentinel(train[name])) is not None:
            found.append(f"`{name}`: does {value:g} stand for unknown?")
    for name in [name for name in texts if name not in ids]:
        rare = int((train[name].value_counts() < RARE_ROWS).sum())
        if rare:
            found.append(f"`{name}` has {rare} levels with fewer than {RARE_ROWS} rows.")
    codes = {name: tuple(pd.factorize(train[name])[0][:SAMPLE]) for name in columns}
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
    alike = [(a, b) for a, b in pairs if codes[a] == codes[b] and a not in constant]
    return found + [f"`{a}` and `{b}` say the same." for a, b in alike]


def sentinel(values: pd.Series) -> float | None:
    """A frequent value far beyond all others; None if there is none."""
    counts = values.dropna().value_counts()
    if len(counts) < 10:
        return None
    for value in (counts.index.min(), counts.index.max()):
        rest = counts.index[counts.index != value]
        spread = rest.max() - rest.min()
        far = value < rest.min() - 0.5 * spread or value > rest.max() + 0.5 * spread
        if far and counts[value] > SENTINEL_SHARE * len(values):
            return float(value)
    return None


def _both_sides(train: pd.DataFrame, hidden: pd.DataFrame, label: str) -> list[str]:
    """Rows that stand on both sides, and how the outcome's rate differs between them."""
    shared = len(hidden.drop(columns=label).drop_duplicates().merge(train.drop(columns=label)))
    rates = train[label].mean(), hidden[label].mean()
    found = [f"{train.duplicated().sum()} repeated rows in the table."]
    found.append(f"The outcome is 1 in {rates[0]:.1%} of the table, {rates[1]:.1%} when hidden.")
    if shared:
        found.append(f"{shared} rows of the table are hidden rows too: split by a better group.")
    return found


def personal(rows: pd.DataFrame) -> list[str]:
    """Sentences on columns that may hold personal data, by name and by pattern; never a value."""
    found = [f"`{name}` sounds like personal data." for name in rows if NAMES.search(name)]
    for name in [name for name in rows if rows[name].dtype.kind not in "biufM"]:
        texts = rows[name].dropna().astype(str).head(SAMPLE)
        for what, pattern in PATTERNS.items():
            if (share := texts.str.contains(pattern).mean()) > 0.01:
                found.append(f"`{name}` looks like {what} in {share:.0%} of its values.")
        if len(texts) and texts.str.len().mean() > 40:
            found.append(f"`{name}` is free text: read some of it.")
    return found


def licence(data: Path) -> list[str]:
    """What is known of the table's licence: a file beside it, or a word in its metadata."""
    beside = [
        path.name
        for path in sorted(data.resolve().parent.iterdir())
        if re.match(r"(licen[cs]e|copying|terms|notice)", path.name, re.IGNORECASE)
    ]
    told = []
    if data.suffix.lower() == ".parquet":
        import pyarrow.parquet

        about = pyarrow.parquet.read_schema(data).metadata or {}
        told = [key.decode() for key in about if re.search(rb"licen[cs]e|copyright", key.lower())]
    if not beside and not told:
        return ["no licence lies beside the table: make sure that candidates may have it"]
    return [f"read {', '.join(beside + told)}: may candidates have the table?"]


def report(
    data: Path,
    train: pd.DataFrame,
    hidden: pd.DataFrame,
    facts: Mapping[str, Any],
    looked: Looked,
) -> str:
    """The report, in Markdown. It holds no value of any row."""
    columns = [
        f"| `{name}` | {train[name].dtype} | {train[name].isna().mean():.1%} | "
        f"{train[name].nunique()} | {knows(train[name], train[facts['label']]):.2f} |"
        for name in train
        if name != facts["label"]
    ]
    return "\n".join(
        [
            f"# Report on {data.name}",
            "",
            f"{len(train)} rows for candidates, {len(hidden)} hidden. {facts['split']}",
            f"Log loss on the hidden rows: naive {facts['naive_loss']:.4f}, stated strong baseline "
            f"{facts['strong_loss']:.4f}. The best that is possible is unknown.",
            "",
            "## Personal data",
            *_listed(
                looked.personal, "Nothing was recognised. That proves nothing: look yourself."
            ),
            "",
            "## Licence",
            *_listed(licence(data), ""),
            "",
            "## What the audit should find",
            "Proposed in `facts.json`, where `null` is not scored. Correct it before you invite.",
            *_listed(looked.notes, "Nothing odd was recognised."),
            "",
            "## Columns",
            "*Alone* is how well the column alone orders the outcomes (AUC; 0.5 is not at all).",
            "",
            "| column | type | missing | levels | alone |",
            "|---|---|---|---|---|",
            *columns,
            "",
        ]
    )


def _listed(sentences: Sequence[str], otherwise: str) -> list[str]:
    return [f"- {each}" for each in sentences] or [otherwise]
