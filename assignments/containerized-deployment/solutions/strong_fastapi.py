# title = "FastAPI under uvicorn in two stages, a constraints file, GitLab CI"
# quality = "strong"
# total = [97, 100]

# %% cell="work"
import json
import re
import shutil
import statistics
import sys
from pathlib import Path

WORK = Path("work")
contract = (WORK / "docs/CONTRACT.md").read_text()
rows = int(re.search(r"at most (\d+) rows", contract).group(1))
refuse = "answered with 422" in contract
card = "the one in `model/card.json`" in contract

# where each number lay when the model was trained, against where it lies in the samples
sys.path.insert(0, str(WORK))
import kestrel

trained = kestrel.load(WORK / "model/model.pkl").scale
sent = [each["row"] for each in json.loads((WORK / "samples.json").read_text())]
away = {}
for name in trained.keys() - {"medium"}:
    usual = statistics.median(row[name] for row in sent if row.get(name) is not None)
    away[name] = abs(usual - trained[name][0]) / trained[name][1]
unit = max(away, key=away.get)
ratio = trained[unit][0] / statistics.median(row[unit] for row in sent if row.get(unit) is not None)
if unit.endswith("_c"):
    taken = "value * 1.8 + 32"
else:
    times = min(
        (12, 60, 100, 24, 1 / 12, 1 / 24, 0.1, 14.5), key=lambda each: abs(each / ratio - 1)
    )
    taken = f"value * {times}"

for gone in ("app/preprocess.py", "app/service.py", "requirements.txt"):
    (WORK / gone).unlink()
(WORK / "app/rows.py").write_text(
    f'''"""One row: read, made into numbers, answered and written down."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import kestrel

MODEL = kestrel.load(Path(__file__).parents[1] / "model" / "model.pkl")
CARD = json.loads((Path(__file__).parents[1] / "model" / "card.json").read_text())
THRESHOLD = {'CARD["threshold"]' if card else 'MODEL.released["threshold"]'}
REFUSE_UNKNOWN = {refuse}


class Unfit(ValueError):
    pass


@dataclass(frozen=True)
class Row:
    unit: str
    features: dict

    @classmethod
    def read(cls, given):
        if not isinstance(given, dict):
            raise Unfit("no object")
        unit, medium = given.get("unit"), given.get("medium")
        if not isinstance(unit, str) or not isinstance(medium, str):
            raise Unfit("unit and medium are texts")
        if REFUSE_UNKNOWN and medium not in MODEL.media:
            raise Unfit("unknown medium")
        features = dict.fromkeys(MODEL.features)
        for name in features:
            value = given.get(name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if name != "medium" and value is not None and not number:
                raise Unfit(name)
            features[name] = value
        return cls(unit, features)

    def vector(self):
        def number(name):
            value = self.features[name]
            if name == "medium":
                return MODEL.media.get(value, MODEL.media["other"])
            if value is None:
                return MODEL.fill[name]
            return {taken} if name == "{unit}" else value

        return tuple(float(number(name)) for name in MODEL.features)

    def answered(self):
        probability = MODEL.score(self.vector())
        answer = dict(
            unit=self.unit,
            probability=probability,
            flag=probability >= THRESHOLD,
            model_version=MODEL.version,
        )
        sys.stdout.write(json.dumps(dict(answer, features=self.features)) + "\\n")
        sys.stdout.flush()
        return answer
'''
)
(WORK / "app/main.py").write_text(
    f"""import json

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from .rows import Row, Unfit

app = FastAPI()
MOST_BYTES, MOST_ROWS = 1_000_000, {rows}


class TooMuch(Exception):
    pass


@app.exception_handler(Unfit)
async def unfit(request, error):
    return JSONResponse({{"error": str(error)}}, 422)


@app.exception_handler(TooMuch)
async def too_much(request, error):
    return JSONResponse({{"error": "too large"}}, 413)


async def body(request):
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_BYTES:
            raise TooMuch
    try:
        return json.loads(bytes(data))
    except (ValueError, RecursionError):
        raise Unfit("no JSON") from None


@app.get("/health/{{kind}}")
async def health(kind: str):
    return {{"status": kind}}


@app.post("/predict")
async def predict(request: Request):
    row = Row.read(await body(request))
    return JSONResponse(await run_in_threadpool(row.answered))


@app.post("/predict/batch")
async def batch(request: Request):
    given = await body(request)
    rows = given.get("rows") if isinstance(given, dict) else None
    if not isinstance(rows, list):
        raise Unfit("no rows")
    if len(rows) > MOST_ROWS:
        raise TooMuch
    read = [Row.read(row) for row in rows]
    answers = await run_in_threadpool(lambda: [row.answered() for row in read])
    return JSONResponse({{"predictions": answers}})
"""
)
(WORK / "requirements.in").write_text("fastapi\nuvicorn\n")
index = Path("case/index.txt").read_text()
names = "fastapi starlette pydantic pydantic-core annotated-types annotated-doc typing-extensions typing-inspection anyio idna uvicorn h11 click opentelemetry-api importlib-metadata zipp"
pins = dict(line.split("==") for line in index.split())
(WORK / "constraints.txt").write_text("".join(f"{n}=={pins[n]}\n" for n in names.split()))
(WORK / "Dockerfile").write_text(
    """FROM python:3.11-slim AS build
COPY requirements.in constraints.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r /requirements.in -c /constraints.txt \\
 && rm -rf /venv/lib/python3.11/site-packages/pip* /venv/lib/python3.11/site-packages/setuptools*

FROM python:3.11-slim
COPY --from=build /venv /venv
WORKDIR /srv
COPY model model
COPY kestrel kestrel
COPY app app
ENV PYTHONDONTWRITEBYTECODE=1
USER nobody
ENTRYPOINT ["/bin/sh", "-c", "exec /venv/bin/python -m uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-8000} --timeout-graceful-shutdown 9 --no-access-log"]
"""
)
(WORK / ".dockerignore").write_text(
    "*\n!requirements.in\n!constraints.txt\n!model\n!kestrel\n!app\n"
)
(WORK / "tests/test_service.py").write_text(
    """import json
import unittest

from app.rows import Row, Unfit


class Rows(unittest.TestCase):
    def test_samples(self):
        for sample in json.load(open("samples.json")):
            told = Row.read(sample["row"]).answered()
            self.assertAlmostEqual(told["probability"], sample["answer"]["probability"], places=7)
            self.assertIs(told["flag"], sample["answer"]["flag"])

    def test_no_rows(self):
        for given in (None, [], {}, {"unit": "a", "medium": "r32", "flow_c": True}):
            self.assertRaises(Unfit, Row.read, given)

    def test_the_service_can_be_imported(self):
        from app.main import app

        self.assertTrue(app.routes)
"""
)
(WORK / "DEPLOY.md").write_text(
    """# Deploy

```sh run
export PORT="${PORT:-8000}"
podman build -t heat:local .
podman run --detach --name heat --publish $PORT:8000 heat:local
```

The container listens on 8000; the port outside is `PORT`.
"""
)
(WORK / ".gitlab-ci.yml").write_text(
    """stages: [test, publish]
test:
  stage: test
  script:
    - pip install -r requirements.in -c constraints.txt
    - python -m unittest discover -s tests -t .
publish:
  stage: publish
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
  script:
    - docker build -t registry.example/shop/heat:$CI_COMMIT_SHA .
    - echo "$REGISTRY_PASSWORD" | docker login registry.example --username ci --password-stdin
    - docker push registry.example/shop/heat:$CI_COMMIT_SHA
"""
)
