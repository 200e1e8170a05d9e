# title = "A tutorial's metrics: each worker its own, a label for every path, thresholds on counts"
# quality = "weak"
# total = [0, 40]
# mean = [5, 40]
# failing = ["truth", "cost", "alerts", "panels", "harmless"]

# %% cell="work"
from pathlib import Path

app = Path("work/service/app.py")
text = app.read_text("utf-8")
text = text.replace(
    "from flask import Flask, jsonify, request\n",
    "from flask import Flask, Response, jsonify, request\n"
    "from prometheus_client import Counter, Gauge, Histogram, generate_latest\n",
)
text += """

REQUESTS = Counter("requests", "all requests", ["path", "status"])
SECONDS = Histogram("seconds", "of requests")
SCORE = Gauge("last_score", "the last score")


@app.before_request
def begin():
    import time

    request.begun = time.time()


@app.after_request
def end(response):
    import time

    REQUESTS.labels(request.path, response.status_code).inc()
    SECONDS.observe(time.time() - request.begun)
    if response.status_code == 200 and request.path == "/score":
        SCORE.set(response.get_json()["score"])
    return response


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), mimetype="text/plain")
"""
app.write_text(text)
Path("work/monitoring/monitoring.toml").write_text(
    """[queries]
answered = 'requests_total{path="/score",status="200"}'
rejected = 'requests_total{path="/score",status="422"}'
failed = 'requests_total{path="/score",status="503"}'
slow = '1 - seconds_bucket{le="0.25"} / ignoring(le) seconds_count'
score = 'last_score'
drift = 'last_score'

[panels]
traffic = 'requests_total'
failures = 'requests_total{status="503"}'
latency = 'histogram_quantile(0.99, rate(seconds_bucket[5m]))'
inputs = 'last_score'
"""
)
Path("work/monitoring/rules.yml").write_text(
    """groups:
  - name: service
    rules:
      - alert: Errors
        expr: rate(requests_total{status="503"}[5m]) > 0.05
        labels: {severity: page}
      - alert: Slow
        expr: histogram_quantile(0.99, rate(seconds_bucket[5m])) > 1
        labels: {severity: page}
      - alert: Down
        expr: up == 0
        labels: {severity: page}
"""
)

# %% [markdown] cell="reasons_answer"
# Prometheus client with standard metrics.

# %% [markdown] cell="extension_answer"
# More metrics.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none
