import unittest

from app import metrics


class Metrics(unittest.TestCase):
    def test_better_is_better(self):
        outcomes, good, bad = [0, 1, 1], [0.1, 0.8, 0.9], [0.5, 0.5, 0.5]
        self.assertLess(metrics.log_loss(outcomes, good), metrics.log_loss(outcomes, bad))
        self.assertLess(metrics.brier(outcomes, good), metrics.brier(outcomes, bad))
        self.assertGreater(metrics.skill(outcomes, good), metrics.skill(outcomes, bad))
