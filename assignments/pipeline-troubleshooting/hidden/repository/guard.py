"""python guard.py --raw DIR --day 2031-06-09: may the export of that day be used?

Ends with 0 where it may, with 2 where it may not, and prints why.
"""

import argparse
import sys
from pathlib import Path


def problems(raw, day):
    """What is wrong with the export of `day`, in words; those before it lie beside it."""
    return []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--day", required=True)
    given = parser.parse_args()
    found = problems(given.raw, given.day)
    print("\n".join(found) or "the export can be used")
    sys.exit(2 if found else 0)
