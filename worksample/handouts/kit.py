"""The interview kit of a stage, and the role it is for, as pages of two A4 sheets each."""

from __future__ import annotations

from worksample import kits
from worksample.course import Course
from worksample.handouts import pages
from worksample.kits import Kit, Profile

SCALE = (
    "0 is not enough information: say why (not asked, not observable, our failure, out of scope). "
    "It is no low mark and counts nowhere. An answer that was tried and failed is 1."
)
RULES = (
    "Rate alone, and before you talk to the others. Rate what was done and what came of it. Words "
    "that sound senior (“owned”, “led”) earn nothing, nor do accent, grammar, a degree or the name "
    "of a tool; another tool than ours is as good.",
    "Do not ask about age, family, health, origin, belief or the like, and do not write it down.",
)
REFERENCE_WORDS = (
    "Thank you for your time. The candidate named you and knows that we call. I ask every "
    "reference the same questions. What you say is noted; the candidate may ask to see it."
)
RECOMMENDATIONS = {1: "strong no hire", 2: "no hire", 3: "hire", 4: "strong hire"}


def page(course: Course, name: str) -> str:
    """The kit of that stage as HTML.

    Raises:
        CourseError: there is no such kit, or a file of it has a mistake.
    """
    kit, profile = kits.kit(course, name), kits.profile(course)
    return pages.draw(
        "kit",
        kit=kit,
        profile=profile,
        place=_place(profile),
        values=profile.values if kit.stage == "team and culture" else (),
        scale=SCALE,
        rules=_rules(kit),
        reference_words=REFERENCE_WORDS,
        recommendations=RECOMMENDATIONS,
    )


def role(course: Course) -> str:
    """The job description, and on a sheet of its own the ideal profile, as HTML.

    Raises:
        CourseError: the profile has a mistake.
    """
    return pages.draw("role", profile=kits.profile(course))


def _rules(kit: Kit) -> tuple[str, ...]:
    return RULES if kit.dimensions else RULES[1:]


def _place(profile: Profile) -> str:
    """Whose kit it is; a name that nobody filled in is left out."""
    named = profile.company not in profile.blanks
    return f"{profile.role} · {profile.company}" if named else profile.role
