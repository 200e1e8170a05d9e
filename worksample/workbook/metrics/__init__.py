"""Metrics read, laid on a clock, and asked by Prometheus' own tools: the same for those who rehearse
and for those who judge. Nothing in it knows a case.
"""
