"""The exported file: JSON Lines in canonical form. Source: ledger-format 8.

Owns the lines' spelling. Does not know where entries are kept.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from belvedere.ledger.canonical import canonical_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry as it is kept; `salt` and `record` (canonical bytes) are None once erased."""

    index: int
    entry: bytes
    salt: bytes | None
    record: bytes | None


@dataclass(frozen=True, slots=True)
class LedgerHeader:
    """Whose ledger a file holds: the node's name, its log's origin, its verifier key."""

    node: str
    origin: str
    vkey: str


def export_lines(header: LedgerHeader, entries: Iterable[LedgerEntry], checkpoint: str) -> Iterator[bytes]:
    """Yield the file's lines, each with its newline: header, entries in order, the signed note."""
    yield header_line(header)
    for entry in entries:
        yield entry_line(entry)
    yield canonical_json({"checkpoint": checkpoint}) + b"\n"


def header_line(header: LedgerHeader) -> bytes:
    """Return the file's first line."""
    return (
        canonical_json({"belvedere-ledger": FORMAT, "node": header.node, "origin": header.origin, "vkey": header.vkey})
        + b"\n"
    )


def entry_line(entry: LedgerEntry) -> bytes:
    """Return the line of one entry: its record and salt, or its hash alone once they are erased."""
    if entry.record is None or entry.salt is None:
        return b'{"entry":"%b","index":%d}\n' % (base64.b64encode(entry.entry), entry.index)
    return b'{"index":%d,"record":%b,"salt":"%b"}\n' % (
        entry.index,
        entry.record,
        base64.b64encode(entry.salt),
    )
