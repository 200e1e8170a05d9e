"""Causes in models, releases, thresholds and machines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .planting import Cause, Log, replayed_otherwise
from .world import FALLBACK_SCORE, TIMEOUT_MS

HOSTS = {"host": (0, 1, 2, 3)}


class WrongThreshold(Cause):
    """Decisions are taken at a threshold far from the agreed one."""

    id = "wrong_threshold"
    kind = "scoring"
    always = True
    metric = "decisions"
    remedy_type = "correct_threshold"
    told = (0.6, 0.95)

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return HOSTS

    def draw(self, rng: np.random.Generator) -> None:
        high = {"junior": (0.62, 0.75), "standard": (0.55, 0.68), "senior": (0.52, 0.62)}
        low = {"junior": (0.03, 0.05), "standard": (0.04, 0.06), "senior": (0.05, 0.07)}
        spans = (high, low)[int(rng.random() < 0.3)]
        self.value = round(float(rng.uniform(*spans[self.world.level])), 2)

    def decisions(self, log: Log) -> None:
        log.threshold[self.reached] = self.value
        changed = (log.score >= self.value) != (log.score >= log.models.threshold)
        self.affected = self.reached & changed

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(threshold=log.models.threshold)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return rows["flagged"].to_numpy() != log.models.decide(rows["score"].to_numpy())

    def facts(self) -> dict[str, object]:
        return {"threshold": self.value}

    def story(self) -> dict[str, str]:
        more = "more" if self.value < 0.25 else "fewer"
        return {
            "what": f"Since the onset trips are flagged from a score of {self.value}, not the "
            f"agreed 0.25, so {more} trips are flagged than the costs justify.",
            "evidence": (
                "Inputs, scores and the area under the curve stay as they were; the share of "
                "flagged trips jumps, precision and recall move in opposite directions, and the "
                f"least score that is flagged is now {self.value}."
            ),
            "separates": (
                "A change of the base rate would move the outcomes, a new model the scores; a "
                "sweep over thresholds on the logged scores gives back the old costs at 0.25."
            ),
            "teammate": "Nobody decided on another threshold; 0.25 is still what the costs give.",
        }


class WrongModel(Cause):
    """The service loaded another model file than the release names."""

    id = "wrong_model"
    kind = "scoring"
    always = True
    remedy_type = "roll_back"
    accepted = ("replay_with_right_version",)
    stands = True
    idle_but = ("scoring",)
    told = (0.6, 0.95)

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return HOSTS

    def draw(self, rng: np.random.Generator) -> None:
        roles = {"junior": ("other_market", "early"), "standard": ("early", "bad_labels")}
        choice = roles.get(self.world.level, ("bad_labels", "early"))
        self.role = choice[int(rng.integers(2))]
        self.version = self.world.names.models[self.role]

    def serving(self, log: Log) -> None:
        log.actual[self.reached] = self.version
        self.affected = self.reached

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(rescore=True)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        found = self.open(rows)
        return found & replayed_otherwise(rows, log) if self.arrival.share < 1 else found

    def facts(self) -> dict[str, object]:
        return {"loaded": self.version}

    def story(self) -> dict[str, str]:
        return {
            "what": f"Since the onset the service scores with model {self.version}, whatever "
            "`model_version` says.",
            "evidence": (
                "Scored again with the version that the log names, the rows that it hit do not "
                f"give the logged score; scored with {self.version} they do, to the last digit. "
                "With the named version the area under the curve is what it was."
            ),
            "separates": (
                "Inputs are flat. A retrained model would give its own scores when replayed; an "
                "old version on some hosts would show on those hosts only; a skewed preparation is "
                "not reproduced by another model file."
            ),
            "teammate": "The release pipeline copies a file and a configuration; they are two "
            "steps.",
        }


class RetrainedOnBadData(Cause):
    """The released model was fitted on data in which two regions' late trips were mostly lost."""

    id = "retrained_on_bad_data"
    kind = "scoring"
    always = True
    remedy_type = "roll_back"
    stands = True
    idle_but = ("scoring",)

    LOST = 0.6

    def draw(self, rng: np.random.Generator) -> None:
        self.version = self.world.names.models["bad_labels"]
        self.regions = (1, 4)  # of data/fit_models.py
        self.names = sorted(self.world.names.region[r] for r in self.regions)
        self.lost = rng.random(len(self.world.rows)) < self.LOST
        self.world.released = self.version

    def serving(self, log: Log) -> None:
        log.declared[self.reached] = self.version
        log.actual[self.reached] = self.version
        hit = log.world.rows["region"].isin(self.regions).to_numpy() & self.lost
        log.training_late = np.where(hit, 0, log.training_late)
        self.affected = self.reached

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        world = log.world
        return rows.assign(model_version=world.names.models[world.releases["second"]])

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.open(rows)

    def facts(self) -> dict[str, object]:
        return {"loaded": self.version, "segments": self.names}

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        return {
            "what": f"Model {self.version}, released at the onset, learned from data in which most "
            f"late trips of {where} stood as on time.",
            "evidence": (
                f"In `training.csv` {where} have far fewer late trips than in the log before the "
                f"onset; from the release on, scores there are too low. The version before, "
                "replayed on the rows after the onset, is as good as it ever was."
            ),
            "separates": (
                "Every row's score is what its logged version gives, so nothing was mixed up in "
                "deployment; the drop begins at the release, and the outcomes in the log are as "
                "before, so the world did not change."
            ),
            "teammate": "The retraining ran on schedule, all its checks were green; they look at "
            "the training data only as a whole.",
        }


class HostCause(Cause):
    """A cause on two of the four hosts: those that the change log names, if it is the trigger."""

    kind = "platform"
    remedy_type = "replay_with_right_version"
    stands = True

    def draw(self, rng: np.random.Generator) -> None:
        named = self.world.hosts
        others = tuple(h for h in range(4) if h not in named)
        self.hosts = named if self.triggered else others
        self.names = [self.world.names.host[h] for h in self.hosts]
        self.idle_but = ("platform",) if self.triggered else ()

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return {"host": tuple(self.hosts)}

    def hit(self, log: Log) -> np.ndarray:
        return self.reached & log.world.rows["host"].isin(self.hosts).to_numpy()

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(rescore=self.find(rows, log))

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        here = self.open(rows) & rows["host"].isin(self.names).to_numpy()
        return here & replayed_otherwise(rows, log) if self.arrival.share < 1 else here

    def facts(self) -> dict[str, object]:
        return {"column": "host", "segments": self.names}


class TransformSkew(HostCause):
    """After a rebuild the service orders category levels differently from the files."""

    id = "transform_skew"
    told = (0.7, 0.95)

    def serving(self, log: Log) -> None:
        hit = self.hit(log)
        log.actual_step[hit] = self.world.names.steps["sorted"]
        self.affected = hit

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        step = self.world.names.steps["sorted"]
        return {
            "what": f"On hosts {where} the preparation puts the category levels in alphabetical "
            "order, so the model reads the wrong carriers and regions.",
            "evidence": (
                f"Replayed with the versions that the log names, the rows of {where} give other "
                f"scores than were logged, if not all; with step {step}, which sorts its levels, "
                "these give exactly what was logged. The other hosts agree to the last digit."
            ),
            "separates": (
                "Inputs are flat and no model file reproduces the scores with the named step; the "
                "release of that week is on all hosts."
            ),
            "teammate": "The libraries come with the base image; nobody pins them there.",
        }


class OldVersionOnPartOfFleet(HostCause):
    """Two hosts still (or again) score with a model from before delay and queue were known."""

    id = "old_version_on_part_of_fleet"
    told = (0.75, 0.95)

    def serving(self, log: Log) -> None:
        hit = self.hit(log)
        log.actual[hit] = self.world.names.models["early"]
        self.affected = hit

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        version = self.world.names.models["early"]
        return {
            "what": f"Hosts {where} score with the old model {version}, which knows neither "
            "inbound delay nor queue; the log names the present version for all hosts.",
            "evidence": (
                f"By host the area under the curve is of two kinds; the rows of {where} that it "
                f"hit are reproduced to the last digit by {version}, the others by the version "
                "that is named."
            ),
            "separates": (
                "A data fault would not stop at a host's border: all hosts get the same trips. No "
                "preparation step with the named model reproduces those scores."
            ),
            "teammate": "Model files lie on each host's own disk; the log takes the version from "
            "the release configuration.",
        }


class FallbackAtTimeout(HostCause):
    """Two hosts became slow; past the limit the service answers with the constant score."""

    id = "fallback_at_timeout"

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        span = {"junior": (4.0, 5.0), "standard": (3.4, 4.4), "senior": (3.0, 4.0)}
        self.slower = float(rng.uniform(*span[self.world.level]))

    def serving(self, log: Log) -> None:
        hit = self.hit(log)
        before = log.latency
        log.latency = np.where(hit, before * self.slower, before)
        slow = hit & (log.latency >= TIMEOUT_MS) & (before < TIMEOUT_MS)
        log.latency = np.where(slow, TIMEOUT_MS + before % 9, log.latency)
        self.affected = slow

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        late = (rows["latency_ms"] >= TIMEOUT_MS) & (rows["score"] == FALLBACK_SCORE)
        here = self.open(rows) & rows["host"].isin(self.names).to_numpy()
        return here & late.to_numpy()

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(rescore=self.find(rows, log))

    def facts(self) -> dict[str, object]:
        return {**super().facts(), "slower": round(self.slower, 1)}

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        return {
            "what": f"Hosts {where} take {self.slower:.1f} times as long since the onset; requests "
            f"that reach {TIMEOUT_MS} ms get the fallback score {FALLBACK_SCORE}.",
            "evidence": (
                f"Timeouts and the 95th percentile of {where} jump at the onset; the logged score "
                f"is {FALLBACK_SCORE} exactly where `latency_ms` is {TIMEOUT_MS} or more. "
                "Replayed, these rows get proper scores."
            ),
            "separates": (
                "Inputs are flat; the other hosts, with the same trips, are as good as before. "
                "Rows of the slow hosts that stayed under the limit are too."
            ),
            "teammate": "The fallback is there so that clients always get an answer; nobody "
            "watches how often it is used.",
        }
