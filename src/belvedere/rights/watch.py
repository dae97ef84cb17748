"""The watch over what was granted: deadlines, lost sockets, terms that pass. It owns a right until it ends.

Wakes every second on the monotonic clock and looks at wall-clock terms anew each time, so it survives
jumps of the clock and summer time. The relay stops by itself what the watch no longer confirms.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Protocol, assert_never

import anyio
import structlog

from belvedere.changes import SessionClosed, ViewingEnded
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import ViewingId
from belvedere.domain.leases import Lease
from belvedere.domain.viewings import Ending, Viewing
from belvedere.rights import endings
from belvedere.rights.centre import Centre, centre_now
from belvedere.rights.looking import look_forever
from belvedere.rights.relay import TICKET_TTL_MS, Relay, hold_ms
from belvedere.rights.review import Which, end, endings_of, every, review
from belvedere.rights.steering import end_leases
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Place, Snapshot
from belvedere.spine.step import Step

TICK_S = 1.0
EARLY = timedelta(seconds=1)
"""By how much the relay's clock may come before the wall clock at a viewing's term."""
SOCKET_GRACE_S = 10.0
"""A viewing whose socket is lost lives 10 s more (api, Media)."""
OWNERS_WORD_WITHIN_S = 2.0
"""How long the record of an end waits for the owner's signed word, where its flow has stopped already."""

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


@dataclass(frozen=True, slots=True)
class EndedByOwner:
    """The owner of the camera closed its flow to this node: nothing is shown of it any more, and this is how it ends."""

    viewing: ViewingId
    ending: Ending


SocketEvent = SocketTaken | SocketLost | SocketsAnew | ViewingStopped | EndedByOwner


class SocketEvents(Protocol):
    """What the relay tells of sockets."""

    def socket_events(self) -> AsyncIterator[SocketEvent]:
        """Yield socket events as they happen."""


class Sessions(Protocol):
    """The sessions of signed-in agents, by the digests of their cookies."""

    def over(self, sessions: frozenset[bytes]) -> frozenset[bytes]:
        """Return those of these sessions that have gone on for as long as one may."""


class TurnsOfTheDay(Protocol):
    """Tells the screens what passes by the clock alone; never blocks, never fails."""

    def standings_changed(self) -> None:
        """The day turned: every screen that follows asks anew whether it may."""

    def centre_changed(self) -> None:
        """The owner's room opened or closed."""


def end_unclaimed(
    snapshot: Snapshot, landed: Collection[Viewing], sessions: Collection[bytes], now: Instant
) -> Step[None]:
    """End what became durable although nobody was told; a right that was asked for again since goes on."""
    as_landed = {viewing.id: viewing.asked for viewing in landed}

    def nobodys(viewing: Viewing) -> bool:
        return viewing.session_sha256 in sessions or as_landed.get(viewing.id) == viewing.asked

    closed = tuple(SessionClosed(each) for each in sessions if snapshot.signed_in(each))
    return Step(None, end(snapshot, now, nobodys, lambda _: endings.came_late(), beside=closed))


def _out_of_date(leases: Sequence[Lease], running: Sequence[Viewing], now: Instant) -> bool:
    """Return whether a lease is past its term, or has lost the viewing that it rests on."""
    viewings = {viewing.id for viewing in running}
    return any(
        (lease.valid_until is not None and lease.valid_until <= now)
        or (lease.viewing is not None and lease.viewing not in viewings)
        for lease in leases
    )


def _as_told(ending: Ending) -> Ending:
    return ending


class Holds(Protocol):
    """What the other nodes renew of what runs across to them."""

    def is_held(self, viewing: Viewing) -> bool:
        """Whether it was renewed lately; True for a viewing of this node alone."""


class Watch:
    """Confirms viewings that are still granted, ends the others. One task, owned by the node's TaskGroup."""

    def __init__(
        self,
        spine: Spine,
        relay: Relay,
        sessions: Sessions,
        turns: TurnsOfTheDay,
        holds: Holds,
        *,
        place: Place,
        clock: Clock,
    ) -> None:
        self._spine = spine
        self._relay = relay
        self._sessions = sessions
        self._turns = turns
        self._holds = holds
        self._place = place
        self._clock = clock
        self._today: date | None = None
        self._centre: Centre | None = None
        self._waiting_until_s: dict[ViewingId, tuple[float, Callable[[], Ending]]] = {}
        self._connected: set[ViewingId] = set()
        self._turn = anyio.Lock()

    def connected(self) -> frozenset[ViewingId]:
        """Return the viewings that have a media socket now."""
        return frozenset(self._connected)

    async def begin(self) -> None:
        """End what an earlier run of this node left: no viewing and no lease outlives its process."""

        def step(snapshot: Snapshot, now: Instant) -> Step[None]:
            leases = end_leases(snapshot, now, lambda _: True, Cause.RESTART)
            viewings = end(After(snapshot, leases), now, every, lambda _: endings.restarted())
            return Step(None, (*leases, *viewings))

        await self._spine.commit(step, essential=True)

    async def review(self, which: Which = every, *, ahead: timedelta = timedelta(0)) -> Sequence[ViewingEnded]:
        """Decide every running viewing that `which` picks again; end what is refused; return what ended."""

        def step(snapshot: Snapshot, now: Instant) -> Step[Sequence[ViewingEnded]]:
            changes = review(snapshot, now, which, ahead=ahead)
            return Step(endings_of(changes), changes)

        return await self._spine.commit(step, essential=True)

    async def end(self, which: Which, ending: Callable[[Viewing], Ending]) -> Sequence[ViewingEnded]:
        """End every running viewing that `which` picks, as `ending` says; return what ended."""

        def step(snapshot: Snapshot, now: Instant) -> Step[Sequence[ViewingEnded]]:
            changes = end(snapshot, now, which, ending)
            return Step(endings_of(changes), changes)

        return await self._spine.commit(step, essential=True)

    async def tick_forever(self) -> None:
        """Wake every second until cancelled: a partner's viewings end by the relay's deadline, whatever keeps it from its work."""
        await look_forever(self.tick, every_s=TICK_S, not_done="watch_not_done", failed="watch_failed")

    async def follow(self, sockets: SocketEvents) -> None:
        """Follow the relay's socket events until cancelled."""
        async for event in sockets.socket_events():
            self.heard(event)
            match event:
                case ViewingStopped(viewing):
                    await self._at_once(viewing, partial(self._stopped, viewing))
                case SocketLost(viewing, cause) if cause in endings.BY_RELAY:
                    await self._at_once(viewing, partial(self._end_these, {viewing}, endings.BY_RELAY[cause]))

    async def _stopped(self, stopped: ViewingId) -> None:
        """End what the relay stopped: at its term for the reason that a rule gives, else because nobody confirmed it."""
        if not await self.review(lambda viewing: viewing.id == stopped, ahead=EARLY):
            await self._end_these({stopped}, endings.expired)

    async def _at_once(self, viewing: ViewingId, act: Callable[[], Awaitable[object]]) -> None:
        """Act on what the relay ended; while records wait, leave it to the tick, which acts on all at once.

        A ledger that takes nothing, or slowly, must not keep socket events from being heard.
        """
        if self._spine.tail.owes:
            return
        try:
            await act()
        except Exception:
            log.exception("watch_failed", viewing=viewing)

    def heard(self, event: SocketEvent) -> None:
        """Note one socket event."""
        now_s = self._clock.monotonic_s()
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
            case EndedByOwner(viewing, ending):
                self._connected.discard(viewing)
                self._waiting_until_s[viewing] = (now_s + OWNERS_WORD_WITHIN_S, partial(_as_told, ending))
            case _:
                assert_never(event)

    async def tick(self) -> None:
        """Confirm, expire, give up waiting, end what nobody waits for: once. Raises `NotRecorded`, `NotRead`.

        One at a time: the demo's clock asks for one of its own once it was moved.
        """
        async with self._turn:
            await self._tick()

    async def _tick(self) -> None:
        # Only of what was here before the tables are read can they say that it has ended.
        connected, waiting = frozenset(self._connected), frozenset(self._waiting_until_s)

        def find(snapshot: Snapshot) -> tuple[list[Viewing], Sequence[Lease], frozenset[bytes]]:
            viewings, leases = list(snapshot.viewings()), snapshot.leases()
            return viewings, leases, snapshot.sessions_open() if viewings or leases else frozenset()

        running, leases, open_sessions = await self._spine.read(find, essential=True)
        lost = {viewing.id for viewing in running if not self._holds.is_held(viewing)}
        # Behind another node's agent there is no session here: its own node ends what is its.
        sessions = frozenset(viewing.session_sha256 for viewing in running if viewing.attested is None)
        sessions |= {lease.session_sha256 for lease in leases}
        # A session may be left while one of its openings is written, and that may land late: nobody is there to close it.
        over = self._sessions.over(sessions) | (sessions - open_sessions)
        now = self._clock.now()  # the read may have taken its time
        due = {viewing.id for viewing in running if viewing.valid_until is not None and viewing.valid_until <= now}
        for viewing in running:
            if viewing.id not in due and viewing.id not in lost and viewing.session_sha256 not in over:
                self._confirm(viewing, now)
        if due or _out_of_date(leases, running, now):
            await self.review(lambda viewing: viewing.id in due)
        if over:
            await self.end(lambda viewing: viewing.session_sha256 in over, lambda _: endings.session_ended())
            await self._end_leases(lambda lease: lease.session_sha256 in over, Cause.SESSION_ENDED)
        if lost:
            await self.end(lambda viewing: viewing.id in lost, lambda _: endings.link_lost())
        await self._give_up_waiting(running, connected=connected, waiting=waiting)
        self._see_the_day_turn()
        await self._see_the_room_turn()
        await self._end_unclaimed()

    async def _end_leases(self, which: Callable[[Lease], bool], cause: Cause) -> None:
        def step(snapshot: Snapshot, now: Instant) -> Step[None]:
            return Step(None, end_leases(snapshot, now, which, cause))

        await self._spine.commit(step, essential=True)

    def _confirm(self, viewing: Viewing, now: Instant) -> None:
        own_room = self._place.is_own_room(viewing.party, viewing.camera)
        held_ms = hold_ms(viewing, own_room=own_room, now=now)
        if held_ms is not None:
            self._relay.extend(viewing.id, hold_ms=held_ms)

    async def _end_unclaimed(self) -> None:
        viewings, sessions = self._spine.take_unclaimed()
        if viewings or sessions:
            await self._spine.commit(
                lambda snapshot, now: end_unclaimed(snapshot, viewings, sessions, now), essential=True
            )
        as_landed = {lease.id: lease.renewed for lease in self._spine.take_unclaimed_leases()}
        if as_landed:
            # One that was asked for again since goes on.
            await self._end_leases(lambda lease: as_landed.get(lease.id) == lease.renewed, Cause.CAME_LATE)

    def _see_the_day_turn(self) -> None:
        """Let every screen ask anew whether it may go on: habilitations end with their last day."""
        today = self._clock.now().astimezone(self._place.zone).date()
        if today != self._today:
            self._today = today
            self._turns.standings_changed()

    async def _see_the_room_turn(self) -> None:
        """Tell the screens when the owner's room opens or closes by the clock."""
        at = self._clock.now()
        centre = await self._spine.read(lambda snapshot: centre_now(snapshot, at), essential=True)
        if centre is not None and centre != self._centre:
            self._centre = centre
            self._turns.centre_changed()

    async def _give_up_waiting(
        self, running: list[Viewing], *, connected: frozenset[ViewingId], waiting: frozenset[ViewingId]
    ) -> None:
        now_s = self._clock.monotonic_s()
        ids = {viewing.id for viewing in running}
        for viewing in connected - ids:
            # Ended by a transaction that its caller gave up waiting for: stop it all the same.
            how = endings.expired()
            self._relay.revoke(viewing, code=how.code, cause=how.cause, article=None)
        self._connected -= connected - ids
        here = {viewing.id for viewing in running if viewing.attested is None}
        for viewing in here - self._connected - self._waiting_until_s.keys():
            self._waiting_until_s[viewing] = (now_s + TICKET_TTL_MS / 1000, endings.ticket_lapsed)
        for viewing in waiting - ids:
            self._waiting_until_s.pop(viewing, None)
        late = {viewing: ending for viewing, (until_s, ending) in self._waiting_until_s.items() if until_s <= now_s}
        for ending in dict.fromkeys(late.values()):
            await self._end_these({viewing for viewing, how in late.items() if how is ending}, ending)
        for viewing in late:
            self._waiting_until_s.pop(viewing, None)

    async def _end_these(self, which: set[ViewingId], ending: Callable[[], Ending]) -> None:
        await self.end(lambda viewing: viewing.id in which, lambda _: ending())
