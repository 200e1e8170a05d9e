"""Clock, overview, zip; and where the case is."""

import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from worksample.errors import CaseError
from worksample.submissions import listing
from worksample.workbook import case_folder, clock, level, overview, pack, packing, record, saving

HERE = ("zip", "rca-submission.zip")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("WORKSAMPLE_ANSWERS", "WORKSAMPLE_CASE", "WORKSAMPLE_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_clock_keeps_its_start(here, capsys):
    (here / ".started").write_text("2031-03-05T10:00")
    clock(55)
    assert "Started 10:00, 55 minutes: until 10:55" in capsys.readouterr().out
    (here / "worksample.json").write_text(json.dumps({"minutes": 82.5}))
    clock(55)
    assert "82.5 minutes: until 11:22" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said", ['{"minutes": ', '{"minutes": "long"}', '{"minutes": null}', "[]", ""]
)
def test_the_clock_runs_whatever_has_become_of_the_file_beside_it(here, capsys, said):
    (here / ".started").write_text("half past")
    (here / "worksample.json").write_text(said)
    clock(55)
    assert ", 55 minutes: until " in capsys.readouterr().out


def test_overview_names_what_is_missing(capsys):
    record("onset", "2031-03-05")
    overview({"onset": "first day", "trace": "the spreads"})
    said = capsys.readouterr().out.splitlines()[1:]
    assert said == ["recorded  first day", "MISSING   the spreads"]


@pytest.mark.parametrize(("checks", "lines"), [(["leak", "noise"], 1), (["leak"] * 6, 7)])
def test_what_many_checks_said_stands_below_one_another(here, capsys, checks, lines):
    task = {"cell": "predict_answer", "title": "5 · Predict", "checks": checks}
    (here / "worksample.json").write_text(json.dumps({"tasks": [task]}))
    (here / "rca.ipynb").write_text(json.dumps({"cells": []}))
    overview()
    said = capsys.readouterr().out.splitlines()[1:]
    assert len(said) == lines
    assert "".join(said).count("leak: its check was not run") == checks.count("leak")
    assert max(map(len, said)) <= 96


def test_packs_the_notebook_and_nothing_of_the_case(here):
    (here / "case").mkdir()
    (here / "case" / "big.csv").write_text("x")
    (here / "rca.ipynb").write_text("{}")
    (here / "worksample.json").write_text(json.dumps({"assignment": "rca"}))
    pack()
    with zipfile.ZipFile(here / "rca-submission.zip") as zipped:
        assert sorted(zipped.namelist()) == ["rca/rca.ipynb", "rca/worksample.json"]


def test_packing_nothing_says_so(capsys):
    pack()
    assert "nothing to pack" in capsys.readouterr().out


def test_case_and_level(here, monkeypatch):
    with pytest.raises(CaseError, match="not here"):
        case_folder()
    (here / "case").mkdir()
    assert level() == "standard"
    (here / "case" / "case.json").write_text('{"level": "senior"}')
    assert level() == "senior"
    monkeypatch.setenv("WORKSAMPLE_LEVEL", "junior")
    assert level() == "junior"


def test_packs_files_of_ones_own_and_says_what_not(here, capsys):
    """Left out in silence, a module made complete work 0 of 100."""
    (here / "worksample.json").write_text(json.dumps({"assignment": "rca", "given": ["toolkit"]}))
    names = ("rca.ipynb", "helpers.py", "data/a b.csv", "toolkit/ours.py", ".git/x", "bad?.csv")
    for name in (*names, "__pycache__/x.pyc", "env/pyvenv.cfg", "env/lib.py", "old-submission.zip"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("{}")
    (here / "link.py").symlink_to("/etc/passwd")
    with open(here / "big.csv", "wb") as big:
        big.truncate(packing.MAX_BYTES)
    pack()
    with zipfile.ZipFile(here / "rca-submission.zip") as zipped:
        packed = {name.removeprefix("rca/") for name in zipped.namelist()}
    assert packed == {"rca.ipynb", "helpers.py", "data/a b.csv", "worksample.json"}
    said = capsys.readouterr().out
    assert "2 files of your own: helpers.py, data/a b.csv" in said
    left = said.split("NOT in it, 3 in all:")[1]
    assert all(name in left for name in ("bad?.csv", "link.py", "big.csv"))


def test_a_notebook_is_packed_whole_and_by_its_own_name_while_it_is_saved(here, monkeypatch):
    """Cut short by JupyterLab for the moment of a save, it was handed in empty."""
    monkeypatch.setattr(saving, "WAIT_SECONDS", 120)  # a busy machine
    book, copy = here / "rca.ipynb", here / ".~rca.ipynb"
    copy.write_text("{}")
    book.write_text("")

    def finish():
        book.write_text('{"cells": []}')
        copy.unlink()

    with ThreadPoolExecutor() as pool:
        packed = pool.submit(pack)
        time.sleep(0.2)  # however long: what is packed is what was finished
        finish()
        packed.result()
    with zipfile.ZipFile(here / "rca-submission.zip") as zipped:
        assert zipped.read("rca/rca.ipynb") == b'{"cells": []}'


@pytest.mark.parametrize("saved", [0, -86400, 315_500_000, 1_777_600_000, 2**33])
def test_packs_what_was_saved_at_any_time(here, saved):
    """1980 in one zone is 1979 in another; a zip knows no time before it."""
    (here / "rca.ipynb").write_text("{}")
    os.utime(here / "rca.ipynb", (saved, saved))
    pack()
    entry = next(iter(listing.below(listing.in_archive(here / "rca-submission.zip", *HERE, here))))
    assert entry.zoned
    assert entry.modified.timestamp() == min(max(saved, 0), 2**31 - 1)


def test_the_zip_before_stays_where_packing_stops(here, monkeypatch):
    (here / "rca.ipynb").write_text("{}")
    pack()
    before = (here / "rca-submission.zip").read_bytes()

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", stop)
    with pytest.raises(KeyboardInterrupt):
        pack()
    assert (here / "rca-submission.zip").read_bytes() == before
    assert {path.name for path in here.iterdir()} == {"rca.ipynb", "rca-submission.zip"}
