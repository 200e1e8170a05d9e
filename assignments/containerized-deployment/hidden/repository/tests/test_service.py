import json
import unittest
from pathlib import Path


class Samples(unittest.TestCase):
    def test_there_are_samples(self):
        samples = json.loads(Path("samples.json").read_text())
        self.assertTrue(samples)


if __name__ == "__main__":
    unittest.main()
