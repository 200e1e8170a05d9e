"""The snapshot: tables, log lines and reports as the production would have left them.

What a table says is measured from the run that is the truth, with noise, gaps and things that look
odd and do no harm. No line says why; a signature is in the numbers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from worksample.workbook.twin.plant import (
    CACHE,
    CONFIGURED,
    FILE,
    GATEWAY,
    JOB,
    ROLLOUT,
    SYNC,
    WORKERS,
)

from .proof import Proved, file_rows
from .world import FIRST, World

MINUTES = np.arange(FIRST, 0)
THREADS = 16
CHECKED = 40  # answers that are worked out again, each minute
PEOPLE = ("Ines", "Tomek", "Leila", "Bao", "Signe", "Ravi")
NOTES = {
    GATEWAY: ("routes for the partner API", "time-out per route", "attempts and back-off"),
    CACHE: ("size of a shard", "keys carry the region", "renewal of entries"),
    WORKERS: ("log format", "threads and their stack size", "connection reuse"),
    JOB: ("writes in larger pieces", "reads from the new replica", "joins two more sources"),
    "scorer": ("faster start", "new text normaliser in preprocessing", "library patch levels"),
}


def tables(proved: Proved, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Name of a file -> its table."""
    return {
        "gateway": _gateway(proved, rng),
        "replicas": _replicas(proved, rng),
        "features": _features(proved, rng),
        "audit": _audit(proved, rng),
        "traces": _traces(proved, rng),
        "changes": _changes(proved.world, rng),
    }


def _detail(proved: Proved, name: str) -> np.ndarray:
    return np.asarray(proved.record.detail[name][0])


def _totals(proved: Proved, name: str) -> np.ndarray:
    return np.asarray(proved.record.totals[name][0])


def _noisy(values: np.ndarray, rng: np.random.Generator, share: float = 0.015) -> np.ndarray:
    return np.maximum(values * rng.normal(1, share, values.shape), 0)


def _gaps(table: pd.DataFrame, rng: np.random.Generator, spans: int, longest: int) -> pd.DataFrame:
    """The collector missed a few minutes."""
    for _ in range(spans):
        start = int(rng.integers(FIRST + 5, -12))
        missed = range(start, start + int(rng.integers(3, longest)))
        table = table[~table["minute"].isin(missed)]
    return table.reset_index(drop=True)


def _gateway(proved: Proved, rng: np.random.Generator) -> pd.DataFrame:
    requests, answered = _totals(proved, "arrivals"), _totals(proved, "answered")
    slowest = _detail(proved, "waited").max(axis=1)
    table = pd.DataFrame(
        {
            "minute": MINUTES,
            "requests": requests.round().astype(int),
            "attempts": (requests + _totals(proved, "retries")).round().astype(int),
            "answered": np.minimum(answered, 1e9).round().astype(int),
            "p95_ms": _noisy(180 + 60_000 * np.minimum(slowest, 2.5), rng, 0.06)
            .round()
            .astype(int),
        }
    )
    return _gaps(table, rng, 2, 7)


def _replicas(proved: Proved, rng: np.random.Generator) -> pd.DataFrame:
    world = proved.world
    parts = []
    capacity, waiting = _detail(proved, "capacity"), _detail(proved, "waiting")
    served, memory, up = (_detail(proved, name) for name in ("served", "memory", "up"))
    pool = _pool(proved)
    odd = int(rng.integers(3))
    leak = next((f.component for f in world.faults if f.mechanism == "memory_leak"), "")
    for place, name in enumerate(world.plant.replicas):
        busy = THREADS * pool * served[:, place] / np.maximum(capacity[:, place], 1)
        held = memory[:, place]
        if place == odd and name != leak:  # a buffer that fills once, and stays
            held = held + 0.16 * np.clip((MINUTES + rng.integers(90, 150)) / 45, 0, 1)
        parts.append(
            pd.DataFrame(
                {
                    "minute": MINUTES,
                    "replica": name,
                    "up": up[:, place].astype(int),
                    "served": _noisy(served[:, place], rng).round().astype(int),
                    "waiting": _noisy(waiting[:, place], rng, 0.03).round().astype(int),
                    "threads_busy": np.clip(_noisy(busy, rng, 0.02), 0, THREADS).round(1),
                    "memory_pct": np.clip(100 * _noisy(held, rng, 0.01), 0, 100).round(1),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True).sort_values(["minute", "replica"])
    return _gaps(table, rng, 2, 6)


def _pool(proved: Proved) -> np.ndarray:
    """Share of the threads that a replica may use, by minute."""
    fault = next((f for f in proved.world.faults if f.mechanism == "thread_pool"), None)
    held = np.ones(len(MINUTES))
    if fault:
        held[fault.since <= MINUTES] = 1 - fault.size
        for action in proved.world.tried:
            if action.on == WORKERS:
                back = (action.at <= MINUTES) & (action.at + 5 > MINUTES)
                held[back] = 1.0
    return held


def _features(proved: Proved, rng: np.random.Generator) -> pd.DataFrame:
    asked, room = _detail(proved, "look_ups"), _detail(proved, "room")
    done = np.minimum(asked, room)
    table = pd.DataFrame(
        {
            "minute": MINUTES,
            "look_ups": _noisy(asked, rng).round().astype(int),
            "timed_out": np.maximum(_noisy(asked - done, rng), 0).round().astype(int),
            "busy_pct": np.clip(100 * _noisy(done / np.maximum(room, 1), rng), 0, 100).round(),
            "cache_hit_pct": (100 * _detail(proved, "hits")).round(1),
            "renewed": _noisy(_renewed(proved), rng, 0.08).round().astype(int),
            "job_running": _detail(proved, "job").astype(int),
        }
    )
    return _gaps(table, rng, 1, 6)


def _renewed(proved: Proved) -> np.ndarray:
    """Entries of the cache that were read anew, by minute; none where they are kept for good."""
    fault = next((f for f in proved.world.faults if f.mechanism == "stale_cache"), None)
    usual = np.full(len(MINUTES), 0.3 * proved.world.plant.arrivals)
    if fault:
        kept = fault.since <= MINUTES
        for action in proved.world.tried:
            if action.on == CACHE:
                kept &= ~((action.at <= MINUTES) & (action.at + 5 > MINUTES))
        usual[kept] *= 0.05
    return usual


def _audit(proved: Proved, rng: np.random.Generator) -> pd.DataFrame:
    """Answers worked out again with the right model and today's features, where they came from."""
    plant = proved.world.plant
    by, wrong = _detail(proved, "answered_by"), _detail(proved, "wrong_by")
    hits, stale, file_wrong = (_detail(proved, n) for n in ("hits", "stale", "file_wrong"))
    fresh = (1 - hits) * np.minimum(
        1, _detail(proved, "room") / np.maximum(_detail(proved, "look_ups"), 1e-9)
    )
    of_cache = hits / np.maximum(hits + fresh, 1e-9)
    features = of_cache * stale + (1 - of_cache) * file_wrong
    rows = []
    for i, minute in enumerate(MINUTES):
        shares = by[i, :3] / max(by[i, :3].sum(), 1e-9)
        for place, checked in enumerate(rng.multinomial(CHECKED, _normal(shares))):
            share = wrong[i, place] / max(by[i, place], 1e-9)
            release = 1 - (1 - share) / max(1 - features[i], 1e-9)
            cached = int(rng.binomial(checked, of_cache[i]))
            for name, count, bad in (
                ("yes", cached, stale[i]),
                ("no", checked - cached, file_wrong[i]),
            ):
                if count:
                    p = float(np.clip(1 - (1 - release) * (1 - bad), 0, 1))
                    rows.append(
                        (minute, plant.replicas[place], name, count, int(rng.binomial(count, p)))
                    )
    return pd.DataFrame(rows, columns=["minute", "replica", "from_cache", "checked", "wrong"])


def _normal(shares: np.ndarray) -> np.ndarray:
    total = shares.sum()
    return shares / total if total > 0 else np.full(len(shares), 1 / len(shares))


def _traces(proved: Proved, rng: np.random.Generator) -> pd.DataFrame:
    """A few attempts, step by step."""
    world = proved.world
    waited, served = _detail(proved, "waited"), _detail(proved, "served")
    asked, room, hits = (_detail(proved, n) for n in ("look_ups", "room", "hits"))
    requests, retries = _totals(proved, "arrivals"), _totals(proved, "retries")
    live = _live(world)
    rows = []
    for i in sorted(rng.choice(len(MINUTES), 160, replace=True)):
        if served[i, :3].sum() <= 0:
            continue
        place = int(rng.choice(3, p=_normal(served[i, :3])))
        name = world.plant.replicas[place]
        again = rng.random() < retries[i] / max(requests[i] + retries[i], 1)
        cached = rng.random() < hits[i]
        short = 0 if cached else max(0.0, 1 - room[i] / max(asked[i], 1e-9))
        timed_out = rng.random() < short
        wait = 60_000 * waited[i, place] * rng.uniform(0.9, 1.1) + rng.uniform(1, 6)
        gone = rng.random() > np.exp(-waited[i, place] / world.plant.patience)
        rows.append(
            {
                "minute": MINUTES[i],
                "trace": "".join(rng.choice(list("0123456789abcdef"), 8)),
                "attempt": int(
                    1 + again * rng.integers(1, 4 if retries[i] > 0.3 * requests[i] else 2)
                ),
                "replica": name,
                "release": live[name][i],
                "wait_ms": round(wait),
                "preprocess_ms": round(rng.gamma(8, 1.5), 1),
                "features_ms": 1000
                if timed_out
                else round(2 if cached else rng.gamma(6, 4) * (1 + 4 * short), 1),
                "from_cache": "yes" if cached else "no",
                "model_ms": round(rng.gamma(20, 0.9), 1),
                "status": "given up" if gone else "no features" if timed_out else "200",
            }
        )
    return pd.DataFrame(rows)


def _live(world: World) -> dict[str, np.ndarray]:
    """Component -> the name of the version that is live, by minute."""
    found = {}
    for name, versions in world.plant.versions.items():
        number = np.array(
            [max([i for i, v in enumerate(versions) if v.minute <= m], default=0) for m in MINUTES]
        )
        for action in world.tried:
            if action.on == name:
                back = (action.at <= MINUTES) & (action.at + 5 > MINUTES)
                number[back] = world.plant.number(name, str(action.to))
        found[name] = np.array([each.name for each in versions])[number]
    return found


def _changes(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Versions that went live, by whom; and changes of things that are not part of the service."""
    rows = []
    notes = {name: list(rng.permutation(all_)) for name, all_ in NOTES.items()}
    for name in (*CONFIGURED, *world.plant.replicas):
        actor = SYNC if name in CONFIGURED else ROLLOUT
        by = actor if name in world.plant.managed else f"by hand ({rng.choice(PEOPLE)})"
        kind = name if name in CONFIGURED else "scorer"
        for i, version in enumerate(world.plant.versions[name]):
            note = notes[kind][i % len(notes[kind])]
            rows.append((version.minute, name, version.name, by, note))
    for action in world.tried:
        rows.append(
            (action.at, action.on, action.to, f"by hand ({PEOPLE[0]})", "back, to see if it helps")
        )
        actor = SYNC if action.on in CONFIGURED else ROLLOUT
        last = world.plant.versions[action.on]
        name = [each.name for each in last if each.minute <= action.at + 5][-1]
        rows.append((action.at + 5, action.on, name, actor, "as in the repository"))
    outside = (
        ("dashboard", "colours of the latency panel"),
        ("certificates", "renewed for ninety days"),
        ("billing-export", "moved to another hour"),
        ("network", "second route to the object store"),
    )
    for name, note in outside:
        rows.append(
            (int(rng.integers(-175, -20)), name, "", f"by hand ({rng.choice(PEOPLE)})", note)
        )
    table = pd.DataFrame(rows, columns=["minute", "component", "version", "by", "note"])
    return table.sort_values(["minute", "component"], kind="stable").reset_index(drop=True)


# --- texts ---------------------------------------------------------------------------------------


def log_lines(proved: Proved, rng: np.random.Generator) -> list[str]:
    """What the components wrote, in order of time."""
    lines = [*_actor_lines(proved, rng), *_replica_lines(proved, rng), *_other_lines(rng)]
    return [
        f"{minute:+5d} {who:<14} {what}" for minute, who, what in sorted(lines, key=lambda x: x[0])
    ]


Line = tuple[int, str, str]


def _actor_lines(proved: Proved, rng: np.random.Generator) -> list[Line]:
    world, lines = proved.world, []
    usual = int(rng.integers(40, 70)) * 10_000
    for actor, (first, every) in world.plant.ticks.items():
        for minute in (m for m in MINUTES if (m - first) % every == 0):
            if actor == JOB:
                build = next(v.name for v in world.plant.versions[FILE] if v.minute == minute)
                rows = file_rows(world, int(minute), usual) + int(rng.integers(-900, 900))
                lines.append(
                    (int(minute), JOB, f"INFO wrote {FILE} {build}: {rows} rows; run started")
                )
                lines.append(
                    (
                        int(minute),
                        "features",
                        f"INFO loaded {build}: {min(rows, round(1.5 * usual))} rows",
                    )
                )
            else:
                own = CONFIGURED if actor == SYNC else world.plant.replicas
                back = [a for a in world.tried if a.on in own and a.at + 5 == minute]
                scope = ", ".join(sorted(n for n in own if n in world.plant.managed)) or "nothing"
                put = "; ".join(f"{a.on} was {a.to}, put back" for a in back) or "no difference"
                lines.append(
                    (int(minute), actor, f"INFO compared {scope} with the repository: {put}")
                )
    return lines


def _replica_lines(proved: Proved, rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    up, late, memory = (_detail(proved, n) for n in ("up", "late", "memory"))
    for place, name in enumerate(proved.world.plant.replicas):
        for i in range(1, len(MINUTES)):
            minute = int(MINUTES[i])
            if up[i, place] < up[i - 1, place]:
                full = i > 1 and memory[i - 1, place] < 0.35 and memory[i - 2, place] > 0.8
                ended = "exit 137" if full else "stopped for a release"
                lines.append((minute, name, f"ERROR process ended: {ended}"))
            elif up[i, place] > up[i - 1, place]:
                lines.append((minute, name, "INFO ready, model and features loaded"))
            if late[i, place] > 30 and rng.random() < 0.10:
                lines.append(
                    (minute, name, f"WARN {round(late[i, place])} callers had gone when answered")
                )
    asked, room = _detail(proved, "look_ups"), _detail(proved, "room")
    for i in np.flatnonzero(asked > room + 5):
        if rng.random() < 0.25:
            lines.append(
                (
                    int(MINUTES[i]),
                    "features",
                    f"WARN {round(asked[i] - room[i])} look-ups timed out",
                )
            )
    return lines


def _other_lines(rng: np.random.Generator) -> list[Line]:
    odd = (
        ("gateway", "WARN header x-partner-id is deprecated"),
        ("features", "WARN slow query, 412 ms, plan changed"),
        ("cache", "INFO shard 3 moved"),
        ("workers", "INFO log rotated"),
        ("gateway", "WARN clock differs by 38 ms from the time server"),
        ("cache", "WARN connection reset by peer, connected again"),
    )
    return [
        (int(rng.integers(FIRST, 0)), who, what)
        for who, what in (odd[int(i)] for i in rng.integers(0, len(odd), 26))
    ]


def reports(proved: Proved, rng: np.random.Generator) -> str:
    """Error reports from outside, in the words of people who see only the answers."""
    failed, wrong = (_totals(proved, n)[-60:].sum() for n in ("failed", "wrong"))
    share = failed / _totals(proved, "arrivals")[-60:].sum()
    start = int(proved.impact["start"])
    seen = [
        (
            min(-6, start + int(rng.integers(12, 30))),
            "partner",
            "Some of our calls come back late or not at all. Same calls work a minute later.",
        ),
        (
            min(-5, start + int(rng.integers(20, 45))),
            "support desk",
            "Customers say the estimate they get makes no sense. The page shows no error.",
        ),
        (
            -int(rng.integers(20, 40)),
            "on call",
            f"About {round(100 * share, -1):.0f} in a hundred fail just now, it comes and goes.",
        ),
        (-int(rng.integers(8, 18)), "product", "Is it the campaign? Marketing says it is small."),
        (
            -int(rng.integers(3, 8)),
            "support desk",
            f"{40 + round(wrong / 900)} tickets by now. May we tell people to try again?",
        ),
    ]
    lines = [f"- **minute {minute}, {who}:** {what}" for minute, who, what in sorted(seen)]
    return "# Error reports\n\n" + "\n".join(lines) + "\n"
