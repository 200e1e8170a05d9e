"""config/pipeline.toml as plain data."""

import tomllib


def load(path):
    """The settings; keys are those of the file."""
    with open(path, "rb") as file:
        return tomllib.load(file)
