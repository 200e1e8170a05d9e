"""Out to candidates and back: invitations, inboxes, archives, receipts."""

from worksample.course import Course


def submitted_candidates(course: Course, assignment_id: str) -> list[str]:
    """Who has a folder in ``submitted/``, whatever is in it; sorted."""
    return sorted(path.parent.name for path in course.submitted.glob(f"*/{assignment_id}"))
