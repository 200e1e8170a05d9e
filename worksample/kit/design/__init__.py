"""What judges designs: the best that a search finds, and a discrete-event run to hold ours against.

For the trusted side only. What a candidate may have too is :mod:`worksample.workbook.design`.
"""
