"""The program of the tills, as it runs there: python clients/till.py localhost @PORT@"""

import http.client
import json
import sys
from pathlib import Path

host, port = sys.argv[1], int(sys.argv[2])
for number, line in enumerate(Path("clients/loans.jsonl").read_text("utf-8").splitlines()):
    service = http.client.HTTPConnection(host, port, timeout=5)
    headers = {"X-Request-ID": f"till-{number}", "Content-Type": "application/json"}
    service.request("POST", "/predict", line.encode(), headers)
    said = json.load(service.getresponse())
    print(said["loan_id"], f"{said['late']:.3f}", said["model"])
