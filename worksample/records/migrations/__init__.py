"""Alembic's scripts: how tables of earlier versions become those of this one."""
