from pipeline import registry

from tests.examples import folder, model


def test_the_newest_model_is_current():
    place = folder()
    for day in ("2031-04-30", "2031-05-09", "2031-05-01"):
        registry.add(place, registry.version_of(place, day), model())
    assert registry.current_version(place) == registry.version_of(place, "2031-05-09")


def test_a_day_that_is_run_twice_has_one_version():
    place = folder()
    for _ in range(2):
        registry.add(place, registry.version_of(place, "2031-05-09"), model())
    assert len(registry.versions(place)) == 1
