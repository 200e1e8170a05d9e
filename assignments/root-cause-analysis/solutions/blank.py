# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["onset", "changelog", "affected", "remedy_type", "remedy_effect", "trace", "transfer"]
# ended = "completed"
