"""What the candidate is given, so that the minutes go into judgement and not into loading."""

import json

from worksample.workbook import case_folder


def load_readings():
    """The case's readings, a list of numbers."""
    return json.loads((case_folder() / "readings.json").read_text(encoding="utf-8"))
