# title = "One pass of an assistant: does all that the texts say in words; nothing was run, no data looked through"
# quality = "assistant"
# total = [50, 65]
# failing = ["gate", "rollback", "service"]

# %% cell="work"
import re
from pathlib import Path

WORK = Path("work")
SHEET = (WORK / "docs/REQUIREMENTS.md").read_text("utf-8")
FOUND = {
    "@METRIC@": re.search(r"We measure \*\*(\w+)\*\*", SHEET)[1],
    "@HIGHER@": str("the higher, the better" in SHEET),
    "@SEGMENT@": re.search(r"For loans of\s+\*\*(\w+)\*\*", SHEET)[1],
    "@FLOOR@": re.search(r"never \w+ \*\*([-\d.]+)\*\*", SHEET)[1],
    "@PREFIX@": re.search(r"Ours begin with `(\w+)`", SHEET)[1],
    "@PORT@": re.search(r"\(default (\d+)\)", SHEET)[1],
    "@PORT_NAME@": re.search(r"`(\w+)` \(default", SHEET)[1],
    "@MODEL_NAME@": re.search(r"`(\w+)` names", SHEET)[1],
}
WORKFLOW = """name: CI/CD

on:
  push:
    branches: [main]
  pull_request:
    branches: [main]

permissions:
  contents: read

env:
  REGISTRY: registry.example
  IMAGE_NAME: libraries/late

jobs:
  test:
    name: Test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: '3.11'
          cache: pip
      - name: Install dependencies
        run: pip install -r requirements.txt
      - name: Run unit tests
        run: python -m unittest discover
      - name: Validate model
        run: PYTHONPATH=. python scripts/validate_model.py
      - name: Scan for credentials
        run: |
          if grep -rIE '@PREFIX@[A-Za-z0-9]{24}' app vendor model contract requirements.txt Dockerfile; then
            echo "::error::credential found"
            exit 1
          fi
      - name: Wait until the service is ready
        run: python scripts/wait_ready.py

  build-and-push:
    name: Build and push
    needs: test
    if: github.event_name == 'push' && github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Model hash
        id: model
        run: echo "sha=$(sha256sum model/model.json | cut -d' ' -f1)" >> "$GITHUB_OUTPUT"
      - uses: docker/setup-buildx-action@v3
      - uses: docker/login-action@v3
        with:
          registry: ${{ env.REGISTRY }}
          username: ci
          password: ${{ secrets.REGISTRY_TOKEN }}
      - uses: docker/build-push-action@v6
        with:
          context: .
          push: true
          tags: ${{ env.REGISTRY }}/${{ env.IMAGE_NAME }}:${{ github.sha }}
          labels: |
            org.opencontainers.image.revision=${{ github.sha }}
            com.libraries.model.sha256=${{ steps.model.outputs.sha }}
      - name: Smoke test on staging
        run: smoke ${{ env.REGISTRY }}/${{ env.IMAGE_NAME }}:${{ github.sha }}
      - name: Promote to stable
        run: |
          docker buildx imagetools create -t $REGISTRY/$IMAGE_NAME:stable $REGISTRY/$IMAGE_NAME:${{ github.sha }}
"""
VALIDATE = '''"""Validate the model against the release requirements."""

import csv
import hashlib
import json
import statistics
import sys
from pathlib import Path

from app import metrics
from app.model import Model

METRIC = "@METRIC@"
HIGHER_IS_BETTER = @HIGHER@
SEGMENT, FLOOR = "@SEGMENT@", @FLOOR@


def load_csv(path):
    with open(path) as f:
        return list(csv.DictReader(f))


def evaluate(model, rows):
    return getattr(metrics, METRIC)([int(r["late"]) for r in rows], [model.predict(r) for r in rows])


def main():
    errors = []
    card = json.loads(Path("model/card.json").read_text())
    digest = hashlib.sha256(Path("model/model.json").read_bytes()).hexdigest()
    if digest != card["sha256"]:
        errors.append("model hash does not match its card")
    model = Model("model/model.json")
    contract = json.loads(Path("contract/features.json").read_text())
    if list(model.features) != contract:
        errors.append("feature contract violated")
    rows = load_csv("data/holdout.csv")
    current = evaluate(model, rows)
    deployed = evaluate(Model("deployed/model.json"), rows)
    noise = statistics.stdev(float(r[METRIC]) for r in load_csv("docs/retrains.csv"))
    drop = deployed - current if HIGHER_IS_BETTER else current - deployed
    if drop > 2 * noise:
        errors.append(f"{METRIC} dropped by {drop:.5f}")
    segment = evaluate(model, [r for r in rows if r["branch"] == SEGMENT])
    if (segment < FLOOR) if HIGHER_IS_BETTER else (segment > FLOOR):
        errors.append(f"{SEGMENT}: {segment:.4f}")
    for error in errors:
        print(f"::error::{error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
'''
WAIT = '''"""Start the service and wait until it is ready; fails after 20 seconds."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

PORT = "8999"
process = subprocess.Popen(
    [sys.executable, "-m", "app.serve"], env={**os.environ, "@PORT_NAME@": PORT}
)
try:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("service exited")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2) as response:
                if response.status == 200:
                    sys.exit(0)
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.5)
    sys.exit("service not ready within 20 seconds")
finally:
    process.kill()
'''
SERVE = '''"""Prediction service."""

import json
import os
import threading
import uuid

from flask import Flask, jsonify, request
from waitress import serve

from app.features import BadLoan
from app.model import Model
from app.warm import warm

MODEL_PATH = os.environ.get("@MODEL_NAME@", "model/model.json")
PORT = int(os.environ.get("@PORT_NAME@", "@PORT@"))

app = Flask(__name__)
state = {"model": None, "error": None}


def load_model():
    try:
        model = Model(MODEL_PATH)
        warm(model)
        state["model"] = model
    except Exception as exc:
        state["error"] = str(exc)


def respond(status, payload, **log):
    request_id = request.headers.get("X-Request-ID") or str(uuid.uuid4())
    print(json.dumps({"request_id": request_id, "status": status, **log}), flush=True)
    response = jsonify(payload)
    response.status_code = status
    response.headers["X-Request-ID"] = request_id
    return response


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


@app.get("/readyz")
def readyz():
    ready = state["model"] is not None
    return jsonify(ready=ready), 200 if ready else 503


@app.post("/predict")
def predict():
    model = state["model"]
    if model is None:
        return respond(503, {"error": "model not ready"})
    loan = request.get_json(silent=True)
    if not isinstance(loan, dict) or "loan_id" not in loan:
        return respond(400, {"error": "invalid request body"})
    try:
        late = model.predict(loan)
    except (BadLoan, KeyError, TypeError, ValueError) as exc:
        return respond(400, {"error": str(exc)})
    result = {"loan_id": loan["loan_id"], "late": late, "model": model.version}
    return respond(200, result, **result)


if __name__ == "__main__":
    threading.Thread(target=load_model, daemon=True).start()
    serve(app, host="0.0.0.0", port=PORT)
'''
DOCKERFILE = """# syntax=docker/dockerfile:1
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1

WORKDIR /app

RUN groupadd --system app && useradd --system --gid app app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY app/ app/
COPY contract/ contract/
COPY model/ model/
COPY vendor/ vendor/

USER app
EXPOSE @PORT@

HEALTHCHECK --interval=30s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:@PORT@/healthz')"]

CMD ["python", "-m", "app.serve"]
"""
for name, text in {
    ".github/workflows/ci.yml": WORKFLOW,
    "scripts/validate_model.py": VALIDATE,
    "scripts/wait_ready.py": WAIT,
    "app/serve.py": SERVE,
    "Dockerfile": DOCKERFILE,
    ".dockerignore": ".git\n.env\ntests/\ndata/\ndocs/\n**/__pycache__\n",
}.items():
    for word, value in FOUND.items():
        text = text.replace(word, value)
    path = WORK / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")

# %% [markdown] cell="trade_offs_answer"
# The gate balances **false positives** (good releases blocked) and **false negatives** (bad releases shipped). The threshold of two standard deviations of past retrains keeps noise from blocking good models while catching real regressions. Segment floors protect minority branches, and contract validation prevents schema drift. Secret scanning adds defense in depth. Human review remains possible.

# %% [markdown] cell="readme_answer"
# ## Release process
# 1. Push to `main` triggers CI. 2. Tests, model validation and secret scanning run. 3. The image is built, labelled and pushed. 4. A smoke test runs on staging. 5. `stable` is promoted.
# ## Troubleshooting
# Check the logs of the failing job. Common causes: failing tests, a model regression, a leaked secret.
# ## Rollback
# Re-run the promotion job for the previous commit.
