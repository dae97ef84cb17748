"""An officer opens a stream: the flow to know by heart. The numbers are those of ARCHITECTURE.md.

1. `web/streams` turns `POST /api/v1/streams` into an `OpenStream` command.
"""

import itertools
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Protocol

from belvedere.acts.events import IN_A_ROOM
from belvedere.acts.unknown import Unknown
from belvedere.changes import (
    Change,
    Decided,
    MessageTaken,
    OwnerReplied,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
)
from belvedere.changes.records import event_ref, reference
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.events import Event
from belvedere.domain.failures import NoPicture
from belvedere.domain.ids import CameraId, EventId, IdSource, PartyId, ViewingId
from belvedere.domain.peer_requests import (
    EventTold,
    OpenAnswer,
    OpenAsked,
    OwnerAnswered,
    OwnerAsked,
    OwnerAway,
    OwnerTold,
)
from belvedere.domain.record import EventRef
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import Requester
from belvedere.domain.slots import SlotHolder
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.viewings import REVOKED, Ending, Viewing
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.rights import disclosure, endings
from belvedere.rights.facts import (
    asked_by,
    attested_standing,
    earlier,
    request_to_decide,
    runs_until,
    stands_until,
    stranger,
)
from belvedere.rights.relay import TICKET_TTL_MS, Tickets
from belvedere.rights.review import end, ended, leases_after, with_evidence
from belvedere.rights.watched import holders_of, slots_of
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
    owners_near: frozenset[PartyId] = frozenset()
    """The other owners whose nodes answered within the last seconds: what flows from them may be joined without asking."""


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


@dataclass(frozen=True, slots=True)
class Joined:
    """A camera that flows to the party already is shown to another of its agents; its owner is told, and decides again."""

    running: Running
    told: OwnerTold


def open_stream(
    snapshot: Snapshot, command: OpenStream, now: Instant
) -> Step[Running | Joined | NotOpened | Unknown | OwnerAsked]:
    """Grant or refuse: the decision, and what it ends and opens."""
    # 2. What the decision reads: requester, event, camera, slots, calendar, what is declared.
    requester, camera = command.requester, snapshot.place.cameras.watched(command.camera)
    if camera is None:
        return Step(Unknown("camera"))
    convention = snapshot.convention_between(camera.owner, requester.party)
    if convention is None:
        return Step(NotOpened(stranger(), ()))
    # Of an event of another node's, that node vouches: this one does not know it.
    event = None if command.event is None or requester.attested is not None else snapshot.event(command.event)
    if command.event is not None and event is None and requester.attested is None:
        return Step(Unknown("event"))
    foreign = event is not None and event.party != requester.party
    event = None if foreign else event
    # 3. `policy.decide` is pure: granted, refused or pending, with articles, obligations and `valid_until`.
    request, decision = _decide(snapshot, command, camera=camera, convention=convention, event=event, now=now)
    if foreign:
        decision = _without_event(decision)
    if isinstance(decision, Granted) and not snapshot.place.cameras.is_here(camera.id):
        return _across(
            snapshot,
            command,
            owner=camera.owner,
            convention=convention,
            request=request,
            decision=decision,
            event=event,
        )
    if isinstance(decision, Granted):
        return _grant(snapshot, command, convention=convention, request=request, decision=decision, event=event)
    decided = Decided(
        requester, reference(convention), request, decision, event or event_told(requester, command.event)
    )
    return Step(Unknown("event") if foreign else NotOpened(decision, holders_of(snapshot, requester.party)), (decided,))


def event_told(requester: Requester, event: EventId | None) -> EventRef | None:
    """Return the event of another node's as a record names it; None for one of this node's."""
    if event is None or requester.attested is None:
        return None
    return EventRef(event, requester.attested.event_kind or "")


def _across(
    snapshot: Snapshot,
    command: OpenStream,
    *,
    owner: PartyId,
    convention: Convention,
    request: DecisionRequest,
    decision: Granted,
    event: Event | None,
) -> Step[Running | Joined | NotOpened | Unknown | OwnerAsked]:
    """Grant as far as this party may: go on with what runs, join what flows, or have the owner asked, holding no slot."""
    requester, id_ = command.requester, ViewingId(command.id)
    ref, flowing = reference(convention), snapshot.slots(requester.party).get(command.camera, ())
    used = len({each for each in snapshot.slots(requester.party) if _owner_of(snapshot, each) == owner})
    running = next((each for each in flowing if _is_same(each, command)), None)
    if running is not None:
        again = replace(running, session_sha256=requester.session_sha256, asked=running.asked + 1)
        decided = Decided(requester, ref, request, decision, event, viewing=running.id)
        return Step(Running(again, used, convention.quota(requester.party)), (decided, ViewingProlonged(again)))
    standing = snapshot.standing(requester.agent, requester.station, request.at)
    motive = None if event is None else event.motive
    asked = OpenAsked(
        viewing=id_,
        action=Action.VIEW,
        camera=command.camera,
        service=requester.service,
        agent=requester.pseudonym,
        station=requester.station,
        habilitated=standing.habilitated,
        habilitated_until=stands_until(standing),
        station_registered=standing.station_registered,
        event=None
        if event is None
        else EventTold(
            event.id, event.kind.value, None if motive is None or not motive.text.strip() else motive.sha256
        ),
        purpose=command.purpose,
    )
    # Two that ask for the same are two questions: the second is no repeat of the first's answer.
    decided = Decided(requester, ref, request, decision, event, viewing=id_, opens=True)
    if not flowing or owner not in command.owners_near:
        return Step(OwnerAsked(owner, asked, event), (decided,))
    # The camera flows to this party by the owner's grant: a second agent takes no slot, and the owner decides again.
    first = flowing[0]
    until = earlier(runs_until(decision, standing), first.valid_until)
    viewing = _new_viewing(command, decision, since=request.at, until=until, slot=first.slot)
    opened = ViewingOpened(viewing, ref, event_ref(event), used)
    told = OwnerTold(owner, replace(asked, joined=True))
    disclosed = disclosure.at_opening(snapshot, event, requester, owner, request.at, asked=event)
    joined = Joined(Running(viewing, used, convention.quota(requester.party)), told)
    return Step(joined, (decided, opened, *disclosed))


def _owner_of(snapshot: Snapshot, camera: CameraId) -> PartyId | None:
    known = snapshot.place.cameras.watched(camera)
    return None if known is None else known.owner


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
    standing = attested_standing(command.requester.attested) or snapshot.standing(
        command.requester.agent, command.requester.station, request.at
    )
    until = runs_until(decision, standing)
    if held is None:
        slot = _slot_of(snapshot, command, over)
        viewing = _new_viewing(command, decision, since=request.at, until=until, slot=slot)
    else:
        session = command.requester.session_sha256
        viewing = replace(held, valid_until=until, session_sha256=session, asked=held.asked + 1)
    used = _cameras(snapshot, command.requester.party, over) | {viewing.camera}
    for_event = event or event_told(command.requester, command.event)
    decided = Decided(
        command.requester, reference(convention), request, decision, for_event, viewing=viewing.id, opens=held is None
    )
    runs: Change = (
        ViewingOpened(viewing, reference(convention), event_ref(for_event), len(used))
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
        attested=requester.attested,
    )


def _is_same(viewing: Viewing, command: OpenStream) -> bool:
    """Return whether it is the same agent's, at the same station, of the same camera, for the same event."""
    requester = command.requester
    if requester.attested is not None:
        # Its own node tells its viewings apart, and asks again for the same one under the same id.
        return viewing.id == command.id
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


@dataclass(frozen=True, slots=True)
class Settle:
    """The command: what the owner of a camera answered is made so, as far as this party still grants it."""

    needs: ClassVar[Needs] = IN_A_ROOM
    essential: ClassVar[bool] = False
    command: OpenStream
    asked: OwnerAsked
    reply: OwnerAnswered | OwnerAway

    @property
    def requester(self) -> Requester:
        """Who asked."""
        return self.command.requester


def settle(snapshot: Snapshot, settling: Settle, now: Instant) -> Step[Running | NotOpened | Unknown]:
    """Open what the owner granted and this party's rules still do; its answer stands in this party's ledger either way."""
    command, asked, reply = settling.command, settling.asked, settling.reply
    camera = snapshot.place.cameras.watched(command.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, command.requester.party)
    if camera is None or convention is None:
        return Step(Unknown("camera"))
    answer = reply.answer if isinstance(reply, OwnerAnswered) else None
    evidence = reply.evidence if isinstance(reply, OwnerAnswered) else ()
    replied = OwnerReplied(command.requester, reference(convention), asked.asked, answer, now, evidence)
    if not isinstance(reply, OwnerAnswered):
        return Step(NotOpened(_away(reply), ()), (replied,))
    taken = MessageTaken(asked.owner, reply.jti, reply.kept_until_s, reply.at_s)
    changes: tuple[Change, ...] = (replied, taken)
    if reply.answer.verdict is not Verdict.GRANTED:
        return Step(NotOpened(_owners_no(reply.answer), reply.answer.holders), changes)
    event = None if command.event is None else snapshot.event(command.event)
    _, decision = _decide(snapshot, command, camera=camera, convention=convention, event=event, now=now)
    if not isinstance(decision, Granted):
        return Step(NotOpened(decision, ()), changes)
    standing = snapshot.standing(command.requester.agent, command.requester.station, now)
    viewing = replace(
        _new_viewing(
            command,
            decision,
            since=now,
            until=earlier(runs_until(decision, standing), reply.answer.valid_until),
            slot=reply.answer.slot,
        ),
        articles=reply.answer.articles,
    )
    opened = ViewingOpened(viewing, reference(convention), event_ref(event), reply.answer.slots_used)
    disclosed = disclosure.at_opening(snapshot, event, command.requester, asked.owner, now, asked=asked.event)
    running = Running(viewing, reply.answer.slots_used, reply.answer.slots)
    return Step(running, (*changes, opened, *disclosed))


def settle_joined(
    snapshot: Snapshot, requester: Requester, told: OwnerTold, reply: OwnerAnswered, now: Instant
) -> Step[None]:
    """Keep the owner's word about a viewing that was joined; end it where the owner does not grant it."""
    convention = snapshot.convention_between(told.owner, requester.party)
    changes: list[Change] = [MessageTaken(told.owner, reply.jti, reply.kept_until_s, reply.at_s)]
    if convention is not None:
        ref = reference(convention)
        changes.append(OwnerReplied(requester, ref, told.joined, reply.answer, now, reply.evidence))
    if reply.answer.verdict is not Verdict.GRANTED:
        no = _owners_no(reply.answer)
        cause = no.cause if isinstance(no, Refused) else Cause.PENDING
        ending = Ending(cause, REVOKED, no.articles, no.reason, no.remedy)
        over = end(snapshot, now, lambda each: each.id == told.joined.viewing, lambda _: ending)
        changes += with_evidence(over, reply.evidence)
    return Step(None, tuple(changes))


def _away(reply: OwnerAway) -> Refused:
    words = Cause.OWNER_AWAY.words
    reason = Text(f"{words.sentence.fr} ({reply.said.fr})", f"{words.sentence.en} ({reply.said.en})")
    return Refused(articles=(), cause=Cause.OWNER_AWAY, reason=reason, remedy=words.remedy)


def _owners_no(answer: OpenAnswer) -> Refused | Pending:
    """Return the owner's refusal, in its own words."""
    reason = answer.reason or Cause.REFUSED.words.sentence
    if answer.verdict is Verdict.PENDING:
        return Pending(answer.articles, reason, answer.remedy)
    cause = Cause.REFUSED if answer.cause is None else Cause.read(answer.cause)
    return Refused(answer.articles, cause, reason, answer.remedy)


class Owners(Protocol):
    """The nodes of other cameras' owners."""

    def asking(self, asked: OwnerAsked) -> AbstractAsyncContextManager[OwnerAnswered | OwnerAway]:
        """Ask the owner and wait for its answer, within a bound; until the block ends the viewing counts as wanted here."""

    def give_back(self, asked: OwnerAsked) -> None:
        """Tell the owner that what it granted is not watched."""

    def near(self) -> frozenset[PartyId]:
        """Return the owners whose nodes answered within the last seconds."""

    def tell_joined(self, told: OwnerTold, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        """Tell the owner; `settle` is awaited with its answer. One that does not reach it, its list of what runs ends."""


class StreamOpener:
    """Opens streams: decided and durable in one step; only then the relay."""

    def __init__(self, spine: Spine, tickets: Tickets, ids: IdSource, owners: Owners) -> None:
        self._spine = spine
        self._tickets = tickets
        self._ids = ids
        self._owners = owners

    async def __call__(self, command: OpenStream) -> Opened | NotOpened | Unknown | ActRefused:
        """Open `command.camera` to the requester, or say why not.

        Raises `NotRecorded` where the decision can't be made durable: nothing flows then, but in the own room, whose
        records wait; `NoPicture` where the relay does not serve what was granted.
        """
        # 4. `spine` makes decision, slot and viewing durable in one commit before any media flows; refusals too.
        command = replace(command, id=self._ids.fresh("v"), owners_near=self._owners.near())
        answer = await self._spine.act(open_stream, command)
        # 5. The camera's owner is asked where it is another node's, where 2–4 happen again with authority.
        if isinstance(answer, OwnerAsked):
            answer = await self._ask(command, answer)
        elif isinstance(answer, Joined):
            self._owners.tell_joined(answer.told, partial(self._settle_joined, command.requester, answer.told))
            answer = answer.running
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

    async def _ask(self, command: OpenStream, asked: OwnerAsked) -> Running | NotOpened | Unknown | ActRefused:
        """Ask the owner and settle what it answered; what does not open here all the same is given back there."""
        settled: Running | NotOpened | Unknown | ActRefused | None = None
        async with self._owners.asking(asked) as reply:
            try:
                settled = await self._spine.act(settle, Settle(command, asked, reply))
            finally:
                refused = isinstance(reply, OwnerAnswered) and reply.answer.verdict is not Verdict.GRANTED
                if not isinstance(settled, Running) and not refused:
                    self._owners.give_back(asked)
        return settled

    async def _settle_joined(self, requester: Requester, told: OwnerTold, reply: OwnerAnswered) -> None:
        await self._spine.commit(
            lambda snapshot, now: settle_joined(snapshot, requester, told, reply, now), essential=True
        )
