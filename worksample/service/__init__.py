"""Grading that waits for work: a process that stays, so that an attempt costs only itself.

Who asks (:mod:`.client`) sends names of attempts over a socket that is their own user's alone
(:mod:`.wire`). The supervisor (:mod:`.supervisor`) has imported everything once and forks the
coordinator (:mod:`.coordinator`), which takes attempts from a queue in the database
(:mod:`.queue`) and grades them as any batch is graded. Each of them may be killed at any time.
"""
