"""Interview kits: what is asked at each stage, the anchors, and the profile of the role."""

from worksample.kits.model import Kit, Profile, Question
from worksample.kits.reading import NAMES, PROFILE, kit, known, own, profile, whose

__all__ = [
    "NAMES",
    "PROFILE",
    "Kit",
    "Profile",
    "Question",
    "kit",
    "known",
    "own",
    "profile",
    "whose",
]
