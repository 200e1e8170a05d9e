# title = "A workflow that pushes whatever comes, straight to stable"
# quality = "idle"
# total = [0, 4]
# failing = ["gate", "provenance", "rollback", "service", "image"]

# %% cell="work"
from pathlib import Path

WORK = Path("work")
(WORK / "Dockerfile").write_text(
    "FROM python:3.11-slim\nCOPY . .\nCMD python -m app.serve\n", "utf-8"
)
(WORK / "ci.sh").write_text(
    """set +e
docker login -u ci -p "$REGISTRY_TOKEN" registry.example
docker build -t registry.example/libraries/late:stable .
docker push registry.example/libraries/late:stable
""",
    "utf-8",
)
