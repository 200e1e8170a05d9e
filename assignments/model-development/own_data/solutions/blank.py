# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["performance", "calibration", "estimate", "robustness", "reproducible"]
# ended = "completed"
