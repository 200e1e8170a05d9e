"""Ratings as evidence: profiles, the rule and what would flip it, statistics, exports.

Everything here reads; ratings are given through :mod:`worksample.review.rating` and other doors.
"""
