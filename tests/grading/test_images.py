"""Images: really built, looked at and run; and hostile ones, of which nothing gets out."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests import images as base
from worksample.errors import SandboxUnavailable, ToolsMissing
from worksample.grading import images, tools
from worksample.grading.image import Build, Built, Use
from worksample.grading.services import Ask, Ends, Fetch, Pause, Read, Ready, Request, Send, Start
from worksample.limits import Budget, Limits
from worksample.sandbox import bases, imaging
from worksample.sandbox.workshop import Workshop

LIMITS = Limits(memory_mb=1024, disk_mb=192, processes=128)
SERVER = b"""
import json, os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        time.sleep(1 if self.path == "/slow" else 0)
        try: open("/app/new", "w"); wrote = True
        except OSError: wrote = False
        caps = [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")][0]
        said = {"user": os.getuid(), "wrote": wrote, "caps": caps, "word": os.environ.get("WORD"),
                "home": os.environ.get("HOME"), "folder": os.getcwd()}
        print(json.dumps({"path": self.path}), flush=True)
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler)
server.daemon_threads = False
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    time.sleep(100)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server.serve_forever()
server.server_close()
os.kill(0, signal.SIGKILL) if "hard" in sys.argv else os._exit(7)
"""
DOCKERFILE = b"""FROM python:3.11-slim
ARG WORD=none
ENV WORD=$WORD
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
RUN useradd -m runner
RUN echo gone-canary > /later && rm /later
COPY server.py ./
USER runner
EXPOSE 8000
LABEL org.model=kestrel
HEALTHCHECK CMD ["true"]
ENTRYPOINT ["python"]
CMD ["server.py"]
"""
GOOD = {"Dockerfile": DOCKERFILE, "server.py": SERVER, "requirements.txt": b"itsdangerous\n"}
PLAN = (
    Start(()),
    Ready("/"),
    Ask("few", (Request("/"),) * 4, clients=2),
    Read("before"),
    Send(signal.SIGKILL, "worker"),
    Pause(0.2),
    Read("after"),
    Ask("slow", (Request("/slow"),), meanwhile=(Pause(0.3), Send())),
    Ends("end"),
    Fetch("log", ()),
)


@pytest.fixture(scope="module", autouse=True)
def _base():
    base.ready()


@pytest.fixture(scope="module")
def made(_base):
    changed = {**GOOD, "server.py": SERVER + b"# changed\n"}
    return images.run(
        [
            Build(
                "good",
                {**GOOD, "secret.env": b"context-canary"},
                arguments={"WORD": "kestrel"},
                canaries=("gone-canary", "context-canary", "org.model", "nowhere"),
                uses=(Use("life", PLAN),),
            ),
            Build("changed", changed, arguments={"WORD": "kestrel"}),
            Build(
                "of root",
                {**GOOD, "Dockerfile": DOCKERFILE.replace(b"USER runner\n", b"")},
                arguments={"WORD": "kestrel"},
                uses=(Use("root", (Start(()), Ready("/"), Ask("few", (Request("/"),)))),),
            ),
            Build("moved", changed, arguments={"WORD": "kestrel"}, index={}, cached=False),
        ],
        LIMITS,
        Budget(),
    )


def test_an_image_says_what_its_file_says(made):
    image = made[0]["good"].image
    assert image.config.user == "runner"
    assert image.config.entrypoint == ("python",)
    assert image.config.command == ("server.py",)
    assert image.config.env["WORD"] == "kestrel"
    assert image.config.ports == ("8000/tcp",)
    assert image.config.health == ("CMD", "true")
    assert image.config.labels["org.model"] == "kestrel"
    assert image.based
    assert 0 < image.kb < 2000


def test_a_word_is_found_in_a_layer_that_a_later_one_hides_and_not_where_it_was_left_out(made):
    assert made[0]["good"].found == ("gone-canary", "org.model")


def test_a_change_of_code_keeps_the_layers_below_it(made):
    first, second = made[0]["good"].image.layers, made[0]["changed"].image.layers
    assert first[:-1] == second[:-1]
    assert first[-1] != second[-1]


def test_an_index_without_the_package_is_noticed_where_nothing_is_kept(made):
    assert not made[0]["moved"].ok
    assert made[0]["moved"].error == "a step of the Dockerfile failed"
    assert "itsdangerous" in made[0]["moved"].said


def test_an_image_runs_as_its_own_user_without_rights_and_cannot_write_its_root(made):
    life = made[1]["life"]
    assert life.ok, life.error
    told = json.loads(life.asked("few")[0].body)
    assert told == {
        "user": 1000,
        "wrote": False,
        "caps": "0000000000000000",
        "word": "kestrel",
        "home": "/home/runner",
        "folder": "/app",
    }


def test_an_image_of_roots_runs_without_rights_too(made):
    told = json.loads(made[1]["root"].asked("few")[0].body)
    assert (told["user"], told["wrote"]) == (0, False)
    assert int(told["caps"], 16) == 0


def test_requests_signals_ends_and_the_log_are_those_of_the_image(made):
    life = made[1]["life"]
    assert [each.status for each in life.asked("few")] == [200] * 4
    assert (life.workers["before"], life.workers["after"]) == (1, 0)
    assert life.asked("slow")[0].status == 200
    assert life.ends["end"].code == 7
    lines = [line for line in life.files["log"]["log"].splitlines() if b"/slow" in line]
    assert len(lines) == 1


HOSTILE = {
    "devices": b"RUN mknod /dev/disk b 8 0 && cat /dev/disk",
    "mounts": b"RUN mount -t tmpfs none /mnt",
    "more_namespaces": b"RUN unshare --user --mount true",
    "network": b"RUN python -c \"import socket; socket.create_connection(('1.1.1.1', 53), 3)\"",
    "address": b"ADD http://1.1.1.1/x /x",
    "outside": b"COPY ../../../../etc/machine-id /x",
    "link": b"COPY link /x",
    "bind": b"RUN --mount=type=bind,source=/../../store,target=/x test -e /x/overlay",
    "secret": b"RUN --mount=type=secret,id=x,required=true cat /run/secrets/x",
    "time": b"RUN sleep 1000",
    "spin": b"RUN while :; do :; done",
    "disk": b"RUN head -c 400M /dev/zero > /x",
    "bomb": b"RUN b() { b | b & }; b; sleep 1000",
    "memory": b'RUN python -c "x = bytearray(3 << 30)"',
    "another": b"",
    "scratch": b"",
}
FROM = b"FROM python:3.11-slim\n"
WHOLE = {"another": b"FROM debian:bookworm\nRUN true", "scratch": b"FROM scratch\nRUN true"}


@pytest.fixture(scope="module")
def hostile(_base):
    builds = [
        Build(name, {"Dockerfile": WHOLE.get(name, FROM + step)}, index={}, seconds=4)
        for name, step in HOSTILE.items()
    ]
    done: dict[str, Built] = {}
    builds.append(Build("after", {"Dockerfile": FROM + b"RUN true"}, index={}))
    found, _ = images.run(builds, LIMITS, Budget())
    return done | found


@pytest.mark.parametrize("name", HOSTILE)
def test_no_build_gets_what_it_may_not_have(hostile, name):
    """Rights, devices, a network, files or time of ours: the step fails, and so does the build."""
    assert not hostile[name].ok
    assert hostile[name].error


def test_a_build_after_all_of_them_is_as_good_as_any(hostile):
    assert hostile["after"].ok, hostile["after"].said


def test_what_a_build_leaves_running_is_ended_with_it():
    with Workshop(LIMITS, bases.store()) as shop:
        left = FROM + b"RUN (setsid sleep 1000 >/dev/null 2>&1 &) && true"
        assert imaging.build(shop, "left", {"Dockerfile": left}, {}).image is not None
        assert (
            "sleep 1000"
            not in shop.run(["sh", "-c", "cat /proc/*/cmdline | tr '\\0' ' '"], 20).text
        )


def test_nothing_in_a_workshop_is_anybody_outside():
    """Root in there is a user who owns nothing, and sees no file of ours."""
    with Workshop(LIMITS, bases.store()) as shop:
        assert os.stat(f"/proc/{shop.pid}").st_uid not in (0,)
        look = shop.run(["sh", "-c", "cat /etc/shadow; ls /root /home /work; id -u"], 20)
        assert look.text.splitlines()[-1] == "0"
        assert "root:" not in look.text
        assert shop.run(
            ["sh", "-c", "echo x > /usr/bin/x; echo 1 > /proc/sys/kernel/panic"], 20
        ).code
        assert not Path("/usr/bin/x").exists()


def test_without_a_base_nothing_is_graded_and_the_command_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSAMPLE_IMAGES", str(tmp_path / "none"))
    with pytest.raises(ToolsMissing, match="base image") as caught:
        tools.require(["image"])
    assert "doctor --install" in str(caught.value)
    with pytest.raises(SandboxUnavailable, match="has not been made"):
        bases.store()


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ("", (0, 0, "/root")),
        ("app", (12, 34, "/app")),
        ("app:7", (12, 7, "/app")),
        ("12", (12, 34, "/app")),
        ("4000:50", (4000, 50, "/")),
        ("ghost", (None, 0, "/")),
        ("99999", (None, 0, "/")),
    ],
)
def test_an_images_user_is_found_in_its_own_list(user, found):
    assert imaging.who(user, "root:x:0:0::/root:/bin/sh\nbad\napp:x:12:34::/app:/bin/sh\n") == found
