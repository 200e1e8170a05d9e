"""The tables of 0.1, which were made without a revision."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Databases of before are taken for this one; new ones are made as the newest is."""
