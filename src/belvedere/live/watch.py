"""The watch over running viewings: deadlines, lost sockets, terms that pass.

Wakes every second on the monotonic clock and looks at wall-clock terms anew each time, so it survives
jumps of the clock and summer time. The relay stops by itself what the watch no longer confirms.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

import anyio
import structlog

from belvedere.domain.causes import Cause
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import ViewingId
from belvedere.live import endings
from belvedere.live.centre import Centre, centre_now
from belvedere.live.model import Ending, Viewing
from belvedere.live.open_stream import TICKET_TTL_MS, hold_ms
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts, LiveReading
from belvedere.live.review import ViewingReview

TICK_S = 1.0
EARLY = timedelta(seconds=1)
"""By how much the relay's clock may come before the wall clock at a viewing's term."""
SOCKET_GRACE_S = 10.0
"""A viewing whose socket is lost lives 10 s more (CONTRACT)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SocketTaken:
    """The viewer's socket is there."""

    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class SocketLost:
    """The viewer's socket is gone. For a cause in `endings.BY_RELAY` the viewing is over; else it may come back."""

    viewing: ViewingId
    cause: Cause = Cause.CONNECTION_LOST


@dataclass(frozen=True, slots=True)
class SocketsAnew:
    """Events were lost: these viewings, and no others, have a socket now."""

    connected: frozenset[ViewingId]


@dataclass(frozen=True, slots=True)
class ViewingStopped:
    """The relay stopped a viewing by itself."""

    viewing: ViewingId


SocketEvent = SocketTaken | SocketLost | SocketsAnew | ViewingStopped


class SocketEvents(Protocol):
    """What the relay tells of sockets."""

    def socket_events(self) -> AsyncIterator[SocketEvent]:
        """Yield socket events as they happen."""


class Watch:
    """Confirms viewings that are still granted, ends the others. One task, owned by the node's TaskGroup."""

    def __init__(self, ports: LivePorts, review: ViewingReview, own_room: OwnRoomQueue, *, zone: ZoneInfo) -> None:
        self._ports = ports
        self._zone = zone
        self._today: date | None = None
        self._review = review
        self._own_room = own_room
        self._centre: Centre | None = None
        self._said = ""
        self._waiting_until_s: dict[ViewingId, tuple[float, Callable[[], Ending]]] = {}
        self._connected: set[ViewingId] = set()

    async def begin(self) -> None:
        """End what an earlier run of this node left: no viewing outlives its process."""
        await self._review.end(lambda _: True, lambda _: endings.restarted())

    async def tick_forever(self) -> None:
        """Wake every second until cancelled."""
        while True:
            await anyio.sleep(TICK_S)
            try:
                await self.tick()
                self._said = ""
            except (NotRecorded, NotRead) as failure:
                # Said once while it lasts: a disk that is full must not be filled by our own words.
                if str(failure) != self._said:
                    log.warning("watch_not_done", error=str(failure))
                self._said = str(failure)
            except Exception:
                # A partner's viewings end by the relay's deadline; the own room goes on, and so does the watch.
                log.exception("watch_failed")

    async def follow(self, sockets: SocketEvents) -> None:
        """Follow the relay's socket events until cancelled."""
        async for event in sockets.socket_events():
            self.heard(event)
            match event:
                case ViewingStopped(viewing):
                    await self._at_once(viewing, partial(self._stopped, viewing))
                case SocketLost(viewing, cause) if cause in endings.BY_RELAY:
                    await self._at_once(viewing, partial(self._end, {viewing}, endings.BY_RELAY[cause]))

    async def _stopped(self, stopped: ViewingId) -> None:
        """End what the relay stopped: at its term for the reason that a rule gives, else because nobody confirmed it."""
        if not await self._review.review(lambda viewing: viewing.id == stopped, ahead=EARLY):
            await self._end({stopped}, endings.expired)

    async def _at_once(self, viewing: ViewingId, act: Callable[[], Awaitable[None]]) -> None:
        """Act on what the relay ended; while records are owed, leave it to the tick, which acts on all at once.

        A ledger that takes nothing, or slowly, must not keep socket events from being heard.
        """
        if self._review.owes:
            return
        try:
            await act()
        except Exception:
            log.exception("watch_failed", viewing=viewing)

    def heard(self, event: SocketEvent) -> None:
        """Note one socket event."""
        now_s = self._ports.clock.monotonic_s()
        match event:
            case SocketTaken(viewing):
                self._connected.add(viewing)
                self._waiting_until_s.pop(viewing, None)
            case SocketLost(viewing, cause):
                self._connected.discard(viewing)
                by_relay = endings.BY_RELAY.get(cause)
                self._waiting_until_s[viewing] = (
                    (now_s + SOCKET_GRACE_S, endings.socket_lost) if by_relay is None else (now_s, by_relay)
                )
            case SocketsAnew(connected):
                for viewing in self._connected - connected:
                    self.heard(SocketLost(viewing))
                for viewing in connected:
                    self.heard(SocketTaken(viewing))
            case ViewingStopped(viewing):
                self._connected.discard(viewing)
                self._waiting_until_s[viewing] = (now_s, endings.expired)
            case _:
                assert_never(event)

    async def tick(self) -> None:
        """Confirm, expire, give up waiting, write what is owed: once. Raises `NotRecorded`, `NotRead`."""
        # Only of what was here before the tables are read can they say that it has ended.
        connected, waiting = frozenset(self._connected), frozenset(self._waiting_until_s)

        def find(reading: LiveReading) -> tuple[list[Viewing], frozenset[bytes]]:
            viewings = list(reading.viewings())
            return viewings, reading.sessions_open() if viewings else frozenset()

        viewings, open_sessions = await self._ports.store.read(find, essential=True)
        running = [viewing for viewing in viewings if not self._review.owes_end(viewing.id)]
        sessions = frozenset(viewing.session_sha256 for viewing in running)
        # A session may be left while one of its openings is written, and that may land late: nobody is there to close it.
        over = self._ports.sessions.over(sessions) | (sessions - open_sessions)
        now = self._ports.clock.now()  # the read may have taken its time
        due = {viewing.id for viewing in running if viewing.valid_until is not None and viewing.valid_until <= now}
        for viewing in running:
            if viewing.id in due or viewing.session_sha256 in over:
                continue
            own_room = self._ports.is_own_room(viewing.party, viewing.camera)
            held_ms = hold_ms(viewing, own_room=own_room, now=now)
            if held_ms is not None:
                self._ports.relay.extend(viewing.id, hold_ms=held_ms)
        if due:
            await self._review.review(lambda viewing: viewing.id in due)
        if over:
            await self._review.end(lambda viewing: viewing.session_sha256 in over, lambda _: endings.session_ended())
        await self._give_up_waiting(running, connected=connected, waiting=waiting)
        self._see_the_day_turn()
        await self._see_the_room_turn()
        await self._review.settle()

    def _see_the_day_turn(self) -> None:
        """Let every screen ask anew whether it may go on: habilitations end with their last day."""
        today = self._ports.clock.now().astimezone(self._zone).date()
        if today != self._today:
            self._today = today
            self._ports.announcer.standings_changed()

    async def _see_the_room_turn(self) -> None:
        """Tell the screens when the owner's room opens or closes by the clock."""
        convention = self._ports.convention_for(self._ports.owner)
        if convention is None:
            return
        at, owner = self._ports.clock.now(), self._ports.owner
        centre = await self._ports.store.read(
            lambda reading: centre_now(reading, convention, owner=owner, at=at), essential=True
        )
        if centre != self._centre:
            self._centre = centre
            self._ports.announcer.centre_changed()

    async def _give_up_waiting(
        self, running: list[Viewing], *, connected: frozenset[ViewingId], waiting: frozenset[ViewingId]
    ) -> None:
        now_s = self._ports.clock.monotonic_s()
        ids = {viewing.id for viewing in (*running, *self._own_room.viewings)}
        for viewing in connected - ids:
            # Ended by a transaction that its caller gave up waiting for: stop it all the same.
            how = endings.expired()
            self._ports.relay.revoke(viewing, code=how.code, cause=how.cause, article=None)
        self._connected -= connected - ids
        for viewing in ids - self._connected - self._waiting_until_s.keys():
            self._waiting_until_s[viewing] = (now_s + TICKET_TTL_MS / 1000, endings.ticket_lapsed)
        for viewing in waiting - ids:
            self._waiting_until_s.pop(viewing, None)
        late = {viewing: ending for viewing, (until_s, ending) in self._waiting_until_s.items() if until_s <= now_s}
        for ending in dict.fromkeys(late.values()):
            await self._end({viewing for viewing, how in late.items() if how is ending}, ending)
        for viewing in late:
            self._waiting_until_s.pop(viewing, None)

    async def _end(self, which: set[ViewingId], ending: Callable[[], Ending]) -> None:
        self._review.stop(self._own_room.end(lambda viewing: viewing.id in which, ending()))
        await self._review.end(lambda viewing: viewing.id in which, lambda _: ending())
