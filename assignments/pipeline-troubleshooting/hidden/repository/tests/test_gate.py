from pipeline import evaluate

GATE = {"least_gain": 0.005, "tolerance": 0.01}


def found(log_loss, current):
    return {"log_loss": log_loss, "baseline": 0.6, "current": current}


def test_a_better_model_is_published():
    assert evaluate.is_good_enough(found(0.50, 0.52), GATE)


def test_a_model_that_is_clearly_worse_is_not_published():
    assert not evaluate.is_good_enough(found(0.55, 0.50), GATE)


def test_a_model_no_better_than_the_base_rate_is_not_published():
    assert not evaluate.is_good_enough(found(0.598, None), GATE)
