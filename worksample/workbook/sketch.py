"""A small pad to sketch on, in the notebook and without a network.

It draws in the browser and tells the kernel nothing: its picture is copied or saved, and pasted or
dragged into a text cell, where JupyterLab keeps it as the cell's attachment. So a sketch from any
other tool, or a photograph of a whiteboard, is handed in the same way, and what people who rate
see of it has gone the way of every picture that a stranger made (:mod:`worksample.grading.clean`).
"""

from __future__ import annotations

import html
from pathlib import Path

PAGE = Path(__file__).parent / "sketch.html"
HIGH = 510  # pixels: tools, drawing area, what is said


class Sketchpad:
    """Boxes, arrows, words and a free line; shown at the end of a cell."""

    def __repr__(self) -> str:
        return "Sketchpad: draw, copy the picture, and paste it into the text cell below."

    def _repr_html_(self) -> str:
        # in a frame of its own: nothing of it meets the notebook's page, and the other way round
        page = html.escape(PAGE.read_text("utf-8"), quote=True)
        return (
            f'<iframe srcdoc="{page}" title="Sketch pad" width="100%" height="{HIGH}" '
            'allow="clipboard-write" style="border: 0"></iframe>'
        )


def sketchpad() -> Sketchpad:
    """A pad to sketch on; copy its picture and paste it into the text cell below."""
    return Sketchpad()
