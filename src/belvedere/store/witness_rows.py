"""What is co-signed, kept in the database (implements `peers.ports.HeadStore`).

Promises: a head is kept only after the one that it was compared with, in the transaction of the comparison, so no two heads
of one log are co-signed that do not continue each other; what `keep_witnessed` returned True for is durable.
"""

import itertools

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.changes import LogContradicted
from belvedere.changes.records import record_of_ledger
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.cosigned import Cosigned, OwnProof
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey
from belvedere.ledger.proofs import consistency_proof, range_root
from belvedere.ledger.tree import EMPTY_ROOT
from belvedere.ledger.witness import WitnessedHead
from belvedere.store.database import Database
from belvedere.store.ledger_rows import StoredHead, read_head, read_identity, subtree_hashes
from belvedere.store.witness_tables import ledger_cosignatures, witnessed_heads
from belvedere.store.writer import WriteTransaction

_KEEP_WITHIN_S = 5.0


class SqlHeadStore:
    """Heads of other logs, co-signatures on this one's, and this one's tree."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def witnessed(self, origin: str) -> WitnessedHead | None:
        """Return the newest head of a log that this node co-signed, or None; raises `NotRead`."""
        return await self._database.read(lambda connection: _witnessed(connection, origin))

    async def keep_witnessed(
        self, head: WitnessedHead, *, after: WitnessedHead | None, told: LogContradicted | None = None
    ) -> bool:
        """Keep `head` in the place of `after`; False where another stands there by now. Raises `NotRecorded`.

        What is `told` of the log is recorded in the same transaction.
        """

        def work(transaction: WriteTransaction) -> bool:
            connection, origin = transaction.connection, head.checkpoint.origin
            if _witnessed(connection, origin) != after:
                return False
            values = {
                "size": head.checkpoint.size,
                "root": head.checkpoint.root,
                "note": head.note,
                "cosigned_at_s": head.cosigned_at_s,
                "forked": head.forked,
            }
            statement = upsert(witnessed_heads).values(origin=origin, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=values))
            if told is not None:
                transaction.append(record_of_ledger(told))
            return True

        return await self._database.write(work, timeout_s=_KEEP_WITHIN_S)

    async def tell(self, told: LogContradicted) -> None:
        """Record what a witness proved of this ledger; raises `NotRecorded`."""
        record = record_of_ledger(told)
        await self._database.write(lambda transaction: transaction.append(record), timeout_s=_KEEP_WITHIN_S)

    async def cosigned(self, witness: VerifierKey) -> Cosigned | None:
        """Return the newest head of this log that `witness` co-signed, or None; raises `NotRead`."""

        def work(connection: Connection) -> Cosigned | None:
            found = connection.execute(
                select(ledger_cosignatures).where(ledger_cosignatures.c.witness == str(witness))
            ).one_or_none()
            identity = read_identity(connection)
            if found is None or identity is None:
                return None
            checkpoint = Checkpoint(identity.origin, found.size, found.root)
            return Cosigned(witness, checkpoint, found.note, found.cosigned_at_s)

        return await self._database.read(work)

    async def keep_cosigned(self, cosigned: Cosigned) -> None:
        """Keep what a witness brought, where it is newer than what it brought before; raises `NotRecorded`."""
        values = {
            "size": cosigned.checkpoint.size,
            "root": cosigned.checkpoint.root,
            "note": cosigned.note,
            "cosigned_at_s": cosigned.at_s,
        }
        table = ledger_cosignatures
        statement = upsert(table).values(witness=str(cosigned.witness), **values)
        newer = statement.on_conflict_do_update(
            index_elements=["witness"],
            set_=values,
            where=(table.c.size < cosigned.checkpoint.size)
            | ((table.c.size == cosigned.checkpoint.size) & (table.c.cosigned_at_s < cosigned.at_s)),
        )
        await self._database.write(
            lambda transaction: transaction.connection.execute(newer).rowcount, timeout_s=_KEEP_WITHIN_S
        )

    async def own_tree(self, size: int) -> tuple[int, bytes | None]:
        """Return how many entries this ledger has, and the root over its first `size`; None where it has not so many."""

        def work(connection: Connection) -> tuple[int, bytes | None]:
            head = read_head(connection)
            has = 0 if head is None else head.size
            if size > has:
                return has, None
            return has, EMPTY_ROOT if size == 0 else range_root(0, size, subtree_hashes(connection))

        return await self._database.read(work)

    async def own_proof(self, known: int) -> OwnProof | None:
        """Return the newest head with the proof from its first `known` entries on; None where it has not so many."""

        def work(connection: Connection) -> OwnProof | None:
            head = read_head(connection)
            if head is None or known > head.size:
                return None
            proof = consistency_proof(known, head.size, subtree_hashes(connection))
            return OwnProof(head.note, tuple(proof))

        return await self._database.read(work)


def read_cosigned_head(connection: Connection) -> StoredHead | None:
    """Return the newest head of this ledger that a witness co-signed, with every witness's signature; None without any."""
    rows = list(connection.execute(select(ledger_cosignatures).order_by(ledger_cosignatures.c.size.desc())))
    try:
        notes = [SignedNote.parse(row.note) for row in rows]
    except BadNote:
        return None  # somebody wrote to the file: the newest head stands by itself
    if not notes:
        return None
    same = [note.signatures for note in notes if note.text == notes[0].text]
    merged = SignedNote(notes[0].text, tuple(dict.fromkeys(itertools.chain.from_iterable(same))))
    return StoredHead(rows[0].size, rows[0].root, str(merged))


def _witnessed(connection: Connection, origin: str) -> WitnessedHead | None:
    row = connection.execute(select(witnessed_heads).where(witnessed_heads.c.origin == origin)).one_or_none()
    if row is None:
        return None
    return WitnessedHead(Checkpoint(origin, row.size, row.root), row.note, row.cosigned_at_s, row.forked)
