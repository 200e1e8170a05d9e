# title = "A search that never ends"
# quality = "endless loop"
# total = [0, 45]
# failing = ["affected", "remedy_type", "remedy_effect", "trace", "transfer"]
# ended = "timeout"

# %% cell="investigate"
# try splits until the AUC before and after agree
best, split = 1.0, 0
while best > 0.0001:
    split = (split + 1) % len(log)

# %% cell="onset_answer"
daily = case.dashboard.dropna(subset=["auc"]).reset_index(drop=True)
usual, spread = daily["auc"][:28].mean(), daily["auc"][:28].std()
low = daily[(daily["auc"] < usual - 2 * spread) & (daily.index >= 28)]
ONSET = str(low["day"].iloc[0] if len(low) else daily["day"].iloc[-1])[:10]

# %% cell="changelog_answer"
CHANGELOG = dict.fromkeys(case.questions["named_entries"], 0.15)
