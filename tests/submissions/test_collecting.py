"""What comes back: any layout is taken, nothing hostile is, nobody's work is lost."""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cohort import TINY, edit, fill, invited, notebook_of
from worksample.assignments import case
from worksample.course import Course
from worksample.errors import CandidateError, SubmissionError
from worksample.grading import skim
from worksample.records.tables import Records
from worksample.submissions import choosing, listing
from worksample.submissions import collecting as submission


@pytest.fixture
def home(built: Course, tmp_path: Path) -> Path:
    """Ada's folder as she works in it."""
    return invited(built, "ada", tmp_path / "home")


def zipped(
    folder: Path, target: Path, change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    """The folder as a zip, as a browser or an archiver would make it."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            info = zipfile.ZipInfo.from_file(path, path.relative_to(folder.parent))
            if change:
                change(info)
            archive.writestr(info, path.read_bytes() if path.is_file() else b"")
    return target


def current_slope(course: Course) -> str:
    path = submission.submitted_folder(course, TINY, "ada") / f"{TINY}.ipynb"
    cells = {c["id"]: c["source"] for c in json.loads(path.read_text())["cells"]}
    return cells["slope_answer"]


def answer(folder: Path, slope: str, when: int) -> None:
    """Write an answer, saved at a time (seconds of 1 May 2026)."""
    fill(notebook_of(folder), {"slope_answer": slope})
    os.utime(notebook_of(folder), (1777600000 + when,) * 2)


@pytest.mark.parametrize("layout", ["folder", "zip", "nested", "renamed zip", "inbox", "no mark"])
def test_every_usual_layout_is_taken(
    built: Course, home: Path, tmp_path: Path, layout: str
) -> None:
    answer(home, "SLOPE = 1", 0)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    if layout == "folder":
        source = home
    elif layout == "zip":
        source = zipped(home, inbox / "work.zip")
    elif layout == "nested":
        source = shutil.copytree(home, inbox / "ada" / "my files" / TINY).parents[2]
    elif layout == "renamed zip":
        (home / "worksample.json").unlink()
        source = zipped(home, inbox / f"{TINY}-ada (1).zip")
    elif layout == "inbox":
        zipped(home, inbox / "x.zip")
        source = inbox
    else:
        (home / "worksample.json").unlink()
        source = shutil.copytree(home, inbox / "ada")
    done = submission.collect(built, [source])
    assert not done.refused, done.refused
    (receipt,) = done.receipts
    assert (receipt.candidate, receipt.assignment, receipt.number) == ("ada", TINY, 1)
    assert receipt.current
    assert len(receipt.code) == 12
    assert current_slope(built) == "SLOPE = 1"
    folder = submission.submitted_folder(built, TINY, "ada")
    assert {path.name for path in folder.iterdir()} == {f"{TINY}.ipynb", "timestamp.txt"}


def test_newest_wins_and_earlier_ones_are_kept(built: Course, home: Path, tmp_path: Path) -> None:
    for number, (slope, when) in enumerate([("one", 0), ("two", 200), ("late", 100)], start=1):
        answer(home, f"SLOPE = '{slope}'", when)
        (receipt,) = submission.collect(built, [home]).receipts
        assert receipt.number == number
        assert receipt.current == (slope != "late")
    assert current_slope(built) == "SLOPE = 'two'"
    kept = sorted((built.state / "attempts" / TINY / "ada").glob("*/files/*.ipynb"))
    assert [json.loads(path.read_text())["cells"][3]["source"] for path in kept] == [
        "SLOPE = 'one'",
        "SLOPE = 'two'",
        "SLOPE = 'late'",
    ]
    stamp = submission.submitted_folder(built, TINY, "ada") / "timestamp.txt"
    assert stamp.read_text().startswith("2026-05-01")


def test_of_several_in_one_go_the_newest_wins(built: Course, home: Path, tmp_path: Path) -> None:
    answer(home, "SLOPE = 'new'", 500)
    newer = zipped(home, tmp_path / "a-new.zip")
    answer(home, "SLOPE = 'old'", 0)
    older = zipped(home, tmp_path / "b-old.zip")
    done = submission.collect(built, [newer, older])
    assert [receipt.current for receipt in done.receipts] == [True, True], "in the order saved"
    assert current_slope(built) == "SLOPE = 'new'"


def test_a_clock_that_is_ahead_does_not_change_the_order(
    built: Course, home: Path, tmp_path: Path
) -> None:
    """Local time that is ahead of ours, in a zip: later still wins, today and tomorrow."""
    ahead = int(time.time()) - 1777600000 + 20_000
    answer(home, "SLOPE = 'second'", ahead + 100)
    second = zipped(home, tmp_path / "a.zip")
    answer(home, "SLOPE = 'first'", ahead)
    first = zipped(home, tmp_path / "b.zip")
    submission.collect(built, [second, first])
    assert current_slope(built) == "SLOPE = 'second'"
    answer(home, "SLOPE = 'third'", ahead + 200)
    submission.collect(built, [zipped(home, tmp_path / "c.zip")])
    assert current_slope(built) == "SLOPE = 'third'"


def test_a_zips_exact_time_is_read_where_there_is_one(
    built: Course, home: Path, tmp_path: Path
) -> None:
    """Most archivers add it; the plain time says nothing of its time zone."""
    answer(home, "SLOPE = 1", 0)

    def exact(info: zipfile.ZipInfo) -> None:
        info.extra = struct.pack("<HHHHBi", 0x9999, 0, 0x5455, 5, 1, 1777000000)

    (receipt,) = submission.collect(built, [zipped(home, tmp_path / "x.zip", exact)]).receipts
    assert receipt.submitted.timestamp() == 1777000000


def test_the_same_again_gives_the_same_receipt(built: Course, home: Path) -> None:
    first, again = (submission.collect(built, [home]).receipts[0] for _ in range(2))
    assert (first.new, again.new) == (True, False)
    assert (first.code, first.number) == (again.code, again.number)
    assert len(Records(built.records_url).submissions(TINY, "ada")) == 1


def test_a_newer_one_is_newer_for_nbgrader_too(built: Course, home: Path) -> None:
    """nbgrader grades again only what has a later timestamp."""
    stamps = []
    for slope in ("1", "2"):
        answer(home, f"SLOPE = {slope}", 0)
        submission.collect(built, [home])
        folder = submission.submitted_folder(built, TINY, "ada")
        stamps.append((folder / "timestamp.txt").read_text())
    assert stamps[0] < stamps[1]


def test_one_bad_source_does_not_stop_the_others(built: Course, home: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    (tmp_path / "empty").mkdir()
    sources = [tmp_path / "broken.zip", tmp_path / "empty", tmp_path / "missing", home]
    done = submission.collect(built, sources)
    assert len(done.receipts) == 1
    assert len(done.refused) == 3
    assert all(error.where for error in done.refused)


@pytest.mark.parametrize("name", ["/" + "文" * 90, "", f"/{TINY}.ipynb/x"])
def test_names_that_only_a_zip_can_hold_are_left_out(
    built: Course, home: Path, tmp_path: Path, name: str
) -> None:
    """Of 270 bytes, a folder's own, the notebook as a folder: each ended the command for all."""
    source = zipped(home, tmp_path / "x.zip")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(f"{home.name}{name}", "x")
    done = submission.collect(built, [source])
    assert not done.refused
    (row,) = Records(built.records_url).submissions(TINY, "ada")
    assert set(submission.files(built, row)) == {f"{TINY}.ipynb"}


def test_a_file_without_a_name_is_left_out(built: Course, home: Path, tmp_path: Path) -> None:
    source = zipped(home, tmp_path / "x.zip")
    nameless = zipfile.ZipInfo("x")
    nameless.filename = ""
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(nameless, "x")
        archive.writestr(".", "x")
    done = submission.collect(built, [source])
    assert len(done.receipts) == 1, done.refused


def test_damaged_files_are_not_unpacked_for_ever(built: Course, home: Path, tmp_path: Path) -> None:
    """Each could cost as much time as the largest that is taken, and thousands fit into a zip."""
    source = zipped(home, tmp_path / "x.zip")
    marker = b"what is damaged"
    with zipfile.ZipFile(source, "a") as archive:
        for number in range(200):
            archive.writestr(f"{home.name}/{number:03}.csv", marker)
    source.write_bytes(source.read_bytes().replace(marker, marker[::-1]))
    (receipt,) = submission.collect(built, [source]).receipts
    assert sum("damaged" in note for note in receipt.notes) == submission.MAX_REFUSED
    assert receipt.notes[-1] == "150 more files were left out."


def escape(folder: Path, into: Path) -> Path:
    source = zipped(folder, into / "x.zip")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("../../escaped.txt", "out")
    return source


def absolute(folder: Path, into: Path) -> Path:
    source = zipped(folder, into / "x.zip")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("/tmp/escaped.txt", "out")
    return source


def encrypted(folder: Path, into: Path) -> Path:
    source = zipped(folder, into / "x.zip")
    data = bytearray(source.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    source.write_bytes(data)
    return source


def bomb(folder: Path, into: Path) -> Path:
    """Small on the wire, more than the limit unpacked."""
    with zipfile.ZipFile(into / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"ada/{TINY}.ipynb", b" " * (65 * 2**20))
    return into / "x.zip"


def unnamed_bomb(folder: Path, into: Path) -> Path:
    """Its first byte says what it is; to look at that, no more is unpacked."""
    with zipfile.ZipFile(into / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"ada/{TINY} copy", b"{" + b" " * (65 * 2**20))
    return into / "x.zip"


def endless_name(folder: Path, into: Path) -> Path:
    """What undoes the names that browsers make looks at each hyphen, and on from each."""
    source = zipped(folder, into / "x.zip")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(f"{TINY}/x{'-' * 60_000}x", "")
    return source


def unusual_bomb(folder: Path, into: Path) -> Path:
    """Says that it is small; zipfile would unpack all of it and then look at that."""
    path, name = into / "x.zip", f"ada/{TINY}.ipynb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr(name, b" " * (2**20))
    size = (2**20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    return path


def broken_lzma(folder: Path, into: Path) -> Path:
    """Its errors are none of zipfile's."""
    path, name = into / "x.zip", f"ada/{TINY}.ipynb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.write(notebook_of(folder), name)
    data = bytearray(path.read_bytes())
    start = data.index(name.encode()) + len(name)
    data[start + 4 : start + 9] = b"\xff" * 5
    path.write_bytes(data)
    return path


def linked_notebook(folder: Path, into: Path) -> Path:
    """A link in place of the notebook would bring a file of the grader's into the grading."""
    notebook_of(folder).unlink()
    notebook_of(folder).symlink_to("/etc/passwd")
    return folder


def piped_notebook(folder: Path, into: Path) -> Path:
    """Opening a pipe would wait for ever."""
    notebook_of(folder).unlink()
    os.mkfifo(notebook_of(folder))
    return folder


def zipped_link(folder: Path, into: Path) -> Path:
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename.endswith(".ipynb"):
            info.external_attr = (stat.S_IFLNK | 0o777) << 16

    return zipped(folder, into / "x.zip", link)


def not_json(folder: Path, into: Path) -> Path:
    notebook_of(folder).write_text("this is not JSON")
    return folder


def deeply_nested(folder: Path, into: Path) -> Path:
    notebook_of(folder).write_text("[" * 100_000)
    return folder


def no_cells(folder: Path, into: Path) -> Path:
    notebook_of(folder).write_text('{"hello": 1}')
    return folder


def wrong_assignment(folder: Path, into: Path) -> Path:
    edit(folder / "worksample.json", lambda facts: facts.update(assignment="another"))
    return folder


def unknown_candidate(folder: Path, into: Path) -> Path:
    edit(folder / "worksample.json", lambda facts: facts.update(candidate="adda"))
    return folder


def others_case(folder: Path, into: Path) -> Path:
    edit(folder / "worksample.json", lambda facts: facts.update(case="0" * 16))
    return folder


def in_bobs_name(folder: Path, into: Path) -> Path:
    """Ada's folder arrives as Bob's."""
    return shutil.copytree(folder, into / "bob")


def twice_the_name(folder: Path, into: Path) -> Path:
    source = zipped(folder, into / "x.zip")
    with zipfile.ZipFile(source, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(f"{TINY}/{TINY}.ipynb", "{}")
    return source


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (escape, "names that lead out of it"),
        (absolute, "names that lead out of it"),
        (encrypted, "encrypted"),
        (bomb, "larger than 64 MB"),
        (unnamed_bomb, "larger than 64 MB"),
        (endless_name, "names of more than 255 characters"),
        (unusual_bomb, "packed in an unusual way"),
        (broken_lzma, "packed in an unusual way"),
        (linked_notebook, "not a regular file"),
        (piped_notebook, "not a regular file"),
        (zipped_link, "not a regular file"),
        (not_json, "not JSON"),
        (deeply_nested, "not JSON"),
        (no_cells, "not a notebook"),
        (wrong_assignment, "no assignment 'another'"),
        (unknown_candidate, "no candidate 'adda'"),
        (others_case, "not ada's"),
        (in_bobs_name, "came as bob's"),
        (twice_the_name, "two files of the same name"),
    ],
)
def test_what_is_refused_says_why(
    built: Course,
    home: Path,
    tmp_path: Path,
    make: Callable[[Path, Path], Path],
    told: str,
) -> None:
    invited(built, "bob", tmp_path / "bobs")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    done = submission.collect(built, [make(home, inbox)])
    assert not done.receipts
    (error,) = done.refused
    assert told in str(error)
    assert isinstance(error, SubmissionError | CandidateError)
    # a traceback would keep what its frames held: the sixty megabytes of each that was refused
    assert error.__traceback__ is error.__context__ is None
    assert not list(built.submitted.glob("*/*"))
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_line_of_a_million_blanks_is_a_line(built: Course, home: Path) -> None:
    """An expression that looked for blanks at the ends of lines took hours."""
    answer(home, " " * 1_000_000 + "SLOPE = 1", 0)
    (receipt,) = submission.collect(built, [home]).receipts
    assert receipt.current
    assert receipt.code == submission.collect(built, [home]).receipts[0].code


def test_notebooks_that_cost_far_too_much_to_read_share_what_there_is(tmp_path: Path) -> None:
    """Fifty of them fit into kilobytes of a zip; each took as long as the largest that is taken."""
    for number in range(3):
        book = b'{"cells": [], "nbformat": 4, "x": [' + b"[]," * 40_000 + b"[]]}"
        (tmp_path / f"{number}.ipynb").write_bytes(book)
    allowance = skim.Allowance(steps=100_000)
    entries = [listing.one_file(path) for path in sorted(tmp_path.iterdir())]
    found = [choosing.read(each, allowance) for each in entries]
    assert [each.fault is None for each in found] == [True, False, False]
    assert "far more cells or stored outputs" in str(found[1].fault)
    assert "comes after notebooks that hold far more" in str(found[2].fault)
    archive = skim.Allowance(steps=100_000)
    shared = [choosing.read(each, skim.Allowance(of=archive)).fault is None for each in entries]
    assert shared == [True, False, False]


def test_links_and_ours_are_left_out_and_files_of_her_own_kept(built: Course, home: Path) -> None:
    (home / "helper.py").write_text("x = 1")
    (home / "leak").symlink_to("/etc/passwd")
    (home / "case" / "points.csv").write_text("x,y\n0,0\n")
    (home / "toolkit" / "line.py").write_text("raise SystemExit")
    (receipt,) = submission.collect(built, [home]).receipts
    assert [note for note in receipt.notes if "leak" in note and "left out" in note]
    row = Records(built.records_url).last_submission(TINY, "ada")
    assert row is not None
    assert set(submission.files(built, row)) == {f"{TINY}.ipynb", "helper.py"}


def test_a_notebook_under_another_name_is_found_by_its_cells(built: Course, home: Path) -> None:
    notebook_of(home).rename(home / "final version.ipynb")
    (home / "scratch.ipynb").write_text('{"cells": [], "nbformat": 4, "metadata": {}}')
    (receipt,) = submission.collect(built, [home]).receipts
    assert "final version.ipynb" in receipt.notes[0]
    assert "1 more notebooks" in receipt.notes[1]


def test_asked_for_one_assignment_another_is_refused(built: Course, home: Path) -> None:
    done = submission.collect(built, [home], f"{TINY}-revision")
    assert "not of tiny-regression-revision" in str(done.refused[0])


def test_a_kept_attempt_that_was_changed_is_not_graded(built: Course, home: Path) -> None:
    submission.collect(built, [home])
    row = Records(built.records_url).last_submission(TINY, "ada")
    assert row is not None
    path = submission.attempt_folder(built, row) / "files" / f"{TINY}.ipynb"
    path.write_text(path.read_text() + " ")
    with pytest.raises(SubmissionError, match="kept attempt was changed"):
        submission.files(built, row)


# ---- what is put into submitted/ by other means ----


def copied(course: Course, home: Path) -> Path:
    folder = submission.submitted_folder(course, TINY, "ada")
    shutil.copytree(home, folder)
    return folder


def test_a_hand_copied_folder_is_received_when_it_is_graded(built: Course, home: Path) -> None:
    answer(home, "SLOPE = 3", 0)
    folder = copied(built, home)
    (folder / "passwords").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    row = submission.adopt(built, TINY, "ada")
    assert row.number == 1
    assert {path.name for path in folder.iterdir()} == {f"{TINY}.ipynb", "timestamp.txt"}
    assert submission.adopt(built, TINY, "ada").id == row.id, "again changes nothing"
    assert len([note for note in row.notes if "left out" in note]) == 2


def test_what_is_put_there_by_hand_counts(built: Course, home: Path) -> None:
    answer(home, "SLOPE = 'collected'", 900)
    submission.collect(built, [home])
    answer(home, "SLOPE = 'by hand'", 100)
    folder = submission.submitted_folder(built, TINY, "ada")
    shutil.copy2(notebook_of(home), folder)
    assert submission.adopt(built, TINY, "ada").number == 2
    assert current_slope(built) == "SLOPE = 'by hand'"


def test_the_exchanges_secret_stays(built: Course, home: Path) -> None:
    """nbgrader wants it back beside the feedback."""
    folder = copied(built, home)
    (folder / "submission_secret.txt").write_text("s3cret")
    (folder / "timestamp.txt").write_text("2026-05-01 10:00:00.000000 UTC")
    row = submission.adopt(built, TINY, "ada")
    assert (folder / "submission_secret.txt").read_text() == "s3cret"
    assert row.submitted.isoformat() == "2026-05-01T10:00:00+00:00"
    assert submission.adopt(built, TINY, "ada").id == row.id


@pytest.mark.parametrize(
    "stamp", ["", "yesterday", "\udcff", "9" * 300, "9999-12-31 23:59:59.999999 UTC"]
)
def test_a_timestamp_that_cannot_be_read_does_not_stop_nbgrader(
    built: Course, home: Path, stamp: str
) -> None:
    folder = copied(built, home)
    (folder / "timestamp.txt").write_bytes(stamp.encode("utf-8", "surrogateescape"))
    submission.adopt(built, TINY, "ada")
    assert (folder / "timestamp.txt").read_text().endswith(" UTC")


def test_after_a_kill_nothing_is_lost(
    built: Course, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after ``submitted/`` was written and before it was recorded: it is adopted."""
    answer(home, "SLOPE = 'first'", 100)
    submission.collect(built, [home])
    answer(home, "SLOPE = 'second'", 200)

    def kill(self: Records, *rows: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Records, "add", kill)
        with pytest.raises(KeyboardInterrupt):
            submission.collect(built, [home])
    row = submission.adopt(built, TINY, "ada")
    assert (row.number, current_slope(built)) == (2, "SLOPE = 'second'")


def test_nobody_without_a_case_is_received(built: Course, home: Path) -> None:
    shutil.copytree(home, built.submitted / "eve" / TINY)
    with pytest.raises(CandidateError, match="no candidate 'eve'"):
        submission.adopt(built, TINY, "eve")


def test_disarm_leaves_nothing_that_could_be_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "zero").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe")
    (folder / "note").write_text("stays")
    submission.disarm(folder)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["note"]
    assert len(list(folder.rglob("*"))) == 2
    link = tmp_path / "link"
    link.symlink_to(folder)
    submission.disarm(link)
    assert not link.is_symlink()
    assert (folder / "note").exists()


def test_candidates_are_those_who_were_invited(built: Course, home: Path) -> None:
    assert case.candidates(built, TINY) == ["ada"]


def test_a_kill_before_the_record_loses_no_file(
    built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then only the notebook lies in ``submitted/``; the other files are kept elsewhere."""
    home = invited(built, "ada", tmp_path / "home")
    (home / "mine.py").write_text("x = 1")
    there = submission.submitted_folder(built, TINY, "ada")
    shutil.copytree(home, there, ignore=shutil.ignore_patterns("case"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Records, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            submission.adopt(built, TINY, "ada")
    assert not (there / "mine.py").exists(), "it was that moment"
    row = submission.adopt(built, TINY, "ada")
    assert submission.files(built, row)["mine.py"].read_text() == "x = 1"
    assert submission.adopt(built, TINY, "ada").number == row.number == 1


def test_an_environment_in_a_zip_made_by_hand_is_no_obstacle(
    built: Course, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README has the candidate make one in the folder; libraries alone are beyond the limit."""
    libraries = home / ".venv" / "lib" / "python3.11" / "site-packages"
    libraries.mkdir(parents=True)
    for number in range(60):
        (libraries / f"{number}.py").write_text("")
    monkeypatch.setattr(listing, "MAX_ENTRIES", 50)
    done = submission.collect(built, [zipped(home, tmp_path / "x.zip")])
    assert not done.refused, done.refused
    row = Records(built.records_url).last_submission(TINY, "ada")
    assert row is not None
    assert set(submission.files(built, row)) == {f"{TINY}.ipynb"}


@pytest.mark.parametrize("marked", ["nothing", "the notebook"])
def test_a_case_of_anothers_is_nobody_elses_work(
    built: Course, home: Path, tmp_path: Path, marked: str
) -> None:
    """Ada's folder without its marks, or with Bob's notebook in it, is not collected as Bob's."""
    bobs = invited(built, "bob", tmp_path / "bob")
    (home / "worksample.json").unlink()
    if marked == "nothing":
        edit(notebook_of(home), lambda notebook: notebook["metadata"].pop("worksample"))
    else:
        shutil.copy(notebook_of(bobs), notebook_of(home))
    done = submission.collect(built, [home], wish=submission.Wish(candidate="bob"))
    assert not done.receipts
    assert "names a case that is not bob's" in str(done.refused[0])
    if marked == "nothing":
        assert not submission.collect(built, [home]).receipts, "it says nothing of whose it is"
        as_ada = submission.collect(built, [home], wish=submission.Wish(candidate="ada"))
        assert as_ada.receipts
