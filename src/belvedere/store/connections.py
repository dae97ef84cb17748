"""How a connection to the node's SQLite file is opened: one kind that writes, one that can't.

Owns the pragmas and the transaction discipline. Does not know any table.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event

WAL_RESET_FIXED_IN = (3, 51, 3)
"""SQLite before this can lose frames when two connections checkpoint and write at once (WAL reset).

Here only the writer's connection does either, and one process alone holds the file, so it cannot occur.
"""
BUSY_TIMEOUT_MS = 200


def sqlite_caveat() -> str | None:
    """Return what to say at start about this SQLite's version, or None where nothing needs saying."""
    if sqlite3.sqlite_version_info >= WAL_RESET_FIXED_IN:
        return None
    return (
        f"SQLite {sqlite3.sqlite_version} is older than 3.51.3 and has the WAL-reset race between connections; "
        "it is avoided here because one connection alone writes and checkpoints: open this file with no "
        "other program that writes while the node runs"
    )


def writing_engine(path: Path, *, creator: Callable[[Path], sqlite3.Connection] | None = None) -> Engine:
    """Return an engine whose connections write: WAL, every commit synced, `BEGIN IMMEDIATE`."""
    connect = creator or _connect

    def open_writer() -> sqlite3.Connection:
        driver = connect(path)
        # The driver's own transactions let DDL escape a rollback; here SQLAlchemy's "begin" speaks alone.
        driver.isolation_level = None
        mode = driver.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            driver.close()
            raise sqlite3.OperationalError(f"{path} cannot be put in WAL mode (it stays in {mode})")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA wal_autocheckpoint = 0")
        driver.execute("PRAGMA secure_delete = ON")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        return driver

    engine = create_engine("sqlite://", creator=open_writer, poolclass=NullPool)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def reading_engine(path: Path, *, connections_max: int) -> Engine:
    """Return an engine whose connections cannot write and never checkpoint; each read is one snapshot."""

    def open_reader() -> sqlite3.Connection:
        driver = _connect(path)
        driver.isolation_level = None
        driver.execute("PRAGMA query_only = ON")
        driver.execute("PRAGMA wal_autocheckpoint = 0")
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        return driver

    engine = create_engine(
        "sqlite://", creator=open_reader, poolclass=QueuePool, pool_size=connections_max, max_overflow=0
    )
    _begin_with(engine, "BEGIN")
    return engine


def offline_engine(path: Path) -> Engine:
    """Return an engine that reads the file from outside the node, even while the node runs."""

    def open_reader() -> sqlite3.Connection:
        driver = read_only_driver(path)
        driver.execute("PRAGMA query_only = ON")
        return driver

    engine = create_engine("sqlite://", creator=open_reader, poolclass=NullPool)
    _begin_with(engine, "BEGIN")
    return engine


def read_only_driver(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write to `path`, though `VACUUM INTO` may write a copy elsewhere."""
    driver = sqlite3.connect(f"file:{_uri_path(path)}?mode=ro", uri=True, check_same_thread=False)
    driver.isolation_level = None
    driver.execute("PRAGMA busy_timeout = 5000")
    return driver


def _connect(path: Path) -> sqlite3.Connection:
    # Each connection is used by one thread at a time, though not always by the one that opened it.
    return sqlite3.connect(path, check_same_thread=False)


def _uri_path(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _begin_with(engine: Engine, statement: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection, for what has no place in a transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def in_transaction(connection: Connection) -> bool:
    """Tell whether SQLite itself still holds the transaction (some errors end it unasked)."""
    return driver_of(connection).in_transaction
