# title = "Means against half a standard deviation, retrain on everything"
# quality = "weak"
# total = [0, 40]
# failing = ["psi_check", "monitor", "columns", "plan"]
# ended = "completed"

# %% cell="psi_answer"
def psi(reference, current):
    edges = np.histogram_bin_edges(reference, 10)
    p = np.histogram(reference, edges)[0] / len(reference) + 1e-4
    q = np.histogram(current, edges)[0] / len(current) + 1e-4
    return ((p - q) * np.log(p / q)).sum()


def psi_of_counts(reference, current):
    p, q = np.array(reference) / sum(reference), np.array(current) / sum(current)
    return ((p - q) * np.log(p / q)).sum()


# %% cell="monitor_answer"
class Monitor:
    def fit(self, reference):
        rows = pd.concat([w.rows for w in reference])
        self.mean, self.std = rows[list(NUMERIC)].mean(), rows[list(NUMERIC)].std()

    def check(self, window):
        z = ((window.rows[list(NUMERIC)].mean() - self.mean) / self.std).abs()
        return list(z[z > 0.5].sort_values(ascending=False).index)


# %% cell="plan_answer"
PLAN = dict.fromkeys("ABCDEF", "retrain")
