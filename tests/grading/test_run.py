"""What ``run.execute`` promises: statuses, answers, calls, second chances."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandboxes import label, notebook, nothing_left, usual
from worksample import stages
from worksample.grading.probe import Call
from worksample.grading.prober import MAX_TIMEOUTS, Prober
from worksample.grading.run import Run, _pass, execute
from worksample.grading.values import Unfit, decode, plain_json
from worksample.limits import AnswerSpec, Limits
from worksample.sandbox import forked
from worksample.sandbox.box import Sandbox, Setup
from worksample.sandbox.choice import choose
from worksample.sandbox.forked import Forked
from worksample.sandbox.inside import answering

EVERY = [pytest.param(s, id=label(s)) for s in usual()]
ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0], "secret_word": ["x", "y", "z"]})
QUICK = Limits(cell_seconds=3, notebook_seconds=20)


@pytest.fixture(params=EVERY)
def sandbox(request: pytest.FixtureRequest) -> Any:
    return request.param


def run(
    sandbox: Sandbox,
    node: dict[str, Any],
    *calls: Call,
    case: Path = Path(__file__).parents[1] / "assignments",
    limits: Limits = QUICK,
    answers: tuple[str, ...] = (),
    files: dict[str, Path] | None = None,
    **options: Any,
) -> Run:
    with nothing_left():
        specs = {name: AnswerSpec(1) for name in answers}
        # else every call of a fork imports pandas anew, to read its table
        options = {"sandbox": sandbox, "libraries": ["pandas"] if calls else [], **options}
        return execute(node, case, files or {}, limits, specs, calls, "senior", **options)


def texts(result: Run, cell: str) -> str:
    outputs = next(c["outputs"] for c in result.notebook["cells"] if c["id"] == cell)
    return "".join(output.get("text", "") for output in outputs)


def test_a_notebook_runs_with_its_case_files_and_answers(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "data.csv").write_text("a\n41\n")
    (tmp_path / "toolkit").mkdir()
    (tmp_path / "toolkit" / "__init__.py").write_text("ONE = 1\n")
    node = notebook(
        "import json, os\nimport pandas as pd\nimport toolkit",
        "value = int(pd.read_csv('case/data.csv')['a'].iloc[0]) + toolkit.ONE\nvalue",
        "assert pd.read_csv(os.environ['WORKSAMPLE_CASE'] + '/data.csv').shape == (1, 1)",
        "with open(os.environ['WORKSAMPLE_ANSWERS'] + '/value.json', 'w') as file:\n"
        "    json.dump(value, file)\nprint(os.environ['WORKSAMPLE_LEVEL'])",
    )
    result = run(
        sandbox,
        node,
        case=tmp_path / "case",
        answers=("value", "other"),
        files={"toolkit": tmp_path / "toolkit"},
    )
    assert result.cells == dict.fromkeys(["c0", "c1", "c2", "c3"], "completed")
    assert result.ended.how == "completed"
    assert result.answers == {"value": 42}
    assert result.refused == {"other": "was not recorded"}
    assert texts(result, "c3") == "senior\n"
    assert result.sandbox == sandbox.name
    assert result.limits["cell_seconds"] == 3
    assert result.versions["pandas"] == pd.__version__
    assert "papermill" not in json.dumps(result.notebook)


def test_the_notebook_given_is_not_changed(sandbox: Sandbox) -> None:
    node = notebook("1")
    before = json.dumps(node)
    run(sandbox, node)
    assert json.dumps(node) == before


def test_cells_without_or_with_the_same_id_are_told_apart() -> None:
    node: dict[str, Any] = notebook("print(1)", "print(2)", "print(3)")
    node["cells"][1]["id"] = "c0"
    node["cells"][2].pop("id")
    node["cells"][2]["source"] = ["print", "(3)"]
    result = run(choose(), node)
    assert list(result.cells) == ["c0", "unnamed-1", "unnamed-2"]
    assert texts(result, "unnamed-2") == "3\n"


def test_exit_is_no_way_to_end_the_kernel(sandbox: Sandbox) -> None:
    """``exit()`` would end it a moment later, and the next cell would get the blame."""
    result = run(sandbox, notebook("exit()", "import time\ntime.sleep(0.5)", "print(1)"))
    assert set(result.cells.values()) == {"completed"}


def test_a_tag_does_not_hide_a_cell() -> None:
    node = notebook("print(1)")
    node["cells"][0]["metadata"]["tags"] = ["skip-execution"]
    assert texts(run(choose(), node), "c0") == "1\n"


def test_matplotlib_finds_its_fonts_at_once() -> None:
    """Looking for them takes over a second and prints warnings that are not the candidate's."""
    node = notebook("import matplotlib.pyplot as plt\nfigure = plt.plot([1, 2])\nplt.show()")
    result = run(choose(), node)
    assert [output["output_type"] for output in result.notebook["cells"][0]["outputs"]] == [
        "display_data"
    ]


def test_an_error_stops_its_cell_only(sandbox: Sandbox) -> None:
    result = run(sandbox, notebook("x = 1", "1 / 0", "print(x)", "raise SystemExit"))
    assert list(result.cells.values()) == ["completed", "error", "completed", "error"]
    assert texts(result, "c2") == "1\n"
    assert result.ended.how == "completed"


def test_a_cell_that_takes_too_long_is_interrupted_and_its_state_kept(sandbox: Sandbox) -> None:
    limits = Limits(cell_seconds=1, notebook_seconds=20)
    node = notebook("x = 1", "import time\nprint('before', flush=True)\ntime.sleep(60)", "x")
    result = run(sandbox, node, limits=limits)
    assert list(result.cells.values()) == ["completed", "timeout", "completed"]
    assert (result.ended.how, result.ended.cell) == ("timeout", "c1")
    assert texts(result, "c1") == "before\n"


def test_a_fork_is_born_with_what_its_assignment_imports_and_not_with_what_others_did() -> None:
    """Nor with anything that is none of ours, whoever asks for it."""
    sandbox = choose()
    if not isinstance(sandbox, Forked) or sandbox.why_not:
        pytest.skip("attempts are not forked here")
    look = (
        "import sys\nprint([n for n in ('sklearn', 'pandas', 'antigravity') if n in sys.modules])"
    )
    forked.end_parents()  # it may have been told of more

    def born(*libraries: str) -> str:
        return texts(run(sandbox, notebook(look, "import pandas"), libraries=libraries), "c0")

    assert born() == "[]\n"
    assert born() == "[]\n"
    assert born("pandas", "antigravity") == "['pandas']\n"


def test_a_notebook_that_takes_too_long_is_stopped(sandbox: Sandbox) -> None:
    """Each cell keeps its own limit; together they do not keep the notebook's.

    What a busy machine kept from them is given back, so some more may complete, and never all.
    """
    limits = Limits(cell_seconds=10, notebook_seconds=4)
    node = notebook(*["import time\ntime.sleep(2.5)"] * 9)
    result = run(sandbox, node, limits=limits)
    told = list(result.cells.values())
    done = told.index("timeout")
    assert told == ["completed"] * done + ["timeout"] + ["not_run"] * (8 - done)
    assert done
    assert result.ended.how == "timeout"


def test_a_cell_that_ends_the_kernel_is_left_out_and_the_rest_run_again(sandbox: Sandbox) -> None:
    """Its output up to there is kept: it is what the candidate has to see."""
    crash = "import os, time\nprint('so far', flush=True)\ntime.sleep(0.5)\nos._exit(1)"
    node = notebook("x = 1", crash, "print(x)", "def one():\n    return x")
    result = run(sandbox, node, Call("one", "one"))
    assert list(result.cells.values()) == ["completed", "crashed", "completed", "completed"]
    assert (result.ended.how, result.ended.cell) == ("crashed", "c1")
    assert texts(result, "c1") == "so far\n"
    assert texts(result, "c2") == "1\n"
    assert result.calls["one"][0].value == 1


# each leaves behind a kernel that is, or soon will be, killed by SIGKILL
ROUTES = {
    "thread": "threading.Timer(9, print).start(), os.kill(max(tasks()), 9)",
    "tkill": "call(libc.syscall(200 if x86 else 130, max(tasks()), 9))",
    "tgkill": "call(libc.syscall(234 if x86 else 131, os.getpid(), os.getpid(), 9))",
    "queued": "call(libc.sigqueue(os.getpid(), 9, ctypes.c_void_p()))",
    "pidfd": "signal.pidfd_send_signal(os.pidfd_open(os.getpid()), 9)",
    "owner": "fcntl.fcntl(os.pipe()[0], 10, 9)",  # F_SETSIG
    "child's end": "call(libc.syscall(56 if x86 else 220, 9, 0, 0, 0, 0))",
    "timer": "call(libc.timer_create(1, bytes(8) + struct.pack('ii', 9, 0) + bytes(48), bytes(8)))",
    "limit": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
    "limit again": "resource.prlimit(0, resource.RLIMIT_CPU, (1, 1))",
    "a child": "call(subprocess.run(['sh', '-c', 'kill -9 $PPID']).returncode)",
    "children": "call(subprocess.run(['sh', '-c', 'kill -9 -1']).returncode)",
}
PRELUDE = """\
import ctypes, fcntl, os, platform, resource, signal, struct, subprocess, threading, time
libc, x86 = ctypes.CDLL(None, use_errno=True), platform.machine() == "x86_64"
def tasks():
    return [int(task) for task in os.listdir("/proc/self/task")]
def call(returned):
    if returned < 0:
        raise PermissionError
"""


@pytest.mark.parametrize("sandbox", [p for p in EVERY if p.id != "none"], indirect=True)
def test_where_it_is_shielded_there_is_no_way_to_have_a_kernel_killed(sandbox: Sandbox) -> None:
    """Or a kill from outside could not be told from the notebook's own."""
    cells = {name.replace(" ", "-").replace("'", ""): code for name, code in ROUTES.items()}
    tried = {
        name: f"try:\n    {code}\nexcept (OSError, ValueError):\n    print('refused')"
        for name, code in cells.items()
    }
    node = notebook(prelude=PRELUDE, **tried, last="print('alive')")
    setup = Setup(Limits())
    prober = Prober([], frozenset())
    done, session = _pass(sandbox, setup, node, {}, prober, frozenset(), shielded=True)
    told = {cell.id: "".join(o.get("text", "") for o in cell.outputs) for cell in done.cells}
    assert told == {"prelude": "", **dict.fromkeys(tried, "refused\n"), "last": "alive\n"}
    assert not session.how


def test_the_next_call_is_drawn_only_when_the_one_before_is_answered(sandbox: Sandbox) -> None:
    """A probe may choose its calls late, and the sandbox never holds a later input."""
    drawn: list[str] = []

    def calls() -> Iterator[Call]:
        for number in range(3):
            drawn.append(f"drawn {number}")
            yield Call(str(number), "seen", (number,), session="one")

    node = notebook("inputs = []", "def seen(x):\n    inputs.append(x)\n    return inputs")
    case = Path(__file__).parents[1] / "assignments"
    result = execute(node, case, {}, QUICK, {}, calls(), "junior", sandbox=sandbox)
    assert [result.calls[str(n)][0].value for n in range(3)] == [[0], [0, 1], [0, 1, 2]]
    assert len(drawn) == 3


LOOPS = """
seen = []
def told(x):
    seen.append(x)
    while x < 0: pass
    return seen
"""


def test_a_session_goes_on_after_a_call_that_did_not_end(sandbox: Sandbox) -> None:
    """What it had been asked before it is asked again, so that nothing is forgotten by a mishap."""
    asked = [("a", 1), ("a", 2), ("a", -1), ("a", 3), ("b", 4), ("", 5), ("", 6)]
    calls = [
        Call(str(n), "told", (n,), seconds=2 if n > 0 else 0.5, session=name) for name, n in asked
    ]
    result = run(sandbox, notebook(LOOPS), *calls)
    values = {name: found[0].value for name, found in result.calls.items()}
    assert values == {
        **{"1": [1], "2": [1, 2], "-1": None, "3": [1, 2, 3]},
        **{"4": [4], "5": [5], "6": [6]},
    }


def test_calls_know_nothing_of_other_calls(sandbox: Sandbox) -> None:
    node = notebook("inputs = []", "def seen(x):\n    inputs.append(x)\n    return inputs")
    calls = [Call("f", "seen", (n,)) for n in range(3)]
    result = run(sandbox, node, Call("plain", "seen", (9,)), *calls)
    assert [one.value for one in result.calls["f"]] == [[0], [1], [2]]


KINDS = """
import numpy as np, pandas as pd
def numbers(rows): return rows["a"] * 2
def bools(rows): return rows["a"] > 1
def number(rows): return np.float64(rows["a"].sum())
def table(rows):
    rows = rows[rows["a"] > 1].copy()
    rows["when"] = pd.Timestamp("2020-01-01")
    rows["kind"] = pd.Categorical(["p", None])
    rows["part"] = [1, 2]
    rows["gap"] = [np.nan, 1.0]
    return rows
def data(rows): return {"n": np.int64(3), "list": (1, 2.5), "set": {1}}
"""


def test_results_of_every_kind(sandbox: Sandbox) -> None:
    calls = [
        Call("numbers", "numbers", (ROWS,), "numbers"),
        Call("bools", "bools", (ROWS,), "bools"),
        Call("number", "number", (ROWS,), "number"),
        Call("table", "table", (ROWS,), "frame"),
        Call("data", "data", (ROWS,), "json"),
    ]
    result = run(sandbox, notebook(KINDS), *calls)
    assert not [one[0].error for one in result.calls.values() if one[0].error]
    value = {name: one[0].value for name, one in result.calls.items()}
    assert list(value["numbers"]) == [2, 4, 6]
    assert list(value["bools"]) == [False, True, True]
    assert value["number"] == 6
    assert value["data"] == {"n": 3, "list": [1, 2.5], "set": [1]}
    table = value["table"]
    assert list(table.index) == [1, 2]
    assert list(table["secret_word"]) == ["y", "z"]
    assert table["when"].iloc[0] == pd.Timestamp("2020-01-01")
    assert table["kind"].iloc[0] == "p"
    assert table["kind"].isna().tolist() == [False, True]
    assert table["gap"].isna().tolist() == [True, False]


BAD = """
import os, time
import pandas  # else each call imports it anew
def crash(rows): os._exit(1)
def loop(rows):
    while True: pass
def raises(rows): raise ValueError(str(rows))
def named(rows): raise type(rows["secret_word"].iloc[0], (Exception,), {})("x")
def key(rows): return rows["absent"]
def huge(rows): return "x" * (50 << 20)
def deep(rows):
    found = []
    for _ in range(900): found = [found]
    return found
def nan(rows): return float("nan")
def short(rows): return [1.0]
def text(rows): return ["a", "b", "c"]
def strange(rows): return object()
def evil(rows):
    class Evil:
        def __float__(self): raise KeyboardInterrupt
    return Evil()
def hog(rows):
    held = []
    while True: held.append(bytearray(64 << 20))
def prints(rows):
    print(rows, flush=True); os.system("echo leaked >&2")
    open(os.environ["WORKSAMPLE_ANSWERS"] + "/late.json", "w").write('"leaked"')
    return 1
not_a_function = 3
def fine(rows): return 1
"""


def test_calls_that_go_wrong_spoil_no_other_and_give_nothing_away(sandbox: Sandbox) -> None:
    """Errors reach the candidate's feedback: a hidden input in one would be given away."""
    kinds = {"nan": "number", "short": "numbers", "text": "numbers", "evil": "number"}
    names = "raises named key huge deep nan short text strange evil prints not_a_function absent"
    calls: list[Call] = []
    for name in [*names.split(), "hog", "crash", "loop"]:
        for session in ("", "a"):
            returns: Any = kinds.get(name, "json")
            seconds = 0.5 if name == "loop" else 10
            calls.append(Call(name, name, (ROWS,), returns, seconds, session=session))
            calls.append(Call("fine", "fine", (ROWS,), "json", 10, session=session))
    limits = Limits(cell_seconds=5, notebook_seconds=20, memory_mb=700)
    result = run(sandbox, notebook(BAD), *calls, limits=limits, answers=("late",))
    assert all(one.ok for one in result.calls["fine"]), result.calls["fine"]
    assert all(one.ok for one in result.calls["prints"])
    assert result.answers == {}  # what calls write comes too late
    errors = {n: one[0].error for n, one in result.calls.items() if n not in ("fine", "prints")}
    assert all(errors.values())
    assert "took more than 0.5 seconds" in errors["loop"]
    assert "ended the process" in errors["crash"]
    assert errors["key"] == "key: raised KeyError"
    assert "absent" in result.calls["key"][0].told  # for graders, who may know it
    assert "not defined" in errors["absent"]
    assert "not a function" in errors["not_a_function"]
    told = " ".join(errors.values()) + json.dumps(result.notebook["cells"][0]["outputs"])
    assert "too large" in errors["huge"]
    for hidden in ("leaked", "x y z", "1.0", "raised x"):
        assert hidden not in told
    assert result.ended.how == "completed"


def test_an_errors_word_and_line_are_not_told_and_its_kind_only_once() -> None:
    """Kind, word and line are chosen by code that has seen the inputs: they can spell these out."""
    words = "\n".join(f"w{n} = 0" for n in range(256))
    spell = "def spell(rows, n):\n    raise KeyError(f'w{ord(rows.secret_word.iloc[n]) % 256}')"
    calls = [Call("spell", "spell", (ROWS, n)) for n in range(3)]
    result = run(choose(), notebook(words, spell), *calls)
    first, *others = [one.error for one in result.calls["spell"]]
    assert first == "spell: raised KeyError"
    assert set(others) == {"spell: raised an error"}


def test_a_function_that_always_takes_too_long_is_not_asked_for_ever() -> None:
    node = notebook("def loop(rows):\n    while True: pass")
    calls = [Call("loop", "loop", (ROWS,), seconds=0.3) for _ in range(40)]
    result = run(choose(), node, *calls)
    assert not any(one.ok for one in result.calls["loop"])
    assert [one.error for one in result.calls["loop"]] == [
        *["loop: took more than 0.3 seconds"] * MAX_TIMEOUTS,
        *[f"loop: was not called after {MAX_TIMEOUTS} calls that took too long"] * 37,
    ]


def test_a_runs_time_is_mostly_the_kernels_start() -> None:
    """A light attempt costs a kernel's start and little else; generous, as machines differ.

    What it uses is what counts: how long it waits for its turn is the machine's affair.
    """
    run(choose(), notebook("1"))
    with stages.timed() as spent:
        run(choose(), notebook("1", "2", "3", "4"))
    facts = spent.facts().values()
    assert sum(each["cpu"] + each["cpu_elsewhere"] for each in facts) < 6


# --- bytes from the sandbox, without one -------------------------------------------------------


def reply(call: Call, value: Any) -> Any:
    """What the trusted side makes of ``value`` after its way through bytes."""
    header, body = answering._ENCODERS[call.returns](value)
    return decode(call, json.loads(json.dumps(header)), body)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(), min_size=3, max_size=3))
def test_numbers_survive_the_way(values: list[float]) -> None:
    got = reply(Call("x", "x", (ROWS,), "numbers"), values)
    np.testing.assert_array_equal(got, np.array(values))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=8), st.integers() | st.text()))
def test_any_bytes_are_a_value_or_unfit(body: bytes, header: dict[str, Any]) -> None:
    """Never another error: that would be ours, and the attempt not gradable."""
    for returns in ("json", "number", "numbers", "bools", "frame"):
        call = Call("x", "x", (ROWS,), returns)  # type: ignore[arg-type]
        for known in (header, {"rows": 3, "columns": len(body)}, {"rows": 0, "columns": 2}):
            with contextlib.suppress(Unfit):
                decode(call, known, body)


@pytest.mark.parametrize(
    "columns",
    [
        [{"name": "a", "kind": "float", "bytes": 8}] * 2,
        [{"name": "a", "kind": "object", "bytes": 8}],
        [{"name": "a", "kind": "text", "bytes": 10**12}],
        [{"name": "a", "kind": "text", "bytes": -4}],
        [{"name": None, "kind": "text", "bytes": 8}],
        [{"name": ["a"], "kind": "int"}],
        [1],
        {"a": 1},
    ],
)
def test_a_forged_table_is_unfit(columns: Any) -> None:
    described = json.dumps(columns).encode()
    header = {"rows": 1, "columns": len(described)}
    with pytest.raises(Unfit):
        decode(Call("x", "x", (ROWS,), "frame"), header, described + bytes(8) + b"[9]")


def test_a_code_outside_the_texts_is_unfit() -> None:
    described = json.dumps([{"name": "a", "kind": "text", "bytes": 4 + 5}]).encode()
    header = {"rows": 1, "columns": len(described)}
    call = Call("x", "x", (ROWS,), "frame")
    for code in (-2, 1, 2**31 - 1):
        body = described + np.array([code], "<i4").tobytes() + b'["x"]'
        with pytest.raises(Unfit):
            decode(call, header, body)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[1e999]",
        "9" * 30,
        '{"a":1,"a":2}',
        "[" * 40 + "]" * 40,
        '"\\ud800"',
        "",
        "{",
        "\xff",
    ],
)
def test_json_that_is_not_plain_is_unfit(text: str) -> None:
    with pytest.raises(Unfit):
        plain_json(text.encode("latin-1"))
