"""Writing a design while it is drawn: a text field, or a form, with what is wrong beside it.

What the fields hold is written into the cell's own text when the cell is run again, as text that
could have been typed there at once: what stands in cells is what counts.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from worksample.workbook import celltext
from worksample.workbook.design.catalogue import Setting
from worksample.workbook.design.diagram import drawing
from worksample.workbook.design.reading import Component, Design, Read, Rules, as_yaml
from worksample.workbook.keys import with_own_keys

Changed = Callable[[Any], None]
Note = Callable[[Design], str]
_kept: dict[str, tuple[str, str]] = {}


class DesignEditor:
    """A design in a text field, its mistakes and its picture below; shown at the end of a cell.

    Args:
        name: of the variable that the cell assigns; its text is replaced when the cell runs again.
        text: the design.
        facts: what it is held against.
        note: what else to say of a design that can be run, a line.
        form: fields for the settings instead of the text.
        joins: with a form, also a field for each component's arrows.
    """

    def __init__(
        self,
        name: str,
        text: str,
        facts: Rules,
        note: Note | None = None,
        form: bool = False,
        joins: bool = False,
    ) -> None:
        self.name, self.facts, self.note, self.form = name, facts, note, form
        self.joins = joins
        self.text = self._meet_cell(text)
        self._shown = widgets.HTML()
        self._state = widgets.HTML()

    def _meet_cell(self, text: str) -> str:
        """What the fields hold wins, if they moved since the cell was run with this very text."""
        written, held = _kept.get(self.name, (text, text))
        moved = written == text and held != text
        now = held if moved else text
        if moved:
            source = celltext.running_source()
            if source:
                value = f'"""\\\n{now.strip(chr(10))}\n"""'
                celltext.replace_running_cell(celltext.with_assignments(source, {self.name: value}))
            shell = celltext.shell_here()
            if shell is not None:
                shell.user_ns[self.name] = now
        _kept[self.name] = (now, now)
        return now

    def read(self) -> Read:
        """The design as the fields hold it, or its mistakes."""
        return self.facts.read(self.text)

    def _hold(self, text: str) -> None:
        self.text = text
        _kept[self.name] = (_kept[self.name][0], text)
        self._refresh()

    def _refresh(self) -> None:
        kept = _kept[self.name]
        told = "as written in the cell" if kept[0] == kept[1] else (
            "<b>not yet in the cell: press Shift+Enter to write it there</b>"
        )  # fmt: skip
        found = self.read()
        if found.design is None:
            count = len(found.problems)
            told = f"{count} mistake{'s' * (count != 1)} · {told}"
        self._state.value = f"<div role='status' aria-live='polite'>{told}</div>"
        self._shown.value = f"<div class='jp-RenderedHTMLCommon'>{self._body(found)}</div>"

    def _body(self, found: Read) -> str:
        if found.design is None:
            rows = "".join(f"<li>{html.escape(str(each))}</li>" for each in found.problems)
            return f"<ul>{rows}</ul>"
        note = html.escape(self.note(found.design)) if self.note else ""
        picture = drawing(found.design, self.facts.catalogue).view(f"show({self.name})")
        return f"<p>{note}</p>{picture._repr_html_()}"

    def widget(self) -> widgets.VBox:
        """The field or the form, with state and picture."""
        found = self.read()
        fields = self._form(found.design) if self.form and found.design else self._area()
        self._refresh()
        return with_own_keys([fields, self._shown], stays=self._state)

    def _area(self) -> widgets.Widget:
        area = widgets.Textarea(
            value=self.text,
            rows=min(40, self.text.count("\n") + 4),
            description="Design",
            continuous_update=False,
            style={"description_width": "auto"},
            layout=widgets.Layout(width="98%", max_width="900px"),
        )
        area.observe(lambda change: self._hold(change["new"]), "value")
        return area

    def _form(self, design: Design) -> widgets.Widget:
        """A box of fields for each component; components stay as they are, arrows may too."""
        data = design.plain()
        boxes = []
        for each in design.components.values():
            kind = self.facts.catalogue.kinds[each.kind]
            fields = [
                _field(key, setting, each.settings[key], self._setter(data, each.id, key, setting))
                for key, setting in kind.settings.items()
            ]
            if self.joins and kind.to:
                fields.append(self._arrows(design, each, data))
            title = f"<b>{html.escape(each.id)}</b> · {kind.title}: {kind.text}"
            boxes.append(widgets.VBox([widgets.HTML(title), *fields]))
        return widgets.GridBox(
            boxes,
            layout=widgets.Layout(
                grid_template_columns="repeat(auto-fit, minmax(min(420px, 100%), 1fr))",
                grid_gap="8px 28px",
            ),
        )

    def _arrows(self, design: Design, part: Component, data: dict[str, Any]) -> widgets.Widget:
        """Which components this one leads to, of those that it may."""
        kinds = self.facts.catalogue.kinds
        may = tuple(e.id for e in design.components.values() if e.kind in kinds[part.kind].to)
        setting = Setting(f"what {part.id} leads to", choices=may, several=True)
        return _field("to", setting, part.to, self._setter(data, part.id, "to", setting))

    def _setter(self, data: dict[str, Any], part: str, key: str, setting: Setting) -> Changed:
        def changed(change: Any) -> None:
            value = change["new"]
            data["components"][part][key] = list(value) if setting.several else value
            self._hold(as_yaml(data))

        return changed

    def __repr__(self) -> str:
        found = self.read()
        if found.design is None:
            return f"DesignEditor({self.name}): {found.complaint}"
        return f"DesignEditor({self.name}): {len(found.design.components)} components"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**data, "text/html": self._body(self.read()), "text/plain": repr(self)}


def _field(name: str, setting: Setting, value: Any, changed: Changed) -> widgets.Widget:
    look: dict[str, Any] = {
        "description": f"{name}{f' ({setting.unit})' * bool(setting.unit)}",
        "tooltip": setting.text,
        "style": {"description_width": "170px"},
        "layout": widgets.Layout(width="100%", max_width="420px"),
    }
    made: widgets.Widget
    if setting.several:
        made = widgets.SelectMultiple(options=setting.choices, value=tuple(value), rows=3, **look)
    elif setting.choices:
        made = widgets.Dropdown(options=setting.choices, value=value, **look)
    elif setting.whole:
        made = widgets.BoundedIntText(value=value, min=setting.low, max=setting.high, **look)
    else:
        made = widgets.BoundedFloatText(
            value=value, min=setting.low, max=setting.high, step=0.05, **look
        )
    made.observe(changed, "value")
    return made
