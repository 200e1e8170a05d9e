"""The moving picture of the README: from a link to a debrief, in a real browser on a real hub.

    python tools/draw_tour.py [--keep FOLDER]

A course is made, served and used as its people would; a frame is taken at each step, with a
caption below it. It takes some minutes and needs what `worksample serve` needs, and a Chromium.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tests import browser as browsers  # noqa: E402
from tests.hub.site import WAIT, Site, free_port, served  # noqa: E402
from worksample import assignments  # noqa: E402
from worksample.authoring import founding  # noqa: E402
from worksample.course import Course  # noqa: E402
from worksample.exchange import people  # noqa: E402

PICTURE = ROOT / "docs" / "pictures" / "tour.gif"
WORK, WHO, GRADER, PASSWORD = "root-cause-analysis", "ada", "grace", "a long sentence to show"
WIDE, HIGH, CAPTION = 1200, 750, 54  # pixels of a screen, and of the line below it
SHOWN = (960, 643)  # pixels of the picture
SECONDS = 2.4  # of a frame
COLOURS = 96
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@dataclass
class Tour:
    """The frames so far."""

    frames: list[Image.Image] = field(default_factory=list)

    def show(self, page: Page, words: str) -> None:
        """What the page shows now, with words below it."""
        page.wait_for_timeout(600)  # until nothing moves any more
        screen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        frame = Image.new("RGB", (WIDE, HIGH + CAPTION), "#1d2733")
        frame.paste(screen.crop((0, 0, WIDE, HIGH)), (0, 0))
        number = len(self.frames) + 1
        place, font = (20, HIGH + 13), ImageFont.truetype(FONT, 23)
        ImageDraw.Draw(frame).text(place, f"{number}  {words}", font=font, fill="white")
        self.frames.append(frame.resize(SHOWN, Image.Resampling.LANCZOS))
        print(f"{number}: {words}", flush=True)

    def save(self, path: Path) -> None:
        """One moving picture, which begins again after its end."""
        drawn = [each.quantize(COLOURS, dither=Image.Dither.NONE) for each in self.frames]
        drawn[0].save(
            path,
            save_all=True,
            append_images=drawn[1:],
            duration=[*[int(SECONDS * 1000)] * (len(drawn) - 1), 5000],
            loop=0,
            optimize=True,
        )


def made(folder: Path) -> Course:
    """A course with one opening and its people."""
    course = founding.found(folder)
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=1), today + timedelta(days=6), today + timedelta(days=10)]
    (course.root / "openings").mkdir(exist_ok=True)
    (course.root / "openings" / "platform.toml").write_text(
        'title = "Machine-learning engineer, platform team"\n'
        f'assignments = ["{WORK}"]\ngraders = 1\n'
        f"opens = {days[0]}\ncloses = {days[1]}\ndecision = {days[2]}\n",
        encoding="utf-8",
    )
    command(course, "build", WORK)
    command(course, "invite", "--opening", "platform", WHO)
    people.add(course, GRADER, "grader", PASSWORD)
    return course


def command(course: Course, *words: str) -> None:
    """One of our commands, as somebody types it."""
    program = Path(sys.executable).with_name("worksample")
    environment = {**os.environ, "WORKSAMPLE_COURSE": str(course.root)}
    done = subprocess.run(
        [program, *words], env=environment, cwd=course.root, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"worksample {' '.join(words)}: {done.stdout}{done.stderr}")


def solved(course: Course, notebook: Path) -> None:
    """Put a reference solution's answers into a notebook, as its candidate would by typing."""
    book = json.loads(notebook.read_text(encoding="utf-8"))
    sources = assignments.find(course, WORK).solution("adequate").sources("standard")
    for cell in book["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    notebook.write_text(json.dumps(book), encoding="utf-8")  # in place: it stays the candidate's


def to_top(part: Locator) -> None:
    """Scroll there."""
    part.evaluate("each => each.scrollIntoView({block: 'start'})")


def work(tour: Tour, site: Site, page: Page) -> None:
    """From the link to the receipt."""
    page.goto(f"http://localhost:{site.port}/".replace("localhost", "hub.localhost"))
    page.goto(site.link(WHO))
    tour.show(page, "A candidate opens a link, and reads what is recorded and who decides")
    page.get_by_role("link", name="Go on in JupyterLab").click()
    panel = page.locator("#worksample-panel")
    page.wait_for_selector("#worksample-panel h3")
    page.wait_for_selector(".jp-LauncherCard")
    tour.show(page, "JupyterLab in the browser; beside it the panel, from notice to feedback")
    panel.get_by_role("button", name="I have read").or_(
        panel.get_by_role("button", name="agree")
    ).first.click()
    panel.get_by_role("button", name="Start my").click()
    panel.get_by_role("button", name="Start the clock").click()
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.keyboard.press("Control+b")
    tour.show(page, "The clock begins: a system that has got worse, with a cause of her own")
    home = site.places.homes / WHO / WORK
    page.wait_for_timeout(3000)
    solved(site.course, home / f"{WORK}.ipynb")
    page.reload()
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    site.run(page, WHO, "pass")
    page.evaluate("document.querySelector('.jp-NotebookPanel .jp-Notebook').focus()")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_selector(".jp-OutputArea img", timeout=WAIT)
    page.wait_for_timeout(60_000)
    page.keyboard.press("Control+s")
    page.locator(".jp-OutputArea img").first.scroll_into_view_if_needed()
    tour.show(page, "She looks, tests and decides in a real notebook, with any library and method")
    expect(panel).to_contain_text("✓", timeout=WAIT)
    to_top(panel.get_by_text("Your tasks"))
    tour.show(page, "Every task: empty, as it came, answered; and what the visible checks say")
    panel.get_by_role("button", name="Hand in").first.click()
    panel.get_by_role("group", name="Please confirm").get_by_role("button", name="Hand in").click()
    expect(panel).to_contain_text("Receipt", timeout=WAIT)
    to_top(panel.get_by_text("Receipt").first)
    tour.show(page, "Handed in: a receipt that repeats what was received, byte for byte")


def judge(tour: Tour, site: Site, page: Page) -> None:
    """From the team's page to released feedback."""
    page.goto(f"{site.address}/hub/login")
    page.fill("#username_input", GRADER)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_load_state()
    page.goto(f"{site.exchange}team/{WHO}/")
    expect(page.locator("main")).to_contain_text("result", timeout=600_000)
    page.goto(f"{site.exchange}team/")
    tour.show(page, "Seconds later: graded in a sandbox that her code cannot look out of")
    page.goto(f"{site.exchange}team/{WHO}/{WORK}/truth")
    tour.show(page, "What was true in her case, for those who rate")
    page.goto(f"{site.exchange}team/rating/attempts/{WORK}/")
    page.wait_for_load_state()
    page.keyboard.press("3")
    page.wait_for_timeout(1500)
    tour.show(page, "People rate what only people can judge, by anchors, blind to each other")
    for criterion in assignments.find(site.course, WORK).criteria:
        command(site.course, "rate", WHO, WORK, "--by", GRADER, "--criterion", criterion,
                "--value", "3", "--evidence", "what stands in the cell")  # fmt: skip
    command(site.course, "rate", WHO, WORK, "--by", GRADER, "--submit")
    command(site.course, "feedback", WORK)
    page.goto(f"{site.exchange}team/{WHO}/{WORK}/drawn")
    tour.show(page, "Feedback: one strength and one improvement, each with the cell it is about")
    page.goto(f"{site.exchange}team/{WHO}/")
    page.get_by_role("button", name="I have read the feedback").click()
    page.get_by_role("button", name="Release to the candidate").click()
    page.wait_for_load_state()


def revise(tour: Tour, site: Site, page: Page) -> None:
    """The revision opens in the candidate's panel."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    panel = page.locator("#worksample-panel")
    expect(panel).to_contain_text("revision", timeout=WAIT)
    to_top(panel.get_by_text("revision").first)
    tour.show(page, "She reads it, and revises once, with ten minutes of her own")


def decide(tour: Tour, site: Site, page: Page) -> None:
    """The debrief."""
    command(site.course, "debrief", WHO)
    found = sorted(site.course.root.rglob(f"*{WHO}*.html"), key=lambda each: each.stat().st_mtime)
    page.goto(found[-1].as_uri())
    tour.show(page, "The team decides over evidence, and sees what would change the outcome")


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="put the single frames here too")
    keep = parser.parse_args().keep
    tour = Tour()
    with tempfile.TemporaryDirectory(prefix="tour-") as folder:
        course = made(Path(folder) / "course")
        with served(course, free_port()) as site, sync_playwright() as playwright:
            browser = browsers.launch(playwright)
            pages = []
            for _ in range(2):
                context = browser.new_context(viewport={"width": WIDE, "height": HIGH})
                pages.append(context.new_page())
                pages[-1].set_default_timeout(WAIT)
            candidate, team = pages
            try:
                work(tour, site, candidate)
                judge(tour, site, team)
                revise(tour, site, candidate)
                decide(tour, site, team)
            finally:
                for number, frame in enumerate(tour.frames if keep else [], 1):
                    keep.mkdir(parents=True, exist_ok=True)
                    frame.save(keep / f"{number:02}.png")
            browser.close()
    tour.save(PICTURE)
    print(f"{PICTURE}: {len(tour.frames)} frames, {PICTURE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
