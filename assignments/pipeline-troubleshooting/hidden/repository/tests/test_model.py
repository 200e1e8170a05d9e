import numpy as np
from pipeline import model as models

from tests.examples import folder, model, table


def test_probabilities_are_probabilities():
    found = models.probabilities(model(), table())
    assert ((found > 0) & (found < 1)).all()
    assert found.std() > 0.05


def test_written_and_read_it_says_the_same():
    path = folder() / "m-1.json"
    models.write(model(), path)
    again = models.probabilities(models.read(path), table())
    assert np.allclose(again, models.probabilities(model(), table()), atol=1e-9)
