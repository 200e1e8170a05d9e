"""What `worksample doctor` says of a course that is to be served."""

from __future__ import annotations

import os
import time

import pytest

from tests.exchange.afar import open_now
from worksample.course import Course
from worksample.errors import HostingError
from worksample.hub import doctor, proxy
from worksample.hub.places import Places


def states(course: Course) -> dict[str, str]:
    return {each.name: each.state for each in doctor.examine(course)}


def test_it_says_what_real_candidates_still_need(course: Course) -> None:
    places = Places(course)
    wanted = ("address", "backup", "mail", "openings")
    assert {states(course)[name] for name in wanted} == {"weaker"}

    places.state.mkdir(parents=True)
    (places.state / "address").write_text("https://hub.localhost:1")
    backup = course.state / doctor.BACKED_UP
    backup.touch()
    mail = course.state / "mail.toml"
    mail.write_text('host = "smtp.example.org"\nsender = "Hiring <hiring@example.org>"\n')
    mail.chmod(0o600)
    open_now(course)
    assert {states(course)[name] for name in wanted} == {"ok"}

    (places.state / "address").write_text("http://hub.localhost:8000")
    os.utime(backup, (time.time() - 9 * 86400,) * 2)
    mail.chmod(0o644)
    found = {each.name: each for each in doctor.examine(course)}
    assert "--certificate" in found["address"].do
    assert "9 days ago" in found["backup"].saw
    assert "chmod 600" in found["mail"].do
    assert "address" in doctor.verdict(list(found.values()))


def test_without_a_proxy_nothing_can_be_served(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> proxy.Node:
        raise HostingError("no node", do=proxy.GET_NODE)

    monkeypatch.setattr(proxy, "node", none)
    found = list(doctor.examine(course))
    assert doctor.verdict(found) == "It cannot be served here: proxy."
    assert "worksample[hub]" in found[0].do
