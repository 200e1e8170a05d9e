# title = "One constant answer to everybody, from a server of nothing, in a tidy image; a guide and a workflow that only say so"
# quality = "idle"
# total = [0, 10]
# failing = ["contract", "records", "image", "lifecycle"]

# %% cell="work"
from pathlib import Path

WORK = Path("work")
(WORK / "serve.py").write_text(
    """import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        data = b'{"unit": "x", "probability": 0.5, "flag": false, "model_version": "1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET


ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
"""
)
(WORK / "Dockerfile").write_text(
    'FROM python:3.11-slim\nRUN true\nCOPY serve.py /serve.py\nUSER nobody\nCMD ["python", "/serve.py"]\n'
)
(WORK / "DEPLOY.md").write_text("```sh run\ntrue\n```\n")
(WORK / "ci.sh").write_text("exit 0\n")
