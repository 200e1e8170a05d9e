"""What work samples share: draws, files of a case, measures of what was answered, base tables.

For the trusted side only: ``scenario.py``, ``probe.py``, ``checks.py`` and what lies in
``hidden/``, ``judging/`` and ``data/``. What is shipped shares :mod:`worksample.workbook`.
Scores depend on it, so it is a part of the engine's digest.
"""
