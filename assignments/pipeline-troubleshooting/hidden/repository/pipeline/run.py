"""One night, stage by stage."""

import json

from pipeline import deploy, evaluate, features, ingest, registry, train, validate
from pipeline.clock import days_before


def run(raw, day, models, out, config):
    """Run every stage; what is written is described in docs/EXPECTED.md."""
    out.mkdir(parents=True, exist_ok=True)
    say(f"run {day}")
    rows = ingest.read_window(raw, days_before(day, config["data"]["window_days"]))
    say(f"ingest: {len(rows)} rows of {config['data']['window_days']} days")
    kept, dropped = validate.checked(rows, config["data"])
    say(f"validate: {len(kept)} rows kept, dropped: {dropped or 'none'}")
    table = features.build(kept, config["features"])
    table[["booking_id", "cancelled"]].to_csv(out / "learned.csv", index=False)
    fitting, holdout = train.split(table, day, config["training"])
    model = train.fit(fitting, config)
    scores = evaluate.scores(model, fitting, holdout, registry.current(models))
    say(
        f"train: {len(fitting)} rows, log loss {scores['log_loss']:.4f} on {len(holdout)} rows "
        f"(baseline {scores['baseline']:.4f}, current model {scores['current']})"
    )
    published = evaluate.is_good_enough(scores, config["gate"])
    version = registry.version_of(models, day)
    if published:
        registry.add(models, version, model)
    say(f"register: {version} {'published' if published else 'NOT published'}")
    deploy.check(models, version if published else None, model, holdout)
    predicted = deploy.predictions(models, ingest.read_open(raw, day), config)
    predicted.to_csv(out / "predictions.csv", index=False)
    say(f"deploy: {len(predicted)} open bookings scored by {registry.current_version(models)}")
    summary = {
        "day": day,
        "rows": len(rows),
        "kept": len(kept),
        "dropped": dropped,
        "published": published,
        "version": registry.current_version(models),
        **{name: value for name, value in scores.items() if value is not None},
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    say("done")


def say(text):
    """A line of the run's log."""
    print(text, flush=True)
