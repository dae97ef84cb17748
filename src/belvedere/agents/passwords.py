"""Argon2id, bounded: so many at a time, so many waiting, off the event loop, and the same cost for an unknown login.

Registered stations have a thread and places of their own: whoever guesses from elsewhere, however much, takes none of a
room's (reliability 22, 25).
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from belvedere.domain.failures import TooManyAtOnce

_LENGTH_MAX = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a password is typed: at a registered station, or at an address of which nothing else is known."""

    name: str
    registered: bool


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many may wait, of one place and in all."""

    of_one: int
    in_all: int


STATIONS = QueueLimits(of_one=128, in_all=512)
STRANGERS = QueueLimits(of_one=4, in_all=32)


class PlaceFull(TooManyAtOnce):
    """As many passwords of this one place wait as may."""


class _Turn:
    """Whose turn it is among those who may only go one after the other."""

    def __init__(self) -> None:
        self.lock = anyio.Lock()
        self.wanted = 0


class _Queue:
    """Those whose passwords are verified or wait for it. Used on the event loop only."""

    def __init__(self, limits: QueueLimits) -> None:
        self.thread = anyio.CapacityLimiter(1)
        self.limits = limits
        self.refused = 0
        self._by_place: Counter[Place] = Counter()
        self._turns: dict[tuple[Place, str], _Turn] = {}

    @property
    def waiting(self) -> int:
        return self._by_place.total()

    @contextmanager
    def place_of(self, place: Place) -> Iterator[None]:
        """Hold a place in the queue; raises `TooManyAtOnce`. A station's first one is always there for it."""
        of_this = self._by_place[place]
        if of_this >= self.limits.of_one:
            self.refused += 1
            raise PlaceFull(f"{of_this} passwords of one place are already waiting")
        if self.waiting >= self.limits.in_all and not (place.registered and of_this == 0):
            self.refused += 1
            raise TooManyAtOnce(f"{self.waiting} passwords are already waiting")
        self._by_place[place] += 1
        try:
            yield
        finally:
            self._by_place[place] -= 1
            if not self._by_place[place]:
                del self._by_place[place]

    @asynccontextmanager
    async def turn_of(self, place: Place, login: str) -> AsyncIterator[None]:
        """Wait until nobody else of the same key has the turn, and have it."""
        key = (place, login)
        turn = self._turns.setdefault(key, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[key]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a hash takes: passes over so much memory, in so many lanes."""

    passes: int
    memory_kib: int
    lanes: int


LOW_MEMORY = Cost(passes=3, memory_kib=64 * 1024, lanes=2)
"""RFC 9106, 4: the profile for where memory is short."""


class Passwords:
    """Hashes and verifies passwords."""

    def __init__(self, cost: Cost = LOW_MEMORY) -> None:
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._stations = _Queue(STATIONS)
        self._strangers = _Queue(STRANGERS)
        self._nobody = self._hasher.hash("nobody")

    @property
    def waiting(self) -> int:
        """How many passwords are verified or wait for it."""
        return self._stations.waiting + self._strangers.waiting

    @property
    def refused_total(self) -> int:
        """How many were refused because too many waited, since the start."""
        return self._stations.refused + self._strangers.refused

    def hash(self, password: str) -> str:
        """Return the encoded hash; blocks for about 50 ms."""
        return self._hasher.hash(password)

    def is_of(self, password: str, encoded: str) -> bool:
        """Return whether `password` is the one that `encoded` keeps; blocks as `hash` does."""
        return self._verify(password, encoded)

    @asynccontextmanager
    async def turn(self, place: Place, login: str) -> AsyncIterator[None]:
        """Wait for this login's turn at this station, or for any login's at this address: one attempt after the other.

        So an attempt is made only once it is known how the one before it ended: guesses made at once are no more than
        guesses made in a row. Raises `TooManyAtOnce`, as `PlaceFull` where it is this place's own doing.
        """
        queue = self._queue(place)
        with queue.place_of(place):
            async with queue.turn_of(place, login if place.registered else ""):
                yield

    async def matches(self, password: str, encoded: str | None, *, place: Place) -> bool:
        """Return whether `password` is the one that `encoded` keeps; None takes as long and is False.

        The caller holds the turn of this `place`.
        """
        if len(password) > _LENGTH_MAX:
            return False
        thread = self._queue(place).thread
        found = await anyio.to_thread.run_sync(self._verify, password, encoded or self._nobody, limiter=thread)
        return found and encoded is not None

    def _queue(self, place: Place) -> _Queue:
        return self._stations if place.registered else self._strangers

    def _verify(self, password: str, encoded: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
