# title = "The skeleton in an image, as root, on the port in the file"
# quality = "weak"
# total = [0, 40]
# failing = ["contract", "image", "records"]

# %% cell="work"
from pathlib import Path

WORK = Path("work")
path = WORK / "app/service.py"
text = path.read_text()
text = text.replace("app.run(port=8000)", 'app.run(host="0.0.0.0", port=8000)')
text = text.replace(
    '@app.get("/health/live")',
    '@app.get("/health/ready")\ndef ready():\n    return jsonify(status="ok")\n\n\n@app.get("/health/live")',
)
text = text.replace(
    "    return jsonify(unit", "    print(json.dumps(row), flush=True)\n    return jsonify(unit"
).replace("from flask", "import json\n\nfrom flask")
path.write_text(text)
(WORK / "Dockerfile").write_text(
    "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
    "CMD python -m app.service\n"
)
(WORK / "DEPLOY.md").write_text(
    "```sh run\ndocker build -t heat .\ndocker run -d -p 8000:8000 heat\n```\n"
)
(WORK / "ci.sh").write_text(
    "docker build -t registry.example/shop/heat:latest .\n"
    'echo "$REGISTRY_PASSWORD" | docker login registry.example -u ci --password-stdin\n'
    "docker push registry.example/shop/heat:latest\n"
)
