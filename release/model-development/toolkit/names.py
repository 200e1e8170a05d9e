"""Names that the notebook, the case and the grading share."""

from __future__ import annotations

LABEL = "late"
TIME = "scheduled_at"
NEED_MIN, NEED_MIN_PER_SEAT = 20, 0.12  # preparing an aircraft, as the data dictionary says

# what the audit form asks for: issue -> what it means
ISSUES = {
    "written_after_outcome": "a column that is known only after the flight has arrived",
    "sentinel_value": "a value that stands for 'unknown' and is no measurement",
    "mixed_units": "one column in two units",
    "rare_categories": "a column some of whose categories are too rare to learn anything from",
    "meaningless_id": "a column of hundreds of levels that says nothing about new rows",
    "outliers": "measurements that cannot be",
    "constant_column": "a column with one value only",
    "duplicate_column": "a column that says what another one says",
    "repeated_rows": "the same row more than once",
    "changes_over_time": "what the early rows teach does not hold for the later ones",
    "sorted_by_label": "the order of the rows tells the label",
}
WHOLE_TABLE = ("repeated_rows", "changes_over_time", "sorted_by_label")
