"""The last few states of the running viewings, kept in memory by the stamp that stands beside their table."""

import itertools
import threading
from collections import OrderedDict

from sqlalchemy import Connection, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from belvedere.domain.ids import ViewingId
from belvedere.spine.running import Running
from belvedere.store.live_tables import viewings, viewings_stamp
from belvedere.store.rows import viewing_of


class RunningKept:
    """The last few states of the running viewings, by the stamp that stands in the database beside the table.

    A stamp is used once in a process, whatever becomes of its transaction, so a stamp that is read back names exactly
    the state that was written with it. Shared by the writer's and the readers' threads.
    """

    _KEPT_MAX = 8

    def __init__(self) -> None:
        self._stamps = itertools.count(1)
        self._states: OrderedDict[int, Running] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, connection: Connection) -> None:
        """Forget what an earlier process stamped: its stamps mean nothing here."""
        connection.execute(
            upsert(viewings_stamp).values(id=1, stamp=0).on_conflict_do_update(index_elements=["id"], set_={"stamp": 0})
        )

    def read(self, connection: Connection) -> Running:
        """Return the state that this snapshot holds."""
        stamp = connection.scalar(select(viewings_stamp.c.stamp)) or 0
        with self._lock:
            kept = self._states.get(stamp)
        if kept is not None:
            return kept
        # SQLite's own row numbers follow the order of opening, even where two instants are equal.
        rows = connection.execute(select(viewings).order_by(literal_column("viewings.rowid")))
        state = Running({ViewingId(row.id): viewing_of(row) for row in rows})
        if stamp:
            self._keep(stamp, state)
        return state

    def write(self, connection: Connection, state: Running) -> None:
        """Stamp the state that a transaction leaves behind."""
        stamp = next(self._stamps)
        connection.execute(update(viewings_stamp).values(stamp=stamp))
        self._keep(stamp, state)

    def _keep(self, stamp: int, state: Running) -> None:
        with self._lock:
            self._states[stamp] = state
            while len(self._states) > self._KEPT_MAX:
                self._states.popitem(last=False)
