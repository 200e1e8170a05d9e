"""The strong solution with one requirement broken: what each has to lose, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mutant:
    """A replacement in one file, and files with another text; the check that it costs."""

    check: str
    file: str
    old: str
    new: str
    more: Mapping[str, str] = field(default_factory=dict)

    def of(self, tree: Mapping[str, bytes]) -> dict[str, bytes]:
        """The tree with it.

        Raises:
            ValueError: the text is not there.
        """
        text = tree[self.file].decode()
        if self.old not in text:
            raise ValueError(f"{self.file} does not hold {self.old!r}")
        changed = {self.file: text.replace(self.old, self.new), **self.more}
        return {**tree, **{name: text.encode() for name, text in changed.items()}}


SERVICE, ROWS, IMAGE = "app/service.py", "app/preprocess.py", "Dockerfile"
FLOW = ".github/workflows/deploy.yml"
MUTANTS = {
    "threshold": Mutant("contract", SERVICE, "probability >= THRESHOLD", "probability > 0.5"),
    "batch order": Mutant(
        "contract",
        SERVICE,
        "for row, each in zip(rows, found)])",
        "for row, each in zip(rows, found)][::-1])",
    ),
    "missing": Mutant("contract", ROWS, "float(model.fill[name])", "0.0"),
    "unit": Mutant("contract", ROWS, "if name == UNIT", "if name == ''"),
    "unit of what is filled in": Mutant(
        "contract",
        ROWS,
        "float(model.fill[name])",
        "float(model.fill[name]) * (TIMES if name == UNIT else 1)",
    ),
    "bad rows": Mutant("contract", ROWS, "type(value) not in (int, float)", "value == 'never'"),
    "truth values": Mutant(
        "contract", ROWS, "type(value) not in (int, float)", "type(value) in (list, dict)"
    ),
    "long batch": Mutant("crowd", SERVICE, "len(rows) > MOST_ROWS", "len(rows) > 10 * MOST_ROWS"),
    "heavy": Mutant("crowd", IMAGE, "--workers 2 --preload", "--workers 9"),
    "shell": Mutant("lifecycle", IMAGE, "exec gunicorn", "trap '' TERM; gunicorn"),
    "cut off": Mutant("lifecycle", IMAGE, "--graceful-timeout 9", "--graceful-timeout 0"),
    "root": Mutant("image", IMAGE, "USER 10001", "USER 0"),
    "order of steps": Mutant(
        "image", IMAGE, "COPY requirements.txt ./\n", "COPY requirements.txt ./\nCOPY app ./app\n"
    ),
    "secret": Mutant("image", IMAGE, "COPY app ./app", "COPY . .", {".dockerignore": "tests\n"}),
    "versions": Mutant("image", "requirements.txt", "werkzeug==", "werkzeug>="),
    "made numbers": Mutant(
        "records", SERVICE, '"features": found', '"features": numbers(found, MODEL)'
    ),
    "phone": Mutant(
        "records",
        SERVICE,
        '"features": found}',
        '"features": found, "row": request.get_json(force=True)}',
    ),
    "guide": Mutant("guide", "DEPLOY.md", "docker build -t heat .", "docker build -t heat app"),
    "one port": Mutant("guide", "DEPLOY.md", "${PORT:-8000}", "8000"),
    "no tests": Mutant("ci", FLOW, "      - run: python -m unittest discover -s tests -t .\n", ""),
    "latest": Mutant("ci", FLOW, "heat:${{ github.sha }}", "heat:latest"),
}
