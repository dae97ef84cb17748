"""Leases as rights: each is decided again on the facts of a state, and the camera's arbitration says what follows.

One camera at a time: who asks and who steers is decided by the convention first, then given to `ptz.arbitration`, whose
durable effects become changes here and nowhere else.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from belvedere.changes import (
    AuthorisationOver,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
)
from belvedere.changes.records import event_ref, reference
from belvedere.domain.authorisations import Authorisation, AuthorisationState
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue, Granted, Obligation, ObligationKind, Pending, Refused
from belvedere.domain.ids import CameraId, EventId, LeaseId, NoticeId, PartyId, ServiceId, ViewingId
from belvedere.domain.leases import Awaits, Lease, LeaseEnding, LeaseRegime, OwedNotice, Rank
from belvedere.domain.record import EventRef
from belvedere.domain.request import DecisionRequest
from belvedere.domain.requester import SUPERVISORS
from belvedere.domain.vocabulary import Action, Role
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.policy.clauses.access import Priority
from belvedere.policy.clauses.steering import Notice
from belvedere.ptz.arbitration import (
    Ask,
    Asked,
    CameraState,
    Claim,
    Continued,
    Dropped,
    Effect,
    Ended,
    Held,
    Input,
    Lapse,
    Queued,
    Renewed,
    Stand,
    step,
)
from belvedere.ptz.arbitration import Granted as GivenCamera
from belvedere.rights import lease_endings
from belvedere.rights.facts import Asked as AskedOfConvention
from belvedere.rights.facts import authorisation_covering, crew_engaged, event_facts, request_to_decide, runs_until
from belvedere.spine.snapshot import Facts

LeaseChange = LeaseAsked | LeaseGranted | LeaseContinued | LeaseProlonged | LeaseEnded | AuthorisationOver
_OF_THE_NIGHT = frozenset({LeaseRegime.CLOSED, LeaseRegime.CONTINUED})
_NO_TIME_S = 0.0
"""What is durable rests on no monotonic time: whoever counts it says what has run out."""


def rank_of(convention: Convention, *, owner: PartyId, party: PartyId, service: ServiceId, role: Role) -> Rank:
    """Return whom an agent comes before at `owner`'s cameras (rules A12, A14, B7)."""
    if party == owner:
        return Rank.OWN_CHIEF if role in SUPERVISORS else Rank.OWN_ROOM
    first = any((each.party, each.service) == (party, service) for each in convention.of(Priority))
    return Rank.FIRST_SERVICE if first else Rank.OTHER_SERVICE


def regime_of(decision: Granted, *, own: bool) -> LeaseRegime:
    """Return on what a lease rests that `decision` grants: what it read, and what it makes due."""
    if own:
        return LeaseRegime.OWN
    owed = {each.kind for each in decision.obligations}
    if ObligationKind.NOTIFICATION in owed:
        return LeaseRegime.CONTINUED
    if ObligationKind.NOTICE_AFTER in owed:
        return LeaseRegime.CLOSED
    if "state.authorisation" in decision.facts:
        return LeaseRegime.AUTHORISED
    return LeaseRegime.NOTIFIED if "state.notified" in decision.facts else LeaseRegime.SHARED


def claim_of(lease: Lease) -> Claim:
    """Return a lease as the arbitration knows it."""
    return Claim(
        lease=lease.id,
        party=lease.party,
        service=lease.service,
        agent=lease.agent,
        rank=lease.rank,
        regime=lease.regime,
        event=lease.event,
        viewing=lease.viewing,
        authorisation=lease.authorisation,
    )


def state_of(leases: Sequence[Lease], *, fence: int) -> CameraState:
    """Return what a state keeps of one camera, without the seconds that the arbitration's watch counts."""
    held = next((each for each in leases if each.is_held), None)
    return CameraState(
        fence=fence,
        held=None
        if held is None
        else Held(claim_of(held), held.fence, since_s=_NO_TIME_S, moved_s=_NO_TIME_S, heard_s=_NO_TIME_S),
        asked=tuple(Asked(claim_of(each), each.awaits, None) for each in leases if each.awaits is not None),
    )


@dataclass(frozen=True, slots=True)
class _Lapses:
    """To this lease nothing entitles any more; `facts` are those that the rule read."""

    ending: LeaseEnding
    facts: dict[str, FactValue]


@dataclass(frozen=True, slots=True)
class _Stands:
    """The convention grants this lease."""

    decision: Granted
    regime: LeaseRegime
    authorisation: Authorisation | None
    valid_until: Instant | None


_Found = _Lapses | _Stands | None
"""What is found of a lease; None: it waits for the owner's word."""


def review_leases(facts: Facts, now: Instant) -> tuple[LeaseChange, ...]:
    """Decide every lease again; return what becomes of those for which something changes."""
    leases = facts.leases()
    if not leases:
        return ()
    running = frozenset(viewing.id for viewing in facts.viewings())
    changes: list[LeaseChange] = []
    for camera in dict.fromkeys(lease.camera for lease in leases):
        changes += CameraInDispute(facts, camera, now, running=running).reviewed().changes
    return tuple(changes)


def end_leases(facts: Facts, now: Instant, which: Callable[[Lease], bool], cause: Cause) -> tuple[LeaseChange, ...]:
    """End every lease, held or asked for, that `which` picks, for this cause; whoever asked its holder is decided again."""
    picked = [each for each in facts.leases() if which(each)]
    changes: list[LeaseChange] = []
    for camera in dict.fromkeys(lease.camera for lease in picked):
        dispute = CameraInDispute(facts, camera, now)
        theirs = [each for each in picked if each.camera == camera]
        # Who only asks first: it is not given what is ended beside it.
        for lease in theirs:
            if not lease.is_held:
                dispute.give(Lapse(lease.id, cause))
        dispute.reviewed()
        for lease in theirs:
            dispute.give(Lapse(lease.id, cause))
        changes += dispute.changes
    return tuple(changes)


class CameraInDispute:
    """One camera, who steers it and who asks, in one state at one instant. Used within one step, and thrown away.

    `fence` is the newest that was handed out beside what is recorded: the owner's hand waits for no disk.
    """

    def __init__(
        self,
        facts: Facts,
        camera: CameraId,
        now: Instant,
        *,
        running: Collection[ViewingId] | None = None,
        fence: int = 0,
    ) -> None:
        self._facts = facts
        self._camera = facts.place.cameras.watched(camera)
        self._now = now
        self._running = (
            frozenset(viewing.id for viewing in facts.viewings() if viewing.camera == camera)
            if running is None
            else running
        )
        mine = [each for each in facts.leases() if each.camera == camera]
        self._known = {each.id: each for each in mine}
        self._state = state_of(mine, fence=max(fence, facts.fence(camera)))
        self._found: dict[LeaseId, _Found] = {}
        self._waits: tuple[Authorisation, tuple[Role, ...]] | None = None
        self.changes: list[LeaseChange] = []
        self.effects: list[Effect] = []

    @property
    def holder(self) -> Lease | None:
        """Who steers now."""
        held = self._state.held
        return None if held is None else self._known[held.claim.lease]

    def lease(self, lease: LeaseId) -> Lease | None:
        """Return the lease as it stands now, or None once it is over."""
        return self._known.get(lease)

    def reviewed(self) -> "CameraInDispute":
        """Decide all of them again: who only asks first, so that nobody is given a camera to which nothing entitles."""
        asked = [each for each in self._known.values() if not each.is_held]
        held = [each for each in self._known.values() if each.is_held]
        for lease in (*asked, *held):
            self._found[lease.id] = self._find(lease)
        in_turn = [
            *(each for each in asked if isinstance(self._found[each.id], _Lapses)),
            *(each for each in asked if each.awaits is Awaits.HOLDER),
            *held,
            *(each for each in asked if each.awaits is Awaits.AUTHORISATION),
        ]
        for lease in in_turn:
            self._settle(lease)
        return self

    def _settle(self, lease: Lease) -> None:
        found = self._found[lease.id]
        if isinstance(found, _Lapses):
            self.give(Lapse(lease.id, found.ending.cause))
        elif isinstance(found, _Stands):
            word = found.authorisation
            self.give(Stand(lease.id, found.regime, None if word is None else word.id))
            going_on = self._known.get(lease.id)
            if going_on is not None and going_on.is_held and going_on.valid_until != found.valid_until:
                self._put(LeaseProlonged(replace(going_on, valid_until=found.valid_until)))

    def ask(self, lease: Lease, decision: Granted) -> None:
        """Let a new lease be asked for that the convention grants: whoever steers may come first, or answers."""
        found = self._standing(lease, decision)
        word = found.authorisation
        claimed = replace(lease, regime=found.regime, authorisation=None if word is None else word.id)
        self._known[lease.id], self._found[lease.id] = claimed, found
        self.give(Ask(claim_of(claimed), authorised=True))

    def wait(self, lease: Lease, authorisation: Authorisation, asked_of: tuple[Role, ...]) -> None:
        """Let a new lease wait for the owner's word, which is asked of these."""
        self._known[lease.id] = lease
        self._waits = (authorisation, asked_of)
        self.give(Ask(claim_of(lease), authorised=False))

    def give(self, given: Input, ending: LeaseEnding | None = None) -> None:
        """Give one input to the arbitration; `ending` are the words of what it ends, where they are not the cause's."""
        self._state, effects = step(self._state, given, _NO_TIME_S)
        for effect in effects:
            self.effects.append(effect)
            self._make(effect, ending if isinstance(given, Lapse) else None)

    # What the convention says of a lease now.

    def _find(self, lease: Lease) -> _Found:
        camera, facts = self._camera, self._facts
        convention = self._convention(lease.party)
        if camera is None or convention is None:
            return _lapses(Cause.CAMERA_REMOVED if camera is None else Cause.STRANGER)
        if lease.viewing is None and not facts.signed_in(lease.session_sha256):
            return _lapses(Cause.SESSION_ENDED)
        decision = decide(convention, self._request(lease, camera, convention))
        match decision:
            case Refused():
                return _Lapses(lease_endings.no_longer_granted(decision), dict(decision.facts))
            case Pending():
                return self._find_waiting(lease, decision)
            case Granted():
                return self._find_granted(lease, decision)

    def _find_granted(self, lease: Lease, decision: Granted) -> _Found:
        standing = self._facts.standing(lease.agent, lease.station, self._now)
        if not standing.habilitated or not standing.station_registered:
            lacks = Cause.STATION_UNREGISTERED if standing.habilitated else Cause.NOT_HABILITATED
            return _Lapses(lease_endings.in_the_causes_words(lacks, decision.articles), {})
        if lease.viewing is not None and lease.viewing not in self._running:
            return _lapses(Cause.VIEWING_OVER)
        return self._standing(lease, decision)

    def _find_waiting(self, lease: Lease, decision: Pending) -> _Found:
        """Return that a lease goes on waiting, or that what it rested on is over."""
        if lease.viewing is not None and lease.viewing not in self._running:
            return _lapses(Cause.VIEWING_OVER)
        word = None if lease.authorisation is None else self._facts.authorisation(lease.authorisation)
        waits = lease.awaits is Awaits.AUTHORISATION and (word is None or word.state is AuthorisationState.ASKED)
        if waits:
            return None
        if word is not None and lease.event is not None and crew_engaged(self._facts, lease.camera):
            still = word.covers(party=lease.party, camera=lease.camera, event=lease.event, at=self._now)
            if still:
                engaged = lease_endings.in_the_causes_words(Cause.CREW_ENGAGED, decision.articles)
                return _Lapses(engaged, dict(decision.facts))
        return _Lapses(lease_endings.authorisation_over(word, decision.articles), dict(decision.facts))

    def _standing(self, lease: Lease, decision: Granted) -> _Stands:
        own = lease.rank.is_own
        word = (
            authorisation_covering(self._facts, party=lease.party, camera=lease.camera, event=lease.event, at=self._now)
            if regime_of(decision, own=own) is LeaseRegime.AUTHORISED
            else None
        )
        standing = self._facts.standing(lease.agent, lease.station, self._now)
        return _Stands(decision, regime_of(decision, own=own), word, runs_until(decision, standing))

    def _request(self, lease: Lease, camera: WatchedCamera, convention: Convention) -> DecisionRequest:
        asked = AskedOfConvention(
            action=Action.TAKE_PTZ,
            at=self._now,
            party=lease.party,
            service=lease.service,
            agent=lease.agent,
            station=lease.station,
            camera=camera,
            event=event_facts(None if lease.event is None else self._facts.event(lease.event)),
            purpose=None,
            event_id=lease.event,
            lease=lease if lease.is_held else None,
        )
        return request_to_decide(self._facts, asked, zone=convention.zone)

    def _convention(self, party: PartyId) -> Convention | None:
        return None if self._camera is None else self._facts.convention_between(self._camera.owner, party)

    # What the arbitration's effects make of it.

    def _make(self, effect: Effect, ending: LeaseEnding | None) -> None:
        match effect:
            case Queued(claim, awaits):
                self._queue(claim, awaits)
            case GivenCamera(claim, fence):
                self._grant(claim, fence)
            case Continued(claim):
                self._continue(claim)
            case Renewed(claim):
                lease = self._known[claim.lease]
                self._put(LeaseProlonged(replace(lease, renewed=lease.renewed + 1, renewed_at=self._now)))
            case Ended(claim, cause, by) | Dropped(claim, cause, by):
                self._end(claim, cause, by, ending)
            case _:
                pass

    def _put(self, change: LeaseAsked | LeaseGranted | LeaseContinued | LeaseProlonged) -> None:
        self._known[change.lease.id] = change.lease
        self.changes.append(change)

    def _queue(self, claim: Claim, awaits: Awaits) -> None:
        lease, convention = self._known[claim.lease], self._convention(claim.party)
        assert convention is not None, "nobody waits under no convention"
        word, asked_of = self._waits or (None, ())
        for_word = awaits is Awaits.AUTHORISATION
        lease = replace(lease, awaits=awaits, regime=claim.regime, authorisation=claim.authorisation)
        self._put(
            LeaseAsked(
                lease,
                word if for_word else None,
                asked_of if for_word else (),
                reference(convention),
                self._event(lease.event),
            )
        )

    def _grant(self, claim: Claim, fence: int) -> None:
        found = self._found.get(claim.lease)
        assert isinstance(found, _Stands), "nobody is given a camera that the convention does not grant"
        lease, convention = self._known[claim.lease], self._convention(claim.party)
        assert convention is not None, "it has just granted"
        notice = self._notice(lease, found, convention)
        granted = replace(
            lease,
            awaits=None,
            regime=found.regime,
            since=self._now,
            regime_since=self._now,
            valid_until=found.valid_until,
            authorisation=None if found.authorisation is None else found.authorisation.id,
            articles=found.decision.articles,
            fence=fence,
            notices=lease.notices + (notice is not None),
        )
        notified = found.regime is LeaseRegime.NOTIFIED
        self._put(LeaseGranted(granted, reference(convention), self._event(lease.event), notice, notified))
        self.changes += self._words_over(lease)

    def _continue(self, claim: Claim) -> None:
        found = self._found.get(claim.lease)
        assert isinstance(found, _Stands), "a lease goes on under what the convention grants"
        lease, convention = self._known[claim.lease], self._convention(claim.party)
        assert convention is not None, "it has just granted"
        notice = None if lease.regime in _OF_THE_NIGHT else self._notice(lease, found, convention)
        within_the_night = lease.regime in _OF_THE_NIGHT and found.regime in _OF_THE_NIGHT
        going_on = replace(
            lease,
            regime=found.regime,
            regime_since=lease.regime_since if within_the_night else self._now,
            valid_until=found.valid_until,
            authorisation=claim.authorisation,
            articles=found.decision.articles,
            notices=lease.notices + (notice is not None),
        )
        notified = found.regime in {LeaseRegime.NOTIFIED, LeaseRegime.CONTINUED}
        self._put(
            LeaseContinued(going_on, self._now, reference(convention), self._event(lease.event), notice, notified)
        )

    def _notice(self, lease: Lease, found: _Stands, convention: Convention) -> OwedNotice | None:
        """Return the notice that a grant outside the room's activity makes due; its id is its lease's, so all make the same."""
        if found.regime is not LeaseRegime.CLOSED or self._camera is None:
            return None
        owner = self._camera.owner
        owed = next((each for each in found.decision.obligations if _is_notice(each)), None)
        return OwedNotice(
            id=NoticeId(f"n-{lease.id.removeprefix('l-')}-{lease.notices + 1}"),
            lease=lease.id,
            camera=lease.camera,
            event=lease.event,
            from_party=lease.party,
            to_party=owner,
            since=self._now,
            due=None if owed is None else owed.due,
            articles=convention.cites_of(Notice, lambda each: (each.owner, each.party) == (owner, lease.party)),
        )

    def _end(self, claim: Claim, cause: Cause, by: Claim | None, ending: LeaseEnding | None) -> None:
        lease = self._known.pop(claim.lease)
        found, convention = self._found.get(claim.lease), self._convention(claim.party)
        read: dict[str, FactValue] = {}
        if ending is None and isinstance(found, _Lapses) and found.ending.cause is cause:
            ending, read = found.ending, found.facts
        if ending is None:
            ending = self._ending(claim, cause, by)
        if self._was_kept(lease.id):
            self.changes.append(
                LeaseEnded(
                    lease,
                    ending,
                    self._now,
                    None if convention is None else reference(convention),
                    self._event(lease.event),
                    read,
                )
            )
            self.changes += self._words_over(lease)

    def _ending(self, claim: Claim, cause: Cause, by: Claim | None) -> LeaseEnding:
        if by is None or self._camera is None:
            return lease_endings.in_the_causes_words(cause)
        return lease_endings.taken(
            cause,
            convention=self._convention(claim.party),
            owner=self._camera.owner,
            party=claim.party,
            by_party=by.party,
            by=by.service,
        )

    def _was_kept(self, lease: LeaseId) -> bool:
        """Whether anybody knows of the lease: one that was not even let in leaves no end."""
        return self._facts.lease(lease) is not None or any(
            isinstance(each, LeaseAsked | LeaseGranted) and each.lease.id == lease for each in self.changes
        )

    def _words_over(self, lease: Lease) -> list[LeaseChange]:
        """Return that nobody waits any more for an answer to what this lease asked."""
        if lease.awaits is not Awaits.AUTHORISATION:
            return []
        return [
            AuthorisationOver(replace(each, state=AuthorisationState.OVER))
            for each in self._facts.authorisations()
            if each.lease == lease.id and each.state is AuthorisationState.ASKED
        ]

    def _event(self, event: EventId | None) -> EventRef | None:
        return event_ref(None if event is None else self._facts.event(event))


def _lapses(cause: Cause) -> _Lapses:
    return _Lapses(lease_endings.in_the_causes_words(cause), {})


def _is_notice(obligation: Obligation) -> bool:
    return obligation.kind is ObligationKind.NOTICE_AFTER
