"""Clock, overview, zip; and where the case is."""

import json
import zipfile

import pytest

from worksample.errors import CaseError
from worksample.workbook import case_folder, clock, level, overview, pack, record


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
