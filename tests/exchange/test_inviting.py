"""Openings, lists of people, links and mails: what a company does before a candidate comes."""

from __future__ import annotations

import json
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from click.testing import CliRunner

from tests.exchange.afar import OPENING, TINY, open_now
from worksample.cli import main
from worksample.course import Course
from worksample.errors import AssignmentError, CandidateError, CourseError, WorksampleError
from worksample.exchange import inviting, links, mail, openings, people

GOOD = f"""
title = "Engineer"
assignments = ["{TINY}"]
opens = 2026-12-01
closes = 2026-12-15T18:00:00+02:00
decision = 2026-12-22
"""


def written(course: Course, text: str, name: str = "platform") -> Path:
    path = course.root / "openings" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_an_opening_is_read(course: Course) -> None:
    written(course, GOOD)
    found = openings.find(course, "platform")
    assert openings.ids(course) == ["platform"]
    assert found.opens == datetime(2026, 12, 1, tzinfo=UTC)
    assert found.closes == datetime(2026, 12, 15, 16, tzinfo=UTC)
    assert (found.level, found.minutes, found.graders) == ("standard", None, 2)
    assert found.links_end > datetime(2026, 12, 29, tzinfo=UTC)
    written(course, GOOD.replace("2026-12-15T18:00:00+02:00", "2026-12-15"))
    assert openings.find(course, "platform").closes == datetime(2026, 12, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "words"),
    [
        ('title = "Engineer"', "title = 3", 2, "should be a text"),
        ("decision = 2026-12-22", "", 1, "`decision` should be a day, it is missing"),
        ("decision = 2026-12-22", 'decision = "2026-12-22"', 6, "without quotes"),
        ("decision = 2026-12-22", "decision = 2026-12-02", 6, "before the last day"),
        ("opens = 2026-12-01", "opens = 2026-12-01T09:00:00", 4, "without a zone"),
        ("opens = 2026-12-01", "opens = 2027-12-01", 5, "closes before it opens"),
        (f'["{TINY}"]', '["tiny"]', 0, "tiny"),
        (f'["{TINY}"]', "[]", 3, "names none"),
        ("title =", 'level = "expert"\ntitle =', 2, "no level 'expert'"),
        ("title =", "graders = 0\ntitle =", 2, "whole number from 1"),
        ("title =", "minutes = 0\ntitle =", 2, "from 1 to"),
        ("title =", "retension_days = 9\ntitle =", 2, "did you mean `retention_days`"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    course: Course, was: str, becomes: str, line: int, words: str
) -> None:
    assert was in GOOD
    written(course, GOOD.replace(was, becomes))
    with pytest.raises(AssignmentError) as mistake:
        openings.find(course, "platform")
    assert words in str(mistake.value)
    if line:
        assert f"openings/platform.toml:{line}:" in str(mistake.value)


def test_an_opening_that_there_is_not(course: Course) -> None:
    written(course, GOOD)
    for name in ("other", "../platform", "Platform", ""):
        with pytest.raises(AssignmentError, match="there are: platform"):
            openings.find(course, name)


def test_a_list_of_people(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "# who, mail, time\nada, ada@example.org, 1.5\n\nbob@example.org\n"
        '"Lovelace, Eve"  # no mail\n',
        encoding="utf-8",
    )
    ada, bob, eve = inviting.read_list(path)
    assert (ada.who, ada.mail, ada.extra_time) == ("ada", "ada@example.org", 1.5)
    assert (bob.who, bob.mail, eve.who, eve.line) == (*["bob@example.org"] * 2, "Lovelace, Eve", 5)
    for line in ("ada, bob", "1.5", "a@b, c@d", ","):
        path.write_text(line, encoding="utf-8")
        with pytest.raises(CandidateError, match=r"people\.csv:1"):
            inviting.read_list(path)
    for data in (b"", b"# nobody\n", b"\xff\xfe"):
        path.write_bytes(data)
        with pytest.raises(CandidateError, match="list"):
            inviting.read_list(path)
    written(course, GOOD)
    opening = openings.find(course, "platform")
    made = inviting.id_for(course, opening, "Lovelace, Eve")
    assert people.is_name(made)
    assert inviting.id_for(course, opening, "Lovelace, Eve") == made
    assert inviting.id_for(course, opening, "ada") == "ada"
    assert (course.state / "exchange" / "names.json").stat().st_mode & 0o077 == 0


def test_the_command_invites_a_list_and_again_changes_nothing(built: Course) -> None:
    open_now(built)
    links.announce(built, "https://work.example.org/link/")
    (built.root / "people.csv").write_text("ada, 1.5\nBob B\nup_per\n", encoding="utf-8")
    order = ["invite", "--opening", OPENING, "--people", "people.csv"]
    first = CliRunner().invoke(main, order)
    found = re.findall(r"https://work\.example\.org/link/(\S+)", first.stdout)
    names = [links.redeem(built, code).name for code in found[:3]]
    assert names[0] == "ada"
    assert names[1].startswith("c-") and names[2].startswith("c-")  # noqa: PT018
    again = CliRunner().invoke(main, order)
    assert re.findall(r"/link/(\S+)", again.stdout)[:3] == found[:3]
    assert again.stdout.count("invited before") == 3
    assert "Your time begins when\nyou press start" in first.stdout
    for wrong in (
        ["invite", "ada"],
        ["invite", "ada", "--opening", OPENING, "--level", "senior"],
        ["invite", "ada", "-a", TINY, "--mail"],
        ["invite", "--opening", OPENING],
    ):
        assert CliRunner().invoke(main, wrong).exit_code == 2, wrong


def test_mail_is_sent_to_each_with_their_own_link(built: Course) -> None:
    open_now(built)
    links.announce(built, "https://work.example.org/link/")
    got: list[tuple[str, str]] = []

    class Keep(Message):
        def handle_message(self, message) -> None:  # type: ignore[no-untyped-def]
            got.append((message["To"], message.get_payload()))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    try:
        settings = built.state / "mail.toml"
        settings.write_text(
            f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "H <h@example.org>"\n'
        )
        settings.chmod(0o600)
        (built.root / "people.csv").write_text("ada, ada@example.org\nbob, bob@example.org\neve\n")
        done = CliRunner().invoke(
            main, ["invite", "--opening", OPENING, "--people", "people.csv", "--mail"]
        )
        assert done.exit_code == 0, done.output
    finally:
        controller.stop()
    assert [to for to, _ in got] == ["ada@example.org", "bob@example.org"]
    for to, text in got:
        (code,) = re.findall(r"/link/(\S+)", text)
        assert f"{links.redeem(built, code).name}@example.org" == to
    settings.chmod(0o644)
    with pytest.raises(CourseError, match="others can read"):
        mail.settings(built)
    settings.chmod(0o600)
    with (
        pytest.raises(WorksampleError, match="does not take mail"),
        mail.server(mail.Settings("127.0.0.1", port, "none", "", "", "h@example.org")),
    ):
        pass


def test_accounts_from_the_command_line(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSAMPLE_PASSWORD", "a long sentence for a test")
    assert CliRunner().invoke(main, ["account", "grace", "--role", "grader"]).exit_code == 0
    assert people.check(course, "grace", "a long sentence for a test")
    assert CliRunner().invoke(main, ["account", "grace", "--end"]).exit_code == 0
    assert people.member(course, "grace") is None
    assert CliRunner().invoke(main, ["account", "grace"]).exit_code == 2
    links.issue(course, OPENING, "ada")
    assert "1 link ended" in CliRunner().invoke(main, ["end-links", "ada"]).output
    assert CliRunner().invoke(main, ["end-links", "ada"]).exit_code == 1
    assert json.dumps(links.holder(course, "ada")) == "null"
