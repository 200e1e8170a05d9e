"""The program of the tills, as it runs there: python clients/till.py localhost @PORT@"""

import http.client
import json
import sys

host, port = sys.argv[1], int(sys.argv[2])
for number, line in enumerate(open("clients/loans.jsonl", encoding="utf-8")):
    service = http.client.HTTPConnection(host, port, timeout=5)
    headers = {"X-Request-ID": f"till-{number}", "Content-Type": "application/json"}
    service.request("POST", "/predict", line.strip().encode(), headers)
    said = json.load(service.getresponse())
    print(said["loan_id"], f"{said['late']:.3f}", said["model"])
