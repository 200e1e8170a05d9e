"""What a notebook shows of designs: pictures, editors, vector drawings; for any catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from worksample.workbook.design.diagram import drawing
from worksample.workbook.design.editor import DesignEditor, Note
from worksample.workbook.design.reading import Design, Rules
from worksample.workbook.plots import View


class Board:
    """Designs of one case.

    Args:
        rules: what designs are held against; asked for when it is needed.
        note: what to say of a design that can be run, a line.
        joins: whether a form also has fields for arrows.
    """

    def __init__(self, rules: Callable[[], Rules], note: Note, joins: bool = False) -> None:
        self.rules, self.note, self.joins = rules, note, joins

    def design(self, text: str) -> Design:
        """A design from its text.

        Raises:
            ValueError: it cannot be run; the text says why.
        """
        read = self.rules().read(text)
        if read.design is None:
            raise ValueError(read.complaint)
        return read.design

    def show(self, text: str) -> View:
        """A design as a picture.

        Raises:
            ValueError: it cannot be run; the text says why.
        """
        return drawing(self.design(text), self.rules().catalogue).view("show(DESIGN)")

    def edit(self, text: str, name: str = "DESIGN") -> DesignEditor:
        """A text field with mistakes and picture as you type; run the cell again to keep it."""
        return DesignEditor(name, text, self.rules(), self.note)

    def form(self, text: str, name: str = "DESIGN") -> DesignEditor:
        """The same with a field for every setting."""
        return DesignEditor(name, text, self.rules(), self.note, form=True, joins=self.joins)

    def save_svg(self, text: str, name: str = "design.svg") -> Path:
        """Write the picture as a vector drawing beside the notebook.

        Raises:
            ValueError: the design cannot be run; the text says why.
        """
        path = Path(name)
        path.write_text(drawing(self.design(text), self.rules().catalogue).svg, "utf-8")
        return path
