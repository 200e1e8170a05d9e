# title = "Nothing looked at: a number drawn for each row, always the same for the same row"
# quality = "idle"
# total = [0, 5]
# failing = ["audit", "performance", "leak", "calibration", "estimate", "robustness", "reproducible"]
# ended = "completed"

# %% cell="predict_answer"
def predict(rows):
    at = pd.to_datetime(rows["scheduled_at"], errors="coerce")
    return ((at.dt.minute.fillna(0) * 7 + at.dt.hour.fillna(0)) % 10 / 20 + 0.05).to_numpy()


# %% cell="estimate_answer"
ESTIMATE = {"low": 0.3, "log_loss": 0.5, "high": 0.7}
