"""An agent takes a camera, answers a colleague who asks for it, and gives it back. Rules A10 to A14, B7.

The convention is asked first; then, of a partner, whether it watches the camera: nobody steers blind; then who steers now.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.acts.not_offered import not_offered
from belvedere.acts.unknown import Unknown
from belvedere.changes import Change, Decided, LeaseMoved
from belvedere.changes.records import reference
from belvedere.domain.authorisations import Authorisation
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Obligation, Pending, Refused
from belvedere.domain.events import Event
from belvedere.domain.ids import AuthorisationId, CameraId, EventId, LeaseId, PartyId, ServiceId, ViewingId
from belvedere.domain.leases import Awaits, Lease, LeaseOver, LeaseRegime
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import ROOM_ROLES, SUPERVISORS, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Action, Role
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.ptz.arbitration import Answer, Dropped, ForeignMovement, HoldersAnswer, Lapse, Renew, Silence
from belvedere.rights.authorisations import givers
from belvedere.rights.facts import asked_by, crew_engaged, request_to_decide
from belvedere.rights.review import leases_after
from belvedere.rights.steering import CameraInDispute, LeaseChange, end_leases, rank_of
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

STEERING = Needs(owner=ROOM_ROLES, partner=ROOM_ROLES)


@dataclass(frozen=True, slots=True)
class TakePtz:
    """The command: this agent wants to steer this camera; a partner, for this event.

    `id` and `authorisation` are drawn by the shell. `fence` is the newest that was handed out beside what is recorded.
    `offered`: this node commands the camera.
    """

    needs: ClassVar[Needs] = STEERING
    essential: ClassVar[bool] = False
    requester: Requester
    camera: CameraId
    event: EventId | None
    id: str = ""
    authorisation: str = ""
    fence: int = 0
    offered: bool = True


@dataclass(frozen=True, slots=True)
class ReleasePtz:
    """The command: this agent gives its lease back, or asks for it no longer."""

    needs: ClassVar[Needs] = STEERING
    essential: ClassVar[bool] = True
    requester: Requester
    lease: LeaseId


@dataclass(frozen=True, slots=True)
class AnswerColleague:
    """The command: the holder, or a supervisor of its service, answers whoever asks for the camera under this lease."""

    needs: ClassVar[Needs] = STEERING
    essential: ClassVar[bool] = False
    requester: Requester
    lease: LeaseId
    answer: HoldersAnswer


@dataclass(frozen=True, slots=True)
class Steers:
    """The camera is the requester's to steer; `obligations` are what that makes due."""

    lease: Lease
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """It is asked: of these roles of the owner, or, without an authorisation, of whoever steers."""

    lease: Lease
    authorisation: AuthorisationId | None
    asked_of: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Somebody who comes first steers, since when."""

    party: PartyId
    service: ServiceId
    since: Instant | None
    refused: Refused


@dataclass(frozen=True, slots=True)
class TooMany:
    """As many ask for this camera as there is room for."""


Taken = Steers | Waits | HeldBy | Refused | TooMany | Unknown
Released = Lease | LeaseOver | Unknown


def take_ptz(snapshot: Snapshot, command: TakePtz, now: Instant) -> Step[Taken]:
    """Let the agent steer, or wait, or say why not; an own one ends a partner's lease at once."""
    requester, camera = command.requester, snapshot.place.cameras.watched(command.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, requester.party)
    if camera is None or convention is None:
        return Step(Unknown("camera"))
    known = None if command.event is None else snapshot.event(command.event)
    if command.event is not None and known is None:
        return Step(Unknown("event"))
    foreign = known is not None and known.party != requester.party
    event = None if foreign else known
    asked = asked_by(requester, Action.TAKE_PTZ, camera, at=now, event=event)
    request = request_to_decide(snapshot, asked, zone=convention.zone)
    taking = _Taking(snapshot, command, camera, convention, event, request)
    if foreign:
        return taking.refuse(taking.foreign(decide(convention, request)), Unknown("event"))
    return taking.decided(decide(convention, request))


@dataclass(frozen=True, slots=True)
class _Taking:
    """One asking for one camera, whose event and convention are known."""

    snapshot: Snapshot
    command: TakePtz
    camera: WatchedCamera
    convention: Convention
    event: Event | None
    request: DecisionRequest

    def decided(self, decision: Decision) -> Step[Taken]:
        """Return what follows from the convention's answer."""
        if isinstance(decision, Refused):
            return self.refuse(decision, self._held_by(decision) if decision.cause is Cause.OWNER_STEERS else decision)
        # Between two nodes nothing is steered yet: neither another owner's camera from here, nor one of here from there.
        is_here = self.snapshot.place.cameras.is_here(self.camera.id) and self.command.requester.attested is None
        if not self.command.offered or not is_here:
            owner = self.convention.named(self.camera.owner)
            refused = not_offered(decision, self.snapshot, self.command.requester, owner, self.request.at)
            return self.refuse(refused)
        viewing = self._viewing()
        if viewing is None and not self._is_own:
            return self.refuse(_by_node(decision, Cause.NO_VIEWING))
        if isinstance(decision, Pending) and crew_engaged(self.snapshot, self.camera.id):
            return self.refuse(_by_node(decision, Cause.CREW_ENGAGED))
        return self._contend(decision, viewing)

    def _contend(self, decision: Granted | Pending, viewing: ViewingId | None) -> Step[Taken]:
        dispute = CameraInDispute(self.snapshot, self.camera.id, self.request.at, fence=self.command.fence).reviewed()
        mine = self._mine(dispute)
        if mine is not None:
            if mine.is_held:
                dispute.give(Renew(mine.id))
            return self._answered(decision, dispute, dispute.lease(mine.id) or mine)
        self._give_up_others(dispute)
        lease = self._lease(viewing)
        match decision:
            case Granted():
                dispute.ask(lease, decision)
            case Pending():
                word, roles = self._word(lease), self._givers()
                dispute.wait(replace(lease, authorisation=word.id, articles=decision.articles), word, roles)
        dropped = next(
            (each for each in dispute.effects if isinstance(each, Dropped) and each.claim.lease == lease.id), None
        )
        if dropped is not None:
            if dropped.cause is Cause.BUSY:
                return Step(TooMany(), (self._decided(decision), *dispute.changes))
            refused = _by_node(decision, Cause.STEERED)
            return self.refuse(refused, self._held_by(refused), dispute.changes)
        now = dispute.lease(lease.id)
        assert now is not None, "it is asked for, or held"
        return self._answered(decision, dispute, now)

    def _answered(self, decision: Granted | Pending, dispute: CameraInDispute, lease: Lease) -> Step[Taken]:
        changes: tuple[Change, ...] = (self._decided(decision), *dispute.changes)
        if self._is_own:
            # The owner's hand refuses what partners only ask for, too.
            changes = (*changes, *leases_after(self.snapshot, changes, self.request.at))
        if lease.is_held:
            return Step(Steers(lease, decision.obligations if isinstance(decision, Granted) else ()), changes)
        for_word = lease.awaits is Awaits.AUTHORISATION
        asked_of = self._givers() if for_word else ()
        return Step(Waits(lease, lease.authorisation if for_word else None, asked_of), changes)

    def refuse(
        self, refused: Refused, answer: Taken | None = None, beside: list[LeaseChange] | None = None
    ) -> Step[Taken]:
        """Return the refusal, written down."""
        return Step(refused if answer is None else answer, (self._decided(refused), *(beside or ())))

    def foreign(self, decision: Decision) -> Refused:
        """Return the refusal of an event that is another party's: it answers as one that is not there."""
        return decision if isinstance(decision, Refused) else _by_node(decision, Cause.FOREIGN_EVENT)

    def _decided(self, decision: Decision) -> Decided:
        return Decided(self.command.requester, reference(self.convention), self.request, decision, self.event)

    @property
    def _is_own(self) -> bool:
        return self.command.requester.party == self.camera.owner

    def _viewing(self) -> ViewingId | None:
        """Return the viewing of this camera at the requester's own station, by the requester: the newest one."""
        requester = self.command.requester
        watching = [
            viewing.id
            for viewing in self.snapshot.viewings()
            if (viewing.camera, viewing.agent, viewing.station) == (self.camera.id, requester.agent, requester.station)
        ]
        return watching[-1] if watching and not self._is_own else None

    def _mine(self, dispute: CameraInDispute) -> Lease | None:
        """Return the requester's own lease of this camera, for this event, that goes on after the review."""
        for lease in self._of_requester(dispute):
            if self._is_own or lease.event == self.command.event:
                return lease
        return None

    def _of_requester(self, dispute: CameraInDispute) -> list[Lease]:
        requester = self.command.requester
        known = [dispute.lease(each.id) for each in self.snapshot.leases() if each.camera == self.camera.id]
        return [
            each
            for each in known
            if each is not None and (each.party, each.agent) == (requester.party, requester.agent)
        ]

    def _give_up_others(self, dispute: CameraInDispute) -> None:
        """Let go of what the requester asked before for another event."""
        for lease in self._of_requester(dispute):
            if not lease.is_held:
                dispute.give(Lapse(lease.id, Cause.RELEASED))

    def _held_by(self, refused: Refused) -> Taken:
        holder = next((each for each in self.snapshot.leases() if each.camera == self.camera.id and each.is_held), None)
        return refused if holder is None else HeldBy(holder.party, holder.service, holder.since, refused)

    def _lease(self, viewing: ViewingId | None) -> Lease:
        requester, at = self.command.requester, self.request.at
        rank = rank_of(
            self.convention,
            owner=self.camera.owner,
            party=requester.party,
            service=requester.service,
            role=requester.role,
        )
        return Lease(
            id=LeaseId(self.command.id),
            camera=self.camera.id,
            party=requester.party,
            service=requester.service,
            agent=requester.agent,
            pseudonym=requester.pseudonym,
            agent_label=requester.label,
            station=requester.station,
            session_sha256=requester.session_sha256,
            rank=rank,
            regime=LeaseRegime.OWN if self._is_own else LeaseRegime.AUTHORISED,
            event=self.command.event,
            viewing=viewing,
            asked_at=at,
        )

    def _word(self, lease: Lease) -> Authorisation:
        assert lease.event is not None, "no convention waits for a word on no event"
        return Authorisation(
            id=AuthorisationId(self.command.authorisation),
            lease=lease.id,
            camera=lease.camera,
            party=lease.party,
            service=lease.service,
            station=lease.station,
            event=lease.event,
            asked_at=lease.asked_at,
        )

    def _givers(self) -> tuple[Role, ...]:
        return givers(self.convention, owner=self.camera.owner, party=self.command.requester.party)


def _by_node(decision: Decision, cause: Cause) -> Refused:
    """Return the node's own refusal of what the convention would grant, or wait for."""
    said = cause.words
    return Refused(decision.articles, cause, said.sentence, said.remedy, facts=decision.facts)


def release_ptz(snapshot: Snapshot, command: ReleasePtz, now: Instant) -> Step[Released]:
    """Give a lease back; whoever asked for the camera has it then."""
    requester, lease = command.requester, snapshot.lease(command.lease)
    if lease is None:
        over = snapshot.lease_over(command.lease)
        return Step(over if over is not None and over.party == requester.party else Unknown("lease"))
    if (lease.party, lease.agent) != (requester.party, requester.agent):
        return Step(Unknown("lease"))
    return Step(lease, _given(snapshot, lease, now, lambda dispute: dispute.give(Lapse(lease.id, Cause.RELEASED))))


def answer_colleague(snapshot: Snapshot, command: AnswerColleague, now: Instant) -> Step[Lease | Unknown | ActRefused]:
    """Give the camera to a colleague, or keep it; a supervisor of the holder's service assigns it so."""
    requester, lease = command.requester, snapshot.lease(command.lease)
    if lease is None or lease.party != requester.party or lease.awaits is not Awaits.HOLDER:
        return Step(Unknown("lease"))
    holder = next((each for each in snapshot.leases() if each.camera == lease.camera and each.is_held), None)
    is_holder = holder is not None and (holder.party, holder.agent) == (requester.party, requester.agent)
    assigns = (
        requester.role in SUPERVISORS
        and holder is not None
        and {holder.party, lease.party} == {requester.party}
        and {holder.service, lease.service} == {requester.service}
    )
    if not is_holder and not assigns:
        return Step(ActRefused(Cause.ROLE))
    answered = Answer(lease.id, command.answer)
    return Step(lease, _given(snapshot, lease, now, lambda dispute: dispute.give(answered)))


def _given(
    snapshot: Snapshot, lease: Lease, now: Instant, give: Callable[[CameraInDispute], None]
) -> tuple[LeaseChange, ...]:
    """Return what follows once every claim on the lease's camera was decided again and `give` gave its input."""
    dispute = CameraInDispute(snapshot, lease.camera, now).reviewed()
    give(dispute)
    return tuple(dispute.changes)


# What nobody asks for: time, a link, a movement.


def run_out(snapshot: Snapshot, now: Instant, *, lease: LeaseId, cause: Cause) -> Step[None]:
    """End a lease whose time has run out; one that is over meanwhile stays so."""
    known = snapshot.lease(lease)
    if known is None:
        return Step(None)
    return Step(None, _given(snapshot, known, now, lambda dispute: dispute.give(Lapse(lease, cause))))


def settle_silence(snapshot: Snapshot, now: Instant, *, lease: LeaseId) -> Step[None]:
    """Take the silence of a holder, which did not move the camera either, for a yes to whoever asks under `lease`."""
    known = snapshot.lease(lease)
    if known is None:
        return Step(None)
    return Step(None, _given(snapshot, known, now, lambda dispute: dispute.give(Silence(lease))))


def moved_by_another(snapshot: Snapshot, now: Instant, *, camera: CameraId) -> Step[None]:
    """End a partner's lease of a camera that moves although nobody here commanded it (rules A12)."""
    dispute = CameraInDispute(snapshot, camera, now).reviewed()
    dispute.give(ForeignMovement())
    return Step(None, tuple(dispute.changes))


def link_lost(snapshot: Snapshot, now: Instant, *, party: PartyId) -> Step[None]:
    """End every lease of a party whose node is no longer reached (reliability 11)."""
    return Step(None, end_leases(snapshot, now, lambda lease: lease.party == party, Cause.LINK_LOST))


@dataclass(frozen=True, slots=True)
class Movements:
    """How often a camera was turned under one lease, first and last when."""

    first: Instant
    last: Instant
    count: int


def tell_movements(snapshot: Snapshot, now: Instant, *, lease: Lease, told: Movements) -> Step[None]:
    """Write down how often the camera was turned under a lease that is over."""
    camera = snapshot.place.cameras.watched(lease.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, lease.party)
    ref = None if convention is None else reference(convention)
    return Step(None, (LeaseMoved(lease, told.first, told.last, told.count, now, ref),))
