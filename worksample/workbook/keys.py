"""Fields that keep their keys.

In command mode JupyterLab takes arrow keys and letters as its own shortcuts wherever the focus is,
except in text fields: an arrow in a drop-down moves to the next cell. An element that has the focus
and carries ``data-lm-suppress-shortcuts`` is left alone, but a widget cannot set an attribute; so a
picture that cannot be loaded sees to it from within the page. Where a page forbids that, the mouse
and the line of code remain.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets

CLASS = "worksample-fields"
MARK = (
    '<img src="data:," alt="" style="display:none" onerror="'
    f"this.closest('.{CLASS}').addEventListener('focusin', "
    "(e) => e.target.setAttribute('data-lm-suppress-shortcuts', 'true'))\">"
)


def with_own_keys(children: Sequence[widgets.Widget]) -> widgets.VBox:
    """The widgets below each other, in a box whose keys are its own."""
    box = widgets.VBox([*children, widgets.HTML(MARK, layout=widgets.Layout(margin="0"))])
    box.add_class(CLASS)
    return box
