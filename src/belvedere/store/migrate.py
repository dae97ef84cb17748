"""Brings a database to the newest revision, all steps in one transaction (RELIABILITY 23)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from belvedere.domain.failures import Unreadable

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrations() -> Config:
    """Return where the revisions are."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def unknown_revision(connection: Connection) -> str | None:
    """Return the revision of the database where this program does not have it, else None; a new database has none."""
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()}
    return None if current is None or current in known else current


def upgrade(connection: Connection) -> None:
    """Run what migrations lack, in the transaction that `connection` already holds.

    A kill at any point leaves the database at the old revision, whole. Raises `Unreadable` where another program has
    brought it to a revision that this one does not know.
    """
    unknown = unknown_revision(connection)
    if unknown is not None:
        raise Unreadable(
            f"the database is of revision {unknown}, which this program does not know; use the program that wrote it, "
            "or restore a backup of this one's"
        )
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
