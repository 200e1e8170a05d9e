# title = "One shell script, one gate that is asked for each line of the requirements, gunicorn"
# quality = "strong"
# total = [97, 100]
# failing = []
# ended = "completed"

# %% cell="work"
import json
import re
from pathlib import Path

WORK = Path("work")
text = (WORK / "docs/REQUIREMENTS.md").read_text("utf-8")
metric, segment, floor = (
    re.search(p, text)[1]
    for p in (r"measure \*\*(.+?)\*\*", r"loans of \*\*(.+?)\*\*", r"never \w+ \*\*(.+?)\*\*")
)
port_name, port = re.search(r"`(\w+)` \(default (\d+)\)", text).groups()
model_name = re.search(r"`(\w+)` names", text)[1]
SETTINGS = {
    "metric": metric,
    "lower_is_better": "the lower, the better" in text,
    "segment": segment,
    "floor": float(floor),
    "holdout": re.search(r"(the \w+ holdout)", (WORK / "data/README.md").read_text("utf-8"))[1],
    "credential": re.search(r"Ours begin with `(\w+)`", text)[1],
}

SCRIPT = r"""#!/usr/bin/env bash
# bash ci.sh push|pull_request|tag
set -euo pipefail
image=registry.example/libraries/late

pip install -q -r requirements.txt
python -m unittest -q
python ops/gate.py
docker build -q -t late:new --label commit="$CI_COMMIT_SHA" \
  --label model="$(sha256sum model/model.json | cut -d" " -f1)" .
docker run -d --name new -e PORT_NAME=17555 late:new
python - <<'EOF'
import time, urllib.request
for _ in range(200):
    try:
        urllib.request.urlopen("http://127.0.0.1:17555/readyz", timeout=1)
        break
    except OSError:
        time.sleep(0.1)
else:
    raise SystemExit("not ready")
EOF
docker rm -f new

[ "$1" = push ] && [ "$CI_REF" = refs/heads/main ] || exit 0
docker login -u ci -p "$REGISTRY_TOKEN" registry.example
docker tag late:new "$image:git-${CI_COMMIT_SHA:0:12}"
docker push "$image:git-${CI_COMMIT_SHA:0:12}"
for _ in {1..60}; do
  code=0
  smoke "$image:git-${CI_COMMIT_SHA:0:12}" || code=$?
  [ $code = 75 ] || break
  sleep 1
done
[ $code = 0 ]
docker tag late:new "$image:stable"
docker push "$image:stable"
"""

GATE = '''"""Each line of section 1 that a file can break; ends with the number of those that are."""

import base64, csv, hashlib, json, os, statistics, subprocess, sys, tempfile
from pathlib import Path

sys.path.insert(0, os.getcwd())
from app import metrics, model

ask = json.loads(Path("ops/settings.json").read_text())
loans = list(csv.DictReader(open("data/holdout.csv")))
sign = -1 if ask["lower_is_better"] else 1


def value(path, only=None):
    chosen = [loan for loan in loans if only in (None, loan["branch"])]
    found = model.Model(path)
    chances = [found.predict(loan) for loan in chosen]
    return sign * getattr(metrics, ask["metric"])([int(loan["late"]) for loan in chosen], chances)


def holds(data):
    """Whether a credential is in it, as it is or encoded."""
    key = ask["credential"].encode()
    ways = [
        base64.b64encode(b"-" * n + key)[-(-4 * n // 3) : (n + len(key)) * 4 // 3] for n in range(3)
    ]
    return key in data or any(way in data for way in ways)


def as_before():
    """The deployed model, by the code of the last commit and by this one's: the same answers."""
    ask_it = "import csv; from app.model import Model; m = Model('deployed/model.json'); "
    ask_it += "print([round(m.predict(r), 7) for r in csv.DictReader(open('data/holdout.csv'))])"
    now = subprocess.run([sys.executable, "-c", ask_it], capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as place:
        archive = subprocess.run(["git", "archive", os.environ["CI_BASE_SHA"]], capture_output=True)
        subprocess.run(["tar", "-x", "-C", place], input=archive.stdout, check=True)
        then = subprocess.run(
            [sys.executable, "-c", ask_it], cwd=place, capture_output=True, text=True
        ).stdout
    return bool(now) and now == then


retrains = [
    float(row[ask["metric"]])
    for row in csv.DictReader(open("docs/retrains.csv"))
    if row["measured_on"] == ask["holdout"]
]
noise = statistics.stdev(retrains)
here, card = Path("model/model.json"), json.loads(Path("model/card.json").read_text())
content = json.loads(here.read_text())
copied = [p for d in ("app", "vendor", "model", "contract") for p in Path(d).rglob("*") if p.is_file()]
broken = [
    line
    for line, holds in {
        "as good as deployed": value(here) > value("deployed/model.json") - 2.5 * noise,
        "the branch": value(here, ask["segment"]) >= sign * ask["floor"],
        "the contract": content["features"] == json.loads(Path("contract/features.json").read_text()),
        "the card": hashlib.sha256(here.read_bytes()).hexdigest() == card["sha256"],
        "answers as before": as_before(),
        "no credential": not any(holds(p.read_bytes()) for p in copied),
    }.items()
    if not holds
]
print("broken:", broken)
sys.exit(len(broken))
'''

SERVE = '''"""The service: gunicorn with one worker and threads; the model is loaded beside."""

import json
import os
import threading
import time

from flask import Flask, Response, request

from app.features import BadLoan
from app.model import Model
from app.warm import warm

application = Flask(__name__)
loaded = []


def answer(status, **said):
    reply = Response(json.dumps(said), status, mimetype="application/json")
    if request.path == "/predict":
        line = {"request_id": request.headers.get("X-Request-ID"), "status": status}
        line |= {name: said[name] for name in ("loan_id", "late", "model") if name in said}
        print(json.dumps(line), flush=True)
        reply.headers["X-Request-ID"] = line["request_id"] or ""
    return reply


@application.get("/healthz")
def healthz():
    return answer(200)


@application.get("/readyz")
def readyz():
    return answer(200 if loaded else 503)


@application.post("/predict")
def predict():
    if not loaded:
        return answer(503)
    try:
        loan = json.loads(request.get_data())
        return answer(
            200, loan_id=str(loan["loan_id"]), late=loaded[0].predict(loan), model=loaded[0].version
        )
    except (BadLoan, ValueError, KeyError, TypeError, AttributeError) as error:
        return answer(400, error=type(error).__name__)


def load():
    while not loaded:
        try:
            model = Model(os.environ.get("MODEL_NAME", "model/model.json"))
            warm(model)
            loaded.append(model)
        except (OSError, ValueError, KeyError):
            time.sleep(0.3)


if __name__ == "__main__":
    from gunicorn.app.base import BaseApplication

    class Service(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", "0.0.0.0:" + os.environ.get("PORT_NAME", "PORT_NUMBER"))
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 8)
            self.cfg.set("worker_tmp_dir", "/tmp")
            self.cfg.set("post_fork", lambda server, worker: threading.Thread(target=load, daemon=True).start())

        def load(self):
            return application

    Service().run()
'''

DOCKER = """FROM python:3.11-slim
RUN groupadd -r web && useradd -r -g web web
WORKDIR /web/late
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY contract ./contract
COPY model ./model
COPY vendor ./vendor
COPY app ./app
USER web
CMD python -m app.serve
"""


def put(name, content):
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for word, found in (
        ("PORT_NAME", port_name),
        ("PORT_NUMBER", port),
        ("MODEL_NAME", model_name),
    ):
        content = content.replace(word, found)
    path.write_text(content, "utf-8")


put("ci.sh", SCRIPT)
put("ops/gate.py", GATE)
put("ops/settings.json", json.dumps(SETTINGS, indent=1))
put("app/serve.py", SERVE)
put("Dockerfile", DOCKER)
put("requirements.txt", "flask>=3\ngunicorn>=23\n")
