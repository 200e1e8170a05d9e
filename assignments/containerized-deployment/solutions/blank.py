# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["contract", "crowd", "records", "image", "lifecycle", "guide", "ci"]
