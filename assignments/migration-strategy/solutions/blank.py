# title = "As it came"
# quality = "idle"
# total = [0, 4]
# ended = "completed"
