# title = "The audit's work with the first improvement, then by worth; no search"
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


def written(before, audit, least):
    """A few things, the audit's work, then all else that is worth its days."""
    order = []
    worthy = sorted((n for n in gain if gain[n] > 0), key=per_day, reverse=True)
    for name in [*before, *audit, *(n for n in worthy if per_day(n) > least)]:
        order += [n for n in with_needs(name, ASSUMED) if n not in order]
    return staffed(order, ASSUMED, coached=[n for n in order if gain[n] > 0])


quick = max((n for n in at.index if n != main), key=per_day)
long_first = sorted(AUDIT, key=lambda n: -sum(effort[x] for x in with_needs(n, ASSUMED)))
tried = {}
for number, before in enumerate(([], [quick], [main], [quick, main])):
    for audit in (AUDIT, long_first):
        for least in (0, 0.05, 0.1):
            tried[f"{number} {audit[0]} {least}"] = written(before, audit, least)
found = compare(tried, ASSUMED)
WORK = tried[(found["value"] + 300 * found["audit passed"]).idxmax()]
