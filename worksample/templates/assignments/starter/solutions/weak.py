# title = "The mean, and no rule"
# quality = "weak"
# total = [0, 0]
# failing = ["middle", "faults"]

# %% cell="middle_answer"
MIDDLE = sum(readings) / len(readings)
