"""Fields that keep their keys, and give the others back.

In command mode JupyterLab takes arrow keys and letters as its own shortcuts wherever the focus is,
except in text fields: an arrow on a slider moves to the next cell. Number and text fields of
ipywidgets, for their part, keep every key to themselves: Shift+Enter in one runs nothing. So in a
page that shows one of our boxes

- Tab goes from a selected cell to its first field, past the buttons of the cell's toolbar,
- keys without Ctrl, Alt or Meta belong to the field that has the focus,
- Escape leaves the field for its cell, which is then selected,
- Shift+Enter, Ctrl+Enter and Alt+Enter run the cell, once what was typed has reached the kernel,
- Tab also stops at an output that is wider than the page, so that arrow keys scroll it.

That holds for every widget of the notebook, those of interact() too. A kernel cannot listen to
keys, so a picture that cannot be loaded sees to it from within the page. Where a page forbids that,
the mouse and the line of code remain.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets as widgets

CLASS = "worksample-fields"
STAYS = "worksample-stays"

# Listening at the window comes before JupyterLab and before the widgets, whichever phase they use.
# An element that has the focus and carries `data-lm-suppress-shortcuts` is left alone by
# JupyterLab. Widgets send one message at a time, the next when the kernel is idle: a run must not
# overtake them.
_SCRIPT = """
(function (box) {
  function name() {
    for (const part of box.querySelectorAll('.noUi-handle, .widget-readout[contenteditable]')) {
      const label = part.closest('.jupyter-widgets').querySelector('.widget-label');
      if (label && !part.hasAttribute('aria-label')) {
        part.setAttribute('aria-label', label.textContent);
        if (part.isContentEditable) part.setAttribute('role', 'textbox');
      }
    }
  }
  function reach() {
    for (const part of document.querySelectorAll(
        '.jp-OutputArea-output, .jp-OutputArea .widget-html-content')) {
      const way = getComputedStyle(part).overflowX;
      const scrolls = part.scrollWidth > part.clientWidth && way !== 'visible';
      if (scrolls && !part.hasAttribute('tabindex')) {
        part.setAttribute('tabindex', '0');
        part.setAttribute('role', 'region');
        part.setAttribute('aria-label', 'Output, wider than the page');
      } else if (!scrolls && part.getAttribute('role') === 'region') {
        for (const each of ['tabindex', 'role', 'aria-label']) part.removeAttribute(each);
      }
    }
  }
  new MutationObserver(name).observe(box, {childList: true, subtree: true});
  name();
  if (window.worksampleKeys) return;
  window.worksampleKeys = true;
  window.addEventListener('resize', reach);
  function idle(cell) {
    const panel = cell.closest('.jp-NotebookPanel');
    const shown = panel && panel.querySelector('.jp-Notebook-ExecutionIndicator');
    return !shown || shown.dataset.status !== 'busy';
  }
  function run(cell, pressed) {
    const more = {bubbles: true, cancelable: true, key: 'Enter', code: 'Enter', keyCode: 13};
    for (const held of ['shiftKey', 'ctrlKey', 'altKey', 'metaKey']) more[held] = pressed[held];
    let turns = 0, quiet = 0;
    (function turn() {
      quiet = idle(cell) ? quiet + 1 : 0;
      turns += 1;
      if (quiet < 4 && turns < 100) return setTimeout(turn, 50);
      if (cell.contains(document.activeElement)) {
        cell.dispatchEvent(new KeyboardEvent('keydown', more));
      }
    })();
  }
  window.addEventListener('keydown', function (event) {
    const field = event.target;
    if (!field.closest) return;
    if (event.key === 'Tab') reach();
    if (event.key === 'Tab' && !event.shiftKey && field.matches('.jp-Cell')) {
      const parts = field.querySelectorAll('.BOX :is(input, select, textarea, [role=slider])');
      const first = [...parts].find(part => part.offsetParent);
      if (first) {
        event.preventDefault();
        event.stopImmediatePropagation();
        first.focus();
      }
      return;
    }
    if (!field.closest('.jp-OutputArea .jupyter-widgets')) return;
    const cell = field.closest('.jp-Cell');
    if (!cell || event.isComposing) return;
    const held = event.ctrlKey || event.altKey || event.metaKey;
    const runs = event.key === 'Enter' && (event.shiftKey || held);
    if (runs || event.key === 'Escape') {
      event.preventDefault();
      event.stopImmediatePropagation();
      field.blur();
      cell.focus();
      if (runs) run(cell, event);
    } else {
      field.toggleAttribute('data-lm-suppress-shortcuts', !held);
    }
  }, true);
})(this.closest('.BOX'))
""".replace("BOX", CLASS)

# What is sticky stays within the nearest ancestor that scrolls or cuts off, so none of them may.
# Boxes of ipywidgets get bars of their own as soon as a margin makes them a pixel too wide; what
# is sticky has to cover that pixel too. Their own style hides the focus, and is marked important.
_STYLE = f"""
.{CLASS}, .{CLASS} :is(.widget-box, .widget-gridbox, .widget-html) {{ overflow: visible; }}
.{CLASS} .widget-html, .{CLASS} .widget-html-content {{ max-width: 100%; }}
.{CLASS} .widget-html-content {{ overflow-x: auto; }}
.{CLASS} .{STAYS} .widget-html-content {{ overflow: visible; line-height: 1.4; }}
.{CLASS} .widget-text {{ height: auto; min-height: var(--jp-widgets-inline-height, 28px); }}
.{CLASS} .widget-text .widget-label {{
  height: auto; overflow: visible; white-space: normal; line-height: 1.3;
}}
.{CLASS} .jp-RenderedHTMLCommon table {{ margin: 0 0 1em; }}
.{CLASS} :is(input, select, textarea, button) {{ scroll-margin: 4em 0; }}
.{CLASS} :is(input, select, textarea, button, summary, [tabindex]):focus-visible {{
  outline: 3px solid var(--jp-brand-color0, #0b5cad) !important; outline-offset: 1px;
}}
.jp-CodeCell:not(.jp-mod-outputsScrolled) :is(
  .jp-Cell-outputWrapper, .jp-OutputArea, .jp-OutputArea-child, .jp-OutputArea-output
):has(.{CLASS}) {{ overflow: visible; }}
.{CLASS} > .{STAYS} {{
  position: sticky; top: 0; z-index: 2; margin: 0; align-self: stretch; padding: 2px 0;
  background: var(--jp-layout-color0, white);
  border-bottom: 1px solid var(--jp-border-color1, silver);
  box-shadow: 12px 0 var(--jp-layout-color0, white);
}}
"""

MARK = (
    f"<style>{_STYLE}</style>"
    f'<img src="data:," alt="" style="display:none" onerror="{html.escape(_SCRIPT)}">'
)


def with_own_keys(
    children: Sequence[widgets.Widget], stays: widgets.Widget | None = None
) -> widgets.VBox:
    """The widgets below each other, in a box whose keys are its own.

    Args:
        stays: shown above the others, and still there when they are scrolled.
    """
    if stays is not None:
        stays.add_class(STAYS)
    above = [stays] if stays is not None else []
    mark = widgets.HTML(MARK, layout=widgets.Layout(margin="0", height="0"))
    box = widgets.VBox([*above, *children, mark])
    box.add_class(CLASS)
    return box
