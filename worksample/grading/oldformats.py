"""Notebooks of formats before 4, converted by nbformat in a child with limits.

A few bytes of an old notebook may ask for gigabytes (a heading of level 600,000,000 becomes as many
``#``), and what validates them enumerates errors for as long as there are any.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

from worksample.grading.bounded import Budget, Helper

JSON = dict[str, Any]

SECONDS = 6.0  # CPU of one conversion; two megabytes of an honest notebook take one

_helper = Helper(__name__)


def converted(raw: JSON) -> JSON:
    """A notebook of format 1 to 3 as one of format 4.

    Raises:
        TooCostly: it takes too much, or nbformat cannot read it; says which error.
    """
    made: JSON = _helper.call(Budget(3 * SECONDS, SECONDS), "upgraded", raw)
    return made


def upgraded(raw: JSON) -> JSON:
    """The same where the limits are; raises whatever nbformat does."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: JSON = json.loads(json.dumps(nbformat.convert(nbformat.from_dict(raw), 4)))
    return made
