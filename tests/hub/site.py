"""A hosted course as an operator has it: `worksample serve`, a browser, candidates."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import browser, processes
from tests.decoys import plant
from tests.exchange.afar import OPENING, invited, open_now
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.exchange import links, sittings
from worksample.hub import boxes, proxy
from worksample.hub.places import Places

START_SECONDS = 180.0
WAIT = 120_000  # milliseconds, on a machine that is busy with something else


def _no_node() -> str:
    try:
        proxy.node()
    except WorksampleError as error:
        return str(error)
    return ""


NEEDED = [
    *browser.NEEDS_BROWSER,
    pytest.mark.slow,
    pytest.mark.skipif(bool(_no_node()), reason=f"no proxy can run here: {_no_node()}"),
]

# Runs code in the page's first kernel, as JupyterLab itself would; what it printed.
ASK = """
path => {
  const token = JSON.parse(document.getElementById('jupyter-config-data').textContent).token;
  return fetch(path, {headers: {Authorization: `token ${token}`}});
}
"""
# What a terminal of the page's server prints until it has said "the end".
TERMINAL = """
async ([base, line]) => {
  const token = JSON.parse(document.getElementById('jupyter-config-data').textContent).token;
  const made = await (await fetch(base + 'api/terminals',
    {method: 'POST', headers: {Authorization: `token ${token}`}})).json();
  const place = `ws://${location.host}${base}terminals/websocket/${made.name}`;
  const socket = new WebSocket(place);
  await new Promise((done, failed) => { socket.onopen = done; socket.onerror = failed; });
  let said = '';
  await new Promise(resolve => {
    socket.onmessage = event => {
      const [kind, text] = JSON.parse(event.data);
      if (kind === 'stdout') said += text;
      if (said.includes('the end')) resolve();
    };
    socket.send(JSON.stringify(['stdin', line + "; echo the' 'end\\r"]));
  });
  socket.close();
  return said;
}
"""
EXECUTE = """
async (base, code, kernel) => {
  const socket = new WebSocket(`ws://${location.host}${base}api/kernels/${kernel}/channels`);
  await new Promise((done, failed) => { socket.onopen = done; socket.onerror = failed; });
  const id = crypto.randomUUID ? crypto.randomUUID() : String(Math.random());
  const header = {msg_id: id, msg_type: 'execute_request', username: '', session: id,
                  date: new Date().toISOString(), version: '5.3'};
  let said = '';
  const done = new Promise(resolve => {
    socket.onmessage = event => {
      const message = JSON.parse(event.data);
      if (message.parent_header.msg_id !== id) return;
      if (message.msg_type === 'stream') said += message.content.text;
      if (message.msg_type === 'error') said += message.content.traceback.join('\\n');
      if (message.msg_type === 'status' && message.content.execution_state === 'idle')
        resolve(said);
    };
  });
  socket.send(JSON.stringify({header, parent_header: {}, metadata: {}, channel: 'shell',
    buffers: [], content: {code, silent: false, store_history: false, user_expressions: {},
    allow_stdin: false, stop_on_error: true}}));
  const result = await done;
  socket.close();
  return result;
}
"""
RUN = f"""
async ([base, code]) => {{
  let kernels = [];
  while (!kernels.some(each => ['idle', 'busy'].includes(each.execution_state))) {{
    await new Promise(done => setTimeout(done, 200));
    const reply = await ({ASK})(base + 'api/kernels');
    kernels = reply.ok ? await reply.json() : [];  // a busy hub or proxy may say: later
  }}
  return ({EXECUTE})(base, code, kernels[0].id);
}}
"""


@dataclass
class Site:
    """A course that is served.

    Attributes:
        server: `worksample serve`.
    """

    course: Course
    port: int
    server: subprocess.Popen[Any]
    log: Path

    @property
    def address(self) -> str:
        return f"http://hub.localhost:{self.port}"

    @property
    def exchange(self) -> str:
        return f"http://exchange--service.hub.localhost:{self.port}/services/exchange/"

    @property
    def places(self) -> Places:
        return Places(self.course)

    def of(self, candidate: str) -> str:
        return f"http://{candidate}.hub.localhost:{self.port}/user/{candidate}/"

    def link(self, candidate: str) -> str:
        return f"{self.address}/hub/invited/{links.issue(self.course, OPENING, candidate).code}"

    def part(self, name: str) -> psutil.Process:
        """The process of one part: ``proxy``, ``hub``, ``keeper``."""
        words = {"proxy": "configurable-http-proxy", "hub": "jupyterhub"}.get(name, name)
        for each in psutil.Process(self.server.pid).children():
            if any(words in word for word in each.cmdline()):
                return each
        raise AssertionError(f"there is no {name}")

    def answers(self) -> bool:
        """Whether the hub answers through the proxy."""
        request = f"GET /hub/health HTTP/1.1\r\nHost: hub.localhost:{self.port}\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"{request}Connection: close\r\n\r\n".encode())
                return b" 200 " in connection.recv(100)
        except OSError:
            return False

    def ask(self, page: Any, path: str) -> tuple[int, str]:
        """Status and text of what the page's server answers, asked as JupyterLab asks."""
        answer = f"({ASK})(path).then(async answer => [answer.status, await answer.text()])"
        status, text = page.evaluate(f"path => {answer}", path)
        return status, text

    def run(self, page: Any, candidate: str, code: str) -> str:
        """What the candidate's kernel prints when it runs ``code``."""
        return str(page.evaluate(RUN, [f"/user/{candidate}/", code])).strip()


def a_course(folder: Path, built: Path) -> Course:
    """A copy of a built course with an opening; Ada and Cleo were invited, Bob's clock runs."""
    shutil.copytree(built, folder)
    course = Course(folder)
    open_now(course, live=True)
    _, bob, _ = invited(course, "ada", "bob", "cleo")
    (sitting,) = sittings.of_person(course, bob)
    sittings.start(course, bob, sitting.assignment)
    return course


@contextmanager
def served(course: Course, port: int, *where: str) -> Iterator[Site]:
    """`worksample serve` for the length of a block; afterwards nothing of it runs any more.

    Args:
        where: options that say at which address, if it is not this machine alone.
    """
    log = course.state / "serve.log"
    log.parent.mkdir(exist_ok=True)
    command = [str(Path(sys.executable).with_name("worksample")), "serve", "--no-demonstration"]
    mark = course.root.parent / "mark"
    with log.open("w") as file:
        server = subprocess.Popen(
            [*command, *(where or ("--port", str(port)))],
            cwd=plant(course.root.parent / "decoys", mark),
            env={**os.environ, "WORKSAMPLE_COURSE": str(course.root)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    site = Site(course, port, server, log)
    try:
        begin = time.monotonic()
        while "Ctrl-C" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() - begin < START_SECONDS, log.read_text()
            time.sleep(0.2)
        yield site
        assert not mark.exists(), mark.read_text()
    finally:
        processes.end(server)
        boxes.end_remembered(site.places.boxes)  # of a server that a test has killed
        site.places.remove_sockets()


def begun(site: Site, page: Any, candidate: str) -> Any:
    """The candidate's page, once a notebook is open and its kernel answers."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    site.run(page, candidate, "pass")
    return page


def operators_link(site: Site) -> str:
    found = re.findall(r"administrator .*: (\S+)", site.log.read_text())
    return str(found[-1])


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
