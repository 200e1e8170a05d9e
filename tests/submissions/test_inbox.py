"""What lies in an inbox is taken or named, whatever shape it has, and one stops nobody else."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cohort import TINY, edit, fill, invited, notebook_of
from worksample.course import Course
from worksample.records.tables import Records
from worksample.submissions import collecting as submission
from worksample.submissions import filenames, listing


@pytest.fixture
def inbox(built: Course, tmp_path: Path) -> Path:
    """Bob's folder lies in it."""
    folder = tmp_path / "inbox"
    shutil.copytree(invited(built, "bob", tmp_path / "bobs"), folder / "bob")
    return folder


@pytest.fixture
def home(built: Course, tmp_path: Path) -> Path:
    """Ada's folder as she works in it."""
    return invited(built, "ada", tmp_path / "home")


def people(done: submission.Collected) -> set[str]:
    return {receipt.candidate for receipt in done.receipts}


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    return target


def unmark(folder: Path) -> Path:
    """Nothing in it says whose it is."""
    (folder / "worksample.json").unlink()
    edit(notebook_of(folder), lambda notebook: notebook["metadata"].pop("worksample"))
    return folder


def nested_zip(home: Path, inbox: Path) -> None:
    inner = zipped(home, inbox.parent / "inner.zip")
    with zipfile.ZipFile(inbox / "all.zip", "w") as archive:
        archive.write(inner, "ada/work.zip")


def folder_with_zip(home: Path, inbox: Path) -> None:
    (inbox / "ada").mkdir()
    zipped(home, inbox / "ada" / "work.zip")


def zip_beside_its_mark(home: Path, inbox: Path) -> None:
    folder_with_zip(home, inbox)
    shutil.copy(home / "worksample.json", inbox / "ada")


def loose_notebook(home: Path, inbox: Path) -> None:
    shutil.copy(notebook_of(home), inbox / "ada.ipynb")


def downloads(home: Path, inbox: Path) -> None:
    """A browser numbers what people call the same."""
    shutil.copy(notebook_of(inbox / "bob"), inbox / f"{TINY}.ipynb")
    shutil.copy(notebook_of(home), inbox / f"{TINY} (1).ipynb")


def tarball(home: Path, inbox: Path) -> None:
    with tarfile.open(inbox / "work.tar.gz", "w:gz") as archive:
        archive.add(home, TINY)


def zip_without_ending(home: Path, inbox: Path) -> None:
    zipped(home, inbox / "attachment")


SHAPES = [
    *(nested_zip, folder_with_zip, zip_beside_its_mark, loose_notebook, downloads, tarball),
    zip_without_ending,
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_taken(
    built: Course, home: Path, inbox: Path, shape: Callable[[Path, Path], None]
) -> None:
    """Dropped in silence, or everybody refused: the grader believes that nothing was sent."""
    shape(home, inbox)
    done = submission.collect(built, [inbox])
    assert not done.refused, done.refused
    assert people(done) == {"ada", "bob"}


def test_a_folder_in_anothers_folder_is_named(built: Course, home: Path, inbox: Path) -> None:
    """It is neither a file of Bob's nor taken for Ada's because somebody put it there."""
    shutil.copytree(home, inbox / "bob" / "from a friend")
    done = submission.collect(built, [inbox])
    assert people(done) == {"bob"}
    assert "says it is ada's, but it came as bob's" in str(done.refused[0])
    row = Records(built.records_url).last_submission(TINY, "bob")
    assert row is not None
    assert not [name for name in submission.files(built, row) if "friend" in name]


@pytest.mark.parametrize("name", ["carol.7z", "dave.rar", "eve.tar.xz", "mail.pdf", "x.zip"])
def test_what_cannot_be_opened_is_named(built: Course, inbox: Path, name: str) -> None:
    (inbox / name).write_bytes(b"x" * 100)
    done = submission.collect(built, [inbox])
    assert people(done) == {"bob"}
    assert [name in str(error) for error in done.refused] == [True]


def test_one_huge_folder_refuses_itself_only(
    built: Course, home: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's data set in the inbox must not cost the others their receipts."""
    monkeypatch.setattr(listing, "MAX_ENTRIES", 30)
    for number in range(40):
        path = inbox / "huge" / str(number % 4) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shutil.copytree(home, inbox / "huge" / "ada")
    for number in range(40):
        (inbox / "huge" / "ada" / f"{number}.txt").touch()
    done = submission.collect(built, [inbox])
    assert people(done) == {"bob"}
    assert "more than 30 files" in str([error for error in done.refused if "ada" in str(error)])


def test_hidden_files_and_environments_are_nobodys(built: Course, home: Path, inbox: Path) -> None:
    (inbox / ".DS_Store").write_bytes(b"x")
    (inbox / "Thumbs.db").write_bytes(b"x")
    (inbox / "__MACOSX" / "ada").mkdir(parents=True)
    (inbox / "__MACOSX" / "ada" / f"._{TINY}.ipynb").write_bytes(b"x")
    assert not submission.collect(built, [inbox]).refused


def test_collect_here(
    built: Course, home: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`collect .` in a candidate's folder, and in the course with its own packages in it."""
    monkeypatch.chdir(home)
    assert people(submission.collect(built, [Path()])) == {"ada"}
    shutil.copytree(inbox, built.root / "inbox")
    monkeypatch.chdir(built.root)
    done = submission.collect(built, [Path()])
    assert (people(done), done.refused) == ({"bob"}, ())


# ---- whose it is ----


@pytest.mark.parametrize("how", ["folder", "zip", "notebook", "own mark"])
def test_a_name_alone_makes_nobodys_work_bobs(
    built: Course, home: Path, inbox: Path, tmp_path: Path, how: str
) -> None:
    """Whoever names a file after another would have their work graded as the other's."""
    shutil.rmtree(inbox / "bob")
    folder = shutil.copytree(home, tmp_path / "bob")
    if how != "own mark":
        unmark(folder)
    (folder / "worksample.json").unlink(missing_ok=True)
    if how == "zip":
        zipped(folder, inbox / "bob.zip")
    elif how == "notebook":
        shutil.copy(notebook_of(folder), inbox / "bob.ipynb")
    else:
        shutil.move(folder, inbox / "bob")
    done = submission.collect(built, [inbox], TINY)
    assert not done.receipts
    told = "says it is ada's, but it came as bob's" if how == "own mark" else "--as bob"
    assert told in str(done.refused[0])


@pytest.mark.parametrize(
    "change", [{"candidate": "bob"}, {"mark": "0" * 32}, {"mark": ""}, {"mark": "é"}]
)
def test_a_mark_that_was_not_given_out_is_refused(
    built: Course, home: Path, inbox: Path, change: dict[str, str]
) -> None:
    edit(home / "worksample.json", lambda facts: facts.update(change))
    edit(notebook_of(home), lambda notebook: notebook["metadata"].pop("worksample"))
    done = submission.collect(built, [home])
    assert not done.receipts
    assert "find out whose" in str(done.refused[0])


def test_a_friends_notebook_in_ones_own_folder_is_refused(
    built: Course, home: Path, inbox: Path
) -> None:
    shutil.copy(notebook_of(home), notebook_of(inbox / "bob"))
    done = submission.collect(built, [inbox])
    assert not done.receipts
    assert "marks of several people: bob, ada" in str(done.refused[0])


def test_somebody_can_say_whose_it_is(built: Course, home: Path, inbox: Path) -> None:
    wish = submission.Wish(TINY, candidate="ada")
    done = submission.collect(built, [unmark(home)], wish=wish)
    assert people(done) == {"ada"}, done.refused
    done = submission.collect(built, [inbox / "bob"], wish=wish)
    assert "says it is bob's, but it came as ada's" in str(done.refused[0])
    wrong = submission.Wish(TINY, candidate="ADA")
    assert "did you mean 'ada'" in str(submission.collect(built, [home], wish=wrong).refused[0])


def test_what_is_put_into_submitted_by_hand_bears_no_others_mark(
    built: Course, home: Path, inbox: Path
) -> None:
    shutil.copytree(home, submission.submitted_folder(built, TINY, "bob"))
    with pytest.raises(submission.SubmissionError, match="bears ada's mark"):
        submission.adopt(built, TINY, "bob")


# ---- which notebook ----


@pytest.mark.parametrize("other", [f"{TINY}-Copy1.ipynb", f"{TINY} (1).ipynb", "my work.ipynb"])
def test_the_notebook_with_the_work_is_taken(built: Course, home: Path, other: str) -> None:
    """The untouched one of the right name got the candidate nothing for complete work."""
    shutil.copy(notebook_of(home), home / other)
    fill(home / other, {"slope_answer": "SLOPE = 'mine'"})
    os.utime(home / other, (1777600000,) * 2)
    (receipt,) = submission.collect(built, [home]).receipts
    row = Records(built.records_url).last_submission(TINY, "ada")
    assert row is not None
    assert "mine" in submission.files(built, row)[f"{TINY}.ipynb"].read_text()
    assert other in receipt.notes[0]
    assert "as it was given out" in receipt.notes[1]


def test_of_two_with_work_somebody_has_to_choose(built: Course, home: Path) -> None:
    """More answers in the one, saved last the other: no rule can tell."""
    shutil.copy(notebook_of(home), home / "b.ipynb")
    answers = {"slope_answer": "SLOPE = 1", "predict_answer": "predict = abs"}
    fill(notebook_of(home), answers)
    fill(home / "b.ipynb", {"slope_answer": "SLOPE = 2"})
    os.utime(notebook_of(home), (1777600000,) * 2)
    done = submission.collect(built, [home])
    assert not done.receipts
    assert "“b.ipynb”: 1 cells" in str(done.refused[0])
    wish = submission.Wish(notebook="b.ipynb")
    (receipt,) = submission.collect(built, [home], wish=wish).receipts
    assert "chosen by hand" in receipt.notes[0]
    os.utime(notebook_of(home), (2000000000,) * 2)
    (receipt,) = submission.collect(built, [home]).receipts
    assert "work in 1 cells, saved before" in receipt.notes[0]


@pytest.mark.parametrize(
    "name",
    [
        *(f"{TINY}.ipynb.txt", f"{TINY}.IPYNB", f"{TINY}.json", TINY, f"{TINY}.ipynb.download"),
        *(f"Kopie von {TINY}.ipynb", f"{TINY} - Copy.ipynb", f"ada_{TINY}.ipynb. ", "x.ipynb.json"),
        *("%54iny-regression%2Eipynb%20", "=?utf-8?B?dGlueS1yZWdyZXNzaW9uLmlweW5i?="),
        *("ｔｉｎｙ-regression．ｉｐｙｎｂ", f"\u202e{TINY}\u200b.ipynb", f"{TINY}.ipynb (1)"),
    ],
)
def test_names_that_programs_make(built: Course, home: Path, inbox: Path, name: str) -> None:
    notebook_of(home).rename(home / name)
    (home / "worksample.json").unlink()
    shutil.rmtree(inbox / "bob")
    shutil.move(home, inbox / "ada")
    done = submission.collect(built, [inbox])
    assert people(done) == {"ada"}, done.refused


def test_a_revision_is_not_taken_for_the_work() -> None:
    known = ["tiny", "tiny-revision"]
    assert filenames.assignment_in("Kopie von Tiny_Revision (2).ipynb", known) == "tiny-revision"
    assert filenames.assignment_in("destiny.ipynb", known) is None
    assert filenames.person_in("tiny (1)", ["1", "ada"], known) is None
    assert filenames.person_in("ADA_tiny (1) (2)", ["1", "ada"], known) == "ada"


# ---- when ----


def dos_zip(home: Path, target: Path, slope: str, dos: tuple[int, ...], arrived: int) -> Path:
    """As Windows makes it: the writer's local time, and no word about its zone."""
    fill(notebook_of(home), {"slope_answer": f"SLOPE = '{slope}'"})
    with zipfile.ZipFile(target, "w") as archive:
        for path in (notebook_of(home), home / "worksample.json"):
            archive.writestr(zipfile.ZipInfo(f"{TINY}/{path.name}", dos), path.read_bytes())
    os.utime(target, (1777600000 + arrived,) * 2)
    return target


@pytest.mark.parametrize("together", [True, False])
def test_clocks_of_two_zones_are_asked_about(
    built: Course, home: Path, tmp_path: Path, together: bool
) -> None:
    """The first was zipped in Tokyo, the second an hour later in Berlin: the older was graded."""
    first = dos_zip(home, tmp_path / "1.zip", "old", (2026, 5, 1, 19, 0, 0), 0)
    second = dos_zip(home, tmp_path / "2.zip", "new", (2026, 5, 1, 13, 0, 0), 3600)
    for sources in [[first, second]] if together else [[first], [second]]:
        done = submission.collect(built, sources)
    (question,) = done.unsure
    assert "--newest" in str(question)
    done = submission.collect(built, [second], wish=submission.Wish(newest=True))
    assert (done.unsure, done.receipts[0].current) == ((), True)
    path = submission.submitted_folder(built, TINY, "ada") / f"{TINY}.ipynb"
    assert "'new'" in path.read_text()


def test_clocks_that_agree_with_the_order_of_arrival_are_believed(
    built: Course, home: Path, tmp_path: Path
) -> None:
    first = dos_zip(home, tmp_path / "1.zip", "old", (2026, 5, 1, 10, 0, 0), 0)
    second = dos_zip(home, tmp_path / "2.zip", "new", (2026, 5, 1, 11, 0, 0), 3600)
    done = submission.collect(built, [second, first])
    assert (done.unsure, done.refused) == ((), ())


def test_an_editors_note_of_the_time_is_in_utc(built: Course, home: Path, tmp_path: Path) -> None:
    def executed(notebook: dict[str, object]) -> None:
        cells = notebook["cells"]
        assert isinstance(cells, list)
        cells[0]["metadata"]["execution"] = {"iopub.execute_input": "2026-05-01T10:00:00.5Z"}

    edit(notebook_of(home), executed)
    source = dos_zip(home, tmp_path / "1.zip", "x", (2026, 5, 1, 19, 0, 0), 0)
    (receipt,) = submission.collect(built, [source]).receipts
    assert receipt.submitted.isoformat() == "2026-05-01T10:00:00.500000+00:00"


# ---- archives that would harm ----


def many_names(path: Path) -> None:
    """Half a million names: a table of contents that zipfile reads at once."""
    record = b"PK\1\2" + bytes(24) + (1).to_bytes(2, "little") + bytes(16) + b"a"
    table = record * 500_000
    end = b"PK\5\6" + bytes(8) + len(table).to_bytes(4, "little") + bytes(4) + bytes(2)
    path.write_bytes(table + end)


def tar_bomb(path: Path) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        member = tarfile.TarInfo("zeros")
        member.size = 2**28
        archive.addfile(member, io.BytesIO(bytes(2**28)))


def tar_escape(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("../../escaped.txt"))


def matryoshka(path: Path) -> None:
    data = b"end"
    for number in range(6):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(f"{number}.zip", data)
        data = stream.getvalue()
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "name", "told"),
    [
        (many_names, "x.zip", "more than 20000 files"),
        (tar_bomb, "x.tgz", "larger than 192 MB"),
        (tar_escape, "x.tar", "lead out of it"),
        (matryoshka, "x.zip", "archives in each other"),
    ],
)
def test_an_archive_that_would_harm_is_named(
    built: Course, inbox: Path, make: Callable[[Path], None], name: str, told: str
) -> None:
    make(inbox / name)
    done = submission.collect(built, [inbox])
    assert people(done) == {"bob"}
    assert told in str(done.refused[0])
    assert not list(inbox.parent.rglob("escaped.txt"))


def test_links_in_a_tar_are_never_followed(built: Course, home: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "ada.tar", "w") as archive:
        archive.add(home, TINY)
        link = tarfile.TarInfo(f"{TINY}/leak.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (receipt,) = submission.collect(built, [tmp_path / "ada.tar"]).receipts
    assert any("leak.txt" in note and "left out" in note for note in receipt.notes)


def test_a_macs_names_are_those_that_code_opens(built: Course, home: Path, tmp_path: Path) -> None:
    """Zipped there: UTF-8 without saying so, and accents as characters of their own."""
    source = zipped(home, tmp_path / "x.zip")
    name = f"{TINY}/gro\u0308\u00dfe.csv".encode()
    placeholder = f"{TINY}/".encode().ljust(len(name), b"q")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(placeholder.decode(), "1")
    source.write_bytes(source.read_bytes().replace(placeholder, name))
    (receipt,) = submission.collect(built, [source]).receipts
    row = Records(built.records_url).last_submission(TINY, "ada")
    assert row is not None
    assert receipt.number == 1
    assert json.dumps(sorted(submission.files(built, row))).count("csv") == 1
