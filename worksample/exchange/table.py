"""Every address that the service answers, and who may ask it: what is not here is denied.

The application is built from this table, and a test asks every line as everybody, about themselves
and about others. ``own`` is who may where it is about themselves or about nobody, ``others`` who
may where the address names another candidate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

from worksample.exchange import (
    api,
    door,
    entrance,
    following,
    history,
    partner_api,
    rating,
    rating_kits,
    rating_overview,
    rating_readers,
    saved,
    team,
)
from worksample.exchange.asking import KB, MB, Ask, Endpoint, Reply, Who

NO: frozenset[Who] = frozenset()
ALL: frozenset[Who] = frozenset({"nobody", "candidate", "grader", "interviewer", "administrator"})
KNOWN = ALL - {"nobody"}
CANDIDATE: frozenset[Who] = frozenset({"candidate"})
TEAM: frozenset[Who] = frozenset({"grader", "interviewer", "administrator"})
GRADERS: frozenset[Who] = frozenset({"grader", "administrator"})
ADMINISTRATORS: frozenset[Who] = frozenset({"administrator"})
PARTNERS: frozenset[Who] = frozenset({"partner"})

#: a form of the plain door; whoever has more packs a zip
UPLOAD = 64 * MB

_PARTS = {
    "candidate": r"[a-z0-9-]{1,63}",
    "assignment": r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}",
    "number": r"[0-9]{1,9}",
    "code": r"[A-Za-z0-9_-]{1,100}",
    "file": r".{1,500}",
    "kind": r"attempts|practice",
    "kit": r"[a-z-]{1,40}",
    "order": r"[0-9a-f]{32}",
}


def _get(
    path: str, own: frozenset[Who], others: frozenset[Who], call: Callable[[Ask], Reply]
) -> Endpoint:
    return Endpoint("GET", path, own, others, call, is_data=path.startswith("api/"))


def _post(
    path: str,
    own: frozenset[Who],
    others: frozenset[Who],
    call: Callable[[Ask], Reply],
    limit: int = 64 * KB,
    raw: bool = False,
) -> Endpoint:
    return Endpoint("POST", path, own, others, call, limit, raw, path.startswith("api/"))


def _partner(method: Literal["GET", "POST"], path: str, call: Callable[[Ask], Reply]) -> Endpoint:
    """For a tracking system: by its key, as data."""
    place = f"partners/{path}"
    return Endpoint(method, place, PARTNERS, NO, call, is_data=True, for_partners=True)


_OWN = "candidates/{candidate}/"
_WORK = "candidates/{candidate}/{assignment}/"
_API = "api/candidates/{candidate}/"
_TEAM = "team/{candidate}/"
_CASE = "team/{candidate}/{assignment}/"
_RATED = "team/rating/{kind}/{assignment}/"
_PIECE = _RATED + "{code}"
_READ = "team/rating/readers/{assignment}/{code}"
_KIT = "team/rating/kits/{kit}/{candidate}/"

# method, address, who of their own, who of others', what answers
TABLE: tuple[Endpoint, ...] = (
    _get("", ALL, NO, entrance.front),
    _get("style.css", ALL, NO, entrance.style),
    _get("health", ALL, NO, entrance.health),
    _get("link/{code}", ALL, NO, entrance.link),
    _post("sign-in", ALL, NO, entrance.sign_in),
    _post("sign-out", KNOWN, NO, entrance.sign_out),
    # a candidate's own pages
    _get(_OWN, CANDIDATE, NO, door.home),
    _post(_OWN + "notice", CANDIDATE, NO, door.accept),
    _post(_OWN + "questions", CANDIDATE, NO, door.question),
    _get(_WORK, CANDIDATE, NO, door.work),
    _post(_WORK + "start", CANDIDATE, NO, door.start),
    _get(_WORK + "package", CANDIDATE, NO, door.package),
    _get(_WORK + "script", CANDIDATE, NO, door.as_script),
    _get(_WORK + "files/{file}", CANDIDATE, NO, door.file),
    _post(_WORK + "upload", CANDIDATE, NO, door.upload, UPLOAD),
    _post(_WORK + "remove", CANDIDATE, NO, door.remove),
    _post(_WORK + "hand-in", CANDIDATE, NO, door.hand_in),
    # what a candidate was given, which the team sees too
    _get(_WORK + "receipts/{number}", CANDIDATE, TEAM, door.receipt),
    _get(_WORK + "feedback", CANDIDATE, GRADERS, rating.once_rated(door.feedback)),
    _get(
        _WORK + "feedback-notebook", CANDIDATE, GRADERS, rating.once_rated(door.feedback_notebook)
    ),
    # the same for programs
    _get("api/me", KNOWN, NO, api.me),
    _get(_API, CANDIDATE, NO, api.status),
    _post(_API + "notice", CANDIDATE, NO, api.accept),
    _get(_API + "questions", CANDIDATE, NO, api.asked),
    _post(_API + "questions", CANDIDATE, NO, api.question),
    _post(_API + "{assignment}/start", CANDIDATE, NO, api.start),
    _get(_API + "{assignment}/package", CANDIDATE, NO, api.package),
    _post(_API + "{assignment}/submit", CANDIDATE, NO, api.submit, saved.MAX_BYTES, raw=True),
    _get(_API + "{assignment}/receipts/{number}", CANDIDATE, NO, api.receipt),
    _get(_API + "{assignment}/versions", CANDIDATE, NO, history.own),
    _get(_API + "{assignment}/versions/{number}", CANDIDATE, NO, history.notebook),
    _get(_API + "{assignment}/feedback", CANDIDATE, NO, api.feedback),
    # the team's
    _get("team/", TEAM, NO, team.overview),
    _get("team/live.js", TEAM, NO, team.script),
    _get("api/team/changes", TEAM, NO, team.changed),
    _post("team/grade", GRADERS, NO, team.grade_all),
    _post("team/draw", GRADERS, NO, team.draw_all),
    _get("team/questions", TEAM, NO, team.queue),
    _post("team/questions/{number}", GRADERS, NO, team.answer),
    _get("team/retention", ADMINISTRATORS, NO, team.retention),
    _get("team/partners", ADMINISTRATORS, NO, partner_api.overview),
    _get("team/log", ADMINISTRATORS, NO, team.log),
    # the rating screen; its attempts stand under codes, so that no name is in an address
    _get("team/rating/", TEAM, NO, rating_overview.overview),
    _get("team/rating/graders", TEAM, NO, rating_overview.graders),
    _get("team/rating/screen.css", ALL, NO, rating.style),
    _get("team/rating/screen.js", ALL, NO, rating.script),
    _get("team/rating/kit.js", ALL, NO, rating.kit_script),
    _get("team/rating/attempt.css", ALL, NO, rating.attempt_style),
    _get("team/rating/attempt.js", ALL, NO, rating.attempt_script),
    _get("team/rating/practice/{assignment}/result", GRADERS, NO, rating_overview.result),
    _get(_RATED, GRADERS, NO, rating.begin),
    _get(_PIECE, GRADERS, NO, rating.screen),
    _get(_PIECE + "/attempt", GRADERS, NO, rating.attempt),
    _post(_PIECE + "/save", GRADERS, NO, rating.save),
    _post(_PIECE + "/submit", GRADERS, NO, rating.submit),
    _post(_PIECE + "/change", GRADERS, NO, rating.change),
    # the reader test: who reads has not rated, and sees what was written and nothing else
    _get("team/rating/reader.js", ALL, NO, rating_readers.script),
    _get("team/rating/readers/{assignment}/", GRADERS, NO, rating_readers.lead),
    _get(_READ, GRADERS, NO, rating_readers.screen),
    _get(_READ + "/text", GRADERS, NO, rating_readers.text),
    _post(_READ + "/begin", GRADERS, NO, rating_readers.begin),
    _post(_READ + "/seen", GRADERS, NO, rating_readers.seen),
    _post(_READ + "/answer", GRADERS, NO, rating_readers.answer),
    _get("team/rating/kits/", TEAM, NO, rating_kits.lead),
    _get(_KIT, NO, TEAM, rating_kits.screen),
    _post(_KIT + "save", NO, TEAM, rating_kits.save, 4 * MB),
    _post(_KIT + "submit", NO, TEAM, rating_kits.submit, 4 * MB),
    _get(_TEAM, NO, TEAM, team.candidate),
    _post(_TEAM + "revoke", NO, ADMINISTRATORS, team.revoke),
    _post(_TEAM + "link", NO, ADMINISTRATORS, team.new_link),
    _post(_CASE + "pause", NO, GRADERS, team.pause),
    _post(_CASE + "resume", NO, GRADERS, team.resume),
    _post(_CASE + "extend", NO, GRADERS, team.extend),
    _post(_CASE + "count", NO, GRADERS, team.let_count),
    _post(_CASE + "grade", NO, GRADERS, team.grade),
    _post(_CASE + "draw", NO, GRADERS, team.draw),
    _post(_CASE + "approve", NO, GRADERS, team.approve),
    _post(_CASE + "release", NO, GRADERS, team.release),
    _get(_CASE + "drawn", NO, GRADERS, rating.once_rated(team.drawn)),
    _get(_CASE + "attempt", NO, GRADERS, team.attempt),
    _get(_CASE + "truth", NO, GRADERS, team.truth),
    _get(_CASE + "record", NO, TEAM, history.record),
    # where somebody is there while the candidate works
    _get(_CASE + "live", NO, TEAM, following.follow),
    _get("api/" + _CASE + "live", NO, TEAM, following.changed),
    _post(_CASE + "live/pause", NO, TEAM, following.pause),
    _post(_CASE + "live/resume", NO, TEAM, following.resume),
    _get(_CASE + "explain", NO, GRADERS, rating.once_rated(team.explain)),
    # what applicant-tracking systems ask
    _partner("GET", "greenhouse/list_tests", partner_api.list_tests),
    _partner("POST", "greenhouse/send_test", partner_api.send_test),
    _partner("GET", "greenhouse/test_status", partner_api.test_status),
    _partner("POST", "greenhouse/response_error", partner_api.response_error),
    _partner("POST", "ashby/assessment.list", partner_api.ashby_list),
    _partner("POST", "ashby/assessment.start", partner_api.ashby_start),
    _partner("POST", "ashby/assessment.cancel", partner_api.ashby_cancel),
    _partner("GET", "plain/tests", partner_api.plain_list),
    _partner("POST", "plain/orders", partner_api.plain_order),
    _partner("GET", "plain/orders/{order}", partner_api.plain_status),
    _partner("POST", "plain/orders/{order}/cancel", partner_api.plain_cancel),
)


def pattern(path: str) -> str:
    """The regular expression of an address below the prefix; no part of it spans a slash."""
    words = path.replace(".", r"\.")
    return re.sub(r"\{(\w+)\}", lambda part: f"(?P<{part[1]}>{_PARTS[part[1]]})", words)


def by_path(table: Iterable[Endpoint] = TABLE) -> dict[str, dict[str, Endpoint]]:
    """Address -> method -> line, in the order of the table."""
    found: dict[str, dict[str, Endpoint]] = {}
    for each in table:
        found.setdefault(each.path, {})[each.method] = each
    return found
