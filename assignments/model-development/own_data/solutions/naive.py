# title = "The naive pipeline, handed in as it is"
# quality = "naive"
# total = [0, 35]
# failing = ["performance"]
# ended = "completed"


# %% cell="predict_answer"
def predict(rows):
    return baseline.predict(rows)


# %% cell="estimate_answer"
losses = log_loss(train[LABEL], baseline.predict(train))
half = 1.28 * losses.std() / np.sqrt(len(losses))
ESTIMATE = {"low": losses.mean() - half, "log_loss": losses.mean(), "high": losses.mean() + half}
