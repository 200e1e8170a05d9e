"""The wheel carries this repository's work samples, as ``worksample/samples``."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithSamples(build_py):
    """Copies ``assignments/`` into what is built; an editable install finds them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            into = Path(self.build_lib) / "worksample" / "samples"
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree("assignments", into, ignore=shutil.ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": BuildWithSamples})
