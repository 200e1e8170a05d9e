# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["truth", "cost", "alerts", "panels", "harmless"]
