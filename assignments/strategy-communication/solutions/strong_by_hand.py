# title = "No draws: relative errors added by their squares, incident by incident"
# like = "strong"
# quality = "strong"
# total = [90, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="numbers_answer"
Z = 1.2816
alerts_known = ["fresh", "inputs", "scores", "outcomes"]
rows = case.incidents.join(case.replay.set_index("incident"), on="incident")
rows["days"] = (rows["ended"] - rows["began"]).dt.days
factor = rows["days"].where(rows["cost_is"] == "a day", 1)
rows["middle"] = (rows["cost_low"] * rows["cost_high"]) ** 0.5 * factor
rows["rel"] = np.log(rows["cost_high"] / rows["cost_low"]) / (2 * Z)
rows["outcomes"] = rows["outcomes"] + case.outcome_days
same = rows.groupby(["began", "ended"])
once = same.first()
once["middle"] = same["middle"].mean()
once["unnoticed"] = (once["noticed"] - once.index.get_level_values("began")).dt.days
alerts = case.alerts.assign(false=case.alerts["rang"] - case.alerts["right"]).set_index("alert")
options = case.options.set_index("option")
tickets = case.responses.groupby("alert")
mean_wait, wait_error, taken = (
    tickets.mean(),
    tickets.sem(),
    tickets.agg(lambda x: x.notna().mean()),
)


def ranged(middle, relative):
    """80 % range of a value with this relative error."""
    return [float(middle * np.exp(-Z * relative)), float(middle * np.exp(Z * relative))]


def worth(option):
    plan = options.loc[option]
    names, regime = plan["alerts"].split(), plan["answered"]

    def share_with(wait, taken):
        """Of each incident the share that is spared, and when somebody acts."""
        shares, times = [], []
        for _, incident in once.iterrows():
            left, share, when = 1.0, 0.0, []
            for day, name in sorted((incident[n], n) for n in names if incident[n] == incident[n]):
                act = day + wait[name]
                share += left * taken[name] * max(0.0, incident["unnoticed"] - act)
                when.append((act, left * taken[name]))
                left *= 1 - taken[name]
            shares.append(share / incident["days"])
            total = sum(p for _, p in when)
            times.append(sum(t * p for t, p in when) / total if when else np.nan)
        return pd.Series(shares, once.index), pd.Series(times, once.index)

    share, acts = share_with(mean_wait[regime], taken[regime])
    # a lognormal's mean is a little above its middle
    cost = once["middle"] * np.exp(once["rel"] ** 2 / 2)
    saves = float((share * cost).sum())
    own = share * cost * once["rel"]
    # what a standard error of each alert's wait and of its share of taken tickets moves
    moved, moved_acts = [], []
    for name in names:
        count = (case.responses["alert"] == name).sum()
        p = taken.loc[name, regime]
        for wait_by, taken_by in (
            (wait_error.loc[name, regime], 0.0),
            (0.0, np.sqrt((p * (1 - p) + 0.02) / count)),
        ):
            waits, takes = mean_wait[regime].copy(), taken[regime].copy()
            waits[name] += wait_by
            takes[name] -= taken_by
            other, other_acts = share_with(waits, takes)
            moved.append(float(((other - share) * cost).sum()))
            moved_acts.append(float(other_acts.mean() - acts.mean()))
    saves_error = float(np.sqrt((own**2).sum() + np.square(moved).sum())) / saves
    a_week = (alerts["false"] + 0.5) / alerts["weeks"] * alerts["minutes_each"] / 60
    hours = float(a_week[names].sum())
    hours_error = float(np.sqrt((a_week[names] ** 2 / (alerts["false"][names] + 0.5)).sum()))
    false = hours * 52 * case.hour
    build = float((plan["build_low"] * plan["build_high"]) ** 0.5)
    build_rel = float(np.log(plan["build_high"] / plan["build_low"]) / (2 * Z))
    costs = build + 12 * plan["running_a_month"] + false
    costs_error = np.hypot(build * build_rel, false * hours_error / hours) / costs
    total = float(cost.sum())
    # the saved part and the rest err independently of each other
    rest = float(np.sqrt((((1 - share) * cost * once["rel"]) ** 2).sum()))
    of_all = saves / total
    by_chance = np.sqrt((own**2).sum()) / saves
    share_error = np.sqrt(
        ((1 - of_all) * by_chance) ** 2
        + (of_all * rest / saves) ** 2
        + np.square(moved).sum() / saves**2
    )
    monthly = (saves - false) / 12 - plan["running_a_month"]
    monthly_error = np.hypot(saves * saves_error, false * hours_error / hours) / 12 / monthly
    return {
        "saves": saves, "saves_error": saves_error, "false": false, "hours": hours,
        "hours_error": hours_error, "upkeep": plan["upkeep_hours"], "costs": costs,
        "costs_error": costs_error, "share": 100 * of_all, "share_error": share_error,
        "months": build / monthly, "months_error": np.hypot(build_rel, monthly_error),
        "acts": float(acts.mean()), "wait": float(np.sqrt(np.square(moved_acts).sum())),
        "by_incident": share, "cost": cost,
    }  # fmt: skip


made = {name: worth(name) for name in ("small", "full", "watch")}
full = made["full"]
in_all = full["hours"] + full["upkeep"]
NUMBERS = {
    "loss_avoided": ranged(full["saves"], full["saves_error"]),
    "false_alarms": ranged(full["false"], full["hours_error"] / full["hours"]),
    "detection": [full["acts"] - Z * full["wait"], full["acts"] + Z * full["wait"]],
    "break_even": ranged(full["months"], full["months_error"]),
    "share_caught": ranged(full["share"], full["share_error"]),
    "hours": [in_all - Z * full["hours_error"], in_all + Z * full["hours_error"]],
}
# what the cells below take from the draws of the other method
built = {
    name: {"saves": np.array([each["saves"]]), "costs": np.array([each["costs"]])}
    for name, each in made.items()
}
costs = full["cost"].to_numpy()[None, :]
plan = {
    "saves": built["full"]["saves"], "false": np.array([full["false"]]),
    "hours": np.array([in_all]), "months": np.array([full["months"]]),
    "detection": np.array([full["acts"]]), "by_incident": full["by_incident"].to_numpy(),
}  # fmt: skip
once = once.reset_index()
once = once.sort_values("began").reset_index(drop=True)


def range_of(values):
    """The range of an option's figure, from its error."""
    value = float(values[0])
    for each in made.values():
        for what in ("saves", "costs"):
            if each[what] == value:
                return ranged(value, each[f"{what}_error"])
    raise ValueError(value)


show_numbers(NUMBERS)
