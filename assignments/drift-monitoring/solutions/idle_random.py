# title = "Nothing looked at: random numbers, never an alarm"
# quality = "idle"
# total = [0, 10]
# failing = ["psi_check", "monitor", "columns", "plan"]
# ended = "completed"

# %% cell="psi_answer"
RANDOM = np.random.default_rng(0)


def psi(reference, current):
    return RANDOM.random()


def psi_of_counts(reference, current):
    return RANDOM.random()


# %% cell="monitor_answer"
class Monitor:
    def fit(self, reference):
        pass

    def check(self, window):
        return []


# %% cell="plan_answer"
PLAN = dict.fromkeys("ABCDEF", "ignore")
