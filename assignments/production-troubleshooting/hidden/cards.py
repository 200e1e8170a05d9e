"""Twenty things that a teammate can be asked, with the answers of this case: facts, no readings."""

from __future__ import annotations

from worksample.workbook.twin.plant import (
    CONFIGURED,
    FILE,
    JOB,
    ROLLOUT,
    SYNC,
)

from .world import World


def cards(world: World) -> list[tuple[str, str]]:
    """(question, answer), the same questions in every case."""
    plant = world.plant
    managed = set(plant.managed)
    return [
        ("Which settings does config-sync put back?", _named(CONFIGURED, managed)),
        ("Which replicas does rollout put back?", _named(plant.replicas, managed)),
        ("When do config-sync and rollout act next?", _next(world)),
        ("When does the nightly job run next, and for how long?", _job(world)),
        ("Has anybody tried anything yet?", _tried(world)),
        ("What went out in the last three hours?", _recent(world)),
        (
            "What happens if I suspend config-sync or rollout?",
            "Nothing at once; nobody gets changes until it is resumed, and that costs a little "
            "every minute.",
        ),
        (
            "What happens if I suspend the nightly job?",
            "The file is not written anew, so features get old. Expensive if it lasts.",
        ),
        (
            "What happens to a replica that restarts?",
            "It is back after two minutes. If rollout manages it and is not suspended, it comes "
            "up with the newest release.",
        ),
        (
            "What happens if I flush the cache?",
            "Every look-up goes to the feature service until it is warm, some five minutes. It "
            f"can do {plant.features:.0f} a minute on its own.",
        ),
        (
            "How many requests can a replica answer?",
            f"About {plant.capacity:.0f} a minute when nothing is wrong.",
        ),
        (
            "How long do callers wait?",
            f"{plant.patience:g} minutes on average. An answer after that is work for nothing.",
        ),
        (
            "Do callers try again by themselves?",
            "No, the gateway does it for them, as its settings say.",
        ),
        (
            "What is the audit?",
            "Forty answers a minute are worked out again with the right model and today's "
            "features. It says which replica answered, and whether the features came from the "
            "cache.",
        ),
        (
            "Is the campaign to blame?",
            "It began yesterday and is in the requests that you see. The gateway counts it.",
        ),
        (
            "How long is a build of the feature file good for?",
            "It gets a little worse with each half hour.",
        ),
        ("Can I add replicas?", "One more. It needs ten minutes, and it is not for nothing."),
        (
            "Which memory is normal for a replica?",
            "Around 45 %. A buffer may add some and then stays. At 100 % the process is ended.",
        ),
        (
            "What are the worker threads?",
            "Sixteen a replica by default; the settings of workers can say less.",
        ),
        (
            "Will there be a peak tonight?",
            "There is one most nights, half as much again for some minutes. And machines of the "
            "fleet get restarted for patches, one after the other.",
        ),
    ]


def _named(able: tuple[str, ...], managed: set[str]) -> str:
    own = [name for name in able if name in managed]
    other = [name for name in able if name not in managed]
    return f"These: {', '.join(own) or 'none'}. By hand: {', '.join(other) or 'none'}."


def _next(world: World) -> str:
    return (
        ", ".join(
            f"{a} in {world.plant.ticks[a][0]} minutes, then every {world.plant.ticks[a][1]}"
            for a in (SYNC, ROLLOUT)
        )
        + "."
    )


def _job(world: World) -> str:
    first, every = world.plant.ticks[JOB]
    runs = f"In {first} minutes, then every {every}; for {world.plant.job_minutes} minutes."
    return f"{runs} It writes the {FILE} at its start."


def _tried(world: World) -> str:
    if not world.tried:
        return "No. Everybody waited for you."
    return " ".join(
        f"Ines put {a.on} to {a.to} at {a.at}. Five minutes later it was as before."
        for a in world.tried
    )


def _recent(world: World) -> str:
    found = [
        f"{name} {version.name} at {version.minute}"
        for name in (*CONFIGURED, *world.plant.replicas)
        for version in world.plant.versions[name]
        if version.minute > -180
    ]
    return "; ".join(found) + ". The change log has it all."
