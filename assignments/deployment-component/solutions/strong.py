# title = "A gate in Python, a workflow of GitHub: measured against the deployed model, by branch, by contract"
# quality = "strong"
# total = [98, 100]
# failing = []
# ended = "completed"

# %% cell="work"
import re
from pathlib import Path

WORK = Path("work")
ASKED = (WORK / "docs/REQUIREMENTS.md").read_text("utf-8")


def asked(pattern):
    """What the requirements of this case say."""
    return re.search(pattern, ASKED)[1]


METRIC = asked(r"We measure \*\*(\w+)\*\*")
HIGHER = "the higher, the better" in ASKED
SEGMENT, FLOOR = asked(r"For loans of\s+\*\*(\w+)\*\*"), asked(r"never \w+ \*\*([-\d.]+)\*\*")
HOLDOUT = re.search(r"`holdout.csv`: (the \w+ holdout)", (WORK / "data/README.md").read_text())[1]
PREFIX = asked(r"Ours begin with `(\w+)`")
PORT, PORT_NAME = asked(r"on port (\d+)"), asked(r"the variable\s+`(\w+)` \(default")
MODEL_NAME = asked(r"the variable\s+`(\w+)` names")

WORKFLOW = r"""
name: release
on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

env:
  IMAGE: registry.example/libraries/late

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install -r requirements.txt
      - run: python -m unittest
      - run: python -m release.gate
      - run: python -m release.ready

  push:
    needs: check
    if: github.event_name == 'push' && github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Build
        run: |
          MODEL=$(sha256sum model/model.json | cut -d' ' -f1)
          docker build -t "$IMAGE:$GITHUB_SHA" --label "org.opencontainers.image.revision=$GITHUB_SHA" \
            --label "late.model.sha256=$MODEL" .
      - name: Push
        env:
          TOKEN: ${{ secrets.REGISTRY_TOKEN }}
        run: |
          printf %s "$TOKEN" | docker login -u ci --password-stdin registry.example
          docker push "$IMAGE:$GITHUB_SHA"
      - name: Staging, then stable
        run: |
          for _ in $(seq 60); do # 75: another team has staging for some seconds
            code=0
            smoke "$IMAGE:$GITHUB_SHA" || code=$?
            [ $code = 75 ] || break
            sleep 1
          done
          [ $code = 0 ]
          docker tag "$IMAGE:$GITHUB_SHA" "$IMAGE:stable"
          docker push "$IMAGE:stable"
""".lstrip()

GATE = '''"""May this commit's model and files be released? Ends with 1 and says why not."""

import base64
import csv
import hashlib
import json
import re
import sys
from pathlib import Path
from statistics import stdev

from app import metrics
from app.model import Model

METRIC, SIGN = "@METRIC@", @SIGN@
SEGMENT, FLOOR = "@SEGMENT@", @FLOOR@
HOLDOUT = "@HOLDOUT@"
CREDENTIAL = re.compile(rb"@PREFIX@[A-Za-z0-9]{8,}")
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
SEARCHED = ("app", "vendor", "model", "contract", "requirements.txt", "Dockerfile", "release")
NOISES = 2.0


def rows():
    with open("data/holdout.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def holds_credential(data):
    """As it is, or in base64 at whichever of its four places it begins."""
    if CREDENTIAL.search(data):
        return True
    for found in ENCODED.findall(data):
        word = found.translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            part = word[start:]
            if CREDENTIAL.search(base64.b64decode(part[: len(part) // 4 * 4])):
                return True
    return False


def measured(model, loans):
    """SIGN times the measure: the higher, the better."""
    late = [int(each["late"]) for each in loans]
    return SIGN * getattr(metrics, METRIC)(late, [model.predict(each) for each in loans])


def problems():
    path = Path("model/model.json")
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    if hashlib.sha256(path.read_bytes()).hexdigest() != card["sha256"]:
        yield "model/model.json is not the file of its card"
    contract = json.loads(Path("contract/features.json").read_text("utf-8"))
    if json.loads(path.read_text("utf-8"))["features"] != contract:
        yield "the model's features are not those of the contract, in its order"
    loans = rows()
    new, deployed = Model(path), Model("deployed/model.json")
    with open("docs/retrains.csv", encoding="utf-8") as file:
        noise = stdev(
            float(each[METRIC]) for each in csv.DictReader(file) if each["measured_on"] == HOLDOUT
        )
    fallen = measured(deployed, loans) - measured(new, loans)
    if fallen > NOISES * noise:
        yield f"{METRIC} is worse than the deployed model's by {fallen:.5f}, noise {noise:.5f}"
    with open("deployed/answers.csv", encoding="utf-8") as file:
        answered = [float(each["late"]) for each in csv.DictReader(file)]
    now = [deployed.predict(each) for each in loans[: len(answered)]]
    if max(abs(a - b) for a, b in zip(answered, now, strict=True)) > 1e-5:
        yield "the deployed model would not answer as it does in the branches: features changed"
    there = [each for each in loans if each["branch"] == SEGMENT]
    if measured(new, there) < SIGN * FLOOR:
        yield f"{METRIC} at {SEGMENT} is beyond {FLOOR}"
    for top in SEARCHED:
        place = Path(top)
        for each in [place, *place.rglob("*")] if place.exists() else []:
            if each.is_file() and holds_credential(each.read_bytes()):
                yield f"{each} holds a credential"


found = list(problems())
for each in found:
    print("not released:", each, file=sys.stderr)
sys.exit(bool(found))
'''

READY = '''"""Does the service start and get ready? Ends with 1 where it does not within the time."""

import os
import subprocess
import sys
import time
import urllib.request

SECONDS = 20
PORT = 18431


def status(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=2) as reply:
            return reply.status
    except OSError:
        return 0


env = {**os.environ, "@PORT_NAME@": str(PORT)}
service = subprocess.Popen([sys.executable, "-m", "app.serve"], env=env)
try:
    until = time.monotonic() + SECONDS
    while status("/readyz") != 200:
        if time.monotonic() > until or service.poll() is not None:
            sys.exit("the service did not get ready")
        time.sleep(0.1)
finally:
    service.kill()
'''

SERVE = '''"""The service: alive at once, ready when its model is loaded and warm, a line for each request."""

import json
import os
import sys
import threading
import time
import uuid

from flask import Flask, g, jsonify, request
from waitress import serve
from werkzeug.exceptions import HTTPException

from app.features import BadLoan
from app.model import Model
from app.warm import warm

PORT = int(os.environ.get("@PORT_NAME@", "@PORT@"))
MODEL = os.environ.get("@MODEL_NAME@", "model/model.json")
app = Flask(__name__)
ready = {}
writing = threading.Lock()


def load():
    """Load and warm the model as soon as there is one; until then alive, and not ready."""
    said = ""
    while "model" not in ready:
        try:
            model = Model(MODEL)
            warm(model)
            ready["model"] = model
        except Exception as error:
            if repr(error) != said:
                said = repr(error)
                print(f"no model: {said}", file=sys.stderr, flush=True)
            time.sleep(0.2)


@app.get("/healthz")
def healthz():
    return jsonify(alive=True)


@app.get("/readyz")
def readyz():
    return jsonify(ready="model" in ready), 200 if "model" in ready else 503


@app.post("/predict")
def predict():
    model = ready.get("model")
    if model is None:
        return jsonify(error="not ready"), 503
    loan = request.get_json(force=True, silent=True)
    if not isinstance(loan, dict) or not isinstance(loan.get("loan_id"), str):
        return jsonify(error="a loan is an object with a loan_id"), 400
    try:
        late = model.predict(loan)
    except BadLoan as error:
        return jsonify(error=str(error)), 422
    g.said = {"loan_id": loan["loan_id"], "late": late, "model": model.version}
    return jsonify(g.said)


@app.errorhandler(Exception)
def failed(error):
    return jsonify(error="error"), error.code if isinstance(error, HTTPException) else 500


@app.after_request
def log(reply):
    """One line of JSON, of what is listed here and nothing else of the request."""
    if request.path == "/predict":
        name = request.headers.get("X-Request-ID") or uuid.uuid4().hex
        reply.headers["X-Request-ID"] = name
        line = json.dumps({"request_id": name, "status": reply.status_code, **g.get("said", {})})
        with writing:
            print(line, flush=True)
    return reply


if __name__ == "__main__":
    threading.Thread(target=load, daemon=True).start()
    serve(app, host="0.0.0.0", port=PORT, threads=8)
'''

DOCKERFILE = """\
FROM python:3.11-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/late
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt && useradd --system --no-create-home late
COPY contract contract
COPY vendor vendor
COPY model model
COPY app app
USER late
EXPOSE @PORT@
CMD ["python", "-m", "app.serve"]
"""
VALUES = {
    "@METRIC@": METRIC,
    "@SIGN@": "1" if HIGHER else "-1",
    "@SEGMENT@": SEGMENT,
    "@FLOOR@": FLOOR,
    "@PREFIX@": PREFIX,
    "@HOLDOUT@": HOLDOUT,
    "@PORT_NAME@": PORT_NAME,
    "@PORT@": PORT,
    "@MODEL_NAME@": MODEL_NAME,
}


def write(name, text):
    for word, value in VALUES.items():
        text = text.replace(word, value)
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


write(".github/workflows/release.yml", WORKFLOW)
write("release/__init__.py", '"""What decides whether a commit is released."""\n')
write("release/gate.py", GATE)
write("release/ready.py", READY)
write("app/serve.py", SERVE)
write("Dockerfile", DOCKERFILE)
write(".dockerignore", "*\n!requirements.txt\n!contract\n!vendor\n!model\n!app\n**/__pycache__\n")

# %% [markdown] cell="trade_offs_answer"
# The line is two spreads of the twelve retrains. A model that is as good as the deployed one is a retrain: about one in forty is stopped by chance, and waits for the next retrain. One that is worse by two spreads passes half of the time, by three one time in six; then the branches work with it until the next retrain. I did not take the deployed card's number: it may be of another holdout, so both models are measured here.
#
# The branch is one of the small ones: its floor is asked as it is written, so a good model is stopped when the branch has a bad month. That is left to people: the run says how far off it was. What only real requests show (a shifted feature of the right form) passes; staging asks once, and somebody looks on Monday.

# %% [markdown] cell="readme_answer"
# **Called at night? Go back first:** `docker pull registry.example/libraries/late:SHA-BEFORE && docker tag … late:stable && docker push registry.example/libraries/late:stable`. The commit before stands in the last green run of *release*; a running image says its own: label `org.opencontainers.image.revision`. Nothing is built anew for it.
#
# **Released** is what is pushed to main and passes `python -m unittest`, `python -m release.gate`, `python -m release.ready`, then staging. `stable` moves last.
# **Stopped** is: a test; a model worse than the deployed one by two spreads; the branch beyond its floor; a model that is not its card's; features not in the contract's order; a credential in a file; a service that is not ready in 20 s. The run's last line says which: `not released: …`.
# **Open:** nobody moves the base image but us; `smoke` down stops everything, and the team's lead decides.
