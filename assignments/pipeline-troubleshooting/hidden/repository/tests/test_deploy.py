import numpy as np
from pipeline import deploy, registry
from pipeline.model import probabilities

from tests.examples import folder, model, table


def test_what_is_served_is_what_was_trained():
    place = folder()
    registry.add(place, "m-20310509", model())
    assert np.allclose(deploy.served(place, table()), probabilities(model(), table()), atol=1e-9)
