# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["numbers", "claims", "actions", "page"]
# ended = "completed"
