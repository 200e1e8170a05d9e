"""The debrief: everything about one candidate on one page, for the people who decide.

:func:`worksample.debrief.drawing.debrief` gathers the record (:mod:`.gathering`), runs the template
on it and writes a notebook and a page; :mod:`.cohort` does the same for all candidates of one
assignment, profile beside profile.
"""
