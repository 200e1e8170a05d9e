"""Metrics read, laid on a clock, and asked by Prometheus' own tools: for rehearsing and judging.

Nothing in it knows a case.
"""
