"""``python -m worksample``; a ``worksample.py`` in the working directory would come before it."""

from worksample import interpreter

interpreter.leave_folder()

from worksample.cli import main  # noqa: E402  (only now)

main()
