# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["slope", "predict"]
# ended = "completed"
