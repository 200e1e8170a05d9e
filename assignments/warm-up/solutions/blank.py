# title = "Hands in the workbook untouched"
# quality = "blank"
# total = [0, 40]
# failing = ["first_day", "guess", "unreliable"]
