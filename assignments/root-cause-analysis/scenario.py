"""Draw a case and write its public and its private part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.kit.files import json_text, write_csv, write_text

from .hidden import card, materials, proof, transfer
from .hidden.drawing import Drawn, draw
from .hidden.world import HIDDEN, LOG
from .toolkit import hypotheses, model

VERSION = 5
NOTED = 1  # harmless changes that somebody on call blames


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; the upper 32 are the opening's (even: the simpler causes), the lower 32 the
            candidate's.
        level: junior, standard or senior.
        public, private: existing folders.

    Raises:
        RuntimeError: no draw of this seed could be proved (REDRAWS were tried).
    """
    drawn = draw(seed, level)
    write(drawn, public, private)


# -- writing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Files:
    """What a case is made of: the public files by name, and what the private part needs of them."""

    public: dict[str, pd.DataFrame | str]
    changes: pd.DataFrame
    entries: dict[str, str]
    task: dict[str, Any]
    windows: pd.DataFrame
    faulty: list[bool]


def files(drawn: Drawn) -> Files:
    """The public files: tables as frames, documents as text. To be called once for a case."""
    log, world, streams = drawn.log, drawn.log.world, drawn.streams
    predictions, outcomes = drawn.proof.yardstick.log
    frozen = materials.reports(log, drawn.ids, until=LOG[1] + 30)
    dashboard = model.joined(predictions, frozen, dashboard=True)
    changes, entries = materials.change_log(streams["texts"], world)
    task, reference, windows, faulty = transfer.draw(streams["transfer"])
    offered = offered_hypotheses(drawn) if drawn.level == "junior" else None
    noted = drawn.oddities[:NOTED]
    documents = {
        "questions.json": materials.questions(entries, offered, task),
        **{f"models/{v}.json": m for v, m in log.models.models.items()},
        **{f"preprocessing/{v}.json": s for v, s in log.models.preprocessing.items()},
    }
    public: dict[str, pd.DataFrame | str] = {
        "predictions.csv": predictions,
        "outcomes.csv": outcomes,
        "training.csv": materials.training(log),
        "metrics_daily.csv": materials.daily(streams["files"], dashboard),
        "system_metrics.csv": materials.system(streams["files"], log),
        "change_log.csv": changes,
        "transfer_reference.csv": reference,
        "models/registry.csv": materials.registry(streams["texts"], world),
        "architecture.svg": materials.architecture(),
        "data_dictionary.md": materials.dictionary(bool(noted)),
        **({"on_call.md": materials.on_call(world, noted)} if noted else {}),
        **{name: json_text(content) for name, content in documents.items()},
    }
    return Files(public, changes, entries, task, windows, faulty)


def write(drawn: Drawn, public: Path, private: Path) -> None:
    """Write the public and the private part of a proved case."""
    made = files(drawn)
    for name, content in sorted(made.public.items()):
        path = public / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, str):
            write_text(path, content)
        else:
            write_csv(content, path)
    write_private(drawn, made, private)


def offered_hypotheses(drawn: Drawn) -> list[str]:
    """Six of the simpler causes, the true one among them, in the list's order."""
    others = [h for h in hypotheses.JUNIOR if h not in {c.id for c in drawn.causes}]
    picked = [others[i] for i in drawn.streams["files"].permutation(len(others))[:5]]
    wanted = {*picked, *(c.id for c in drawn.causes)}
    return [h for h in hypotheses.IDS if h in wanted]


def write_private(drawn: Drawn, made: Files, private: Path) -> None:
    """truth.json, the truth card and the hidden rows."""
    yard = drawn.proof.yardstick
    truth = truth_of(drawn, made)
    columns = [*materials.LOGGED, "late", "label_age_days", "reported_trip_key", "row"]
    rows = yard.rows[columns].assign(served_at=pd.to_datetime(yard.rows["served_at"]))
    rows.to_parquet(private / "hidden_rows.parquet", index=False)
    earlier = proof.earlier(drawn.log, drawn.causes, drawn.events, drawn.ids)[columns]
    earlier["row"] += int(rows["row"].max()) + 1
    earlier.to_parquet(private / "earlier_rows.parquet", index=False)
    yard.truth.to_parquet(private / "hidden_truth.parquet", index=False)
    made.windows.to_parquet(private / "transfer.parquet", index=False)
    text = card.truth_card(drawn, truth, made.entries, made.changes)
    for name, content in (("truth.json", json_text(truth)), ("truth_card.md", text)):
        write_text(private / name, content)


def truth_of(drawn: Drawn, made: Files) -> dict[str, Any]:
    """The truth of a case, as checks and cards read it."""
    entries = made.entries
    world, proved = drawn.log.world, drawn.proof
    line = world.timeline
    by_share = sorted(drawn.causes, key=lambda cause: -proved.shares[cause.id])
    return {
        "version": VERSION,
        "level": drawn.level,
        "onset": f"{world.date(by_share[0].onset):%Y-%m-%d}",
        "onset_at": f"{world.date(by_share[0].onset):%Y-%m-%dT%H:%M}",
        "metric": proved.yardstick.metric,
        "remedy_type": by_share[0].remedy_type,
        "remedy_types": sorted({t for c in drawn.causes for t in (c.remedy_type, *c.accepted)}),
        "causes": [
            {
                "id": cause.id,
                "family": hypotheses.FAMILY[cause.id],
                "share": proved.shares[cause.id],
                "metric": cause.metric,
                "remedy_type": cause.remedy_type,
                "remedy_types": [cause.remedy_type, *cause.accepted],
                "onset": f"{world.date(cause.onset):%Y-%m-%d}",
                "came": cause.arrival.facts(),
                "where": cause.facts(),
            }
            for cause in by_share
        ],
        "changelog": {entries[k]: int(k == line.trigger) for k in sorted(entries)},
        "entry_kinds": {entries[k]: k for k in sorted(entries)},
        "harmless": [oddity.id for oddity in drawn.oddities],
        "values": proved.values,
        "red_herrings": proved.red_herrings,
        "redraws": drawn.redraws,
        "transfer": {"fault": made.task["fault"], "windows": made.faulty},
        "hidden_days": [int(HIDDEN[0]), int(HIDDEN[1])],
    }
