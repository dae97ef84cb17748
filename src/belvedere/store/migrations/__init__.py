"""Alembic migrations, run by `migrate.upgrade` inside one transaction of the writer's connection.

To add tables: write `versions/r0002_<what>.py` with `revision = "0002"` and `down_revision = "0001"`,
and the same tables in a module over `store.schema.metadata`. A test compares the two, column for column.
There is no downgrade: an older program is given back its backup.
"""
