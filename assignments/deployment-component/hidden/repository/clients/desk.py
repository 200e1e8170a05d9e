"""The program of the desks, as it runs there: python clients/desk.py http://localhost:@PORT@"""

import json
import sys
import urllib.request

for number, line in enumerate(open("clients/loans.jsonl", encoding="utf-8")):
    asked = urllib.request.Request(
        f"{sys.argv[1]}/predict",
        data=line.strip().encode(),
        headers={"X-Request-ID": f"desk-{number}"},
    )
    with urllib.request.urlopen(asked, timeout=5) as reply:
        said = json.load(reply)
    print(said["loan_id"], f"{said['late']:.3f}", said["model"])
