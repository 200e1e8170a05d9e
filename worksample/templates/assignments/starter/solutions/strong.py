# title = "Median and distance from it"
# quality = "strong"
# total = [98, 100]

# %% cell="middle_answer"
import statistics

MIDDLE = statistics.median(readings)


# %% cell="faults_answer"
def faults(values):
    return [abs(value - MIDDLE) > 10 for value in values]


# %% [markdown] cell="note_answer"
# The sensor reads the median when nothing is wrong; faults lie 30 above it, far beyond the
# spread of the others. A fault smaller than the spread would escape this rule.
