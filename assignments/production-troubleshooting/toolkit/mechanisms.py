"""What can be wrong with this production: the hypotheses on offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One mechanism: an id for code, what it says, the family it belongs to, an usual size."""

    id: str
    title: str
    family: str
    size: float


FAMILIES = {
    "capacity": "Capacity: too little is answered",
    "amplifying": "Amplification: work that nobody needs",
    "answers": "Answers: given, and wrong",
}
HYPOTHESES = (
    Hypothesis(
        "memory_leak", "A release of one replica leaks memory in preprocessing", "capacity", 0.13
    ),
    Hypothesis("thread_pool", "The workers' settings allow too few threads", "capacity", 0.40),
    Hypothesis(
        "job_contention", "The nightly job takes the feature service's resources", "capacity", 0.85
    ),
    Hypothesis("retry_storm", "The gateway's retries keep an overload alive", "amplifying", 1.3),
    Hypothesis("version_mismatch", "One replica's release does not fit its model", "answers", 0.5),
    Hypothesis("stale_cache", "The cache keeps entries that should be renewed", "answers", 0.45),
    Hypothesis(
        "feature_file", "The job writes a feature file past what can be loaded", "answers", 0.55
    ),
)
BY_ID = {each.id: each for each in HYPOTHESES}
