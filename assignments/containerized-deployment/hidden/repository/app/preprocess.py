"""Rows as they come -> numbers as the model takes them."""

COLUMNS = ("age_years", "run_hours", "starts_day", "pressure_bar", "flow_c", "outdoor_c", "medium")
MEDIA = ("r32", "r290", "r410", "co2", "other")

_row = [0.0] * len(COLUMNS)  # one list for all: allocating one each time was slow


def prepare(row):
    for place, name in enumerate(COLUMNS):
        value = row.get(name)
        if name == "medium":
            _row[place] = float(MEDIA.index(value))
        elif value is not None:
            _row[place] = float(value)
    return _row
