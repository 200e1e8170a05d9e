"""The model: how likely an invoice is disputed. Do not change it."""

import json
import math
from pathlib import Path

FOLDER = Path(__file__).parents[1]
MODEL = json.loads((FOLDER / "model.json").read_text("utf-8"))


class Malformed(ValueError):
    """A request that is not one."""


def read(data):
    """An invoice as features; `filled` says whether a value was missing.

    Raises:
        Malformed: a field is missing or of the wrong kind.
    """
    try:
        orders = data["orders_before"]
        invoice = {
            "id": str(data["id"]),
            "customer": str(data["customer"]),
            "amount": float(data["amount"]),
            "terms_days": float(data["terms_days"]),
            "orders_before": MODEL["orders_if_missing"] if orders is None else float(orders),
            "channel": MODEL["channels"][data["channel"]] and data["channel"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(str(error)) from error
    if invoice["amount"] <= 0:
        raise Malformed("amount")
    return invoice, orders is None


def score(invoice):
    """Probability of a dispute."""
    z = (
        MODEL["intercept"]
        + MODEL["log_amount"] * math.log(invoice["amount"])
        + MODEL["terms_days"] * invoice["terms_days"]
        + MODEL["orders_before"] * invoice["orders_before"]
        + MODEL["channels"][invoice["channel"]]
    )
    return 1 / (1 + math.exp(-z))
