"""Brings a database to the newest revision, all steps in one transaction (RELIABILITY 23)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrations() -> Config:
    """Return where the revisions are."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def upgrade(connection: Connection) -> None:
    """Run what migrations lack, in the transaction that `connection` already holds.

    A kill at any point leaves the database at the old revision, whole.
    """
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
