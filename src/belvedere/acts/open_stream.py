"""An officer opens a stream: the flow to know by heart. The numbers are those of ARCHITECTURE.md.

1. `web/streams` turns `POST /api/v1/streams` into an `OpenStream` command.
"""

import itertools
from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.acts.events import IN_A_ROOM
from belvedere.acts.unknown import Unknown
from belvedere.changes import Change, Decided, ViewingEnded, ViewingOpened, ViewingProlonged
from belvedere.changes.records import event_ref, reference
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.events import Event
from belvedere.domain.failures import NoPicture
from belvedere.domain.ids import CameraId, EventId, IdSource, PartyId, ViewingId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Action
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.rights import endings
from belvedere.rights.facts import asked_by, request_to_decide, runs_until, stranger
from belvedere.rights.relay import TICKET_TTL_MS, Tickets
from belvedere.rights.review import end, ended, leases_after
from belvedere.rights.watched import SlotHolder, holders_of, slots_of
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class OpenStream:
    """The command: this agent wants this camera, for this event."""

    needs: ClassVar[Needs] = IN_A_ROOM
    essential: ClassVar[bool] = False
    requester: Requester
    camera: CameraId
    event: EventId | None
    purpose: str | None = None
    id: str = ""
    """Of the viewing that it opens; drawn by the shell: a step asks nothing of chance."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The stream flows as soon as the ticket is used."""

    viewing: Viewing
    media_path: str
    slots_used: int
    slots: int | None


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The convention refused, or somebody of the owner must answer first; `holders` where slots lack."""

    decision: Refused | Pending
    holders: tuple[SlotHolder, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """The viewing that was granted, and how many cameras flow to its party with it, of how many at most."""

    viewing: Viewing
    slots_used: int
    slots: int | None


def open_stream(snapshot: Snapshot, command: OpenStream, now: Instant) -> Step[Running | NotOpened | Unknown]:
    """Grant or refuse: the decision, and what it ends and opens."""
    # 2. What the decision reads: requester, event, camera, slots, calendar, what is declared.
    requester, camera = command.requester, snapshot.place.cameras.watched(command.camera)
    if camera is None:
        return Step(Unknown("camera"))
    convention = snapshot.convention_between(camera.owner, requester.party)
    if convention is None:
        return Step(NotOpened(stranger(), ()))
    event = None if command.event is None else snapshot.event(command.event)
    if command.event is not None and event is None:
        return Step(Unknown("event"))
    foreign = event is not None and event.party != requester.party
    event = None if foreign else event
    # 3. `policy.decide` is pure: granted, refused or pending, with articles, obligations and `valid_until`.
    request, decision = _decide(snapshot, command, camera=camera, convention=convention, event=event, now=now)
    if foreign:
        decision = _without_event(decision)
    if isinstance(decision, Granted):
        return _grant(snapshot, command, convention=convention, request=request, decision=decision, event=event)
    decided = Decided(requester, reference(convention), request, decision, event)
    return Step(Unknown("event") if foreign else NotOpened(decision, holders_of(snapshot, requester.party)), (decided,))


def _decide(
    snapshot: Snapshot,
    command: OpenStream,
    *,
    camera: WatchedCamera,
    convention: Convention,
    event: Event | None,
    now: Instant,
) -> tuple[DecisionRequest, Decision]:
    asked = asked_by(command.requester, Action.VIEW, camera, at=now, event=event, purpose=command.purpose)
    request = request_to_decide(snapshot, asked, zone=convention.zone)
    return request, decide(convention, request)


def _grant(
    snapshot: Snapshot,
    command: OpenStream,
    *,
    convention: Convention,
    request: DecisionRequest,
    decision: Granted,
    event: Event | None,
) -> Step[Running | NotOpened | Unknown]:
    pre_empted = _pre_empted(snapshot, command.requester, convention, decision, at=request.at)
    over = {change.viewing.id for change in pre_empted}
    held = next((each for each in snapshot.viewings() if each.id not in over and _is_same(each, command)), None)
    until = runs_until(decision, snapshot.standing(command.requester.agent, command.requester.station, request.at))
    if held is None:
        slot = _slot_of(snapshot, command, over)
        viewing = _new_viewing(command, decision, since=request.at, until=until, slot=slot)
    else:
        session = command.requester.session_sha256
        viewing = replace(held, valid_until=until, session_sha256=session, asked=held.asked + 1)
    used = _cameras(snapshot, command.requester.party, over) | {viewing.camera}
    decided = Decided(
        command.requester, reference(convention), request, decision, event, viewing=viewing.id, opens=held is None
    )
    runs: Change = (
        ViewingOpened(viewing, reference(convention), event_ref(event), len(used))
        if held is None
        else ViewingProlonged(viewing)
    )
    changes: tuple[Change, ...] = (*pre_empted, decided, runs)
    if pre_empted:
        changes = (*changes, *leases_after(snapshot, changes, request.at))
    return Step(Running(viewing, len(used), slots_of(snapshot, command.requester.party)), changes)


def _pre_empted(
    snapshot: Snapshot, requester: Requester, convention: Convention, decision: Granted, *, at: Instant
) -> tuple[ViewingEnded, ...]:
    party = convention.named(requester.party)
    ending = endings.pre_empted(by_service=requester.service, party=party, articles=decision.articles)
    return tuple(
        ended(snapshot, viewing, ending, at=at)
        for camera in decision.preempts
        for viewing in snapshot.slots(requester.party).get(camera, ())
    )


def _cameras(snapshot: Snapshot, party: PartyId, over: set[ViewingId]) -> set[CameraId]:
    return {
        camera
        for camera, viewings in snapshot.slots(party).items()
        if any(viewing.id not in over for viewing in viewings)
    }


def _slot_of(snapshot: Snapshot, command: OpenStream, over: set[ViewingId]) -> int | None:
    """Return the slot that the camera takes already, else the lowest that is free: it keeps it until its last viewer.

    The own room has none: nothing bounds how many cameras flow to it.
    """
    party = command.requester.party
    if party == snapshot.place.party:
        return None
    flowing = _cameras(snapshot, party, over)
    taken = {camera: viewings[0].slot for camera, viewings in snapshot.slots(party).items() if camera in flowing}
    own = taken.pop(command.camera, None)
    return own or next(number for number in itertools.count(1) if number not in taken.values())


def _new_viewing(
    command: OpenStream, decision: Granted, *, since: Instant, until: Instant | None, slot: int | None
) -> Viewing:
    requester = command.requester
    return Viewing(
        id=ViewingId(command.id),
        camera=command.camera,
        party=requester.party,
        service=requester.service,
        agent=requester.agent,
        pseudonym=requester.pseudonym,
        agent_label=requester.label,
        station=requester.station,
        event=command.event,
        purpose=command.purpose,
        since=since,
        valid_until=until,
        session_sha256=requester.session_sha256,
        articles=decision.articles,
        slot=slot,
    )


def _is_same(viewing: Viewing, command: OpenStream) -> bool:
    """Return whether it is the same agent's, at the same station, of the same camera, for the same event."""
    requester = command.requester
    wanted = (requester.agent, requester.station, command.camera, command.event, command.purpose)
    return wanted == (viewing.agent, viewing.station, viewing.camera, viewing.event, viewing.purpose)


def _without_event(decision: Decision) -> Refused:
    """Return the refusal of an event that isn't the requester's; deny by default."""
    if isinstance(decision, Refused):
        return decision
    return Refused(
        articles=decision.articles,
        cause=Cause.FOREIGN_EVENT,
        reason=Text("Cet événement n'existe pas.", "There is no such event."),
        facts=decision.facts,
    )


class StreamOpener:
    """Opens streams: decided and durable in one step; only then the relay."""

    def __init__(self, spine: Spine, tickets: Tickets, ids: IdSource) -> None:
        self._spine = spine
        self._tickets = tickets
        self._ids = ids

    async def __call__(self, command: OpenStream) -> Opened | NotOpened | Unknown | ActRefused:
        """Open `command.camera` to the requester, or say why not.

        Raises `NotRecorded` where the decision can't be made durable: nothing flows then, but in the own room, whose
        records wait; `NoPicture` where the relay does not serve what was granted.
        """
        # 4. `spine` makes decision, slot and viewing durable in one commit before any media flows; refusals too.
        answer = await self._spine.act(open_stream, replace(command, id=self._ids.fresh("v")))
        # 5. (Left out: the camera is this node's own.)
        if not isinstance(answer, Running):
            return answer
        # 6. `followers/relay` has admitted the viewing; a ticket, and the answer. `rights/watch` owns it from here.
        viewing = answer.viewing
        try:
            path = self._tickets.issue_ticket(viewing.id, session_sha256=viewing.session_sha256, ttl_ms=TICKET_TTL_MS)
        except NoPicture:
            await self._spine.commit(
                lambda snapshot, now: Step(
                    None, end(snapshot, now, lambda each: each.id == viewing.id, lambda _: endings.no_picture())
                ),
                essential=True,
            )
            raise
        return Opened(viewing, path, answer.slots_used, answer.slots)
