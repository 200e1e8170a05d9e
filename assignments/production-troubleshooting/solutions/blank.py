# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["diagnosis", "trace", "mitigation", "first_ten", "impact", "lasting_fix"]
# ended = "completed"
