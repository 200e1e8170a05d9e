"""Alembic's environment: the connection and its transaction are given, nothing is configured."""

from alembic import context

from worksample.records.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
