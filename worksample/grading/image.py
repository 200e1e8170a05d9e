"""Evidence of the kind *image*: what a probe has built, and how what was built is used.

A probe's ``images(case, tree)`` yields a :class:`Build` for each image: its context, the package
index that the build finds, and the uses of it, which are plans of phases as services have them
(:mod:`worksample.grading.services`). :mod:`worksample.grading.images` carries them out.

An assignment that wants images says ``needs = ["image"]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worksample.grading.services import Phase
from worksample.sandbox.imaging import Image


@dataclass(frozen=True)
class Use:
    """One run of an image as a container without rights: its own user, environment and command.

    Args:
        id: names it; its :class:`~worksample.grading.services.ServiceResult` is found under it.
        phases: carried out in order. ``Start`` takes no command here, but for one instead of the
            image's own; ``Fetch`` brings back everything that was put out, under ``log``; ``Place``
            is not possible.
        files: place -> bytes that lie over what the image has there.
        read_only: its root file system; an empty ``/tmp`` can be written in any case.
        memory_mb: of all its processes together; beyond, it is ended. 0: what the limits say.
        seconds: what all of it may take.
    """

    id: str
    phases: tuple[Phase, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    read_only: bool = True
    memory_mb: int = 0
    seconds: float = 60.0


@dataclass(frozen=True)
class Build:
    """An image to build, from the base that set-up made, without any network.

    Args:
        id: names it; what came of it is found under it.
        context: name -> bytes of the build's context; its ``Dockerfile`` or ``Containerfile``.
        index: file name -> wheel: all that ``pip install`` finds. None: what set-up got.
        more: wheels beside those.
        arguments: for ``ARG``.
        cached: steps that an earlier build of this probe has done are not done again.
        canaries: words that are looked for in every layer, the configuration and the history.
        seconds: what the build may take.
        uses: what is done with the image, if there is one.
    """

    id: str
    context: Mapping[str, bytes]
    index: Mapping[str, bytes] | None = None
    more: Mapping[str, bytes] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    cached: bool = True
    canaries: tuple[str, ...] = ()
    seconds: float = 120.0
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Built:
    """What came of a :class:`Build`; all of it is of hostile origin.

    Attributes:
        image: its configuration, layers and size; None where there is no image.
        found: those of the canaries that lie in it.
        said: the end of what the build put out; for graders.
        error: one sentence of ours for the candidate; empty if there is an image.
    """

    id: str
    image: Image | None = None
    found: tuple[str, ...] = ()
    said: str = ""
    error: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.image is not None
