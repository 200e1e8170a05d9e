"""Work samples for machine-learning engineers: cases, sealed grading, evidence."""

from importlib.util import find_spec as _find_spec

__version__ = "0.1.0"

# not where only a candidate's part of the package is
if _find_spec("worksample._moved"):
    from worksample import _moved

    _moved.install()
