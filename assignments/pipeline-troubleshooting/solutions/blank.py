# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["repairs", "whole", "kept", "guard", "diagnosis"]
