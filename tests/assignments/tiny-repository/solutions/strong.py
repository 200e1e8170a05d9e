# title = "Both mended"
# quality = "strong"
# total = [100, 100]

# %% cell="work"
from pathlib import Path

for name, wrong, right in (
    ("read", "list(open(path))[1:]", "open(path)"),
    ("total", "set(numbers)", "numbers"),
):
    path = Path("work/sums", f"{name}.py")
    path.write_text(path.read_text().replace(wrong, right))
