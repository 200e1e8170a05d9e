# title = "As it came"
# quality = "idle"
# total = [0, 5]
# ended = "completed"
