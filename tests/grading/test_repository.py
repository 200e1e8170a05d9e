"""Conformance of the evidence *repository*: what commands in a tree can do, and what they cannot.

All trials go through one real sandbox, one after the other, as those of one submission do.
"""

from __future__ import annotations

import pytest

from tests.cohort import ROOT
from worksample.grading import trials
from worksample.grading.repository import Trial, TrialResult, recompose
from worksample.limits import Budget, Limits

LIMITS = Limits(memory_mb=400, processes=24, disk_mb=64, cell_seconds=20, notebook_seconds=60)

PROGRAMS = {
    "plain": "print('said'); open('out.txt', 'w').write(open('in.txt').read().upper())",
    "exit": "import sys; sys.exit('no')",
    "raises": "raise ValueError('broken')",
    "leaves": """
        import os, time
        open('/tmp/left', 'w').write('x'); open('/attempt/left', 'w').write('x')
        if os.fork() == 0:
            os.setsid()
            while True:
                open('/tmp/alive', 'w').write(str(time.time())); time.sleep(0.05)
    """,
    "looks": """
        import glob, os, time
        time.sleep(0.3)
        found = [p for p in ('/tmp/left', '/attempt/left', '/tmp/alive') if os.path.exists(p)]
        others = [p for p in glob.glob('/attempt/tree-*/') if p[:-1] != os.getcwd()]
        open('out.txt', 'w').write(repr(found + others))
    """,
    "network": """
        import socket
        try:
            socket.create_connection(('10.0.0.1', 80), 1)
        except OSError as error:
            open('out.txt', 'w').write('refused')
    """,
    "reads": """
        import os
        seen = [p for p in ('HERE/assignments', 'HERE/tests') if os.path.exists(p)]
        import importlib.util
        ours = ('worksample.grading', 'worksample.assignments', 'worksample.kit')
        seen += [n for n in ours if importlib.util.find_spec(n)]
        open('out.txt', 'w').write(repr(seen))
    """,
    "endless": "while True: pass",
    "memory": "x = bytearray(900 << 20); x[::4096] = b'x' * len(x[::4096]); open('out.txt', 'w')",
    "large": "open('out.txt', 'wb').write(b'x' * (1 << 20))",
    "link": "import os; os.symlink('/etc/passwd', 'out.txt')",
    "folder": "import os; os.mkdir('out.txt')",
    "chatter": "print('x' * 5_000_000)",
    "kills": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
    "last": "open('out.txt', 'w').write('still here')",
}


@pytest.fixture(scope="module")
def done() -> dict[str, TrialResult]:
    def trial(name: str, code: str) -> Trial:
        lines = [line[8:] if line.startswith(" " * 8) else line for line in code.splitlines()]
        text = "\n".join(lines).replace("HERE", str(ROOT))
        tree = {"run/main.py": text.encode(), "in.txt": b"abc"}
        commands: tuple[tuple[str, ...], ...] = (("python", "run/main.py"),)
        if name == "plain":
            tree |= {"run/__init__.py": b"", "run/__main__.py": tree["run/main.py"]}
            commands = (("python", "-m", "run", "x"), ("sh", "-c", "exit 4"), ("no-such-thing",))
        return Trial(name, tree, commands, ("out.txt",), seconds=1.5 if name == "endless" else 15)

    wanted = (trial(name, code) for name, code in PROGRAMS.items())
    return trials.run(wanted, LIMITS, Budget(), ("json",))


def test_commands_are_run_and_what_they_wrote_comes_back(done: dict[str, TrialResult]) -> None:
    plain = done["plain"]
    assert plain.ok
    assert plain.codes == (0, 4, 1)
    assert not plain.passed
    assert plain.files == {"out.txt": b"ABC"}
    assert "said" in plain.said
    assert done["exit"].codes == (1,)
    assert "no" in done["exit"].said
    assert done["raises"].codes == (1,)
    assert "ValueError: broken" in done["raises"].said


def test_nobody_finds_what_an_earlier_one_left(done: dict[str, TrialResult]) -> None:
    """Hidden days are tried one after the other: a tree that remembers could compare them."""
    assert done["leaves"].passed
    assert done["looks"].files == {"out.txt": b"[]"}


def test_nothing_outside_is_reached(done: dict[str, TrialResult]) -> None:
    assert done["network"].files == {"out.txt": b"refused"}
    assert done["reads"].files == {"out.txt": b"[]"}


def test_limits_hold_and_cost_their_own_trial_only(done: dict[str, TrialResult]) -> None:
    assert not done["endless"].ok
    assert "1.5 seconds" in done["endless"].error
    assert not done["memory"].files
    assert not done["memory"].passed
    assert done["large"].passed
    assert not done["large"].files
    assert not done["link"].files
    assert not done["folder"].files
    assert done["chatter"].passed
    assert len(done["chatter"].said) <= 4000
    assert not done["kills"].ok
    assert done["last"].files == {"out.txt": b"still here"}


def test_errors_hold_no_word_of_theirs(done: dict[str, TrialResult]) -> None:
    for each in done.values():
        assert "broken" not in each.error
        assert "trial" not in each.error


def test_recomposition_takes_whole_names() -> None:
    base = {"a/x.py": b"1", "a/y.py": b"2", "b.py": b"3"}
    theirs = {"a/x.py": b"9", "a/z.py": b"8", "b.py": b"7"}
    assert recompose(base, theirs, ["a/*"]) == {"a/x.py": b"9", "a/z.py": b"8", "b.py": b"3"}
    assert recompose(base, theirs, ["b.py"]) == {"a/x.py": b"1", "a/y.py": b"2", "b.py": b"7"}
    assert recompose(base, theirs, []) == base
