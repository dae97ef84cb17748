"""What each decision reads, kept in memory by the stamp that stands in the database beside it.

The running viewings, which come by the thousand, and what is declared and in force, which seldom changes. A stamp is used
once in a process, whatever becomes of its transaction, so a stamp that is read back names exactly the state that was written
with it. Shared by the writer's and the readers' threads.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.convention_texts import TermTold
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.suspensions import Suspension
from belvedere.spine.running import Running
from belvedere.store.live_tables import (
    centre,
    convention_texts,
    hours_varied,
    state_stamp,
    suspensions,
    terms_told,
    viewings,
)
from belvedere.store.rows import hours_of, suspension_of, viewing_of

KEPT_MAX = 8


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared and in force: the facts that seldom change. `texts` are the hashes of those in force, by id."""

    centre: CentreState
    hours: Mapping[date, HoursVaried]
    suspensions: Mapping[tuple[CameraId, PartyId], Suspension]
    texts: Mapping[str, str]
    terms: Mapping[str, tuple[TermTold, ...]]


def read_declared(connection: Connection) -> Declared:
    """Return what stands in the tables."""
    state = connection.execute(select(centre)).one_or_none()
    suspended = map(suspension_of, connection.execute(select(suspensions).order_by(suspensions.c.since_us)))
    texts = connection.execute(select(convention_texts.c.id, convention_texts.c.sha256))
    told: dict[str, tuple[TermTold, ...]] = {}
    for row in connection.execute(
        select(terms_told).order_by(terms_told.c.told_on, literal_column("terms_told.rowid"))
    ):
        term = TermTold(row.convention, row.kind, date.fromisoformat(row.told_on), row.act)
        told[term.convention] = (*told.get(term.convention, ()), term)
    return Declared(
        centre=CentreState()
        if state is None
        else CentreState(inactive=state.inactive, authorisation_withdrawn=state.authorisation_withdrawn),
        hours={each.day: each for each in map(hours_of, connection.execute(select(hours_varied)))},
        suspensions={(each.camera, each.party): each for each in suspended},
        texts={row.id: row.sha256 for row in texts},
        terms=told,
    )


def read_running(connection: Connection) -> Running:
    """Return the running viewings of the table."""
    # SQLite's own row numbers follow the order of opening, even where two instants are equal.
    rows = connection.execute(select(viewings).order_by(literal_column("viewings.rowid")))
    return Running({ViewingId(row.id): viewing_of(row) for row in rows})


@dataclass(slots=True)
class State:
    """One committed or attempted state; each part is read when it is first asked for, and never changed after."""

    running: Running | None = None
    declared: Declared | None = None

    def the_running(self, connection: Connection) -> Running:
        """Return the running viewings; `connection` holds this state."""
        if self.running is None:
            self.running = read_running(connection)
        return self.running

    def the_declared(self, connection: Connection) -> Declared:
        """Return what is declared; `connection` holds this state."""
        if self.declared is None:
            self.declared = read_declared(connection)
        return self.declared


class KeptStates:
    """The last few states, by their stamp."""

    def __init__(self) -> None:
        self._stamps = itertools.count(1)
        self._states: OrderedDict[int, State] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, connection: Connection) -> None:
        """Forget what an earlier process stamped: its stamps mean nothing here."""
        values = {"id": 1, "stamp": 0}
        connection.execute(
            upsert(state_stamp).values(**values).on_conflict_do_update(index_elements=["id"], set_={"stamp": 0})
        )

    def of(self, connection: Connection) -> State:
        """Return the state that this snapshot holds."""
        stamp = connection.scalar(select(state_stamp.c.stamp)) or 0
        with self._lock:
            kept = self._states.get(stamp)
        if kept is not None:
            return kept
        state = State()
        if stamp:
            self._keep(stamp, state)
        return state

    def write(self, connection: Connection, state: State) -> None:
        """Stamp the state that a transaction leaves behind."""
        stamp = next(self._stamps)
        connection.execute(update(state_stamp).values(stamp=stamp))
        self._keep(stamp, state)

    def _keep(self, stamp: int, state: State) -> None:
        with self._lock:
            self._states[stamp] = state
            while len(self._states) > KEPT_MAX:
                self._states.popitem(last=False)
