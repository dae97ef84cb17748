"""What the spine reaches: a store that makes changes so, and those who follow."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from belvedere.changes import Change
from belvedere.domain.record import Record
from belvedere.spine.snapshot import Snapshot

T = TypeVar("T")


class Transaction(Protocol):
    """One transaction of the single writer: what it makes is made with its records, or not at all."""

    @property
    def snapshot(self) -> Snapshot:
        """The state in which the transaction began."""

    @property
    def drained(self) -> int:
        """The newest number of the tail that this state holds."""

    def make(self, changes: Sequence[Change], records: Sequence[Record]) -> None:
        """Make the changes in the tables, and append their records; at most once a transaction."""

    def drain(self, number: int) -> None:
        """Keep that the tail is recorded up to `number`."""


class Reading(Protocol):
    """One snapshot of a reader."""

    @property
    def snapshot(self) -> Snapshot:
        """The state."""

    @property
    def drained(self) -> int:
        """The newest number of the tail that this state holds."""


class Store(Protocol):
    """Durable state. `write` returns only once the work is durable; else raises `NotRecorded`.

    `durable` is called with the value of every work that became durable, in the order of commits and before any caller
    goes on, whether or not its caller was told; `unclaimed` after it, where the caller was told `NotRecorded`, or was
    cancelled. `essential` work still passes while the disk is short of space; `essential` reads wait behind no others.
    `patient` work waits for its outcome however long it takes.
    """

    async def write(
        self,
        work: Callable[[Transaction], T],
        *,
        durable: Callable[[T], None],
        unclaimed: Callable[[T], None],
        essential: bool = False,
        patient: bool = False,
    ) -> T:
        """Run `work` on the writer; return its value once durable."""

    async def read(self, work: Callable[[Reading], T], *, essential: bool = False) -> T:
        """Run `work` on one snapshot; raises `NotRead`."""


class Follower(Protocol):
    """Acts on the world once changes are durable, or wait in the tail. Never blocks, never raises."""

    def follow(self, changes: Sequence[Change]) -> None:
        """Do what follows from the changes of one step; called once for them, in the order of commits."""
