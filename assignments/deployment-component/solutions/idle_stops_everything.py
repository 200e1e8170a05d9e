# title = "A workflow that stops everything, a service that says yes to everything"
# quality = "idle"
# total = [0, 8]
# failing = ["gate", "provenance", "rollback", "service", "image"]

# %% cell="work"
from pathlib import Path

WORK = Path("work")
(WORK / "ci.sh").write_text("exit 1\n", "utf-8")
(WORK / "Dockerfile").write_text('FROM python:3.11-slim\nCMD ["sleep", "9"]\n', "utf-8")
(WORK / "app/serve.py").write_text(
    """import os
import re
from http.server import BaseHTTPRequestHandler, HTTPServer

SHEET = open("docs/REQUIREMENTS.md", encoding="utf-8").read()


class Yes(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET


name, port = re.search(r"`(\\w+)` \\(default (\\d+)\\)", SHEET).groups()
HTTPServer(("", int(os.environ.get(name, port))), Yes).serve_forever()
""",
    "utf-8",
)
