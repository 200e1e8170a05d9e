# title = "Nothing looked at: one input is set to whatever fits the log's outcomes best"
# quality = "idle"
# total = [0, 40]
# failing = ["trace", "affected", "remedy_effect", "transfer"]
# ended = "completed"

# %% cell="affected_answer"
def affected(rows):
    return rows["inbound_delay_min"] > 0


# %% cell="remedy_answer"
from sklearn.ensemble import HistGradientBoostingClassifier

REMEDY_TYPE = "mend_measurement"
COLUMNS = list(log.select_dtypes("number").columns.drop(["late", "label_age_days", "row"]))
known = log[log["late"].notna()]
fitted = HistGradientBoostingClassifier(max_depth=4, random_state=0)
fitted.fit(known[COLUMNS], known["late"])


def remediate(rows):
    guess = fitted.predict_proba(rows[COLUMNS])[:, 1]
    return rows.assign(inbound_delay_min=np.round(120 * guess, 1))
