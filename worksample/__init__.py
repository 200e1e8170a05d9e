"""Work samples for machine-learning engineers: cases, sealed grading, evidence."""

import sys
from importlib.util import find_spec as _find_spec

__version__ = "0.1.0"

# nbformat imports jsonschema, and that compiles grammars of web addresses and imports a library for
# times: up to seconds of CPU in every command and process, for checks that nothing here asks for
for _name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]

# not where only a candidate's part of the package is
if _find_spec("worksample._moved"):
    from worksample import _moved

    _moved.install()
