# title = "Most lines have a step, and it was run: no credential, nothing on features, one try at staging, all of the folder in the image"
# quality = "adequate"
# total = [52, 75]
# mean = [55, 72]
# failing = ["gate", "provenance", "rollback", "service", "image"]

# %% cell="work"
import re
from pathlib import Path

WORK = Path("work")
SHEET = (WORK / "docs/REQUIREMENTS.md").read_text("utf-8")
METRIC = re.search(r"We measure \*\*(\w+)\*\*", SHEET)[1]
SIGN = "1" if "the higher, the better" in SHEET else "-1"
BRANCH = re.search(r"For loans of\s+\*\*(\w+)\*\*", SHEET)[1]
FLOOR = re.search(r"never \w+ \*\*([-\d.]+)\*\*", SHEET)[1]
PORT_NAME, PORT = re.search(r"`(\w+)` \(default (\d+)\)", SHEET).groups()
MODEL_NAME = re.search(r"`(\w+)` names", SHEET)[1]
WORKFLOW = """name: release
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
      - run: pip install -r requirements.txt
      - run: python -m unittest
      - run: python validate.py
      - run: docker build -t late .
      - run: |
          docker run -d --name late -p 8080:@PORT@ late
          for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
            python -c "import urllib.request as r; r.urlopen('http://localhost:8080/readyz', timeout=2)" && exit 0
            sleep 1
          done
          exit 1
  push:
    needs: test
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/login-action@v3
        with:
          registry: registry.example
          username: ci
          password: ${{ secrets.REGISTRY_TOKEN }}
      - uses: docker/build-push-action@v6
        with:
          context: .
          push: true
          tags: registry.example/libraries/late:${{ github.sha }}
          labels: org.opencontainers.image.revision=${{ github.sha }}
      - run: smoke registry.example/libraries/late:${{ github.sha }}
      - run: |
          docker tag registry.example/libraries/late:$GITHUB_SHA registry.example/libraries/late:stable
          docker push registry.example/libraries/late:stable
"""
VALIDATE = """import csv
import hashlib
import json
import sys

from app import metrics
from app.model import Model

rows = list(csv.DictReader(open("data/holdout.csv")))


def measure(path, rows):
    model = Model(path)
    late, chances = [int(r["late"]) for r in rows], [model.predict(r) for r in rows]
    return @SIGN@ * metrics.@METRIC@(late, chances)


retrains = [
    float(r["@METRIC@"])
    for r in csv.DictReader(open("docs/retrains.csv"))
    if "autumn" in r["measured_on"]
]
new, old = measure("model/model.json", rows), measure("deployed/model.json", rows)
print(new, old)
if new < old - (max(retrains) - min(retrains)):
    sys.exit("the model is worse than the deployed one")
if measure("model/model.json", [r for r in rows if r["branch"] == "@BRANCH@"]) < @SIGN@ * @FLOOR@:
    sys.exit("the branch is below its line")
if json.load(open("model/model.json"))["features"] != json.load(open("contract/features.json")):
    sys.exit("the features are not the contract's")
digest = hashlib.sha256(open("model/model.json", "rb").read()).hexdigest()
if digest != json.load(open("model/card.json"))["sha256"]:
    sys.exit("the model is not its card's")
"""
SERVE = """import json
import logging
import os
import threading

from flask import Flask, jsonify, request

from app.model import Model
from app.warm import warm

app = Flask(__name__)
model = None


def load():
    global model
    loaded = Model(os.environ.get("@MODEL_NAME@", "model/model.json"))
    warm(loaded)
    model = loaded


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


@app.get("/readyz")
def readyz():
    return (jsonify(ready=True), 200) if model else (jsonify(ready=False), 503)


@app.post("/predict")
def predict():
    if model is None:
        return jsonify(error="not ready"), 503
    loan = request.get_json(force=True, silent=True)
    if not loan or "loan_id" not in loan:
        return jsonify(error="no loan"), 400
    try:
        late = model.predict(loan)
    except Exception as error:
        return jsonify(error=str(error)), 400
    print(json.dumps({"loan_id": loan["loan_id"], "late": late}), flush=True)
    return jsonify(loan_id=loan["loan_id"], late=late, model=model.version)


if __name__ == "__main__":
    logging.getLogger("werkzeug").disabled = True
    threading.Thread(target=load, daemon=True).start()
    app.run(host="0.0.0.0", port=int(os.environ.get("@PORT_NAME@", "@PORT@")))
"""
DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN useradd app
USER app
CMD ["python", "-m", "app.serve"]
"""
for name, text in {
    ".github/workflows/release.yml": WORKFLOW,
    "validate.py": VALIDATE,
    "app/serve.py": SERVE,
    "Dockerfile": DOCKERFILE,
}.items():
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for word, value in {
        "@METRIC@": METRIC, "@SIGN@": SIGN, "@BRANCH@": BRANCH, "@FLOOR@": FLOOR, "@PORT@": PORT, "@PORT_NAME@": PORT_NAME,
        "@MODEL_NAME@": MODEL_NAME,
    }.items():  # fmt: skip
        text = text.replace(word, value)
    path.write_text(text, "utf-8")

# %% [markdown] cell="trade_offs_answer"
# A model may be 3 % worse (skill) or 1 % (loss), then it is stopped. A good retrain could be stopped by bad luck. It would be better with the spread of earlier ones.

# %% [markdown] cell="readme_answer"
# Build: `docker build -t late .`, run: `docker run -p 8080:8080 late`. The workflow tests, validates and pushes on every push.
