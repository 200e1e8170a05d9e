# title = "The audit's work first, then by worth; no search"
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
# the audit is done by those who are not needed for the first improvement: both begin at once
order = with_needs(main, ASSUMED)
quick = max(
    (n for n in at.index if n != main), key=lambda n: gain[n] / effort[n], default=main
)
order = [quick, *[n for n in order if n != quick]]
for name in AUDIT:
    order += [n for n in with_needs(name, ASSUMED) if n not in order]
left = {n for n in gain if gain[n] > 0} - set(order)
while left:
    new = {n: [x for x in with_needs(n, ASSUMED) if x not in order] for n in sorted(left)}
    best = max(new, key=lambda n: sum(gain[x] for x in new[n]) / sum(effort[x] for x in new[n]))
    order += new[best]
    left -= set(order)
WORK = staffed(order, ASSUMED, coached=[n for n in order if gain[n] > 0])
