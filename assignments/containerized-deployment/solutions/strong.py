# title = "Flask under gunicorn: a pure helper, everything pinned, the model loaded before the fork"
# quality = "strong"
# total = [99, 100]

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
refuse = "answered with 422" in contract
card = "the one in `model/card.json`" in contract
index = Path("case/index.txt").read_text().splitlines()

(WORK / "app/preprocess.py").write_text(
    '''"""Rows as they come -> numbers as the model takes them. Nothing is kept between rows."""


class NoRow(ValueError):
    """What came is no row; says why."""


def values(row, model):
    """The seven values of a row by name, as they came.

    Raises:
        NoRow: it is none.
    """
    if not isinstance(row, dict) or not isinstance(row.get("unit"), str):
        raise NoRow("a row is an object with a unit")
    if not isinstance(row.get("medium"), str):
        raise NoRow("medium should be a text")
    found = {name: row.get(name) for name in model.features}
    for name, value in found.items():
        if name != "medium" and value is not None and type(value) not in (int, float):
            raise NoRow(f"{name} should be a number")
    if REFUSE and found["medium"] not in model.media:
        raise NoRow("medium is not known")
    return found


def numbers(found, model):
    """What the model takes, in its own order."""
    made = []
    for name in model.features:
        value = found[name]
        if name == "medium":
            made.append(float(model.media.get(value, model.media["other"])))
        elif value is None:
            made.append(float(model.fill[name]))
        else:
            made.append(float(value) * TIMES + PLUS if name == UNIT else float(value))
    return made


'''
    + f"REFUSE = {refuse}\n"
    + f"UNIT, TIMES, PLUS = {UNIT}  # the model learned from this one in another unit\n"
)
threshold = (
    'json.loads(Path("model/card.json").read_text())["threshold"]'
    if card
    else 'MODEL.released["threshold"]'
)
(WORK / "app/service.py").write_text(
    f'''"""The service of docs/CONTRACT.md."""

import json
import sys
from pathlib import Path

from flask import Flask, jsonify, request

import kestrel

from .preprocess import NoRow, numbers, values

MODEL = kestrel.load("model/model.pkl")
THRESHOLD = {threshold}
MOST_ROWS = {rows}

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000


@app.get("/health/live")
@app.get("/health/ready")
def health():
    return jsonify(status="ok")


@app.errorhandler(NoRow)
def no_row(error):
    return jsonify(error=str(error)), 422


@app.post("/predict")
def predict():
    row = body()
    return jsonify(answer(row, values(row, MODEL)))


@app.post("/predict/batch")
def batch():
    given = body()
    rows = given.get("rows") if isinstance(given, dict) else None
    if not isinstance(rows, list):
        raise NoRow("rows should be a list")
    if len(rows) > MOST_ROWS:
        return jsonify(error=f"at most {{MOST_ROWS}} rows"), 413
    found = [values(row, MODEL) for row in rows]
    return jsonify(predictions=[answer(row, each) for row, each in zip(rows, found)])


def body():
    data = request.get_data()
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise NoRow("the body should be JSON") from None


def answer(row, found):
    probability = MODEL.score(numbers(found, MODEL))
    made = {{
        "unit": row["unit"],
        "probability": probability,
        "flag": probability >= THRESHOLD,
        "model_version": MODEL.version,
    }}
    sys.stdout.write(json.dumps({{**made, "features": found}}) + "\\n")  # one write: lines stay whole
    sys.stdout.flush()
    return made
'''
)
names = {
    "flask",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "itsdangerous",
    "click",
    "blinker",
    "gunicorn",
    "packaging",
}
(WORK / "requirements.txt").write_text(
    "# everything that is installed, so that a build in a year installs the same\n"
    + "\n".join(line for line in index if line.partition("==")[0] in names)
    + "\n"
)
(WORK / "Dockerfile").write_text(
    """FROM python:3.11-slim
WORKDIR /srv
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp PORT=8000
RUN useradd --system --uid 10001 heat
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY kestrel ./kestrel
COPY model ./model
COPY app ./app
USER 10001
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\\"PORT\\"]}/health/ready')"]
CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:$PORT --workers 2 --preload --worker-class gthread --threads 4 --graceful-timeout 9 --worker-tmp-dir /tmp app.service:app"]
"""
)
(WORK / ".dockerignore").write_text(".env\n.git\ntests\ndocs\n*.md\n")
(WORK / "tests/test_service.py").write_text(
    """import json
import unittest
from pathlib import Path

from app.service import app


class Samples(unittest.TestCase):
    def test_samples_are_answered_as_they_say(self):
        client = app.test_client()
        for sample in json.loads(Path("samples.json").read_text()):
            told = client.post("/predict", json=sample["row"]).get_json()
            self.assertAlmostEqual(told["probability"], sample["answer"]["probability"], 6)
            self.assertEqual(told["flag"], sample["answer"]["flag"])

    def test_what_is_no_row_is_refused(self):
        self.assertEqual(app.test_client().post("/predict", data=b"[").status_code, 422)


if __name__ == "__main__":
    unittest.main()
"""
)
(WORK / "DEPLOY.md").write_text(
    """# Deploying the service

Needs docker or podman. The port is `PORT`, 8000 without it.

```sh run
docker build -t heat .
docker run -d --name heat --read-only --tmpfs /tmp -e PORT="${PORT:-8000}" -p "${PORT:-8000}:${PORT:-8000}" heat
```

Ask it: `curl localhost:8000/health/ready`. `docker stop heat` lets it finish what it answers.
"""
)
flow = WORK / ".github/workflows/deploy.yml"
flow.parent.mkdir(parents=True)
flow.write_text(
    """name: deploy
on:
  push:
    branches: [main]
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pip install -r requirements.txt
      - run: python -m unittest discover -s tests -t .
      - run: docker build -t registry.example/shop/heat:${{ github.sha }} .
      - run: echo "$PASSWORD" | docker login registry.example -u ci --password-stdin
        env:
          PASSWORD: ${{ secrets.REGISTRY_PASSWORD }}
      - run: docker push registry.example/shop/heat:${{ github.sha }}
"""
)

# %% [markdown] cell="choices_answer"
# **Two workers with four threads, model loaded before the fork.** Each process that loads the model takes some 40 MB of the memory that the contract allows; loaded before the fork, two workers share it, and a third would be no use on two cores. Threads are enough, as a batch waits for the model and not for itself; a batch of the largest size takes about as long as the stop allows, so 9 of the 10 seconds are given to it.
# **Everything pinned, from the index of this firm,** because a rebuild in a year may change what `flask` brings along, and nothing of the answers should follow. Weighed against: ranges, which take fixes by themselves; I would rather have them by a weekly build that runs the samples.
# **Left open, in this order:** the way back (the tag of the commit before is there, nobody moves it), a scan of the image every night, signing. With another day: a test under a crowd, since that is what broke the skeleton.

# %% [markdown] cell="code_answer"
# Reading, numbers and answering are three functions; what is no row is one error. `values` keeps what came, because records have to hold it.

# %% [markdown] cell="guide_text_answer"
# The version before: `docker run … heat:COMMIT-BEFORE` with the same line; records are the container's output, `docker logs heat`. First to fail is memory: fewer workers, not fewer threads.
