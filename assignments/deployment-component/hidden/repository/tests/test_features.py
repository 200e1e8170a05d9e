import unittest

from app.features import BRANCHES, BadLoan, features

LOAN = {"branch": BRANCHES[1], "days_allowed": 14, "renewals": 1, "items": 3}


class Features(unittest.TestCase):
    def test_a_branch_is_one_of_the_numbers(self):
        self.assertEqual(features(LOAN)[f"at_{BRANCHES[1]}"], 1.0)
        self.assertEqual(features(LOAN)[f"at_{BRANCHES[2]}"], 0.0)

    def test_what_is_blank_is_none(self):
        self.assertEqual(features({**LOAN, "renewals": ""})["renewals"], 0.0)
        self.assertEqual(features({**LOAN, "renewals": None})["renewals"], 0.0)

    def test_an_unknown_branch_is_refused(self):
        with self.assertRaises(BadLoan):
            features({**LOAN, "branch": "moon"})

    def test_numbers_have_bounds(self):
        with self.assertRaises(BadLoan):
            features({**LOAN, "days_allowed": 900})
        with self.assertRaises(BadLoan):
            features({**LOAN, "items": "many"})
