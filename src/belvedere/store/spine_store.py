"""The node's durable state as the spine reaches it (implements `spine.ports.Store`)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select

from belvedere.changes import Change
from belvedere.changes.party_words import words_in
from belvedere.domain.record import Record
from belvedere.spine.snapshot import Place
from belvedere.store.apply import DECLARES, apply
from belvedere.store.database import Database, WriteTransaction
from belvedere.store.kept_state import KeptStates, State
from belvedere.store.live_tables import tail
from belvedere.store.snapshot import SqlSnapshot

T = TypeVar("T")
BEGIN_WITHIN_S = 30.0


class SqlReading:
    """One snapshot of a reader (implements `spine.ports.Reading`)."""

    def __init__(self, connection: Connection, place: Place, *, kept: KeptStates) -> None:
        self._connection = connection
        self.snapshot = SqlSnapshot(connection, place, kept=kept)

    @property
    def drained(self) -> int:
        """The newest number of the tail that this state holds."""
        return self._connection.scalar(select(tail.c.drained)) or 0


class SqlTransaction(SqlReading):
    """One transaction of the single writer (implements `spine.ports.Transaction`)."""

    def __init__(self, transaction: WriteTransaction, place: Place, *, kept: KeptStates) -> None:
        super().__init__(transaction.connection, place, kept=kept)
        self._transaction = transaction
        self._kept = kept

    def make(self, changes: Sequence[Change], records: Sequence[Record]) -> None:
        """Make the changes in the tables, and append their records."""
        before = self.snapshot.state
        running = before.the_running(self._connection)
        left = apply(self._connection, changes, running)
        declares = any(isinstance(change, DECLARES) for change in changes)
        if left is not running or declares:
            self._kept.write(self._connection, State(left, None if declares else before.declared))
        said = words_in(changes)
        for record in records:
            self._transaction.append(record, said)

    def drain(self, number: int) -> None:
        """Keep that the tail is recorded up to `number`."""
        self._connection.execute(tail.update().values(drained=number))


class SqlSpineStore:
    """Tables and ledger. Without `record_within_s` a write waits for its outcome, however slow the disk."""

    def __init__(self, database: Database, place: Place, *, record_within_s: float | None) -> None:
        self._database = database
        self._place = place
        self._record_within_s = record_within_s
        self._kept = KeptStates()

    async def begin(self) -> None:
        """Prepare for this process; before anything else is asked."""

        def work(transaction: WriteTransaction) -> None:
            self._kept.begin(transaction.connection)
            transaction.connection.execute(tail.delete())
            transaction.connection.execute(tail.insert().values(id=1, drained=0))

        await self._database.write(work, timeout_s=BEGIN_WITHIN_S)

    async def write(
        self,
        work: Callable[[SqlTransaction], T],
        *,
        durable: Callable[[T], None],
        unclaimed: Callable[[T], None],
        essential: bool = False,
        patient: bool = False,
    ) -> T:
        """Run `work` on the writer; return once durable; raises `NotRecorded`."""
        return await self._database.write(
            lambda transaction: work(SqlTransaction(transaction, self._place, kept=self._kept)),
            timeout_s=None if patient else self._record_within_s,
            essential=essential,
            durable=durable,
            on_late=unclaimed,
        )

    async def read(self, work: Callable[[SqlReading], T], *, essential: bool = False) -> T:
        """Run `work` on a snapshot; raises `NotRead`."""
        return await self._database.read(
            lambda connection: work(SqlReading(connection, self._place, kept=self._kept)), essential=essential
        )
