"""The live form: somebody of the team looks on while the candidate works, and is seen to.

What they see are snapshots of what was saved, some seconds old and as text and pictures, never the
candidate's own page: two people in one notebook lose each other's work. It is there in openings
that say ``live = true``, which the notice tells. Clock and pause are both sides'.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from worksample.errors import SittingError
from worksample.exchange import history, pages, sittings, team, versions
from worksample.exchange.asking import Ask, Reply, data
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import opened
from worksample.exchange.versions import Folder
from worksample.records.tables import Audit, now


def follow(ask: Ask) -> Reply:
    """The attempt as it was saved last, kept up to date."""
    sitting = _followed(ask)
    folder, at = _folder(ask, sitting), _mark(ask, sitting)
    listed = folder.listed()
    before, last = ([None, None, *listed])[-2:]
    grown = versions.growth(folder, listed[-2:])
    reply = ask.page(
        "following",
        f"{sitting.candidate} at work",
        sitting=sitting,
        at_change=at,
        moment_now=now(),
        saved=last.time if last else None,
        grown=str(grown[-1]) if before else "",
        notebooks=history.shown(folder, before, last) if last else {},
        files=sorted(last.files) if last else [],
        others=[each for each in _who(ask, sitting) if each != ask.someone.name],
    )
    return replace(reply, policy=team.LIVE)


def changed(ask: Ask) -> Reply:
    """Differs whenever the page does. Who asks is there, and the candidate sees it."""
    sitting = _followed(ask)
    name, candidate, by = sitting.assignment, sitting.candidate, ask.someone.name
    if ask.service.present.note(name, candidate, by) and sitting.state in ("running", "paused"):
        row = Audit(assignment=name, candidate=candidate, actor=by, action="looks on", detail={})
        opened(ask.course).add(row)
    return data({"at": _mark(ask, sitting)})


def pause(ask: Ask) -> Reply:
    """Stop the clock for both."""
    sittings.pause(ask.course, _followed(ask), ask.someone.name, "stopped by who was there")
    return _back(ask, "paused")


def resume(ask: Ask) -> Reply:
    """Let it go on."""
    sittings.resume(ask.course, _followed(ask), ask.someone.name, "let go on by who was there")
    return _back(ask, "resumed")


def _followed(ask: Ask) -> Sitting:
    """The attempt in the address.

    Raises:
        SittingError: nobody looks on in its opening.
    """
    sitting = history.sitting_of(ask)
    if not sitting.opening.live:
        raise SittingError(
            "nobody looks on while candidates of this opening work",
            do="write `live = true` into the opening's file before anybody starts: the notice "
            "says it then",
        )
    return sitting


def _folder(ask: Ask, sitting: Sitting) -> Folder:
    return Folder.of(ask.course, sitting.assignment, sitting.candidate)


def _who(ask: Ask, sitting: Sitting) -> list[str]:
    return ask.service.present.who(sitting.assignment, sitting.candidate)


def _mark(ask: Ask, sitting: Sitting) -> str:
    """Differs with the versions, the clock's state, its minutes left, and who is there."""
    facts = (
        _folder(ask, sitting).length(),
        sitting.state,
        pages.span(sitting.clock.left),
        _who(ask, sitting),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _back(ask: Ask, done: str) -> Reply:
    return ask.to(f"team/{ask.named['candidate']}/{ask.named['assignment']}/live", done)
