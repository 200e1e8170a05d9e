"""What all handouts share: the house's style, a policy without scripts, a template for each."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import jinja2

HERE = Path(__file__).parent
HOUSE_STYLE = HERE.parent / "feedback" / "page.css"


def draw(template: str, **values: Any) -> str:
    """The page that ``template`` makes of ``values``; every text in them is escaped."""
    styles = [HOUSE_STYLE, HERE / "handouts.css"]
    style = "\n".join(path.read_text(encoding="utf-8") for path in styles)
    return _templates().get_template(f"{template}.html.j2").render(style=style, **values)


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
