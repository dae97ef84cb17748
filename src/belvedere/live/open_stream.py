"""An officer opens a stream: the flow to know by heart (DESIGN §3)."""

import itertools
from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.domain.asker import Asker
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.failures import NoPicture, NotRecorded
from belvedere.domain.ids import CameraId, EventId, PartyId, ServiceId, ViewingId
from belvedere.domain.record import Record
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import DecisionRequest
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.live import endings, records, stream_log
from belvedere.live.events import IN_A_ROOM
from belvedere.live.facts import asked_by, earlier, request_to_decide
from belvedere.live.model import Event, Viewing, WatchedCamera
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.review import Ended, ViewingReview
from belvedere.policy import Convention, decide

TICKET_TTL_MS = 30_000
HOLD_MS = 10_000
"""How long a partner's viewing lives in the relay without being confirmed (RELIABILITY 11b)."""


@dataclass(frozen=True, slots=True)
class OpenStream:
    """The command: this agent wants this camera, for this event."""

    needs: ClassVar[Needs] = IN_A_ROOM
    asker: Asker
    camera: CameraId
    event: EventId | None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class SlotHolder:
    """One slot: a camera in flow to the party, who watches it, and since when."""

    camera: CameraId
    services: tuple[ServiceId, ...]
    since: Instant


@dataclass(frozen=True, slots=True)
class Opened:
    """The stream flows as soon as the ticket is used."""

    viewing: Viewing
    media_path: str
    slots_used: int


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The convention refused, or somebody of the owner must answer first; `holders` where slots lack."""

    decision: Refused | Pending
    holders: tuple[SlotHolder, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such camera or event for this asker; another party's answers the same (RELIABILITY 1)."""

    what: str


def holders_of(reading: LiveReading, party: PartyId) -> tuple[SlotHolder, ...]:
    """Return one holder per slot that `party` uses, oldest first."""
    return tuple(
        SlotHolder(
            camera=camera,
            services=tuple(dict.fromkeys(viewing.service for viewing in viewings)),
            since=min(viewing.since for viewing in viewings),
        )
        for camera, viewings in reading.slots(party).items()
    )


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the transaction settled, for the relay and the screens to follow. `new`: the viewing did not run before."""

    viewing: Viewing
    new: bool
    slots_used: int
    ended: tuple[Ended, ...]


@dataclass(frozen=True, slots=True)
class _Unrecorded:
    """What was decided while nothing could be recorded; `held` is the same viewing, where it runs already."""

    request: DecisionRequest
    decision: Decision
    event: Event | None
    habilitated_until: Instant | None
    held: Viewing | None


class StreamOpener:
    """Opens streams: facts, decision, record and slot in one transaction; only then the relay."""

    def __init__(self, ports: LivePorts, review: ViewingReview, own_room: OwnRoomQueue) -> None:
        self._ports = ports
        self._review = review
        self._own_room = own_room
        self._repeats = records.Repeats()

    async def __call__(self, command: OpenStream) -> Opened | NotOpened | Unknown | ActRefused:
        """Open `command.camera` to the asker, or say why not.

        Raises `NotRecorded` where the decision can't be made durable: nothing flows then, but in the owner's
        own room, whose records wait.
        """
        camera = self._ports.cameras.watched(command.camera)
        if camera is None:
            return Unknown("camera")
        convention = self._ports.convention_for(command.asker.party)
        if convention is None:
            return NotOpened(_stranger(), ())
        written: list[Record] = []
        try:
            settled = await self._ports.store.transact(
                lambda tx: self._settle(tx, command, camera, convention, written), on_late=self._came_late
            )
        except NotRecorded:
            for record in written:
                self._repeats.forget(record, asker=command.asker)
            if not self._ports.is_own_room(command.asker.party, command.camera):
                raise
            settled = await self._settle_unrecorded(command, camera, convention)
        if isinstance(settled, NotOpened):
            stream_log.stream_refused(command.asker, camera.id, settled.decision)
        if not isinstance(settled, _Settled):
            return settled
        return await self._let_flow(settled)

    def _came_late(self, settled: "_Settled | NotOpened | Unknown | ActRefused") -> None:
        """Give back what became durable after the asker was told that it had not: no slot stays held."""
        if isinstance(settled, _Settled):
            self._review.stop(settled.ended)
            if settled.new:  # one that ran before goes on: somebody else was answered for it
                self._review.abandon(settled.viewing.id)

    async def _settle_unrecorded(
        self, command: OpenStream, camera: WatchedCamera, convention: Convention
    ) -> _Settled | NotOpened | Unknown | ActRefused:
        """Decide for the owner's own room while the ledger takes nothing; the records wait.

        Raises `NotRecorded` where no more can wait.
        """
        asker = command.asker

        def answer(reading: LiveReading) -> "_Unrecorded | Unknown | ActRefused":
            if (refused := self._ports.act_refused(reading, asker, command.needs)) is not None:
                return refused
            event = None if command.event is None else reading.event(command.event)
            if command.event is not None and (event is None or event.party != asker.party):
                return Unknown("event")
            request = self._request(reading, command, camera, event, convention)
            standing = reading.standing(asker.agent, asker.station, request.at)
            held = next((each for each in reading.viewings() if _is_same(each, command)), None)
            return _Unrecorded(request, decide(convention, request), event, standing.habilitated_until, held)

        answered = await self._ports.store.read(answer)
        if not isinstance(answered, _Unrecorded):
            return answered
        request, decision, event = answered.request, answered.decision, answered.event
        held = next((each for each in self._own_room.viewings if _is_same(each, command)), answered.held)
        if isinstance(decision, Granted) and held is not None and not self._review.owes_end(held.id):
            # Taken up again by a screen: it is running, and recorded or waiting to be.
            return _Settled(viewing=held, new=False, slots_used=0, ended=())

        def recorded(viewing: Viewing | None) -> Record:
            return records.decision_record(
                asker=asker,
                convention=convention,
                request=request,
                event=event,
                decision=decision,
                viewing=None if viewing is None else viewing.id,
            )

        if not isinstance(decision, Granted):
            if not self._repeated(recorded(None), asker, []):
                self._own_room.refused(recorded(None))
            return NotOpened(decision, ())
        until = earlier(decision.valid_until, answered.habilitated_until)
        viewing = self._new_viewing(command, decision, since=request.at, until=until)
        opened = records.opened_record(viewing, convention=convention, event=event)
        self._own_room.opened(viewing, (recorded(viewing), opened))
        return _Settled(viewing=viewing, new=True, slots_used=0, ended=())

    def _request(
        self,
        reading: LiveReading,
        command: OpenStream,
        camera: WatchedCamera,
        event: Event | None,
        convention: Convention,
    ) -> DecisionRequest:
        at, purpose = self._ports.clock.now(), command.purpose
        asked = asked_by(command.asker, Action.VIEW, camera, at=at, event=event, purpose=purpose)
        return request_to_decide(reading, asked, zone=convention.zone)

    def _repeated(self, record: Record, asker: Asker, written: list[Record]) -> bool:
        """Return whether the same answer was written less than a minute ago; else note it in `written`."""
        if self._repeats.is_repeat(record, asker=asker, now_monotonic_s=self._ports.clock.monotonic_s()):
            return True
        written.append(record)
        return False

    def _new_viewing(self, command: OpenStream, decision: Granted, *, since: Instant, until: Instant | None) -> Viewing:
        asker = command.asker
        return Viewing(
            id=ViewingId(self._ports.ids.fresh("v")),
            camera=command.camera,
            party=asker.party,
            service=asker.service,
            agent=asker.agent,
            pseudonym=asker.pseudonym,
            agent_label=asker.label,
            station=asker.station,
            event=command.event,
            purpose=command.purpose,
            since=since,
            valid_until=until,
            session_sha256=asker.session_sha256,
            articles=decision.articles,
        )

    def _settle(
        self,
        tx: LiveTransaction,
        command: OpenStream,
        camera: WatchedCamera,
        convention: Convention,
        written: list[Record],
    ) -> _Settled | NotOpened | Unknown | ActRefused:
        """Check and change, on the writer's thread: nobody else acts between the two."""
        asker = command.asker
        if (refused := self._ports.act_refused(tx, asker, command.needs)) is not None:
            return refused
        event = None if command.event is None else tx.event(command.event)
        if command.event is not None and event is None:
            return Unknown("event")
        foreign = event is not None and event.party != asker.party
        request = self._request(tx, command, camera, None if foreign else event, convention)
        decision = decide(convention, request)
        if foreign:
            event, decision = None, _without_event(decision)
        if isinstance(decision, Granted):
            return self._grant(
                tx,
                command,
                convention=convention,
                request=request,
                decision=decision,
                event=event,
                written=written,
            )
        record = records.decision_record(
            asker=asker, convention=convention, request=request, event=event, decision=decision
        )
        if not self._repeated(record, asker, written):
            tx.append(record)
        return Unknown("event") if foreign else NotOpened(decision, holders_of(tx, asker.party))

    def _grant(
        self,
        tx: LiveTransaction,
        command: OpenStream,
        *,
        convention: Convention,
        request: DecisionRequest,
        decision: Granted,
        event: Event | None,
        written: list[Record],
    ) -> _Settled:
        asker = command.asker
        ended = tuple(
            Ended(viewing, endings.pre_empted(by_service=asker.service, articles=decision.articles))
            for preempted in decision.preempts
            for viewing in tx.viewings()
            if viewing.party == asker.party and viewing.camera == preempted
        )
        for end in ended:
            tx.append(
                records.ended_record(
                    end.viewing,
                    at=request.at,
                    convention=convention,
                    event=None if end.viewing.event is None else tx.event(end.viewing.event),
                    ending=end.ending,
                )
            )
        tx.remove_viewings([end.viewing.id for end in ended])
        held = next(
            (each for each in tx.viewings() if _is_same(each, command) and not self._review.owes_end(each.id)), None
        )
        standing = tx.standing(asker.agent, asker.station, request.at)
        until = earlier(decision.valid_until, standing.habilitated_until)
        if held is None:
            slot = None if asker.party == self._ports.owner else _slot_of(tx, asker.party, command.camera)
            viewing = replace(self._new_viewing(command, decision, since=request.at, until=until), slot=slot)
        else:
            viewing = replace(held, valid_until=until, session_sha256=asker.session_sha256)
            self._review.keep(held.id)
        tx.put_viewing(viewing)
        record = records.decision_record(
            asker=asker,
            convention=convention,
            request=request,
            event=event,
            decision=decision,
            viewing=viewing.id,
        )
        # A screen that takes its picture up again, and again, must not fill the ledger: the viewing is the same.
        repeated = self._repeated(record, asker, written)
        if held is None or not repeated:
            tx.append(record)
        if held is None:
            tx.append(records.opened_record(viewing, convention=convention, event=event))
        return _Settled(viewing, new=held is None, slots_used=len(tx.slots(asker.party)), ended=ended)

    async def _let_flow(self, settled: _Settled) -> Opened:
        """Command the relay: what was durably granted flows, what was pre-empted stops."""
        viewing = settled.viewing
        self._review.stop(settled.ended)
        try:
            self._ports.relay.admit(
                viewing.id,
                camera=viewing.camera,
                hold_ms=hold_ms(
                    viewing,
                    own_room=self._ports.is_own_room(viewing.party, viewing.camera),
                    now=self._ports.clock.now(),
                ),
            )
            path = self._ports.relay.issue_ticket(
                viewing.id, session_sha256=viewing.session_sha256, ttl_ms=TICKET_TTL_MS
            )
        except NoPicture:
            await self._review.end(lambda running: running.id == viewing.id, lambda _: endings.no_picture())
            raise
        if settled.new:
            stream_log.stream_opened(viewing, slots_used=settled.slots_used)
        self._ports.announcer.streams_changed()
        return Opened(viewing, path, settled.slots_used)


def hold_ms(viewing: Viewing, *, own_room: bool, now: Instant) -> int | None:
    """Return for how long the relay may go on by itself: never past `valid_until`; None in the owner's own room."""
    if own_room:
        return None
    if viewing.valid_until is None:
        return HOLD_MS
    left_ms = int((viewing.valid_until - now).total_seconds() * 1000)
    return max(0, min(HOLD_MS, left_ms))


def _slot_of(reading: LiveReading, party: PartyId, camera: CameraId) -> int:
    """Return the slot that the camera takes already, else the lowest that is free: it keeps it until its last viewer."""
    taken = {held: viewings[0].slot for held, viewings in reading.slots(party).items()}
    own = taken.pop(camera, None)
    return own or next(number for number in itertools.count(1) if number not in taken.values())


def _is_same(viewing: Viewing, command: OpenStream) -> bool:
    """Return whether it is the same agent's, at the same station, of the same camera, for the same event."""
    asker = command.asker
    wanted = (asker.agent, asker.station, command.camera, command.event, command.purpose)
    return wanted == (viewing.agent, viewing.station, viewing.camera, viewing.event, viewing.purpose)


def _without_event(decision: Decision) -> Refused:
    """Return the refusal of an event that isn't the asker's; deny by default."""
    if isinstance(decision, Refused):
        return decision
    return Refused(
        articles=decision.articles,
        cause=Cause.FOREIGN_EVENT,
        reason=Text("Cet événement n'existe pas.", "There is no such event."),
        facts=decision.facts,
    )


def _stranger() -> Refused:
    return Refused(
        articles=(),
        cause=Cause.STRANGER,
        reason=Text(
            "Aucune convention ne lie votre organisation à cette ville.",
            "No convention binds your organisation to this city.",
        ),
    )
