"""The ledger as its one writer holds it: the head in memory, and what a transaction adds to it.

Owns the head, the epoch, and the start-up check. Does not know transactions' beginnings and ends: the
writer tells it when a group has become durable. Source: ledger-format 5, 7; reliability 7.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Insert, Update, bindparam, func, insert, literal_column, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes.party_words import PartyWords
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import IdSource
from belvedere.domain.record import Record
from belvedere.ledger.canonical import SALT_RANDOM_BYTES, canonical_members, entry_hash, record_json, salt_for
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.derived import LASTING_US, Derived, ViewingEnded, ViewingOpened, derived_of, words_named
from belvedere.ledger.export import LedgerEntry, LedgerHeader
from belvedere.ledger.known_tree import KnownTree
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey, verifier_key
from belvedere.ledger.tree import Frontier
from belvedere.store.connections import driver_of
from belvedere.store.ledger_rows import (
    TILE_HEIGHT,
    StoredHead,
    read_entries,
    read_head,
    read_identity,
)
from belvedere.store.ledger_tables import (
    ledger_entries,
    ledger_epochs,
    ledger_erasures,
    ledger_event_records,
    ledger_head,
    ledger_identity,
    ledger_records,
    ledger_subtrees,
    ledger_viewings,
    ledger_words,
)

SALTS_DRAWN = 64
NOTHING_SAID: Mapping[str, PartyWords] = {}


# Built once: making a statement costs more than running it. What each record adds goes to the driver, row by row, as
# it is: a place in a tuple costs less than a name.
def _spelt(statement: Insert | Update, *columns: str, by_name: bool = False) -> str:
    """Return the statement as SQLite reads it, for the columns given; they are taken in the order of their table."""
    dialect = sqlite.dialect(paramstyle="named" if by_name else "qmark")
    return str(statement.compile(dialect=dialect, column_keys=columns or None))


_ADD_ENTRIES = _spelt(insert(ledger_entries))
_ADD_RECORDS = _spelt(insert(ledger_records))
_ADD_EVENT_RECORDS = _spelt(insert(ledger_event_records))
_ADD_WORDS = _spelt(insert(ledger_words))
_ADD_SUBTREES = _spelt(insert(ledger_subtrees))
_ADD_VIEWINGS = _spelt(
    upsert(ledger_viewings).on_conflict_do_nothing(), "viewing", "camera", "opened_us", "opened_idx", "lasting"
)
_END_VIEWINGS = _spelt(
    update(ledger_viewings)
    .where(
        ledger_viewings.c.viewing == bindparam("which"),
        ledger_viewings.c.ended_us.is_(None),
        # All openings of a group are written before its ends: none ends what was opened after it.
        ledger_viewings.c.opened_idx < bindparam("idx"),
    )
    .values(
        ended_us=bindparam("at_us"),
        ended_idx=bindparam("idx"),
        lasting=bindparam("at_us") - ledger_viewings.c.opened_us > literal_column(str(LASTING_US)),
    ),
    by_name=True,
)
_NEW_HEAD = upsert(ledger_head)
_PUT_HEAD = _NEW_HEAD.on_conflict_do_update(
    index_elements=["id"],
    set_={"size": _NEW_HEAD.excluded.size, "root": _NEW_HEAD.excluded.root, "note": _NEW_HEAD.excluded.note},
)


@dataclass(frozen=True, slots=True)
class LedgerIdentity:
    """Whose ledger it is: the node's name, its log's origin (which ends in the name), its signing key.

    `former` is the key that this one followed: a log goes on under its next key, signed anew at the first start with it.
    """

    node: str
    origin: str
    key: Ed25519PrivateKey = field(repr=False)
    former: VerifierKey | None = None

    def stored(self) -> LedgerHeader:
        """Return the identity as the database keeps it, without the private key."""
        return LedgerHeader(self.node, self.origin, str(verifier_key(self.origin, self.key)))

    def is_of(self, stored: LedgerHeader) -> bool:
        """Tell whether a ledger that stands in a database is this one, under this key or the one before it."""
        former = None if self.former is None else LedgerHeader(self.node, self.origin, str(self.former))
        return stored in (self.stored(), former)


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What the start-up check found. Unless `sound`, the node must serve no other party (reliability 7)."""

    sound: bool
    size: int
    finding: str | None
    """None where sound; else the fact and where it is."""


class ForeignLedger(Exception):
    """The database belongs to another node or key; it must not be opened with this identity."""


def require_own(stored: LedgerHeader, own: LedgerIdentity) -> None:
    """Raise `ForeignLedger` where the ledger that stands in a database is another's."""
    if not own.is_of(stored):
        raise ForeignLedger(
            f"this database is the ledger of {stored.vkey} (node `{stored.node}`), not of {own.stored().vkey} "
            f"(node `{own.node}`); give the node the key and the name that it was made with"
        )


@dataclass(slots=True)
class _Rows:
    """What the current group adds, in the order of the tables; every row begins with the index of its record."""

    entries: list[tuple[int, bytes]] = field(default_factory=list)
    records: list[tuple[int, bytes, bytes, int, str, str | None, str | None, str | None]] = field(default_factory=list)
    subtrees: list[tuple[int, int, int, bytes]] = field(default_factory=list)
    """The record that completes it, level, position, root."""
    opened: list[tuple[int, str, str, int]] = field(default_factory=list)
    ended: list[tuple[int, str, int]] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)
    words: list[tuple[int, str, str, bytes, str]] = field(default_factory=list)

    def forget_from(self, index: int) -> None:
        """Forget what the records from `index` on add."""
        self.entries = [row for row in self.entries if row[0] < index]
        self.records = [row for row in self.records if row[0] < index]
        self.subtrees = [row for row in self.subtrees if row[0] < index]
        self.opened = [row for row in self.opened if row[0] < index]
        self.ended = [row for row in self.ended if row[0] < index]
        self.events = [row for row in self.events if row[0] < index]
        self.words = [row for row in self.words if row[0] < index]

    def tell(self, derived: Derived) -> None:
        """Add what the tables repeat of a record; its search columns stand beside it."""
        index, at_us = derived.index, derived.search.at_us
        match derived.run:
            case ViewingOpened(viewing, camera):
                self.opened.append((index, viewing, camera, at_us))
            case ViewingEnded(viewing):
                self.ended.append((index, viewing, at_us))
            case None:
                pass
        if derived.event is not None:
            self.events.append((index, derived.event))


class LedgerLog:
    """The head and the growing edge. Used by the writer's thread alone, but for `durable_head` and `known`."""

    def __init__(self, identity: LedgerIdentity, ids: IdSource) -> None:
        self.identity = identity
        self.epoch = 0
        self.check = LedgerCheck(sound=False, size=0, finding="the ledger has not been checked yet")
        self.durable_head: StoredHead | None = None
        self.known = KnownTree()
        self._ids = ids
        self._durable = Frontier()
        self._frontier = Frontier()
        self._rows = _Rows()
        self._randomness = b""

    def open(self, connection: Connection) -> None:
        """Claim the database for this identity and check it whole; raises `ForeignLedger`."""
        stored, own = read_identity(connection), self.identity.stored()
        if stored is not None:
            require_own(stored, self.identity)
        self._frontier, self.check = check_ledger(connection, stored or own, self.known)
        if stored != own and self.check.sound:
            # The record of this start, in the same transaction, stands under a head that this key signs.
            values = {"node": own.node, "origin": own.origin, "vkey": own.vkey}
            connection.execute(insert(ledger_identity).values(**values))
        self._durable = self._frontier
        self.durable_head = read_head(connection)

    def begin_epoch(self, connection: Connection, *, started_at_us: int) -> int:
        """Number this start of the node: one more than the last."""
        self.epoch = (connection.scalar(select(func.max(ledger_epochs.c.epoch))) or 0) + 1
        connection.execute(insert(ledger_epochs).values(epoch=self.epoch, started_at_us=started_at_us))
        return self.epoch

    def append(self, record: Record, said: Mapping[str, PartyWords] = NOTHING_SAID) -> int:
        """Add `record` to the group that is being written, and beside it what it names of `said`; return its index.

        Raises `NotRecorded` while the ledger is not sound, `NotCanonical` for a value JSON cannot carry, `KeyError` for
        words that the record names and nobody said: they would be lost.
        """
        if not self.check.sound:
            raise NotRecorded(f"the ledger takes no record: {self.check.finding}")
        members = record_json(record, node=self.identity.node, epoch=self.epoch)
        canonical = canonical_members(members)
        salt = salt_for(canonical, self._salt_random())
        entry = entry_hash(salt, canonical)
        index = self._frontier.size
        derived = derived_of(members, index)
        search, named = derived.search, words_named(members)
        words_rows = [_words_row(index, sha256, said[sha256]) for sha256 in {*named.values()}] if named else []
        self._frontier, completed = self._frontier.append(entry)
        self._rows.entries.append((index, entry))
        self._rows.records.append((index, salt, canonical, *search))
        if words_rows:
            self._rows.words += words_rows
        self._rows.tell(derived)
        for height, root in completed:
            if height % TILE_HEIGHT == 0:
                self._rows.subtrees.append((index, height // TILE_HEIGHT, index >> height, root))
        return index

    def _salt_random(self) -> bytes:
        """Return fresh randomness for one salt; drawn for many at a time, since each draw is a call of the system."""
        if not self._randomness:
            self._randomness = self._ids.secret(SALT_RANDOM_BYTES * SALTS_DRAWN)
        drawn, self._randomness = self._randomness[:SALT_RANDOM_BYTES], self._randomness[SALT_RANDOM_BYTES:]
        return drawn

    def mark(self) -> Frontier:
        """Return the point where the next job of the group starts."""
        return self._frontier

    def take_back(self, mark: Frontier) -> None:
        """Forget what a failed job appended since `mark`."""
        self._frontier = mark
        self._rows.forget_from(mark.size)

    def write_group(self, connection: Connection) -> StoredHead | None:
        """Insert the group's rows and its newly signed head; return that head, None where nothing grew."""
        if not self._rows.entries:
            return None
        driver, rows = driver_of(connection), self._rows
        driver.executemany(_ADD_ENTRIES, rows.entries)
        driver.executemany(_ADD_RECORDS, rows.records)
        driver.executemany(_ADD_SUBTREES, [row[1:] for row in rows.subtrees])
        driver.executemany(_ADD_VIEWINGS, [(viewing, camera, us, at, True) for at, viewing, camera, us in rows.opened])
        driver.executemany(_END_VIEWINGS, [{"which": one, "at_us": us, "idx": at} for at, one, us in rows.ended])
        driver.executemany(_ADD_EVENT_RECORDS, rows.events)
        driver.executemany(_ADD_WORDS, rows.words)
        root = self._frontier.root()
        note = Checkpoint(self.identity.origin, self._frontier.size, root).signed(self.identity.key)
        head = StoredHead(self._frontier.size, root, str(note))
        connection.execute(_PUT_HEAD, {"id": 1, "size": head.size, "root": head.root, "note": head.note})
        self.known.expect(
            [entry for _, entry in rows.entries], [root for _, level, _, root in rows.subtrees if level == 1]
        )
        return head

    def became_durable(self, head: StoredHead | None) -> None:
        """Take the group's head as the ledger's: its commit has returned."""
        self._durable = self._frontier
        if head is not None:
            self.durable_head = head
            self.known.expected_landed()
        self._rows = _Rows()

    def was_lost(self) -> None:
        """Go back to the last durable head: the group did not commit."""
        self._frontier = self._durable
        self.known.forget_expected()
        self._rows = _Rows()

    def outcome_of(self, connection: Connection, attempted: StoredHead | None) -> "GroupOutcome":
        """Tell, after a failed commit and a fresh connection, which head the database really has."""
        stored = read_head(connection)
        if stored == self.durable_head:
            return GroupOutcome(landed=False, finding=None)
        if attempted is not None and stored == attempted:
            return GroupOutcome(landed=True, finding=None)
        size = 0 if stored is None else stored.size
        return GroupOutcome(landed=False, finding=f"after a failed write the ledger has an unknown head ({size})")

    def distrust(self, finding: str) -> None:
        """Take no more records: the database is not what this process knows it to be. From any thread."""
        self.check = LedgerCheck(sound=False, size=self._durable.size, finding=finding)


def _words_row(index: int, sha256: str, said: PartyWords) -> tuple[int, str, str, bytes, str]:
    return index, sha256, said.party, said.words.salt, said.words.text


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What became of a group whose commit failed."""

    landed: bool
    finding: str | None


def check_ledger(
    connection: Connection, identity: LedgerHeader, known: KnownTree | None = None
) -> tuple[Frontier, LedgerCheck]:
    """Recompute everything stored: records → entries → tree → head → signature; make it `known`. O(n) hashes."""
    frontier = Frontier()
    known = KnownTree() if known is None else known
    entries: list[bytes] = []
    erased = set(connection.scalars(select(ledger_erasures.c.idx)))
    subtrees = {
        (row.level, row.position): row.hash
        for row in connection.execute(
            select(ledger_subtrees.c.level, ledger_subtrees.c.position, ledger_subtrees.c.hash)
        )
    }

    def unsound(finding: str) -> tuple[Frontier, LedgerCheck]:
        return frontier, LedgerCheck(sound=False, size=frontier.size, finding=finding)

    for stored in read_entries(connection):
        finding = _entry_finding(stored, expected=frontier.size, erased=erased)
        if finding is not None:
            return unsound(finding)
        frontier, completed = frontier.append(stored.entry)
        for height, root in completed:
            place = (height // TILE_HEIGHT, stored.index >> height)
            if height % TILE_HEIGHT == 0 and subtrees.pop(place, None) != root:
                return unsound(f"the stored subtree {place[1]} of level {place[0]} is not that of its entries")
        entries.append(stored.entry)
        _know(known, entries, completed)
    if subtrees:
        return unsound("the ledger has subtrees of entries that it has not")
    finding = _head_finding(read_head(connection), frontier, identity)
    if finding is not None:
        return unsound(finding)
    known.expect(entries, ())
    known.expected_landed()
    known.whole = True
    return frontier, LedgerCheck(sound=True, size=frontier.size, finding=None)


def _entry_finding(stored: LedgerEntry, *, expected: int, erased: Collection[int]) -> str | None:
    """Return what is wrong with an entry and its record, or None."""
    if stored.index != expected:
        return f"entry {expected} is missing from the ledger"
    if stored.record is None or stored.salt is None:
        return None if stored.index in erased else f"record {stored.index} was removed without an erasure"
    if entry_hash(stored.salt, stored.record) != stored.entry:
        return f"record {stored.index} is not the one that was entered"
    return None


def _know(known: KnownTree, entries: list[bytes], completed: Sequence[tuple[int, bytes]]) -> None:
    """Make a subtree known once it is complete; what follows the last one waits in `entries`."""
    roots = [root for height, root in completed if height == TILE_HEIGHT]
    if roots:
        known.expect(entries, roots)
        known.expected_landed()
        entries.clear()


def _head_finding(head: StoredHead | None, frontier: Frontier, identity: LedgerHeader) -> str | None:
    """Return what is wrong with the stored head, or None."""
    if head is None:
        return None if frontier.size == 0 else f"the ledger has {frontier.size} entries and no signed head"
    if head.size != frontier.size:
        return f"the signed head states {head.size} entries, the ledger has {frontier.size}"
    if head.root != frontier.root():
        return f"the tree of the {head.size} entries is not the one of the signed head"
    try:
        note = SignedNote.parse(head.note)
        same = Checkpoint.parse(note.text) == Checkpoint(identity.origin, head.size, head.root)
        signed = same and note.signed_by(VerifierKey.parse(identity.vkey))
    except BadNote as failure:
        return f"the signed head cannot be read: {failure}"
    return None if signed else "the head is not signed by the node's key, or states another tree"
