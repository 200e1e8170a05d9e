# title = "Untouched"
# quality = "idle"
# total = [0, 0]
# failing = ["repairs"]
