# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["blind_spots", "alerts", "questions", "metrics", "attention"]
# ended = "completed"
