"""What ends a run on purpose."""


class PipelineError(Exception):
    """A run that must not go on; `stage` says where it was."""

    stage = "pipeline"


class IngestError(PipelineError):
    """An export is missing or cannot be read."""

    stage = "ingest"


class ValidationError(PipelineError):
    """The rows are not what they should be."""

    stage = "validate"


class TrainingError(PipelineError):
    """There is no model that could be used."""

    stage = "train"


class DeployError(PipelineError):
    """What is served is not what was trained."""

    stage = "deploy"
