"""Runbook, picture and truth card."""

from __future__ import annotations

from worksample.workbook.twin import VERBS
from worksample.workbook.twin.plant import JOB, ROLLOUT, SYNC

from .cards import cards
from .proof import Proved, worth


def runbook(proved: Proved, level: str, spacing: int) -> str:
    """What can be done, what it costs, and what will come."""
    plant = proved.world.plant
    verbs = "\n".join(f"| `{name}` | {text} |" for name, text in VERBS.items())
    prices = "\n".join(
        f"| {words} | {plant.prices[name]:g} |"
        for name, words in (
            ("failed", "a request that gets no answer"),
            ("wrong", "a wrong answer"),
            ("shed", "a request that the gateway refuses"),
            ("action", "an action"),
            (f"without {SYNC}", f"{SYNC} suspended, a minute"),
            (f"without {ROLLOUT}", f"{ROLLOUT} suspended, a minute"),
            (f"without {JOB}", f"{JOB} suspended, a minute"),
            ("extra replica", "a fourth replica, a minute"),
        )
    )
    actors = "; ".join(
        f"{a} in {plant.ticks[a][0]} minutes, then every {plant.ticks[a][1]}" for a in plant.ticks
    )
    pace = "One action a minute" if spacing == 1 else f"One action every {spacing} minutes"
    return f"""# Runbook

{pace}, at most eight. What is closer together is done as soon as it can be.

| do | what it does |
|---|---|
{verbs}

| what | harm |
|---|---|
{prices}

**Who acts by itself.** {actors}. `config-sync` and `rollout` put back what they manage to the
newest version; the change log says what that is ("by"). A replica that restarts comes up with what
`rollout` holds for it. The job runs {plant.job_minutes} minutes and writes a feature file at its
start.

**Versions.** The newest sound version of a component is best. Older ones lack what came since, and
that costs: attempts without a limit (gateway), fewer hits (cache), slower threads (workers), wrong
answers (replicas). An old feature file is a little worse with each build.

**What will come.** In the next ninety minutes: a peak, half as much again for some minutes; each
replica restarts once for a patch. Nobody knows when; neither comes in the first half hour.
"""


def picture(proved: Proved) -> str:
    """The architecture, as SVG."""
    replicas = proved.world.plant.replicas
    boxes = [
        (20, 100, 120, "callers", "wait a while, then go"),
        (190, 100, 140, "gateway", "tries again, can refuse"),
        *((400, 30 + 75 * i, 170, name, "threads of workers") for i, name in enumerate(replicas)),
        (640, 65, 130, "cache", "of feature look-ups"),
        (640, 170, 130, "features", "feature service"),
        (830, 170, 140, "feature-file", "a build each run"),
        (830, 270, 140, "nightly-job", "on the features' machine"),
        (190, 270, 140, "config-sync", "puts settings back"),
        (400, 270, 170, "rollout", "puts releases back"),
    ]
    lines = [
        (140, 125, 190, 125), *((330, 125, 400, 55 + 75 * i) for i in range(3)),
        *((570, 55 + 75 * i, 640, 90) for i in range(3)), (705, 115, 705, 170),
        (830, 195, 770, 195), (900, 270, 900, 220), (260, 270, 260, 150), (485, 270, 485, 230),
    ]  # fmt: skip
    drawn = "".join(
        f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="#333" marker-end="url(#to)"/>'
        for a, b, c, d in lines
    ) + "".join(
        f'<rect x="{x}" y="{y}" width="{w}" height="50" fill="#fff" stroke="#333"/>'
        f'<text x="{x + w / 2}" y="{y + 21}" text-anchor="middle" font-weight="bold">{name}</text>'
        f'<text x="{x + w / 2}" y="{y + 39}" text-anchor="middle" font-size="11">{what}</text>'
        for x, y, w, name, what in boxes
    )
    told = (
        "Callers ask the gateway, which sends to three replicas. They look features up in the "
        "cache, which asks the feature service. The nightly job writes the file that the service "
        "loads. config-sync and rollout put settings and releases back."
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 990 340" width="990" role="img" '
        'font-family="sans-serif" font-size="13"><title>Architecture</title>'
        f"<desc>{told}</desc>"
        '<rect width="990" height="340" fill="#fff"/>'
        '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#333"/></marker></defs>'
        f"{drawn}</svg>\n"
    )


def truth_card(proved: Proved) -> str:
    """What is true of this case, for graders and for the teammate."""
    world = proved.world
    lines = [
        "# Truth card",
        "",
        "| mechanism | component | since | put back | alone left open, a plan is worth |",
        "|---|---|---|---|---|",
    ]
    for fault in world.faults:
        left = worth(proved.harm, f"all but {fault.mechanism}")
        back = "yes" if fault.component in world.plant.managed else "no"
        lines.append(
            f"| {fault.mechanism} | {fault.component} | {fault.since} | {back} | {left:.2f} |"
        )
    lines += [
        "",
        "## The best plan that was found",
        "",
        "| minute | do | on | to |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {a.at} | {a.do} | {a.on} | {'' if a.to is None else a.to} |" for a in proved.reference
    ]
    lines += [
        "",
        f"With no actor held it is worth {worth(proved.harm, 'no actor held'):.2f}; restarting "
        f"everything {worth(proved.harm, 'restart everything'):.2f}.",
        "",
    ]
    impact = proved.impact
    lines += [
        "## Impact", "",
        f"First harm at minute {impact['start']:.0f}; up to now {impact['failed']:,.0f} requests "
        f"without an answer and {impact['wrong']:,.0f} wrong ones; without doing anything "
        f"{impact['next']:,.0f} in the next half hour.",
        "", "## What a teammate would say", "",
    ]  # fmt: skip
    lines += [f"{n}. *{question}* {answer}" for n, (question, answer) in enumerate(cards(world), 1)]
    return "\n".join(lines) + "\n"
