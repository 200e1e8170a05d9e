"""The folder of models: one file each, named for the day that it learned until."""

from pipeline import model as models

PREFIX = "m-"


def version_of(folder, day):
    """The name of the model of a day: the same, however often the day is run."""
    return PREFIX + day.replace("-", "")


def add(folder, version, model):
    """Publish a model; the one of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    models.write(model, folder / f"{version}.json")


def versions(folder):
    """Names of all models, oldest first."""
    return sorted(path.stem for path in folder.glob(f"{PREFIX}*.json"))


def current_version(folder):
    """The newest model's name; None where there is none."""
    return versions(folder)[-1] if versions(folder) else None


def current(folder):
    """The newest model; None where there is none."""
    version = current_version(folder)
    return models.read(folder / f"{version}.json") if version else None
