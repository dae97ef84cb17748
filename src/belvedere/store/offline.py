"""Reads a node's ledger from outside the node, whether the node runs or not; changes nothing.

Owns how the file is found and one consistent snapshot of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from belvedere.domain.failures import Unreadable
from belvedere.ledger.export import export_lines
from belvedere.store.connections import offline_engine
from belvedere.store.ledger_rows import read_entries, read_head, read_identity


@contextmanager
def _snapshot(path: Path) -> Iterator[Connection]:
    if not path.is_file():
        raise Unreadable(f"there is no database at {path}")
    engine = offline_engine(path)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as failure:
        raise Unreadable(f"{path} cannot be read as a node's database: {failure}") from failure
    finally:
        engine.dispose()


def exported_ledger(path: Path) -> Iterator[bytes]:
    """Yield the lines of the ledger in the database at `path`, as it stands in one snapshot.

    Raises `Unreadable` where there is no such ledger. The lines are not checked: `verify` does that.
    """
    with _snapshot(path) as connection:
        header, head = read_identity(connection), read_head(connection)
        if header is None or head is None:
            raise Unreadable(f"{path} holds no record yet")
        yield from export_lines(header, read_entries(connection), head.note)
