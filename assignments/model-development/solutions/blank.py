# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["audit", "performance", "leak", "calibration", "estimate", "robustness"]
# ended = "completed"
