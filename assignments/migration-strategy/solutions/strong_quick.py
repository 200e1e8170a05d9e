# title = "Quick wins in the first quarter, then the audit, then what stands on a platform"
# quality = "strong"
# like = "strong"
# total = [92, 100]
# mean = [97, 100]
# ended = "completed"

# %% cell="plan_answer"
AUDIT = case.firm.data["audit"]["wants"]
rows = case.firm.data["initiatives"]
gain = {n: np.mean(r["cut"]) * ASSUMED.stakes.get(r["acts_on"], 0) for n, r in rows.items()}
effort = {n: np.mean(r["effort"]) * ASSUMED.overrun[r["skill"]] for n, r in rows.items()}


def per_day(name):
    bundle = with_needs(name, ASSUMED)
    return sum(gain[x] for x in bundle) / sum(effort[x] for x in bundle)


def written(quick_days, wins):
    """Small things of worth, then what does most, then the audit, then all else by worth."""
    small = [n for n in gain if gain[n] > 0 and with_needs(n, ASSUMED) == [n]]
    small = sorted((n for n in small if effort[n] < quick_days), key=per_day, reverse=True)
    order = small[:wins]
    for name in (main, *AUDIT, *sorted((n for n in gain if gain[n]), key=per_day, reverse=True)):
        order += [n for n in with_needs(name, ASSUMED) if n not in order]
    return staffed(order, ASSUMED, coached=[n for n in order if gain[n] > 0])


tried = {f"{days} {wins}": written(days, wins) for days in (12, 25) for wins in (1, 2, 3, 5)}
found = compare(tried, ASSUMED)
found
WORK = tried[found["value"].idxmax()]
