"""Work samples for machine-learning engineers: cases, sealed grading, evidence."""

import sys
from importlib.util import find_spec as _find_spec

__version__ = "0.1.0"

# nbformat imports jsonschema, and that compiles a grammar of web addresses with this when it is
# imported: seconds of CPU in every command and process, for a check that nothing here asks for
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# not where only a candidate's part of the package is
if _find_spec("worksample._moved"):
    from worksample import _moved

    _moved.install()
