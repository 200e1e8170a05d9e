"""``python -m worksample.cli``: the command, where its script is not at hand."""

from worksample.cli import main

if __name__ == "__main__":
    main()
