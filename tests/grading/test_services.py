"""Services in a sandbox: driven, written down, and hostile ones that gain nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import pytest

from worksample.grading import driving
from worksample.grading.services import (
    Ask,
    Ends,
    Fetch,
    Image,
    Pause,
    Phase,
    Place,
    Read,
    Ready,
    Request,
    Send,
    Service,
    ServiceResult,
    Start,
)
from worksample.limits import Budget, Limits

SERVER = """
import json, os, signal, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.answer({"user": os.getuid(), "root": os.path.exists("/image")})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(asked.get("sleep", 0))
        if "read" in asked:
            try: asked["found"] = open(asked["read"]).read()
            except OSError as error: asked["found"] = type(error).__name__
        if "write" in asked:
            try: open(asked["write"], "w").write("x"); asked["wrote"] = True
            except OSError: asked["wrote"] = False
        with open("answered.log", "a") as file: file.write("one\\n")
        self.answer(asked)
    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = False

server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)

def stop(*_):
    import threading
    threading.Thread(target=server.shutdown).start()

signal.signal(signal.SIGTERM, stop)
if "worker" in sys.argv and os.fork() == 0:
    time.sleep(100)
print("listening", flush=True)
server.serve_forever()
server.server_close()
"""
UP = (Start(("python", "server.py")), Ready("/"))
SMALL = Limits(memory_mb=512, processes=24, disk_mb=16)


def driven(
    source: str, *phases: Phase, limits: Limits = SMALL, seconds: float = 40, **more: object
) -> ServiceResult:
    tree = {"server.py": source.encode()}
    service = Service("it", tree, phases, seconds=seconds, **more)  # type: ignore[arg-type]
    return driving.run([service], limits, Budget())["it"]


def post(**data: object) -> Request:
    return Request("/", json.dumps(data).encode())


def test_the_ledger_holds_what_was_sent_and_what_came_back() -> None:
    """Concurrent requests, a signal while one is under way, files that come, wait and go."""
    slow = Ask("slow", (post(sleep=1.2),), meanwhile=(Pause(0.4), Send(signal.SIGTERM)))
    done = driven(
        SERVER,
        Start(("python", "server.py", "worker")),
        Ready("/"),
        Read("before"),
        Ask("many", tuple(post(number=n) for n in range(30)), clients=6),
        Place({"feed.txt": b"late"}, slow={"feed.txt": 0.4}),
        Ask("waits", (post(read="feed.txt"),)),
        Place({"feed.txt": None}),
        Ask("gone", (post(read="feed.txt"),)),
        Place(modes={"sealed": 0o555}),
        Ask("sealed", (post(write="sealed/x"),)),
        Send(signal.SIGKILL, to="worker"),
        Pause(0.2),
        Read("after"),
        Fetch("logs", ("*.log",)),
        slow,
        Ends("drained"),
    )
    assert done.ok, done.error
    many = done.asked("many")
    assert [json.loads(each.body)["number"] for each in many] == list(range(30))
    assert all(each.ok and each.seconds > 0 for each in many)
    (waited,) = done.asked("waits")
    assert json.loads(waited.body)["found"] == "late"
    assert waited.seconds > 0.35
    assert json.loads(done.asked("gone")[0].body)["found"] == "FileNotFoundError"
    assert json.loads(done.asked("sealed")[0].body)["wrote"] is False
    assert done.workers == {"before": 1, "after": 0}
    assert done.files["logs"] == {"answered.log": b"one\n" * 33}
    assert done.asked("slow")[0].ok
    assert done.ends["drained"].code == 0
    assert "listening" in done.said


def test_a_service_on_a_socket_of_its_own_is_reached() -> None:
    source = SERVER.replace(
        'server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)',
        "import socket, socketserver\n"
        "Server.address_family = socket.AF_UNIX\n"
        "Server.server_bind = socketserver.TCPServer.server_bind\n"
        "Handler.address_string = lambda self: ''\n"
        'server = Server(os.environ["SOCKET"], Handler)',
    )
    started = Start(("python", "server.py"), socket=True)
    done = driven(source, started, Ready("/"), Ask("one", (Request("/"),)))
    assert done.ok, (done.error, done.said)
    assert done.asked("one")[0].status == 200


ANSWERS = {
    "never": ("import time\ntime.sleep(60)", "timeout"),
    "nonsense": ("c.sendall(b'once upon a time\\r\\n\\r\\n')", "nonsense"),
    "endless body": (
        "c.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n')\nwhile True: c.sendall(b'x' * 65536)",
        "large",
    ),
    "endless headers": (
        "c.sendall(b'HTTP/1.1 200 OK\\r\\n')\nwhile True: c.sendall(b'x: y\\r\\n' * 999)",
        "nonsense large",
    ),
    "a giant header": (
        "c.sendall(b'HTTP/1.1 200 OK\\r\\nx: ')\nwhile True: c.sendall(b'y' * 65536)",
        "nonsense large",
    ),
    "for ever to go on": (
        "while True: c.sendall(b'HTTP/1.1 100 Continue\\r\\n\\r\\n')",
        "nonsense large",
    ),
    "drop by drop": (
        "c.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n')\nimport time\n"
        "while True: c.sendall(b'x'); time.sleep(0.05)",
        "timeout",
    ),
    "hangs up": ("c.close()", "refused"),
}
ALL = """
import os, socket, threading
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(os.environ["PORT"])))
s.listen(50)
ANSWERS = {answers!r}
def one(c):
    try:
        name = c.recv(65536).split()[1].decode()[1:]
        if name == "up":
            c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nup")
        else:
            exec(ANSWERS[int(name)])
    except OSError:
        pass
    c.close()
while True:
    threading.Thread(target=one, args=(s.accept()[0],)).start()
"""


def test_no_answer_costs_more_than_was_agreed() -> None:
    """Endless, giant and late answers are errors in the ledger, and nothing more."""
    source = ALL.format(answers=[code for code, _ in ANSWERS.values()])
    requests = tuple(Request(f"/{number}") for number in range(len(ANSWERS)))
    up = (Start(("python", "server.py")), Ready("/up"))
    done = driven(source, *up, Ask("bad", requests, clients=8, seconds=1.5))
    assert done.ok, (done.error, done.said)
    for (name, (_, wanted)), made in zip(ANSWERS.items(), done.asked("bad"), strict=True):
        assert made.error in wanted.split(), name
        assert made.seconds < 4
        assert len(made.body) == 0


HOSTILE = {
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "eats memory": "x = [bytearray(1 << 20) for _ in range(4000)]",
    "ends at once": "raise SystemExit(3)",
    "never listens": "import time\ntime.sleep(60)",
    "kills what it can": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "stops whatever else runs": (
        "import os, signal, time\n"
        "while True:\n"
        "    for each in os.listdir('/proc'):\n"
        "        try:\n"
        "            if int(each) not in (1, os.getpid()): os.kill(int(each), signal.SIGSTOP)\n"
        "        except (OSError, ValueError): pass"
    ),
    "fills the disk": "open('x', 'wb').write(b'x' * (1 << 28))",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_service_that_attacks_gets_no_answer(name: str) -> None:
    """What a service does to its box is its own failure, and the box ends with it."""
    done = driven(HOSTILE[name], Start(("python", "server.py")), Ready("/", seconds=1.5))
    assert not done.ok
    assert done.error.startswith(("ended before", "did not answer", "was stopped"))
    assert not done.ledger


def test_the_drivers_socket_leads_nowhere_else(tmp_path: Path) -> None:
    """A link in the relay's place would have us speak to a socket of the grader's own machine."""
    heard: list[bytes] = []
    place = tmp_path / "ours.sock"
    ours = socket.socket(socket.AF_UNIX)
    ours.bind(str(place))
    ours.listen()
    ours.settimeout(8)

    def listen() -> None:
        with contextlib.suppress(OSError):
            heard.append(ours.accept()[0].recv(1000))

    listening = threading.Thread(target=listen)
    listening.start()
    source = SERVER.replace(
        "server.serve_forever()",
        "import glob, threading\n"
        "def swap():\n"
        "    time.sleep(1)\n"
        "    for each in glob.glob('/io/*.sock'):\n"
        f"        os.unlink(each); os.symlink({str(place)!r}, each)\n"
        "threading.Thread(target=swap).start()\nserver.serve_forever()",
    )
    done = driven(source, *UP, Pause(1.5), Ask("led astray", (Request("/secret"),)))
    ours.close()
    listening.join()
    assert done.asked("led astray")[0].status is None
    assert heard == []


def test_what_is_not_reached_is_not_there(tmp_path: Path) -> None:
    """A plan beyond its time stops, and one after the budget is not begun."""
    tree = {"server.py": SERVER.encode()}
    requests = tuple(post(sleep=0.5) for _ in range(20))
    one = Service("one", tree, (*UP, Ask("long", requests)), seconds=2.5)
    two = Service("two", tree, UP)
    done = driving.run([one, two], SMALL, Budget(seconds=2))
    assert not done["one"].ok
    assert len(done["one"].asked("long")) < 20
    assert "used up" in done["two"].error


def test_from_the_root_file_system_of_an_image(tmp_path: Path) -> None:
    """An image's files, user and environment; nothing of ours is seen, only /tmp is writable."""
    root = _root_with_python(tmp_path / "root")
    (root / "server.py").write_text(SERVER)
    command = ("/bin/python", "/server.py")
    image = Image(
        root, "/tmp", {"PATH": "/bin", "LD_LIBRARY_PATH": "/lib", "PYTHONHOME": "/"}, 4711
    )
    asked = (Request("/"), post(write="/tmp/x"), post(write="/srv"), post(read="/case"))
    phases = (Start(command), Ready("/"), Ask("it", asked))
    done = driving.run([Service("it", {}, phases, image=image)], SMALL, Budget())["it"]
    assert done.ok, (done.error, done.said)
    told, may, may_not, gone = (json.loads(each.body) for each in done.asked("it"))
    assert told == {"user": 4711 if os.geteuid() == 0 else os.geteuid(), "root": False}
    assert (may["wrote"], may_not["wrote"]) == (True, False)
    assert gone["found"] == "FileNotFoundError"


def _root_with_python(root: Path) -> Path:
    """A small root file system that holds an interpreter and the libraries it needs."""
    for name in ("bin", "proc", "dev", "tmp", "lib"):
        (root / name).mkdir(parents=True)
    python = os.path.realpath(sys.executable)
    shutil.copy(python, root / "bin/python")
    stdlib = Path(sysconfig.get_path("stdlib"))
    loaded = [python, *map(str, (stdlib / "lib-dynload").glob("[bz]*.so"))]
    listed = subprocess.run(["ldd", *loaded], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        words = [word for word in line.split() if word.startswith("/") and word[-1] != ":"]
        for word in words:
            place = root / word[1:] if "ld-linux" in word else root / "lib" / Path(word).name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, place)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    left = ("test", "site-packages", "dist-packages", "idlelib", "ensurepip", "config-*")
    ignored = shutil.ignore_patterns(*left, "__pycache__", "lib2to3", "tkinter", "pydoc_data")
    shutil.copytree(stdlib, root / "lib" / version, ignore=ignored, symlinks=True)
    return root
