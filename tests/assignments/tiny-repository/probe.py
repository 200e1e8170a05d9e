"""Each of the two files tried by itself in a repository that is right but for it."""

from worksample.grading.repository import Trial, recompose

from .scenario import RIGHT

LIBRARIES = ("json",)


def calls(case):
    """No function of the notebook is called."""
    return ()


def trials(case, tree):
    """One trial for each fault, with numbers that nobody has seen."""
    numbers = {"numbers.txt": "\n".join(map(str, case.truth()["hidden"])).encode()}
    right = {name: text.encode() for name, text in RIGHT.items()}
    for name in ("sums/read.py", "sums/total.py"):
        yield Trial(
            name,
            {**recompose(right, tree, [name]), **numbers},
            (("python", "-m", "sums", "numbers.txt", "out.txt"),),
            ("out.txt",),
            seconds=10,
        )
