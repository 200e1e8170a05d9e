# Looking for the truth, the gradebook, other submissions and the home folder.
#
# Whoever reads these has all the points. None of them is in the sandbox, by any path.
#
# [expect]

# %% cell="attack"
import os
import sys

wanted = {"truth.json", "truth_card.md", "gradebook.db", "worksample.db", "secret", "checks.py"}
wanted |= {".ssh", ".bashrc", ".git", "nbgrader_config.py", "submitted", "autograded", "shadow"}
# folders that only lead to what may be read; a clone may lie anywhere
way = [f"{path}/" for path in (os.environ["PYTHONPATH"], sys.prefix, sys.base_prefix)]
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr", "/lib")) or "site-packages" in folder:
        folders.clear()
        continue
    for name in wanted & {*folders, *files}:
        leads = any(path.startswith(f"{os.path.join(folder, name)}/") for path in way)
        if not leads and not folder.startswith(os.environ["PYTHONPATH"]):
            print("GOT:", folder, name)
for path in (
    "/case/../private/truth.json",
    "case/../../private/truth.json",
    *(f"/proc/1/{link}/etc/shadow" for link in ("root", "cwd")),
):
    try:
        print("GOT:", open(path).read())
    except OSError as error:
        print(error.strerror)
