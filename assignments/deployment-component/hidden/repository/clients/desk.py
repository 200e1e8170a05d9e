"""The program of the desks, as it runs there: python clients/desk.py http://localhost:@PORT@"""

import json
import sys
import urllib.request
from pathlib import Path

for number, line in enumerate(Path("clients/loans.jsonl").read_text("utf-8").splitlines()):
    asked = urllib.request.Request(
        f"{sys.argv[1]}/predict",
        data=line.encode(),
        headers={"X-Request-ID": f"desk-{number}"},
    )
    with urllib.request.urlopen(asked, timeout=5) as reply:
        said = json.load(reply)
    print(said["loan_id"], f"{said['late']:.3f}", said["model"])
