# title = "Right answers in a tidy image; stopping, a rebuild in a year and the batch's records left open"
# quality = "adequate"
# total = [50, 78]
# failing = ["lifecycle", "image"]

# %% cell="work"
import json
import re
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
card = "the one in `model/card.json`" in contract
(WORK / "app/preprocess.py").unlink()
threshold = (
    'json.load(open("model/card.json"))["threshold"]' if card else 'MODEL.released["threshold"]'
)
(WORK / "app/service.py").write_text(
    f"""import json

from flask import Flask, jsonify, request

import kestrel

app = Flask(__name__)
MODEL = kestrel.load("model/model.pkl")
THRESHOLD = {threshold}


def predict_one(row):
    numbers = []
    for name in MODEL.features:
        value = row.get(name)
        if name == "medium":
            numbers.append(float(MODEL.media.get(value, MODEL.media["other"])))
        elif name == "{UNIT[0]}" and value is not None:
            numbers.append(float(value) * {UNIT[1]} + {UNIT[2]})
        else:
            numbers.append(float(MODEL.fill[name] if value is None else value))
    probability = MODEL.score(numbers)
    return {{
        "unit": row["unit"],
        "probability": probability,
        "flag": probability >= THRESHOLD,
        "model_version": MODEL.version,
    }}


@app.errorhandler(TypeError)
@app.errorhandler(ValueError)
@app.errorhandler(KeyError)
@app.errorhandler(AttributeError)
def bad(error):
    return jsonify(error="bad row"), 422


@app.get("/health/live")
@app.get("/health/ready")
def health():
    return jsonify(status="ok")


@app.post("/predict")
def predict():
    row = request.get_json(force=True)
    answer = predict_one(row)
    print(json.dumps({{**answer, "features": {{n: row.get(n) for n in MODEL.features}}}}), flush=True)
    return jsonify(answer)


@app.post("/predict/batch")
def batch():
    rows = request.get_json(force=True)["rows"]
    if len(rows) > {rows}:
        return jsonify(error="too many"), 413
    return jsonify(predictions=[predict_one(row) for row in rows])


if __name__ == "__main__":
    import os

    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
"""
)
(WORK / "Dockerfile").write_text(
    """FROM python:3.11-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY kestrel kestrel
COPY model model
COPY app app
USER nobody
CMD ["python", "-m", "app.service"]
"""
)
(WORK / "tests/test_service.py").write_text(
    """import unittest

from app.service import app


class Health(unittest.TestCase):
    def test_ready(self):
        self.assertEqual(app.test_client().get("/health/ready").status_code, 200)
"""
)
(WORK / "DEPLOY.md").write_text(
    "```sh run\ndocker build -t heat .\ndocker run -d -p 8000:8000 heat\n```\n"
)
(WORK / "ci.sh").write_text(
    """set -e
python -m unittest discover -s tests -t .
docker build -t registry.example/shop/heat:$(git rev-parse HEAD) .
echo "$REGISTRY_PASSWORD" | docker login registry.example -u ci --password-stdin
docker push registry.example/shop/heat:$(git rev-parse HEAD)
"""
)

# %% [markdown] cell="choices_answer"
# A slim image with a user that is not root, pinned packages where they were pinned, and one service file. Health checks for the platform. With another day I would use a real server instead of Flask's.
