# title = "Nothing done"
# quality = "blank"
# total = [0, 20]
# failing = ["onset", "trace", "affected", "remedy_type", "remedy_effect", "transfer"]
# ended = "completed"
