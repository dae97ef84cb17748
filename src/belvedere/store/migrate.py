"""Brings a database to the newest revision, all steps in one transaction (reliability 23)."""

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


def require_known_revision(connection: Connection, *, where: str = "the database") -> None:
    """Raise `Unreadable` where another program brought the database to a revision that this one does not have."""
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()}
    if current is not None and current not in known:
        raise Unreadable(
            f"{where} is of revision {current}, which this program does not know; use the program that wrote it, "
            "or restore a backup of this one's"
        )


def upgrade(connection: Connection) -> None:
    """Run what migrations lack, in the transaction that `connection` already holds.

    A kill at any point leaves the database at the old revision, whole. Raises `Unreadable` on an unknown revision.
    """
    require_known_revision(connection)
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
