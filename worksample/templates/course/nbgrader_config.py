"""nbgrader's configuration of this course. What every course needs comes with the package."""

from pathlib import Path

from worksample.batch.nbgrader import configure

c = get_config()  # noqa: F821  (nbgrader defines it)
configure(c, Path(__file__).resolve().parent)

# settings of your own go below
