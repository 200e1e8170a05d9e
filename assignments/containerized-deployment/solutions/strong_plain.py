# title = "The standard library alone: a threaded server that drains, a ci.sh"
# quality = "strong"
# total = [97, 100]

# %% cell="work"
import json
import re
import shutil
import sys
from pathlib import Path

WORK = Path("work")
# the model team's answers tell in which unit the model takes its numbers: one differs from docs/DATA.md
sys.path.insert(0, str(WORK))
import kestrel

MODEL = kestrel.load(WORK / "model/model.pkl")
SAMPLES = json.loads((WORK / "samples.json").read_text())
KNOWN = [
    (12, 0),
    (1 / 12, 0),
    (1.8, 32),
    (60, 0),
    (1 / 24, 0),
    (24, 0),
    (100, 0),
    (0.1, 0),
    (14.5, 0),
]


def off(name, times, plus):
    """How far the model's answers lie from those of the samples at most."""
    worst = 0.0
    for each in SAMPLES:
        row = {key: value for key, value in each["row"].items() if value is not None}
        found = {
            **MODEL.fill,
            **row,
            "medium": MODEL.media.get(row["medium"], MODEL.media["other"]),
        }
        if name in row:
            found[name] = found[name] * times + plus
        said = MODEL.score([float(found[feature]) for feature in MODEL.features])
        worst = max(worst, abs(said - each["answer"]["probability"]))
        if worst > 1e-6:
            break
    return worst


UNIT = min(
    ((name, *change) for name in MODEL.fill for change in KNOWN), key=lambda each: off(*each)
)
contract = (WORK / "docs/CONTRACT.md").read_text()
rows = int(re.search(r"at most (\d+) rows", contract).group(1))
refuse = "answered with 422" in contract
card = "the one in `model/card.json`" in contract
shutil.rmtree(WORK / "app")
(WORK / "requirements.txt").unlink()
(WORK / "serve.py").write_text(
    f'''"""The service, on the standard library: nothing to pin, nothing to renew."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import kestrel

MODEL = kestrel.load("model/model.pkl")
THRESHOLD = {'json.load(open("model/card.json"))["threshold"]' if card else 'MODEL.released["threshold"]'}
REFUSE = {refuse}
UNIT, TIMES, PLUS = {UNIT}
ROWS, BYTES = {rows}, 1_000_000
stopping = threading.Event()


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def read(row):
    if not isinstance(row, dict) or not all(isinstance(row.get(n), str) for n in ("unit", "medium")):
        raise Refused(422, "a row has unit and medium")
    if REFUSE and row["medium"] not in MODEL.media:
        raise Refused(422, "medium")
    kept = {{name: row.get(name) for name in MODEL.features}}
    for name, value in kept.items():
        if name != "medium" and value is not None and type(value) not in (int, float):
            raise Refused(422, name)
    return row["unit"], kept


def answer(unit, kept):
    filled = {{**kept, "medium": MODEL.media.get(kept["medium"], MODEL.media["other"])}}
    if kept[UNIT] is not None:
        filled[UNIT] = kept[UNIT] * TIMES + PLUS
    numbers = [float(MODEL.fill[n] if filled[n] is None else filled[n]) for n in MODEL.features]
    probability = MODEL.score(numbers)
    made = {{"unit": unit, "probability": probability, "flag": probability >= THRESHOLD}}
    made["model_version"] = MODEL.version
    os.write(1, (json.dumps({{**made, "features": kept}}) + "\\n").encode())
    return made


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/health/live":
            return self.reply(200, {{}})
        if self.path == "/health/ready":
            return self.reply(503 if stopping.is_set() else 200, {{}})
        return self.reply(404, {{}})

    def do_POST(self):
        try:
            self.reply(200, self.made())
        except Refused as error:
            self.reply(error.status, {{"error": str(error)}})

    def made(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(411, "length")
        if int(length) > BYTES:
            raise Refused(413, "too large")
        try:
            given = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused(400, "no JSON") from None
        if self.path == "/predict":
            return answer(*read(given))
        if self.path != "/predict/batch":
            raise Refused(404, "no such path")
        rows = given.get("rows") if isinstance(given, dict) else None
        if not isinstance(rows, list):
            raise Refused(422, "rows")
        if len(rows) > ROWS:
            raise Refused(413, "too many rows")
        return {{"predictions": [answer(*each) for each in list(map(read, rows))]}}

    def reply(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for what was begun
    request_queue_size = 64


def main():
    server = Server(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler)

    def stop(*_):
        stopping.set()
        threading.Timer(0.5, server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
'''
)
(WORK / "Containerfile").write_text(
    """FROM python:3.11-slim
WORKDIR /srv
COPY kestrel kestrel
COPY model model
COPY serve.py .
USER 65534:65534
EXPOSE 8000
CMD ["python", "-B", "serve.py"]
"""
)
(WORK / "tests/test_service.py").write_text(
    """import json
import unittest

import serve


class Rows(unittest.TestCase):
    def test_samples(self):
        for sample in json.load(open("samples.json")):
            told = serve.answer(*serve.read(sample["row"]))
            self.assertAlmostEqual(told["probability"], sample["answer"]["probability"], places=7)
"""
)
(WORK / "DEPLOY.md").write_text(
    """# Deploy

```sh run
docker build -f Containerfile -t heat .
docker run -d -e PORT=${PORT:-8000} -p ${PORT:-8000}:${PORT:-8000} heat
```
"""
)
(WORK / "ci.sh").write_text(
    """#!/bin/bash
set -euo pipefail
python -m unittest discover -s tests -t .
[ "${1:-push}" = push ] || exit 0
image=registry.example/shop/heat:$(git rev-parse HEAD)
docker build -f Containerfile -t "$image" .
echo "$REGISTRY_PASSWORD" | docker login registry.example -u ci --password-stdin
docker push "$image"
"""
)
