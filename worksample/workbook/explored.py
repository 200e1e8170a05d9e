"""A view behind fields: what is drawn follows them, and the line of code says the same."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from worksample.workbook.keys import with_own_keys
from worksample.workbook.plots import View


class Explored:
    """Fields in one line, the view that they choose below; shown at the end of a cell.

    Read without a kernel, the notebook shows the view as it was when the cell ran.

    Args:
        draw: called with the fields' values by name; a ValueError or KeyError is shown as its text.
        fields: name -> field, in order.
    """

    def __init__(self, draw: Callable[..., View], fields: Mapping[str, widgets.Widget]) -> None:
        self._draw, self.fields = draw, dict(fields)
        self._shown = widgets.HTML()
        self._refresh()
        for field in self.fields.values():
            field.style.description_width, field.layout.margin = "auto", "2px 18px 2px 0"
            field.observe(self._refresh, "value")

    def _refresh(self, _change: Any = None) -> None:
        try:
            self.view: View | str = self._draw(**{k: f.value for k, f in self.fields.items()})
            text = self.view._repr_html_()
        except (KeyError, ValueError) as problem:
            self.view = str(problem.args[0] if problem.args else problem)
            text = f"<p role='status'>{html.escape(self.view)}</p>"
        self._shown.value = f"<div class='jp-RenderedHTMLCommon'>{text}</div>"  # as in a plain cell

    def widget(self) -> widgets.VBox:
        """The fields and the view."""
        line = widgets.HBox(list(self.fields.values()), layout=widgets.Layout(flex_flow="row wrap"))
        return with_own_keys([line, self._shown])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        still = html.escape(self.view) if isinstance(self.view, str) else self.view._repr_html_()
        return {**data, "text/html": still, "text/plain": repr(self.view)}
