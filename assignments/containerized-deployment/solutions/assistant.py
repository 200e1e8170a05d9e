# title = "One pass of an assistant over the brief: fluent, complete, and by the documents"
# quality = "assistant"
# total = [50, 72]
# failing = ["contract", "image"]

# %% cell="work"
import re
from pathlib import Path

WORK = Path("work")
contract = (WORK / "docs/CONTRACT.md").read_text()
rows = int(re.search(r"at most (\d+) rows", contract).group(1))
refuse = "answered with 422" in contract
card = "the one in `model/card.json`" in contract

# the library's words tell the order of the numbers and those of the coolants; no sample is compared
(WORK / "app/preprocess.py").write_text(
    '''"""Convert rows to model input."""

COLUMNS = ("age_years", "run_hours", "starts_day", "pressure_bar", "flow_c", "outdoor_c", "medium")


def prepare(row, model):
    """Return a fresh list of numbers; missing values are filled from the model."""
    numbers = []
    for name in model.features:
        value = row.get(name)
        if name == "medium":
            numbers.append(float(model.media.get(value, model.media["other"])))
        elif value is None:
            numbers.append(float(model.fill[name]))
        else:
            numbers.append(float(value))
    return numbers
'''
)
threshold = (
    'json.load(open("model/card.json"))["threshold"]' if card else 'model.released["threshold"]'
)
(WORK / "app/service.py").write_text(
    f'''"""Heat pump failure prediction service."""

import json
import logging
import sys

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

import kestrel

from .preprocess import COLUMNS, prepare

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
logger = logging.getLogger("predictions")

model = kestrel.load("model/model.pkl")
THRESHOLD = {threshold}
MAX_ROWS = {rows}
REFUSE_UNKNOWN = {refuse}


class ValidationError(Exception):
    pass


@app.errorhandler(ValidationError)
def invalid(error):
    return jsonify(error=str(error)), 422


@app.errorhandler(Exception)
def failed(error):
    if isinstance(error, HTTPException):
        return jsonify(error=error.description), error.code
    return jsonify(error="bad request"), 400


def validate(row):
    if not isinstance(row, dict):
        raise ValidationError("row must be an object")
    for name in ("unit", "medium"):
        if not isinstance(row.get(name), str):
            raise ValidationError(f"{{name}} is required")
    if REFUSE_UNKNOWN and row["medium"] not in model.media:
        raise ValidationError("unknown medium")
    for name in COLUMNS[:-1]:
        value = row.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ValidationError(f"{{name}} must be a number")


def predict_row(row):
    probability = model.score(prepare(row, model))
    result = {{
        "unit": row["unit"],
        "probability": probability,
        "flag": probability >= THRESHOLD,
        "model_version": model.version,
    }}
    logger.info(json.dumps({{**result, "features": {{name: row.get(name) for name in COLUMNS}}}}))
    return result


@app.get("/health/live")
def live():
    return jsonify(status="live")


@app.get("/health/ready")
def ready():
    return jsonify(status="ready")


@app.post("/predict")
def predict():
    row = request.get_json(force=True)
    validate(row)
    return jsonify(predict_row(row))


@app.post("/predict/batch")
def predict_batch():
    data = request.get_json(force=True)
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
        raise ValidationError("rows must be a list")
    if len(data["rows"]) > MAX_ROWS:
        return jsonify(error="too many rows"), 413
    for row in data["rows"]:
        validate(row)
    return jsonify(predictions=[predict_row(row) for row in data["rows"]])
'''
)
index = dict(line.split("==") for line in Path("case/index.txt").read_text().split())
(WORK / "requirements.txt").write_text(f"flask=={index['flask']}\ngunicorn=={index['gunicorn']}\n")
(WORK / "Dockerfile").write_text(
    """FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1

WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

RUN useradd --create-home appuser
COPY . .
USER appuser

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s CMD python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/health/ready')"
CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:${PORT:-8000} --workers 4 --threads 2 --worker-tmp-dir /dev/shm --graceful-timeout 10 app.service:app"]
"""
)
(WORK / ".dockerignore").write_text(".git\n.github\n.env\n__pycache__\n*.pyc\ntests\ndocs\n")
(WORK / "tests/test_service.py").write_text(
    """import json
import unittest
from pathlib import Path

from app.service import app


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.client = app.test_client()

    def test_health(self):
        self.assertEqual(self.client.get("/health/ready").status_code, 200)

    def test_predict(self):
        row = json.loads(Path("samples.json").read_text())[0]["row"]
        answer = self.client.post("/predict", json=row)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("probability", answer.get_json())

    def test_invalid(self):
        self.assertEqual(self.client.post("/predict", json={}).status_code, 422)
"""
)
(WORK / "DEPLOY.md").write_text(
    """# Deployment guide

## Build

```sh run
docker build -t heat-service .
```

## Run

```sh run
docker run -d --name heat-service -e PORT=8000 -p ${PORT:-8000}:8000 heat-service
```

## Check

```sh run
sleep 3
curl -f http://localhost:${PORT:-8000}/health/ready
```
"""
)
flow = WORK / ".github/workflows/deploy.yml"
flow.parent.mkdir(parents=True)
flow.write_text(
    """name: CI
on:
  push:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install -r requirements.txt
      - run: python -m unittest discover -s tests -t .
  build:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/login-action@v3
        with:
          registry: registry.example
          username: ci
          password: ${{ secrets.REGISTRY_PASSWORD }}
      - uses: docker/build-push-action@v5
        with:
          context: .
          push: true
          tags: registry.example/shop/heat:${{ github.sha }}
"""
)

# %% [markdown] cell="choices_answer"
# - **Slim base image** keeps the attack surface and the size small.
# - **Non-root user** follows the principle of least privilege.
# - **Gunicorn** with four workers and two threads balances throughput and memory.
# - **Health checks** let the orchestrator detect failures.
# - **Pinned dependencies** make builds reproducible.
#
# With more time: metrics, tracing, autoscaling, image scanning.

# %% [markdown] cell="guide_text_answer"
# The guide follows build, run and check.
