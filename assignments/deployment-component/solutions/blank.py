# title = "The release as it came, run from top to bottom"
# quality = "idle"
# total = [0, 0]
# failing = ["gate", "provenance", "rollback", "service", "image"]
