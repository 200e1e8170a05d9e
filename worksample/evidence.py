"""Evidence: what each grading did, append-only, each record chained to the one before it.

``state/evidence/<assignment>/<candidate>/<n>.json`` (n = 1, 2, …) is one grading;
``<n>.ipynb`` beside it is the executed notebook as a person may see it: outputs capped and
cleaned of anything active, every check cell's output replaced by the trusted rendering.
``<assignment>`` is nbgrader's id, so the revision's records lie under ``<id>-revision``.

One record (format 1)::

    {
      "format": 1,
      "assignment": "root-cause-analysis",   # nbgrader's id; "…-revision" on attempt 2
      "candidate": "ada",
      "attempt": 1,                          # 1 the work, 2 the revision
      "number": 1,                           # n-th record of this assignment and candidate
      "time": "2026-11-21T04:30:00+00:00",   # when it was written, UTC
      "outcome": "graded",                   # "graded" | "candidate_failure" | "not_gradable_yet"
      "why": "",                             # words for the last two outcomes, else empty
      "inputs": {"submission": "<sha256>", "case": "<sha256>", "checks": "<sha256>",
                 "engine": "<sha256>"},      # graded again only when one of these changes
      "key": "<sha256 of inputs>",
      "case": {"level": "standard", "version": 1, "seed": "<16 hex digits>"},
      "submission": {"submitted": "<ISO time or null>", "files": {"<name>": "<sha256>"}},
      "repairs": [{"cell": "onset" | null, "what": "…"}],   # what repair.py had to mend
      "run": {"ended": {"how": "completed", "cell": null, "detail": ""},
              "cells": {"<cell id>": "completed"},          # our own status of every cell
              "answers": {"onset": {…}},                    # as recorded by the candidate's kernel
              "refused": {"<answer>": "<reason>"},
              "calls": {"<call id>": [{"ok": true, "error": "", "seconds": 0.1}]},
              "seconds": 12.3, "versions": {…}, "limits": {…}, "sandbox": "…"},   # or null
      "checks": {"onset": {"points": 5.0, "possible": 10.0,
                           "parts": [{"name": "…", "earned": 5.0, "possible": 10.0,
                                      "message": "…"}],
                           "details": {"days_off": 2.0},    # may be shown to the candidate
                           "private": {…}}},                # never shown to the candidate
      "points": 71.5, "possible": 100.0,     # null when not gradable yet
      "notebook": "<sha256 of <n>.ipynb>",   # null when not gradable yet
      "previous": "<sha256 of the bytes of <n-1>.json>"     # null in the first record
    }

``checks`` keeps the order of the notebook. A record of outcome ``not_gradable_yet`` has
``run``, ``points`` and ``notebook`` null and ``checks`` empty: it is never a score.
"""
