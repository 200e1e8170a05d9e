"""python -m pipeline --raw DIR --day 2031-06-09 --registry DIR --out DIR"""

import argparse
import sys
from pathlib import Path

from pipeline import settings
from pipeline.errors import PipelineError
from pipeline.run import run


def main(words=None):
    """Run one night; 0 if it went well, 1 with a line that says what did not."""
    parser = argparse.ArgumentParser(prog="pipeline", description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="folder of the nightly exports")
    parser.add_argument("--day", required=True, help="the day that has just ended, 2031-06-09")
    parser.add_argument("--registry", type=Path, required=True, help="folder of the models")
    parser.add_argument("--out", type=Path, required=True, help="folder for what a run writes")
    parser.add_argument("--config", type=Path, default=Path("config/pipeline.toml"))
    given = parser.parse_args(words)
    try:
        run(given.raw, given.day, given.registry, given.out, settings.load(given.config))
    except PipelineError as error:
        print(f"{error.stage}: FAILED: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
