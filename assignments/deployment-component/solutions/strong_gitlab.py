# title = "GitLab, the gate as tests of the release, a service of the standard library, the container tried before the push"
# quality = "strong"
# total = [97, 100]
# failing = []
# ended = "completed"

# %% cell="work"
import re
from pathlib import Path

WORK = Path("work")
SHEET = " ".join((WORK / "docs/REQUIREMENTS.md").read_text("utf-8").split())
FIND = {
    "METRIC": r"We measure \*\*(\w+)\*\*",
    "BRANCH": r"For loans of \*\*(\w+)\*\*",
    "FLOOR": r"never \w+ \*\*([-\d.]+)\*\*",
    "KEY": r"Ours begin with `(\w+)`",
    "PORTVAR": r"of the variable `(\w+)`",
    "FILEVAR": r"file that the variable `(\w+)` names",
    "PORTNO": r"on port (\d+)",
}
FOUND = {name: re.search(pattern, SHEET)[1] for name, pattern in FIND.items()}
FOUND["HOLDOUT"] = re.search(r"(the \w+ holdout)", (WORK / "data/README.md").read_text("utf-8"))[1]
FOUND["BIGGER"] = str("the higher, the better" in SHEET)

PIPELINE = r"""
stages: [verify, publish]

variables:
  IMAGE: registry.example/libraries/late

verify:
  stage: verify
  image: python:3.11-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == "main"
  script:
    - pip install -r requirements.txt
    - python -m unittest
    - python -m unittest discover -s acceptance -t .
    - docker build -t candidate .
    - docker run -d --name candidate -p 19377:%(PORTNO)s candidate
    - python acceptance/wait.py http://127.0.0.1:19377/readyz 20

publish:
  stage: publish
  image: docker:27
  needs: [verify]
  rules:
    - if: $CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push"
  script:
    - echo "$REGISTRY_TOKEN" | docker login -u ci --password-stdin registry.example
    - export REF="$IMAGE:$CI_COMMIT_SHORT_SHA"
    - export MODEL="$(sha256sum < model/model.json | cut -c1-64)"
    - docker build --label commit="$CI_COMMIT_SHA" --label model="$MODEL" -t "$REF" .
    - docker push "$REF"
    - python acceptance/staging.py "$REF"
    - docker tag "$REF" "$IMAGE:stable"
    - docker push "$IMAGE:stable"
"""

STAGING = '''"""Ask staging about an image until it has an answer: 75 means that it is in use."""

import subprocess
import sys
import time

for _ in range(90):
    code = subprocess.run(["smoke", sys.argv[1]]).returncode
    if code != 75:
        sys.exit(code)
    time.sleep(0.7)
sys.exit("staging was in use all the time")
'''

ACCEPTANCE = '''import csv
import hashlib
import json
import unittest
from base64 import b64decode
from binascii import Error
from pathlib import Path
from re import findall

from app import metrics
from app.model import Model

NAME, BIGGER = "%(METRIC)s", %(BIGGER)s
BRANCH, LINE = "%(BRANCH)s", %(FLOOR)s
KEY = "%(KEY)s"


def table(name):
    return list(csv.DictReader(Path(name).open(encoding="utf-8")))


def score(model, loans):
    outcomes = [int(loan["late"]) for loan in loans]
    return getattr(metrics, NAME)(outcomes, list(map(model.predict, loans)))


def decoded(word):
    try:
        return b64decode(word + "=" * (-len(word) % 4), validate=True).decode("latin-1")
    except Error:
        return ""


class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.loans = table("data/holdout.csv")
        cls.new, cls.old = Model("model/model.json"), Model("deployed/model.json")

    def test_as_good_as_what_runs(self):
        """Retrains differ by their range: half of it is what chance does."""
        retrains = [
            float(each[NAME])
            for each in table("docs/retrains.csv")
            if each["measured_on"] == "%(HOLDOUT)s"
        ]
        slack = (max(retrains) - min(retrains)) / 2
        new, old = score(self.new, self.loans), score(self.old, self.loans)
        self.assertTrue(new >= old - slack if BIGGER else new <= old + slack, (new, old, slack))

    def test_the_code_answers_as_the_branches_do(self):
        """What both models share is seen by neither's measure."""
        said = table("deployed/answers.csv")
        for loan, row in zip(self.loans, said):
            self.assertAlmostEqual(self.old.predict(loan), float(row["late"]), places=4)

    def test_the_branch_under_contract(self):
        there = score(self.new, [each for each in self.loans if each["branch"] == BRANCH])
        self.assertTrue(there >= LINE if BIGGER else there <= LINE, there)

    def test_features_are_the_contract(self):
        contract = json.loads(Path("contract/features.json").read_text("utf-8"))
        self.assertEqual(self.new.features, contract)

    def test_the_file_is_the_one_of_the_card(self):
        card = json.loads(Path("model/card.json").read_text("utf-8"))
        digest = hashlib.sha256(Path("model/model.json").read_bytes()).hexdigest()
        self.assertEqual(digest, card["sha256"])

    def test_no_key_in_what_is_copied(self):
        for top in ("app", "vendor", "model", "contract"):
            for path in Path(top).rglob("*"):
                if path.is_file():
                    text = path.read_text("utf-8", "replace")
                    for said in (text, *map(decoded, findall(r"[A-Za-z0-9+/]{20,}", text))):
                        self.assertNotIn(KEY, said, str(path))
'''

WAIT = '''"""Wait until an address answers with 200: python wait.py URL SECONDS"""

import sys
import time
from urllib.request import urlopen

url, seconds = sys.argv[1], float(sys.argv[2])
until = time.monotonic() + seconds
while time.monotonic() < until:
    try:
        if urlopen(url, timeout=1).status == 200:
            sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(f"{url} did not answer within {seconds:g} s")
'''

SERVER = '''"""The service, of the standard library alone."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep

from app.features import BadLoan
from app.model import Model
from app.warm import warm

STATE = {"model": None}
LOG = Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, {"live": True})
        elif self.path == "/readyz":
            self.answer(200 if STATE["model"] else 503, {"ready": bool(STATE["model"])})
        else:
            self.answer(404, {"error": "no such page"})

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/predict":
            return self.answer(404, {"error": "no such page"})
        status, said = predicted(data)
        name = self.headers.get("X-Request-ID", "")
        logged = {k: v for k, v in said.items() if k in ("loan_id", "late", "model")}
        with LOG:
            print(json.dumps({"request_id": name, "status": status, **logged}), flush=True)
        self.answer(status, said, {"X-Request-ID": name})

    def answer(self, status, said, headers=()):
        body = json.dumps(said).encode()
        self.send_response(status)
        for key, value in {**dict(headers), "Content-Type": "application/json"}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Requests have their line already."""


def predicted(data):
    model = STATE["model"]
    if model is None:
        return 503, {"error": "no model yet"}
    try:
        loan = json.loads(data)
        if not isinstance(loan, dict) or not loan.get("loan_id"):
            raise BadLoan("a loan_id is needed")
        return 200, {"loan_id": loan["loan_id"], "late": model.predict(loan), "model": model.version}
    except BadLoan as error:
        return 422, {"error": str(error)}
    except ValueError:
        return 400, {"error": "no JSON"}


def prepare():
    path = os.environ.get("%(FILEVAR)s") or "model/model.json"
    while STATE["model"] is None:
        try:
            model = Model(path)
            warm(model)
            STATE["model"] = model
        except Exception as error:
            print("model:", error, file=sys.stderr, flush=True)
            sleep(0.5)


if __name__ == "__main__":
    Thread(target=prepare, daemon=True).start()
    port = int(os.environ.get("%(PORTVAR)s") or %(PORTNO)s)
    ThreadingHTTPServer(("", port), Handler).serve_forever()
'''

CONTAINER = """\
FROM python:3.11-slim AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv && /opt/venv/bin/pip install -r /tmp/requirements.txt

FROM python:3.11-slim
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
WORKDIR /late
COPY contract/ contract/
COPY model/ model/
COPY vendor/ vendor/
COPY app/ app/
USER 65534:65534
EXPOSE %(PORTNO)s
ENTRYPOINT ["python", "-m", "app.serve"]
"""

FILES = {
    ".gitlab-ci.yml": PIPELINE.lstrip(),
    "acceptance/__init__.py": "",
    "acceptance/test_release.py": ACCEPTANCE,
    "acceptance/wait.py": WAIT,
    "acceptance/staging.py": STAGING,
    "app/serve.py": SERVER,
    "Dockerfile": CONTAINER,
}
for name, text in FILES.items():
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for word, value in FOUND.items():
        text = text.replace(f"%({word})s", value)
    path.write_text(text, "utf-8")
