"""Reads records out of the database and believes none: each one's entry is computed anew and found in the known tree.

Owns a bounded memory of subtrees that were compared with their roots. Used on any thread, within the caller's snapshot.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, select

from belvedere.domain.untrusted_text import shown
from belvedere.ledger.canonical import Json, entry_hash
from belvedere.ledger.derived import Derived, SearchColumns, derived_of
from belvedere.ledger.known_tree import TILE_ENTRIES, KnownTree, tile_root
from belvedere.ledger.tree import HASH_SIZE_BYTES
from belvedere.store.ledger_rows import as_blob, read_entry_hashes
from belvedere.store.ledger_tables import ledger_records

NAME_CHARACTERS_MAX = 120
TILES_KEPT_MAX = 512
"""4 MiB of entries: two pages of viewings that lie far apart are read without hashing the same subtrees twice."""

_SEARCH = SearchColumns._fields
RECORD_ROWS: Select[Any] = select(*(ledger_records.c[name] for name in ("idx", "salt", "record", *_SEARCH)))
"""What `SoundRecords` takes rows of, as tuples in this order."""


_INDEX = itemgetter(0)


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """A record that is the one that was entered at its index."""

    index: int
    members: Mapping[str, Json]
    derived: Derived


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row of a derived table that is not what the records say: `key` names it.

    `stands` and `must` are its columns, None where there is no row or must be none.
    """

    table: str
    key: object
    stands: Mapping[str, object] | None
    must: Mapping[str, object] | None


@dataclass(slots=True)
class Findings:
    """What reading found wrong; filled by the reader."""

    differences: list[RowDifference] = field(default_factory=list)
    unsound: str | None = None

    def forged(self, finding: str) -> None:
        """Note that a record or an entry itself is not what was entered; the first one is told."""
        self.unsound = self.unsound or finding


class SoundRecords:
    """Tells the records that were entered from those that were not."""

    def __init__(self, known: KnownTree) -> None:
        self.known = known
        self._tiles: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, connection: Connection, wanted: Select[Any], findings: Findings) -> dict[int, SoundRecord]:
        """Return the records that `wanted` selects of `RECORD_ROWS`, by their indexes: see `among`."""
        return self.among(connection, connection.execute(wanted).all(), findings)

    def among(
        self, connection: Connection, rows: Iterable[Sequence[Any]], findings: Findings
    ) -> dict[int, SoundRecord]:
        """Return the records among `rows`, of `RECORD_ROWS`, that were entered, by their indexes and in their order.

        Those that were not are told to `findings`, and so is each row whose search columns are not the record's.
        """
        found: dict[int, SoundRecord] = {}
        whole = self.known.whole
        for row in sorted(rows, key=_INDEX):
            index, record, stands = row[0], as_blob(row[2]), tuple(row[3:])
            if whole:
                if not 0 <= index < self.known.size:
                    findings.differences.append(RowDifference("ledger_records", index, _named(stands), None))
                    continue
                if self.entry(connection, index, findings) != entry_hash(as_blob(row[1]), record):
                    findings.forged(f"record {index} is not the one that was entered")
                    continue
            try:
                members: Mapping[str, Json] = json.loads(record.decode())
                derived = derived_of(members, index)
            except (
                ValueError,
                KeyError,
                TypeError,
                RecursionError,
            ):  # where the ledger is unsound it may hold anything
                findings.forged(f"record {index} is no record")
                continue
            found[index] = SoundRecord(index, members, derived)
            if whole and stands != derived.search:
                findings.differences.append(
                    RowDifference("ledger_records", index, _named(stands), _named(derived.search))
                )
        return found

    def entry(self, connection: Connection, index: int, findings: Findings) -> bytes | None:
        """Return the entry at `index` as the known tree has it; None where the stored entries are not the tree's."""
        kept = self.known.entry(index)
        if kept is not None:
            return kept
        tile, place = divmod(index, TILE_ENTRIES)
        entries = self._tile(connection, tile, findings)
        return None if entries is None else entries[place * HASH_SIZE_BYTES : (place + 1) * HASH_SIZE_BYTES]

    def _tile(self, connection: Connection, tile: int, findings: Findings) -> bytes | None:
        with self._lock:
            kept = self._tiles.get(tile)
            if kept is not None:
                self._tiles.move_to_end(tile)
                return kept
        start = tile * TILE_ENTRIES
        stored = [as_blob(each) for each in read_entry_hashes(connection, start=start, end=start + TILE_ENTRIES)]
        if len(stored) != TILE_ENTRIES or tile_root(stored) != self.known.root(tile):
            findings.forged(f"the entries {start} to {start + TILE_ENTRIES - 1} are not those of the tree")
            return None
        entries = b"".join(stored)
        with self._lock:
            self._tiles[tile] = entries
            if len(self._tiles) > TILES_KEPT_MAX:
                self._tiles.popitem(last=False)
        return entries


def _named(columns: tuple[object, ...]) -> dict[str, object]:
    return dict(zip(_SEARCH, columns, strict=True))


def differing_keys(differences: Iterable[RowDifference], *, most: int) -> Sequence[str]:
    """Return which rows differ, as logs and records name them, the first `most`."""
    return list(dict.fromkeys(shown(f"{each.table} {each.key}"[:NAME_CHARACTERS_MAX]) for each in differences))[:most]
