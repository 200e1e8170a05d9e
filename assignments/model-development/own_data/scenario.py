"""The case of a company's own table: the same for every candidate, whatever the seed.

There is one table and one hidden part of it, so there is nothing to draw. What is true of it was
computed when the folder was made; ``data/facts.json`` is the author's to correct.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .toolkit.case import table
from .toolkit.names import LABEL

VERSION = 1
REQUESTS = 60
DATA = Path(__file__).parent / "data"
README_TEMPLATE = """# README

## What this is
## Decisions
## How good it is
## Limits
## Improvements
## How to run it
## Help
"""


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write the case; seed and level change nothing."""
    truth = json.loads((DATA / "facts.json").read_text("utf-8"))
    train = table(DATA / "train.parquet")
    shutil.copy(DATA / "train.parquet", public)
    asked = train.sample(min(REQUESTS, len(train)), random_state=0).drop(columns=LABEL)
    asked = asked.sort_index().reset_index(drop=True)
    for column in truth["known_afterwards"]:
        asked[column] = asked[column].mask(asked.index >= 0)  # as the service gets them
    asked.to_parquet(public / "requests.parquet", index=False)
    told = {key: truth[key] for key in ("label", "label_1", "split", "hidden_rows", "baseline")}
    (public / "facts.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    (public / "data_dictionary.md").write_text((DATA / "dictionary.md").read_text("utf-8"), "utf-8")
    (public / "README_template.md").write_text(README_TEMPLATE, "utf-8")
    shutil.copy(DATA / "hidden.parquet", private)
    (private / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    shutil.copy(DATA / "report.md", private / "truth_card.md")
