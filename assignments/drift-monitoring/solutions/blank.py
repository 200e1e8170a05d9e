# title = "Nothing done"
# quality = "blank"
# total = [0, 0]
# failing = ["psi_check", "monitor", "columns", "plan", "dashboard_check"]
# ended = "completed"


