# title = "What is counted is right; labels too early, one input watched, no rule for what comes late"
# quality = "adequate"
# like = "strong"
# total = [45, 80]
# mean = [50, 75]
# failing = ["truth", "alerts", "panels", "harmless"]

# %% cell="then"
metrics = Path("work/service/metrics.py")
text = metrics.read_text("utf-8")
text = text.replace("if age >= MATURE][-LAST:]", "][-LAST:]")
text = text.replace(
    "    except OSError:\n        return Silent()\n",
    "    except ZeroDivisionError:\n        return Silent()\n",
)
metrics.write_text(text)
queries = Path("work/monitoring/monitoring.toml")
text = queries.read_text("utf-8")
text = text.replace(
    "inputs = 'scoring:drift'",
    'inputs = \'sum(increase(input_seen_total{field="amount",place="4"}[10m]))\'',
)
text = text.replace("realised = 'avg_over_time(max(labels_accuracy)[20m:1m])'", "realised = ''")
queries.write_text(text)
rules = Path("work/monitoring/rules.yml")
text = rules.read_text("utf-8")
for name in ("InputsMoved", "AccuracyFallen"):
    head, tail = text.split(f"      - alert: {name}\n")
    text = head + "\n".join(tail.split("\n")[3:])
rules.write_text(text)

# %% [markdown] cell="reasons_answer"
# Counters for requests, a histogram for seconds. Alerts on failing, slow, silence, down and missing values, at the limits of the requirements. Ten minutes, because shorter windows are noisy. Whoever is on call looks at the logs and restarts.

# %% [markdown] cell="extension_answer"
# Drift is only watched for the amount. Next I would add the other fields and an alert, and tracing.

# %% [markdown] cell="disclosure_answer"
# Assistants used: none
