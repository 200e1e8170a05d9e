# title = "Sees the thermometer that repeats itself"
# quality = "strong"
# total = [100, 100]

# %% cell="first_day_answer"
in_order = readings.sort_values("at")
moved = in_order.groupby("thermometer")["celsius"].diff() != 0
quiet = in_order[moved].groupby("thermometer")["at"].max()
FIRST_DAY = str(quiet.min().date())
STUCK = quiet.idxmin()

# %% cell="guess_answer"
from collections import namedtuple

Explanation = namedtuple("Explanation", "id title family")
EXPLANATIONS = [
    Explanation("stuck_thermometer", "A thermometer repeats itself", "The measurement"),
    Explanation("other_unit", "A thermometer reports Fahrenheit", "The measurement"),
    Explanation("door_left_open", "The door was left open", "The world"),
    Explanation("warm_weather", "The room got warmer", "The world"),
]
spread_1 = {"stuck_thermometer": 100}
next_test_1 = "Does its value change at all after that day?"
DecisionTrace(1, spread_1, next_test_1, EXPLANATIONS)


# %% cell="unreliable_answer"
def unreliable(readings):
    return readings["thermometer"] == STUCK
