"""python -m tests: every function whose name begins with test_; CI runs it before a deployment."""

import importlib
import sys
import traceback
from pathlib import Path

failed = 0
names = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
for name in names:
    try:
        module = importlib.import_module(f"tests.{name}")
    except Exception:
        failed += 1
        print(f"ERROR {name}")
        traceback.print_exc()
        continue
    for test in [each for each in vars(module) if each.startswith("test_")]:
        try:
            getattr(module, test)()
            print(f"ok    {name}.{test}")
        except Exception:
            failed += 1
            print(f"FAIL  {name}.{test}")
            traceback.print_exc()
print(f"{failed} failed")
sys.exit(1 if failed else 0)
