# title = "Nothing looked at: constants everywhere, always an alarm"
# quality = "idle"
# total = [0, 10]
# failing = ["psi_check", "monitor", "columns", "plan"]
# ended = "completed"

# %% cell="psi_answer"
def psi(reference, current):
    return 0.0


def psi_of_counts(reference, current):
    return 0.0


# %% cell="monitor_answer"
class Monitor:
    def fit(self, reference):
        pass

    def check(self, window):
        return list(NUMERIC)[:2]


# %% cell="plan_answer"
PLAN = dict.fromkeys("ABCDEF", "watch")
