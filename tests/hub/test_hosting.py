"""Candidates in a hosted JupyterLab: real hub, real browser, real kernels; and what they cannot do.

The hub is that of ``conftest.py``; the last tests of this file kill it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import CHROMIUM
from tests.exchange.afar import TINY, answered, notebook_of
from tests.hub import site as hosted
from tests.hub.site import START_SECONDS, TERMINAL, WAIT, Site, begun, operators_link, served
from tests.processes import alive, until
from worksample.exchange import links, people, sittings
from worksample.hub import boxes, forgetting, guard
from worksample.limits import Limits
from worksample.records import evidence
from worksample.service import client

pytestmark = hosted.NEEDED
SECRET = "nobody else may read this"


@pytest.fixture(scope="module")
def ada(site: Site, chromium: Any) -> Any:
    """Her page, with JupyterLab and a kernel, after all that she does before."""
    page = chromium.new_context().new_page()
    page.set_default_timeout(WAIT)
    page.goto(site.link("ada"))
    assert page.url.startswith(f"http://exchange--service.hub.localhost:{site.port}/")
    page.get_by_role("button", name="I have read this and agree").click()
    page.get_by_role("link", name="Go to the start").click()
    page.get_by_role("button", name="Start my").click()
    page.get_by_role("link", name="Work on it in JupyterLab").click()
    return begun(site, page, "ada")


@pytest.fixture(scope="module")
def bob(site: Site, chromium: Any, ada: Any) -> Any:
    """His page; by now the assignment offers terminals."""
    told = site.course.assignments / TINY / "assignment.toml"
    told.write_text("terminal = true\n" + told.read_text())
    page = at_work(site, chromium, "bob")
    site.run(page, "bob", f"open('secret.txt', 'w').write({SECRET!r})")
    return page


def at_work(site: Site, chromium: Any, candidate: str) -> Any:
    page = chromium.new_context().new_page()
    page.set_default_timeout(WAIT)
    page.goto(site.link(candidate))
    return begun(site, page, candidate)


def test_a_link_leads_to_the_notebook_and_a_cell_runs(site: Site, ada: Any) -> None:
    assert ada.url == f"{site.of('ada')}lab/tree/{TINY}/{TINY}.ipynb"
    cell = ada.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first
    cell.click()
    cell.press("Control+A")
    cell.type("print(6 * 7)")
    expect(cell).to_have_text("print(6 * 7)")
    cell.press("Shift+Enter")
    ada.wait_for_selector(".jp-OutputArea-output pre:has-text('42')")
    code = site.link("ada").rpartition("/")[2]
    history = ada.evaluate("performance.getEntriesByType('navigation').map(e => e.name)")
    assert code not in json.dumps(history)
    logs = "".join(path.read_text(errors="replace") for path in site.places.logs.glob("*.log"))
    assert code not in logs, "who reads a log could come in by it"


def test_what_an_assessment_does_not_need_is_off(site: Site, ada: Any) -> None:
    """Jupyter ignores settings that it cannot read without a word, so the server is asked."""

    def status(path: str) -> int:
        return site.ask(ada, f"/user/ada/{path}")[0]

    assert status("api/contents") == 200
    absent = ["api/terminals", "lsp/status", "formgrader", "terminals/1", "course_list"]
    assert {path: status(path) for path in absent} == dict.fromkeys(absent, 404)
    assert status("assignments") == 400, "nbgrader's Assignment List, which asks for a course"
    page = json.loads(ada.text_content("#jupyter-config-data"))
    assert "@jupyterlab/terminal-extension" in str(page["disabledExtensions"])
    assert page["extensionManager"]["can_install"] is False
    autosave = "lab/api/settings/@jupyterlab/docmanager-extension:plugin"
    found = json.loads(site.ask(ada, f"/user/ada/{autosave}")[1])
    assert found["schema"]["properties"]["autosaveInterval"]["default"] == 10


ESCAPE = """
import json, os, socket, subprocess, urllib.request
given = json.loads({given!r})
found = {{}}
def attempt(name, action):
    try:
        found[name] = action()
    except Exception as error:
        found[name] = f"refused: {{type(error).__name__}} {{getattr(error, 'errno', '')}}"
for path in given["paths"]:
    attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(40))
for number in filter(str.isdigit, os.listdir("/proc")):
    if int(number) != os.getpid():
        attempt(f"environ of {{number}}",
                lambda: "TOKEN" in open(f"/proc/{{number}}/environ", "rb").read().decode())
        attempt(f"memory of {{number}}", lambda: open(f"/proc/{{number}}/mem", "rb").read(1))
        folder = f"/proc/{{number}}/fd"
        attempt(f"files of {{number}}",
                lambda: [os.readlink(f"{{folder}}/{{each}}") for each in os.listdir(folder)])
for port in given["ports"]:
    attempt(f"port {{port}}", lambda: socket.create_connection(("127.0.0.1", port), 2) and "open")
attempt("internet", lambda: socket.create_connection(("1.1.1.1", 443), 2) and "open")
for place in given["sockets"]:
    def connect():
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(place)
        return "open"
    attempt(place, connect)
attempt("abstract sockets", lambda: [l for l in open("/proc/net/unix") if "@" in l])
for number in given["pids"]:
    attempt(f"signal {{number}}", lambda: os.kill(number, 0) or "sent")
attempt("namespaces", lambda: os.unshare(os.CLONE_NEWUSER) if hasattr(os, "unshare") else
        subprocess.check_call(["unshare", "-U", "true"], stderr=subprocess.DEVNULL))
attempt("write", lambda: [open(place + "/x", "w") for place in ("/opt/jupyter", "/usr", "/etc")])
found["commands"] = [
    open(f"/proc/{{number}}/cmdline").read() for number in filter(str.isdigit, os.listdir("/proc"))
]
found["variables"] = sorted(os.environ)
capabilities = open("/proc/self/status").read()
found["user"] = [os.getuid(), capabilities.count("CapEff:\\t0000000000000000")]
print(json.dumps(found, default=str))
"""


def test_from_a_cell_nothing_of_anybody_else_is_reached(site: Site, ada: Any, bob: Any) -> None:
    """Not another candidate, the course, the database, the hub's secrets, or the network."""
    places, box = site.places, others(site, "bob")
    root = site.course.root
    paths = [
        *(root, root / "assignments", site.course.state, site.course.state / "worksample.db"),
        *(places.state, places.state / "proxy.secret", places.homes, places.homes / "bob"),
        *(places.run, places.boxes, Path(__file__).parents[2] / "worksample", Path.home() / ".ssh"),
        *(f"/proc/1/{name}" for name in ("environ", "root/etc")),
        *("/run/worksample/../of", "/etc/shadow"),
    ]
    sockets = [places.server_socket("bob"), places.proxy_socket, "/run/docker.sock"]
    given = {
        "paths": [str(path) for path in paths],
        "ports": [site.port],
        "sockets": [str(path) for path in sockets],
        "pids": [box.pid, site.server.pid, site.part("hub").pid, 1],
    }
    found = json.loads(site.run(ada, "ada", ESCAPE.format(given=json.dumps(given))))
    commands, variables = found.pop("commands"), found.pop("variables")
    user, without_capabilities = found.pop("user")
    assert found.pop("abstract sockets") == []
    reached = {what: got for what, got in found.items() if not str(got).startswith("refused")}
    assert not reached
    # bubblewrap, the server, the kernel: nobody else's, and no secret or place on a command line
    assert len(commands) <= 4
    assert str(root) not in "".join(commands)
    assert not [name for name in variables if name.startswith(("JUPYTERHUB", "JPY_API"))]
    assert without_capabilities == 1
    assert os.geteuid() != 0 or user != 0
    assert SECRET not in json.dumps(found)


def others(site: Site, candidate: str) -> boxes.Running:
    return next(each for each in boxes.remembered(site.places.boxes) if each.name == candidate)


HUB = """
import http.client, socket, sys
class Hub(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/worksample/hub.sock")
def ask(method, path, token):
    hub = Hub("hub")
    hub.request(method, "/hub/api/" + path, headers={{"Authorization": "token " + token}})
    answer = hub.getresponse()
    return answer.status
print([ask(*each, {token!r}) for each in {asked!r}])
"""


def test_a_candidates_tokens_reach_nobody_else(site: Site, ada: Any, bob: Any) -> None:
    """The hub answers in the sandbox, because servers ask it who somebody is."""
    asked = [
        *(("GET", "users"), ("GET", "users/bob"), ("POST", "users/ada/tokens")),
        *(("POST", "users/bob/tokens"), ("DELETE", "users/bob/server"), ("GET", "proxy")),
        *(("POST", "users/bob/server"), ("GET", "services"), ("GET", "groups")),
        ("POST", "shutdown"),
    ]
    page = json.loads(ada.text_content("#jupyter-config-data"))
    for token in ("", "guessed", page["token"]):
        answers = json.loads(site.run(ada, "ada", HUB.format(token=token, asked=asked)))
        assert set(answers) <= {401, 403, 404, 405}, (answers, token)
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/user/bob/api/contents",
        headers={
            "Host": f"bob.hub.localhost:{site.port}",
            "Authorization": f"token {page['token']}",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403


ATTACK = """
async address => {
  const tries = {};
  const attempt = async (name, action) => {
    try { tries[name] = await action(); } catch (error) { tries[name] = 'refused'; }
  };
  await attempt('hub', async () => (await fetch(address + '/hub/token')).status);
  await attempt('with cookies', async () =>
    (await fetch(address + '/hub/token', {credentials: 'include'})).status);
  await attempt('token', async () => (await fetch(address + '/hub/api/users/ada/tokens',
    {method: 'POST', credentials: 'include', body: '{}'})).status);
  await attempt('pop-up', async () => {
    const other = window.open(address + '/hub/token');
    await new Promise(done => setTimeout(done, 1500));
    return other.document.body.innerText;
  });
  await attempt('cookie', async () =>
    document.cookie.split('; ').filter(each => each.includes('hub-login')).join());
  return tries;
}
"""


def test_a_script_on_a_candidates_page_cannot_act_at_the_hub(site: Site, ada: Any) -> None:
    """On one origin it could mint a token with the rights of whoever looks at the page."""
    done = ada.evaluate(ATTACK, site.address)
    assert done == {
        **dict.fromkeys(("hub", "with cookies", "token", "pop-up"), "refused"),
        "cookie": "",
    }


def test_a_browser_that_does_not_know_these_names_shows_nothing(site: Site, chromium: Any) -> None:
    """By the machine's number everybody would be on one origin: the hub sends it to its name."""
    from playwright.sync_api import Error

    unknown = "--host-resolver-rules=MAP *.localhost ~NOTFOUND"
    other = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", unknown]
    )
    page = other.new_page()
    for address in (site.address, f"http://127.0.0.1:{site.port}/"):
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(address)
    other.close()


NEW = {"type": "file", "format": "text", "content": "new"}
CHANGE = """
async ([method, path, body]) => {
  const token = JSON.parse(document.getElementById('jupyter-config-data').textContent).token;
  const headers = {Authorization: `token ${token}`};
  return (await fetch(path, {method, headers, body: body && JSON.stringify(body)})).status;
}
"""


def changed(page: Any, method: str, path: str, body: object = None) -> int:
    """What the page's server says to a change of files, asked as JupyterLab asks."""
    return int(page.evaluate(CHANGE, [method, path, body]))


def test_what_takes_too_much_loses_its_kernel_and_nothing_else(
    site: Site, ada: Any, bob: Any
) -> None:
    """By the guard that needs no control group; the size of a home is held by nothing else."""
    box, home = others(site, "ada"), site.places.homes / "ada"
    server, *kernels = box.processes()
    site.run(ada, "ada", "open('big.bin', 'wb').write(b'x' * 3_000_000)")
    watched = guard.Watched(box, home, Limits(disk_mb=1, memory_mb=4000, processes=1000))
    assert guard.look(watched) == "more than 1 MB of files"
    until(lambda: not any(alive(each) for each in kernels))
    assert alive(server)
    assert "1 MB of files" in (home / TINY / ".." / guard.NOTE).read_text()
    # as on a full disk: what was saved stays as it is, nothing new can be saved, and what is
    # deleted is gone, and in no trash folder of the home
    before = (home / TINY / f"{TINY}.ipynb").read_bytes()
    mine = f"/user/ada/api/contents/{TINY}"
    assert changed(ada, "PUT", f"{mine}/new.txt", NEW) == 500
    book = {"type": "notebook", "format": "json", "content": json.loads(answered(before))}
    assert changed(ada, "PUT", f"{mine}/{TINY}.ipynb", book) == 500
    assert (home / TINY / f"{TINY}.ipynb").read_bytes() == before
    assert guard.look(watched) == "more than 1 MB of files", "it is not forgotten meanwhile"
    assert changed(ada, "DELETE", f"{mine}/big.bin") == 204
    assert guard.disk(home, Limits(disk_mb=1)) == ""
    guard.look(watched)
    assert changed(ada, "PUT", f"{mine}/new.txt", NEW) in (200, 201)
    site.run(ada, "ada", f"import os; os.remove('new.txt'); os.remove('../{guard.NOTE}')")
    tight, wide = Limits(memory_mb=10, processes=1000), Limits(memory_mb=4000, processes=1000)
    assert guard.memory(guard.Watched(box, home, tight)) == "more than 10 MB of memory"
    assert guard.memory(guard.Watched(box, home, wide)) == ""
    assert "processes" in guard.memory(guard.Watched(box, home, Limits(processes=1)))


TAKE = """
import subprocess, sys
try:
    bytearray(8 << 30)
except MemoryError:
    print("no memory")
children = []
try:
    for _ in range(1000):
        children.append(subprocess.Popen(["sleep", "100"]))
except OSError:
    print("no process")
for child in children:
    child.kill()
    child.wait()
try:
    with open("/tmp/full", "wb") as file:
        for _ in range(2000):
            file.write(bytes(1 << 20))
except OSError:
    print("no room")
import os
os.remove("/tmp/full")
"""


def test_memory_processes_and_temporary_files_are_limited(site: Site, bob: Any) -> None:
    server = others(site, "bob").processes()[0]
    said = site.run(bob, "bob", TAKE)
    assert said.splitlines() == ["no memory", "no process", "no room"]
    assert alive(server)


def test_a_terminal_where_the_assignment_offers_one_knows_no_secret(site: Site, bob: Any) -> None:
    said = bob.evaluate(TERMINAL, ["/user/bob/", "env; cat /proc/[0-9]*/environ"])
    assert "HOME=/home/candidate" in said
    assert "JUPYTERHUB" not in said
    assert "TOKEN" not in said


def test_links_and_accounts_let_in_whom_they_should(site: Site, chromium: Any) -> None:
    """The operator's link works once; a link of another asks first; passwords; no guessing."""
    people.add(site.course, "grace", "grader", "a long sentence for a test")
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT)

    def shown(address: str) -> str:
        page.goto(address)
        return str(page.text_content("body"))

    assert "does not work" in shown(f"{site.address}/hub/invited/guessed")
    link = operators_link(site)
    page.goto(link)
    assert "/hub/admin" not in page.url
    assert "operator" in shown(f"{site.address}/hub/admin")
    # whoever is in is asked before they become somebody else
    assert "Another person" in shown(site.link("ada"))
    assert "operator" in shown(f"{site.address}/hub/home")
    context.clear_cookies()
    assert "does not work" in shown(link)
    assert accessible(page) == []
    page.goto(f"{site.address}/hub/login")
    assert accessible(page) == []
    page.fill("#code", site.link("bob"))  # pasted, all of it
    page.get_by_role("button", name="Go on to your work").click()
    page.wait_for_url(f"{site.of('bob')}**")
    context.clear_cookies()
    page.goto(f"{site.address}/hub/login")
    for password in ("wrong", "a long sentence for a test"):
        page.fill("#username_input", "grace")
        page.fill("#password_input", password)
        page.click("#login_submit")
        page.wait_for_load_state()
        assert ("Invalid" in page.text_content("body")) == (password == "wrong")
    for denied in (f"{site.address}/hub/spawn", f"{site.address}/hub/admin", site.of("ada")):
        assert page.goto(denied).status == 403, denied
    context.close()


def accessible(page: Any) -> list[str]:
    """The rules of WCAG that a page does not keep to."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options={"runOnly": rules})
    return [each["id"] for each in found.response["violations"]]


def test_what_is_handed_in_is_graded_at_once_and_after_a_kill(site: Site, ada: Any) -> None:
    """`worksample serve` runs the grading service too, and starts it again."""
    person = links.holder(site.course, "ada")
    assert person is not None

    def graded(note: str, records: int) -> None:
        work = answered(notebook_of(site.course, "ada"), note=note)
        sittings.hand_in(site.course, person, {f"{TINY}.ipynb": work}, by="ada")
        until(lambda: len(evidence.history(site.course, TINY, "ada")) == records)

    until(lambda: client.runs(site.course))
    graded("first", 1)
    service = site.part("serve-grading")
    service.kill()
    service.wait()
    graded("second", 2)
    newest = evidence.latest(site.course, TINY, "ada")
    assert newest is not None
    assert newest["points"] == 100


def test_killed_and_started_again_nothing_is_lost(site: Site, ada: Any, bob: Any) -> None:
    """SIGKILL of hub, proxy and supervisor: the candidate's kernel never notices."""
    box = others(site, "ada")
    ada.reload()
    begun(site, ada, "ada")  # a page that was half there would come back without its notebook
    site.run(ada, "ada", "kept = 'still here'")
    for name in ("hub", "proxy"):
        part = site.part(name)
        part.send_signal(signal.SIGKILL)
        part.wait()
        until(lambda gone=part: site.answers() and site.part(name) != gone, START_SECONDS)  # noqa: B023
    until(lambda: routed(site, "ada"))
    assert site.run(ada, "ada", "print(kept)") == "still here"

    os.kill(site.server.pid, signal.SIGKILL)
    site.server.wait()
    until(lambda: not site.answers())
    assert box.alive()
    # as if the machine had been off for ten minutes
    answered = site.course.state / "exchange" / "answered"
    was = datetime.fromisoformat(answered.read_text())
    answered.write_text((was - timedelta(minutes=10)).isoformat())
    with served(site.course, site.port) as again:
        site.server, site.log = again.server, again.log
        until(lambda: given_back(site) > timedelta(0), START_SECONDS)
        until(lambda: routed(site, "ada"))
        assert site.run(ada, "ada", "print(kept)") == "still here"
        ada.reload()
        ada.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        forget(site, "bob")
        assert site.run(ada, "ada", "print(kept)") == "still here"
    assert not box.alive(), "asked to stop, it ends the candidates' servers too"
    assert boxes.remembered(site.places.boxes) == []
    assert (site.places.homes / "ada" / TINY / f"{TINY}.ipynb").is_file()
    forget(site, "ada")


def given_back(site: Site) -> timedelta:
    person = links.holder(site.course, "ada")
    assert person is not None
    return sittings.find(site.course, person, TINY).clock.given_back


def forget(site: Site, candidate: str) -> None:
    """By the hub where it runs, else in its file; its database then holds nothing of them."""
    database = site.places.database
    assert candidate.encode() in database.read_bytes()
    gone = [box for box in boxes.remembered(site.places.boxes) if box.name == candidate]
    with ThreadPoolExecutor(1) as beside:  # Playwright has an event loop in this thread
        beside.submit(forgetting.forget, site.course, candidate).result()
    assert not any(box.alive() for box in gone)
    for path in database.parent.glob(f"{database.name}*"):
        assert not re.search(rb"\b%s\b" % candidate.encode(), path.read_bytes()), path


def routed(site: Site, candidate: str) -> bool:
    """Whether the candidate's server answers through the proxy; who asks is nobody."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/user/{candidate}/api",
        headers={"Host": f"{candidate}.hub.localhost:{site.port}"},
    )
    try:
        return bool(json.load(urllib.request.urlopen(request, timeout=10))["version"])
    except (OSError, ValueError, KeyError):
        return False
