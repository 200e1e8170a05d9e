"""The customer directory, another team's. This stand-in can be slow or fail for some customers.

Do not change it; `upstream/directory.json` says who is slow (seconds) and who is not found.
"""

import json
import time
from pathlib import Path

PLACE = Path(__file__).parents[1] / "upstream" / "directory.json"
_KNOWN = json.loads(PLACE.read_text("utf-8"))


class DirectoryFailed(Exception):
    """The directory did not answer."""


def look_up(customer):
    """Look a customer up, as every prediction has to.

    Raises:
        DirectoryFailed: it did not answer.
    """
    time.sleep(_KNOWN["slow"].get(customer, 0))
    if customer in _KNOWN["failing"]:
        raise DirectoryFailed(customer)
