"""Work samples for machine-learning engineers: cases, sealed grading, evidence."""

import sys

__version__ = "0.1.0"

# nbformat imports jsonschema, and that compiles a grammar of web addresses with this when it is
# imported: seconds of CPU in every command and process, for a check that nothing here asks for
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
