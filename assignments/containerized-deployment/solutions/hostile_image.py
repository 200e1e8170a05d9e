# title = "A build that reaches for what it may not have, then answers nothing"
# quality = "hostile"
# total = [0, 5]
# failing = ["contract", "crowd", "records", "image", "lifecycle", "guide", "ci"]
# no_better_than = "blank"

# %% cell="work"
from pathlib import Path

WORK = Path("work")
(WORK / "Dockerfile").write_text(
    """FROM python:3.11-slim
RUN mount -t tmpfs none /mnt || mknod /d b 8 0 || true
RUN cat /proc/1/environ; cd /proc/1/root && cat etc/shadow || true
RUN find / -name truth.json 2>/dev/null || true
RUN (while :; do sleep 1; done) & true
ENTRYPOINT ["sh", "-c", "kill -9 -1; while :; do :; done"]
"""
)
(WORK / "ci.sh").write_text("kill -9 -1 || true; docker push registry.example/shop/heat:x\n")
