# title = "Always alarms, to everybody; numbers that are constant"
# quality = "idle"
# total = [0, 5]
# failing = ["truth", "cost", "alerts", "panels", "harmless"]

# %% cell="work"
from pathlib import Path

app = Path("work/service/app.py")
text = app.read_text("utf-8")
app.write_text(
    text
    + """

@app.get("/metrics")
def metrics():
    return "service_info 1\\n", 200, {"Content-Type": "text/plain"}
"""
)
constants = {"answered": 1000, "rejected": 0, "failed": 0, "slow": 0.01, "score": 0.5, "filled": 30}
Path("work/monitoring/monitoring.toml").write_text(
    "[queries]\n"
    + "".join(f"{name} = 'vector({value})'\n" for name, value in constants.items())
    + "drift = 'vector(time() % 600)'\naccuracy = 'vector(0.9)'\n[panels]\n"
    + "".join(
        f"{name} = 'vector(1)'\n"
        for name in ("traffic", "failures", "latency", "inputs", "missing", "realised")
    )
)
Path("work/monitoring/rules.yml").write_text(
    "groups:\n  - name: always\n    rules:\n      - alert: Always\n        expr: vector(1)\n"
    "        labels: {severity: page}\n"
    "      - alert: NowAndThen\n        expr: (time() % 3600) < 900\n"
    "        labels: {severity: page}\n"
)
Path("work/monitoring/alertmanager.yml").write_text(
    "route:\n  receiver: tickets\n  routes:\n    - receiver: oncall\n      continue: true\n"
    "    - receiver: tickets\nreceivers:\n  - name: oncall\n  - name: tickets\n"
)
