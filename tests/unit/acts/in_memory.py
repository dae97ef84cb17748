"""The small city without a database: each state is made of all changes so far, so that a step is tried in microseconds."""

from collections.abc import Callable
from typing import TypeVar, cast

from belvedere.changes import Change
from belvedere.domain.centre import CentreState
from belvedere.domain.clock import Instant
from belvedere.spine.after import After
from belvedere.spine.running import Running
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from tests.unit.changes import small_city
from tests.unit.changes.small_city import AT

A = TypeVar("A")
_NONE = {"event", "viewing", "suspension", "suspension_by_viewing", "hours_varied", "convention_text"}
_NONE |= {"account", "account_by_login", "station", "station_by_secret", "session", "layout"}
_NONE |= {"lease", "lease_over", "authorisation", "look"}


class _Nothing:
    """A state in which nothing ever happened."""

    def __init__(self) -> None:
        self.place = small_city.place()

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name in _NONE:
            return lambda *_: None
        special: dict[str, object] = {
            "running": Running({}),
            "ending": frozenset(),
            "sessions_open": frozenset(),
            "orders_confirmed": frozenset(),
            "convention_texts_replaced": frozenset(),
            "signed_in": False,
            "fence": 0,
            "centre": CentreState(),
            "agent_labels": {},
            "slots": {},
        }
        return lambda *_: special.get(name, [])


class InMemory:
    """A node's state, and the clock by which its steps run."""

    def __init__(self, *beside: Change, at: Instant = AT) -> None:
        self.at = at
        self.changes: list[Change] = [*small_city.begun(), *beside]
        self._nothing = cast("Snapshot", _Nothing())
        self._snapshot: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The state now."""
        if self._snapshot is None:
            self._snapshot = After(self._nothing, self.changes)
        return self._snapshot

    def make(self, *changes: Change) -> tuple[Change, ...]:
        """Make changes so."""
        self.changes += changes
        if changes:
            self._snapshot = None
        return changes

    def do(self, step: Callable[[Snapshot, Instant], Step[A]]) -> tuple[A, tuple[Change, ...]]:
        """Make a step so, and return its answer and its changes."""
        made = step(self.snapshot, self.at)
        return made.answer, self.make(*made.changes)
