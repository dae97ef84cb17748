"""Reads a node's ledger from outside the node, whether the node runs or not; changes nothing.

Owns how the file is found and one consistent snapshot of it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.derived import derived_of
from belvedere.ledger.export import LedgerEntry, export_lines
from belvedere.rights.sight import Sight
from belvedere.store.connections import offline_engine
from belvedere.store.ledger_rows import read_entries, read_head, read_identity
from belvedere.store.witness_rows import read_cosigned_head


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


def exported_ledger(path: Path, *, whole: bool = False, until_cosigned: bool = False) -> Iterator[bytes]:
    """Yield the lines of the ledger in the database at `path`, as its party may see it, in one snapshot.

    What another party did for itself stands there as its entry alone, as if it were erased (ledger-format 8), so the file
    verifies as it is; `whole` leaves nothing out. `until_cosigned` ends it with the newest head that a witness co-signed,
    where there is one, else with the newest head. Raises `Unreadable` where there is no such ledger. The lines are not
    checked: `verify` does that.
    """
    with _snapshot(path) as connection:
        header, head = read_identity(connection), read_head(connection)
        if header is None or head is None:
            raise Unreadable(f"{path} holds no record yet")
        if until_cosigned:
            head = read_cosigned_head(connection) or head
        own = PartyId(header.node)
        entries = read_entries(connection, end=head.size)
        seen = entries if whole else (_as_seen(each, Sight(own, own)) for each in entries)
        yield from export_lines(header, seen, head.note)


def _as_seen(entry: LedgerEntry, sight: Sight) -> LedgerEntry:
    if entry.record is None:
        return entry
    try:
        private_to = derived_of(json.loads(entry.record), entry.index).search.private_to
    except (ValueError, KeyError, TypeError, RecursionError):
        return entry  # no record of ours: whoever verifies the file is told so
    return entry if sight.record(private_to) else replace(entry, salt=None, record=None)
