# title = "Quick wins in the first quarter, then the wall and the audit, then what stands on a platform"
# quality = "strong"
# like = "strong"
# total = [90, 100]
# mean = [95, 100]
# ended = "completed"

# %% cell="plan_answer"
AUDIT = case.firm.data["audit"]["wants"]
rows = case.firm.data["initiatives"]
gain = {n: np.mean(r["cut"]) * ASSUMED.stakes.get(r["acts_on"], 0) for n, r in rows.items()}
effort = {n: np.mean(r["effort"]) * ASSUMED.overrun[r["skill"]] for n, r in rows.items()}


def per_day(name):
    bundle = with_needs(name, ASSUMED)
    return sum(gain[x] for x in bundle) / sum(effort[x] for x in bundle)


small = [n for n in gain if gain[n] > 0 and with_needs(n, ASSUMED) == [n]]
small = sorted(small, key=per_day, reverse=True)
rest = sorted((n for n in gain if gain[n] > 0), key=per_day, reverse=True)


def written(wins, audit_late, least):
    """Small things of worth, then what does most and the audit, then all else by worth."""
    order = []
    middle = [main, *AUDIT] if audit_late else [*AUDIT, main]
    for name in [*small[:wins], *middle, *(n for n in rest if per_day(n) > least)]:
        order += [n for n in with_needs(name, ASSUMED) if n not in order]
    return staffed(order, ASSUMED, coached=[n for n in order if gain[n] > 0])


tried = {
    f"{wins} {late} {least}": written(wins, late, least)
    for wins in (1, 2, 3, 4, 5)
    for late in (True, False)
    for least in (0, 0.05)
}
found = compare(tried, ASSUMED)
WORK = tried[(found["value"] + 300 * found["audit passed"]).idxmax()]
