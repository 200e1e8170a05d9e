# title = "One of the two, in another way"
# quality = "adequate"
# total = [50, 50]
# failing = ["repairs"]

# %% cell="work"
from pathlib import Path

Path("work/sums/total.py").write_text(
    "def total(numbers):\n    result = 0\n    for each in numbers:\n        result += each\n    return result\n"
)
Path("work/sums/notes.md").write_text("<script>alert(1)</script> \x1b[31mred\n")
