"""The hours that are counted and paid: four and a half around the day's peak."""

DAY = 1440  # minutes
PEAK = 19 * 60 + 30
FIRST, LAST = PEAK - 135, PEAK + 135
CALM = 20  # minutes before, in which queues and machines settle; they do not count
