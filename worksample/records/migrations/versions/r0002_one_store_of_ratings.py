"""Ratings are submitted, linked by hashes, and say which cell their evidence is in.

What was rated before counts as submitted: its graders could see one another's ratings. Earlier rows
of the audit log and of ratings are linked as they are now.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; then link what is there."""
    connection = op.get_bind()
    _form_uses(connection)
    for table, columns in (
        ("audit", {"salt": 32}),
        ("ratings", {"cell": 128, "door": 32, "salt": 32}),
    ):
        for name, length in columns.items():
            default = "command" if name == "door" else ""
            op.add_column(
                table,
                sa.Column(name, sa.String(length), nullable=False, server_default=default),
            )
    _tables()
    for kind in ("ratings", "audit"):
        _salt(connection, kind)
    _submit(connection)
    _link(connection)


def _form_uses(connection: Connection) -> None:
    """The first databases had no such table; it was made when they were opened."""
    if sa.inspect(connection).has_table("form_uses"):
        return
    op.create_table(
        "form_uses",
        *_base(),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("seed", sa.String(16), nullable=False),
        sa.Column("bank", sa.String(64), nullable=False),
        sa.Column("formerly", sa.JSON, nullable=False),
    )
    _indexes("form_uses")


def _tables() -> None:
    op.create_table(
        "ratings_submitted",
        *_base(),
        sa.Column("grader", sa.String(128), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.UniqueConstraint("assignment", "candidate", "grader"),
    )
    op.create_table(
        "recommendations",
        *_base(),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("value", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("debrief_digest", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.CheckConstraint("value IS NULL OR value BETWEEN 1 AND 4", name="recommendation_scale"),
        sa.CheckConstraint("reason <> ''", name="recommendation_has_reason"),
    )
    op.create_table(
        "formgrader_scores",
        *_base(),
        sa.Column("criterion", sa.String(128), nullable=False),
        sa.Column("score", sa.Float),
        sa.UniqueConstraint("assignment", "candidate", "criterion"),
    )
    for name in ("ratings_submitted", "recommendations", "formgrader_scores"):
        _indexes(name)
    op.create_table(
        "chain",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time", sa.DateTime, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("own", sa.String(64), nullable=False),
    )
    op.create_table(
        "tombstones",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.DateTime, nullable=False),
        sa.Column("links", sa.JSON, nullable=False),
    )


def _base() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("assignment", sa.String(128), nullable=False),
        sa.Column("candidate", sa.String(128), nullable=False),
        sa.Column("time", sa.DateTime, nullable=False),
    )


def _indexes(table: str) -> None:
    for column in ("assignment", "candidate"):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _salt(connection: Connection, kind: str) -> None:
    table = sa.table(kind, sa.column("id"), sa.column("salt"))
    for number in connection.scalars(sa.select(table.c.id)).all():
        salted = table.update().where(table.c.id == number).values(salt=secrets.token_hex(16))
        connection.execute(salted)


def _submit(connection: Connection) -> None:
    who = sa.table("ratings", *map(sa.column, ("assignment", "candidate", "grader", "time")))
    done = sa.table(
        "ratings_submitted",
        *map(sa.column, ("assignment", "candidate", "grader", "salt")),
        sa.column("time", sa.DateTime),
    )
    time = sa.func.max(who.c.time).label("time")
    # as it is written: the newest of a text is the newest of a time in SQLite too
    groups = (who.c.assignment, who.c.candidate, who.c.grader)
    rows = connection.execute(sa.select(*groups, time).group_by(*groups).order_by(time)).all()
    for row in rows:
        values = {**row._mapping, "salt": secrets.token_hex(16), "time": _time(row.time)}
        connection.execute(done.insert().values(**values))


def _link(connection: Connection) -> None:
    from worksample.records import chain

    chain.append(connection, _rows(connection))


def _rows(connection: Connection) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from worksample.records import chain

    for kind in ("audit", "ratings", "ratings_submitted"):
        table = sa.table(kind, *map(_column, chain.CONTENT[kind]))
        for row in connection.execute(sa.select(table)).mappings():
            yield kind, {**row, "time": _time(row["time"]).replace(tzinfo=UTC)}


def _column(name: str) -> Any:
    return sa.column(name, sa.JSON) if name == "detail" else sa.column(name)


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
