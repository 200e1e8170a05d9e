"""An author's folder: read, validated, dressed in a skin, built into notebooks, drawn as cases."""

from worksample.assignments.reading import (
    all_of,
    blame,
    find,
    folders,
    ids,
    load,
    load_module,
    sorted_out,
)

__all__ = ["all_of", "blame", "find", "folders", "ids", "load", "load_module", "sorted_out"]
