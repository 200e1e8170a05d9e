"""Damaged submissions: rebuilt where that is honest, told where it is not."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from tests.cohort import TINY
from worksample.course import Course
from worksample.errors import SubmissionError
from worksample.grading import repair

JSON = dict[str, Any]


@pytest.fixture(scope="module")
def release(built_once: Path) -> JSON:
    path = Course(built_once).release / TINY / f"{TINY}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def work(release: JSON) -> JSON:
    """A submission in order: the release with answers."""
    made = copy.deepcopy(release)
    of(made, "slope_answer")["source"] = "SLOPE = 2"
    of(made, "predict_answer")["source"] = ["def predict(xs):\n", "    return xs"]
    return made


def of(notebook: JSON, name: str) -> JSON:
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def ids(notebook: JSON) -> list[str]:
    return [cell["id"] for cell in notebook["cells"]]


def repaired(work: JSON, release: JSON) -> repair.Repaired:
    return sound(repair.repair(json.dumps(work).encode(), release), release)


def sound(done: repair.Repaired, release: JSON) -> repair.Repaired:
    """What holds of every repaired notebook, whatever it was made from."""
    notebook = nbformat.from_dict(copy.deepcopy(done.notebook))
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    graded = [c for c in release["cells"] if "nbgrader" in c["metadata"]]
    for cell in graded:
        kept = [c for c in done.notebook["cells"] if c["id"] == cell["id"]]
        assert len(kept) == 1, cell["id"]
        assert kept[0]["metadata"] == cell["metadata"]
        if repair.is_locked(cell):
            assert kept[0]["source"] == "".join(cell["source"])
    assert done.notebook["metadata"] == release["metadata"]
    assert not [c for c in done.notebook["cells"] if c.get("outputs")]
    own = [c for c in done.notebook["cells"] if c["id"] not in ids(release)]
    assert not [c for c in own if c["metadata"]]
    return done


def test_what_is_in_order_is_left_as_it_is(work: JSON, release: JSON) -> None:
    done = repaired(work, release)
    assert done.notes == ()
    assert ids(done.notebook) == ids(release)
    assert of(done.notebook, "slope_answer")["source"] == "SLOPE = 2"
    assert of(done.notebook, "predict_answer")["source"] == "def predict(xs):\n    return xs"


def edit_check(work: JSON) -> None:
    of(work, "slope")["source"] = "record('slope', 1)"


def more_points(work: JSON) -> None:
    of(work, "slope")["metadata"]["nbgrader"]["points"] = 4000


def not_a_check(work: JSON) -> None:
    of(work, "slope")["metadata"]["nbgrader"].update(grade=False, locked=False, solution=True)


def no_metadata(work: JSON) -> None:
    for cell in work["cells"]:
        cell["metadata"] = {}


def no_ids(work: JSON) -> None:
    work["nbformat_minor"] = 4
    for cell in work["cells"]:
        del cell["id"]


def foreign_schema(work: JSON) -> None:
    for cell in work["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99


def broken_metadata(work: JSON) -> None:
    of(work, "slope")["metadata"]["nbgrader"] = "yes"
    of(work, "predict")["metadata"] = None


def duplicate_check(work: JSON) -> None:
    work["cells"].insert(0, copy.deepcopy(of(work, "slope")))


def duplicate_answer(work: JSON) -> None:
    extra = copy.deepcopy(of(work, "slope_answer")) | {"id": "copy"}
    extra["source"] = "SLOPE = 1"
    work["cells"].insert(0, extra)


def delete_checks(work: JSON) -> None:
    work["cells"] = [c for c in work["cells"] if c["id"] not in ("slope", "predict", "explanation")]


def delete_all(work: JSON) -> None:
    work["cells"] = []


def checks_first(work: JSON) -> None:
    work["cells"].sort(key=lambda cell: cell["id"] not in ("slope", "predict"))


def check_as_text(work: JSON) -> None:
    cell = of(work, "slope")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def huge_outputs(work: JSON) -> None:
    text = {"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}
    of(work, "setup")["outputs"] = [text]


def wrong_shapes(work: JSON) -> None:
    work["cells"] += [None, 7, {"cell_type": "heading"}, {"cell_type": "code", "source": {"a": 1}}]


def bad_ids(work: JSON) -> None:
    work["cells"] += [
        {"cell_type": "code", "id": bad, "source": "1", "metadata": {}}
        for bad in ("x y", 7, None, "a" * 99, "same", "same", "<script>")
    ]


def hostile_metadata(work: JSON) -> None:
    of(work, "setup")["metadata"] = {"tags": ['"><script>alert(1)</script>']}
    work["metadata"]["title"] = "<script>alert(1)</script>"
    work["cells"].append(
        {
            "cell_type": "raw",
            "id": "raw",
            "source": "<b>",
            "metadata": {"raw_mimetype": "text/html"},
        }
    )


def another_kernel(work: JSON) -> None:
    work["metadata"]["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}


def another_format(work: JSON) -> None:
    work["nbformat"] = 5


DAMAGES: list[tuple[Callable[[JSON], None], str | None]] = [
    (edit_check, "had been edited"),
    (more_points, "points or settings had been changed"),
    (not_a_check, "points or settings had been changed"),
    (no_metadata, "known by their ids and texts"),
    (no_ids, None),
    (foreign_schema, None),
    (broken_metadata, "known by their ids and texts"),
    (duplicate_check, "more than once"),
    (duplicate_answer, "the last one counts"),
    (delete_checks, "the original was put back"),
    (delete_all, "the original was put back"),
    (checks_first, "was moved behind it"),
    (check_as_text, "had been edited"),
    (huge_outputs, None),
    (wrong_shapes, "4 cells could not be read"),
    (bad_ids, None),
    (hostile_metadata, None),
    (another_kernel, "kernel “ir”"),
    (another_format, "another format"),
]


@pytest.mark.parametrize(("damage", "told"), DAMAGES)
def test_what_can_be_mended_is_and_is_told(
    work: JSON, release: JSON, damage: Callable[[JSON], None], told: str | None
) -> None:
    damage(work)
    done = repaired(work, release)
    notes = " ".join(note.what for note in done.notes)
    assert told in notes if told else not done.notes
    if damage is not delete_all:
        assert of(done.notebook, "slope_answer")["source"] == "SLOPE = 2"


def test_checks_come_after_the_answers_they_check(work: JSON, release: JSON) -> None:
    checks_first(work)
    order = ids(repaired(work, release).notebook)
    assert order.index("slope_answer") < order.index("slope")
    assert order.index("predict_answer") < order.index("predict")


def test_the_candidates_own_order_is_kept(work: JSON, release: JSON) -> None:
    """Somebody who moved an answer up because another uses it meant it."""
    cell = of(work, "predict_answer")
    work["cells"].remove(cell)
    work["cells"].insert(2, cell)
    order = ids(repaired(work, release).notebook)
    assert order.index("predict_answer") < order.index("slope_answer")


def test_what_stands_in_place_of_a_deleted_answer_wins(work: JSON, release: JSON) -> None:
    """The empty answer is put back before the candidate's own cell, so it does not undo it."""
    index = ids(work).index("slope_answer")
    work["cells"][index] = {
        "cell_type": "code",
        "id": "mine",
        "source": "SLOPE = 9",
        "metadata": {},
    }
    order = ids(repaired(work, release).notebook)
    assert order.index("slope_answer") < order.index("mine") < order.index("slope")


def test_text_written_into_a_criterion_is_kept(work: JSON, release: JSON) -> None:
    of(work, "explanation")["source"] = "My three sentences."
    cells = repaired(work, release).notebook["cells"]
    index = next(i for i, cell in enumerate(cells) if cell["id"] == "explanation")
    assert "My three sentences." not in cells[index]["source"]
    assert cells[index + 1]["source"] == "My three sentences."


def test_an_old_format_is_converted(work: JSON, release: JSON) -> None:
    old = nbformat.convert(nbformat.reads(json.dumps(work), as_version=4), 3)
    done = sound(repair.repair(json.dumps(old).encode(), release), release)
    assert "old format" in done.notes[0].what
    assert any("SLOPE = 2" in cell["source"] for cell in done.notebook["cells"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_of_json_are_read(work: JSON, release: JSON, encoding: str) -> None:
    sound(repair.repair(json.dumps(work).encode(encoding), release), release)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{'cells': []}", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[]", "not a notebook"),
        (b'{"cells": 3}', "not a notebook"),
        (b'{"worksheets": [{"cells": [7]}], "nbformat": 3}', "old format that cannot be converted"),
        (  # of which nbformat makes as many characters, in whose process it is asked to
            b'{"worksheets": [{"cells": [{"cell_type": "heading", "level": 300000000, "source": "",'
            b' "metadata": {}}]}], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}',
            "old format that cannot be converted",
        ),
    ],
)
def test_what_holds_no_notebook_is_no_score(release: JSON, data: bytes, told: str) -> None:
    with pytest.raises(SubmissionError, match=told):
        repair.repair(data, release)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_value_anywhere_in_a_notebook_is_survived(release: JSON, data: st.DataObject) -> None:
    """A random change somewhere in the JSON ends in a sound notebook, or in no score."""
    work = copy.deepcopy(release)
    spot: Any = work
    for _ in range(data.draw(st.integers(0, 6))):
        if not isinstance(spot, dict | list) or not spot:
            break
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()):
            spot[key] = data.draw(json_values)
            break
        spot = spot[key]
    try:
        done = repair.repair(json.dumps(work).encode(), release)
    except SubmissionError:
        return
    sound(done, release)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to("big")
    os.mkfifo(tmp_path / "pipe")
    assert repair.read_file(tmp_path / "big") == b"x" * 100
    for name, told in (
        ("link", "is a link"),
        ("pipe", "not a regular file"),
        ("none", "cannot be opened"),
        (".", "not a regular file|cannot be"),
    ):
        with pytest.raises(SubmissionError, match=told):
            repair.read_file(tmp_path / name)
    with pytest.raises(SubmissionError, match="larger"):
        repair.read_file(tmp_path / "big", 99)


STRONG = {
    "slope_answer": "SLOPE = 2",
    "predict_answer": "def predict(xs):\n    return [SLOPE for _ in xs]",
}


def code(source: str, name: str = "own") -> JSON:
    return {"cell_type": "code", "id": name, "source": source, "metadata": {}}


def drop(work: JSON, *names: str) -> None:
    work["cells"] = [cell for cell in work["cells"] if cell["id"] not in names]


def put(work: JSON, after: str, source: str) -> None:
    work["cells"].insert(ids(work).index(after) + 1, code(source))


def retyped_above(work: JSON) -> None:
    drop(work, "predict_answer")
    put(work, "slope_answer", STRONG["predict_answer"])


def merged(work: JSON) -> None:
    drop(work, "predict_answer")
    of(work, "slope_answer")["source"] += "\n\n" + STRONG["predict_answer"]


def merged_into_the_check(work: JSON) -> None:
    """Merging in an editor that minds no locks; the check's id is the one that is left."""
    check = of(work, "slope")
    check["source"] = "\n".join([*STRONG.values(), "".join(check["source"])])
    drop(work, "slope_answer", "predict_answer")


def all_on_top(work: JSON) -> None:
    drop(work, *STRONG)
    put(work, "setup", "\n".join(STRONG.values()))


def all_at_the_end_without_checks(work: JSON) -> None:
    drop(work, *STRONG, "slope", "predict")
    work["cells"].append(code("\n".join(STRONG.values())))


def an_untouched_copy_below(work: JSON) -> None:
    stub = 'def predict(xs):\n    raise NotImplementedError("write predict here")'
    copied = copy.deepcopy(of(work, "predict_answer")) | {"id": "copy", "source": stub}
    work["cells"].insert(ids(work).index("predict_answer") + 1, copied)


def defined_above_an_untouched_answer(work: JSON) -> None:
    of(work, "predict_answer")["source"] = (
        'def predict(xs):\n    raise NotImplementedError("write predict here")'
    )
    put(work, "slope_answer", STRONG["predict_answer"])


def in_ways_that_nobody_sees(work: JSON) -> None:
    drop(work, "predict_answer")
    put(work, "slope_answer", "exec('def pre' + 'dict(xs):\\n    return [SLOPE for _ in xs]')")


def in_a_copy_of_a_check(work: JSON) -> None:
    drop(work, "predict_answer")
    copied = copy.deepcopy(of(work, "slope")) | {"source": STRONG["predict_answer"], "id": "copy"}
    work["cells"].insert(ids(work).index("slope_answer"), copied)


def without_ids_and_metadata(work: JSON) -> None:
    for number, cell in enumerate(work["cells"]):
        cell |= {"metadata": {}, "id": f"new-{number}"}


def without_any_and_an_answer_less(work: JSON) -> None:
    merged(work)
    without_ids_and_metadata(work)


@pytest.mark.parametrize(
    "change",
    [
        retyped_above,
        merged,
        merged_into_the_check,
        all_on_top,
        all_at_the_end_without_checks,
        an_untouched_copy_below,
        defined_above_an_untouched_answer,
        in_ways_that_nobody_sees,
        in_a_copy_of_a_check,
        without_ids_and_metadata,
        without_any_and_an_answer_less,
    ],
)
def test_what_is_put_back_undoes_nothing(
    work: JSON, release: JSON, change: Callable[[JSON], None]
) -> None:
    """Complete work in another cell earned 40 or 0: the empty answer was put back below it."""
    for name, source in STRONG.items():
        of(work, name)["source"] = source
    change(work)
    recorded: JSON = {}
    space: JSON = {"record": recorded.__setitem__}
    for cell in repaired(work, release).notebook["cells"]:
        if cell["cell_type"] == "code" and cell["id"] != "setup":
            exec(cell["source"], space)
    assert recorded == {"slope": 2}
    assert space["predict"]([1]) == [2]


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n")


def spaced(text: str) -> str:
    return "\ufeff" + text.replace("\n", "  \n\u200b").replace(" ", "\u00a0") + "\n\n"


@pytest.mark.parametrize("how", [crlf, trimmed, spaced])
@pytest.mark.parametrize("also", [None, without_ids_and_metadata, no_metadata])
def test_what_tools_change_is_nobodys_edit(
    work: JSON,
    release: JSON,
    how: Callable[[str], str],
    also: Callable[[JSON], None] | None,
) -> None:
    """A file saved on Windows accused its author of having edited every check."""
    for cell in work["cells"]:
        cell["source"] = how("".join(cell["source"]))
    if also:
        also(work)
    done = repaired(work, release)
    assert [note for note in done.notes if note.cell] == []
    assert len(done.notes) == (1 if also else 0)
    assert len(done.notebook["cells"]) == len(release["cells"]), "no text stands there twice"


def test_only_what_was_sent_tells_what_was_changed(work: JSON, release: JSON) -> None:
    """The author built anew after inviting: a text, the points, a check more and one less."""
    sent = json.dumps(release).encode()
    now = copy.deepcopy(release)
    of(now, "slope")["source"] = 'record("slope", SLOPE)\n'
    of(now, "predict")["metadata"]["nbgrader"]["points"] = 50
    of(now, "explanation")["source"] = "Write four sentences."
    extra = copy.deepcopy(of(now, "slope")) | {"id": "bend"}
    extra["metadata"]["nbgrader"]["grade_id"] = "bend"
    now["cells"].append(extra)
    drop(now, "brief")
    done = repair.repair(json.dumps(work).encode(), now, [sent])
    assert [(n.cell, n.what) for n in done.notes] == [
        ("bend", "It came into the assignment later; it was put in.")
    ]
    assert of(done.notebook, "slope")["source"] == 'record("slope", SLOPE)\n'
    of(work, "slope")["source"] = "record('slope', 1)"
    (edited, _) = repair.repair(json.dumps(work).encode(), now, [sent]).notes
    assert edited == repair.Note("slope", "It had been edited; the original is used.")
    (unknown, *_) = repair.repair(json.dumps(work).encode(), now, []).notes
    assert unknown.what == "It is not as it was released; the original is used."
