"""Gathers, inside one transaction, the facts on which a convention decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from belvedere.changes.records import reference
from belvedere.domain.authorisations import Authorisation
from belvedere.domain.causes import Cause
from belvedere.domain.centre import CentreState
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Granted, Refused
from belvedere.domain.events import Event
from belvedere.domain.ids import AgentId, CameraId, EventId, PartyId, ServiceId, StationId
from belvedere.domain.leases import Lease, LeaseRegime
from belvedere.domain.peer_requests import Attested
from belvedere.domain.record import ConventionRef
from belvedere.domain.request import (
    AgentFacts,
    AuthorisationFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    Holder,
    HoursOverride,
    LeaseFacts,
    OwnerIsSteering,
    StateFacts,
    SuspensionFacts,
)
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Standing
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, Role
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.spine.snapshot import Facts


def earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    """Return the earlier of two instants; None is never."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def stands_until(standing: Standing) -> Instant | None:
    """Return until when an agent at a station stands: to the habilitation's last day, or the station's (rules A22)."""
    return earlier(standing.habilitated_until, standing.registered_until)


def runs_until(decision: Granted, standing: Standing) -> Instant | None:
    """Return until when a right runs that `decision` grants: the convention's term, or the standing's end before it.

    Worked out here alone, at a grant and at each review: an officer watches nothing past his last day (CSI R253-3).
    """
    return earlier(decision.valid_until, stands_until(standing))


def hours_override_at(facts: Facts, *, at: Instant, zone: ZoneInfo) -> HoursOverride | None:
    """Return the other hours of the day of `at`'s opening: the eve's while that opening still runs into the night."""
    here = at.astimezone(zone)
    eve = facts.hours_varied(here.date() - timedelta(days=1))
    if eve is not None and eve.close <= eve.open and here.time() < eve.close:
        return HoursOverride(eve.open, eve.close)
    today = facts.hours_varied(here.date())
    return None if today is None else HoursOverride(today.open, today.close)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks to do what, with which camera, for what, and when: all that a decision rests on besides what is kept."""

    action: Action
    at: Instant
    party: PartyId
    service: ServiceId
    agent: AgentId
    station: StationId
    camera: WatchedCamera
    event: EventFacts | None
    purpose: str | None
    event_id: EventId | None = None
    """For steering, as `lease` is: an authorisation is for one event."""
    lease: Lease | None = None
    """The lease that the service holds, where what runs is decided again."""
    attested: Standing | None = None
    """What the party's own node says of agent and station, or what is supposed; None where this node keeps them itself."""


def asked_by(
    requester: Requester,
    action: Action,
    camera: WatchedCamera,
    *,
    at: Instant,
    event: Event | None,
    purpose: str | None = None,
) -> Asked:
    """Return what a signed-in agent asks."""
    return Asked(
        action=action,
        at=at,
        party=requester.party,
        service=requester.service,
        agent=requester.agent,
        station=requester.station,
        camera=camera,
        event=event_facts(event) if requester.attested is None else attested_event(requester.attested),
        purpose=purpose,
        event_id=event.id if event is not None and action is Action.TAKE_PTZ else None,
        attested=attested_standing(requester.attested),
    )


def attested_standing(attested: Attested | None) -> Standing | None:
    """Return the standing that an agent's own node vouches for; None where this node keeps it."""
    if attested is None:
        return None
    return Standing(attested.habilitated, attested.station_registered, attested.habilitated_until)


def attested_event(attested: Attested) -> EventFacts | None:
    """Return what a decision may read of another party's event, whose node ends what is for it once it is closed."""
    if attested.event_kind is None:
        return None
    return EventFacts(kind=attested.event_kind, open=True, motive="given" if attested.motive_given else None)


def event_facts(event: Event | None) -> EventFacts | None:
    """Return what a decision may read of an event: of its motive, only whether it was given."""
    if event is None:
        return None
    given = event.motive is not None and bool(event.motive.text.strip())
    return EventFacts(kind=event.kind, open=event.is_open, motive="given" if given else None)


@dataclass(frozen=True, slots=True)
class SteeringFacts:
    """What a decision on steering reads besides. `notified`: taking the camera here tells the owner's room at once."""

    lease: LeaseFacts | None = None
    authorisation: AuthorisationFacts | None = None
    notified: bool | None = None
    owner_is_steering: OwnerIsSteering = OwnerIsSteering.UNKNOWN


def steering_facts(facts: Facts, asked: Asked) -> SteeringFacts:
    """Return who steers the camera, and whose authorisation covers it for this event."""
    by_owner = any(
        each.camera == asked.camera.id and each.is_held and each.rank.is_own and each.party != asked.party
        for each in facts.leases()
    )
    covering = authorisation_covering(
        facts, party=asked.party, camera=asked.camera.id, event=asked.event_id, at=asked.at
    )
    held = asked.lease
    return SteeringFacts(
        lease=None
        if held is None or not held.is_held
        else LeaseFacts(
            held_since=held.regime_since,
            granted_while="closed" if held.regime in (LeaseRegime.CLOSED, LeaseRegime.CONTINUED) else "active",
        ),
        authorisation=None
        if covering is None
        else AuthorisationFacts(by_role=covering.giver_role, until=covering.until),
        notified=True,
        # In its own video system the owner may steer unseen by this node (code, Beside what rooms already own).
        owner_is_steering=OwnerIsSteering.YES if by_owner else OwnerIsSteering.UNKNOWN,
    )


def authorisation_covering(
    facts: Facts, *, party: PartyId, camera: CameraId, event: EventId | None, at: Instant
) -> Authorisation | None:
    """Return the authorisation that lets `party` steer `camera` for `event` longest, or None.

    One for the event's cameras leaves out those at which a crew of the owner's is engaged.
    """
    if event is None:
        return None
    standing = [each for each in facts.authorisations() if each.covers(party=party, camera=camera, event=event, at=at)]
    if any(each.camera != camera for each in standing) and crew_engaged(facts, camera):
        standing = [each for each in standing if each.camera == camera]
    return max(standing, key=lambda each: each.until or at, default=None)


def crew_engaged(facts: Facts, camera: CameraId) -> bool:
    """Return whether the room chief says that a crew of the owner's is engaged at the camera."""
    return any(each.camera == camera for each in facts.crews_engaged())


def request_to_decide(facts: Facts, asked: Asked, *, zone: ZoneInfo) -> DecisionRequest:
    """Return the request as the convention reads it, with the situation of now."""
    camera = asked.camera
    standing = asked.attested or facts.standing(asked.agent, asked.station, asked.at)
    here = facts.place.cameras.is_here(camera.id)
    # What the owner of another node's camera declares is the owner's to say: it decides again, with authority.
    suspension = facts.suspension(camera.id, asked.party) if here else None
    centre = facts.centre() if here else CentreState()
    slots, holders = _flowing(facts, asked.party, None if here else camera.owner)
    steering = steering_facts(facts, asked) if asked.action is Action.TAKE_PTZ else SteeringFacts()
    return DecisionRequest(
        action=asked.action,
        at=asked.at,
        agent=AgentFacts(
            party=asked.party,
            service=asked.service,
            habilitated=standing.habilitated,
            station_registered=standing.station_registered,
        ),
        camera=CameraFacts(
            id=camera.id,
            owner=camera.owner,
            commune=camera.commune,
            zone=camera.zone,
            camera_class=camera.camera_class,
            authorised_until=camera.authorised_until,
            ptz=camera.ptz,
        ),
        event=asked.event,
        purpose=asked.purpose,
        state=StateFacts(
            streams_in_use=len(slots),
            camera_in_use=camera.id in slots,
            holders=holders,
            hours_override=hours_override_at(facts, at=asked.at, zone=zone) if here else None,
            centre_inactive=centre.inactive,
            lease=steering.lease,
            authorisation=steering.authorisation,
            notified=steering.notified,
            owner_is_steering=steering.owner_is_steering,
            authorisation_withdrawn=centre.authorisation_withdrawn,
            suspended=None
            if suspension is None
            else SuspensionFacts(ground=suspension.ground, by_role=suspension.by_role),
        ),
    )


def _flowing(facts: Facts, party: PartyId, owner: PartyId | None) -> tuple[Collection[CameraId], tuple[Holder, ...]]:
    """Return the cameras in flow to a party with who watches them; of another node's `owner` alone where one is given."""
    slots, holders = facts.slots(party), facts.holders(party)
    if owner is None:
        return slots, holders
    known = {each: facts.place.cameras.watched(each) for each in slots}
    theirs = {each for each, camera in known.items() if camera is not None and camera.owner == owner}
    return theirs, tuple(each for each in holders if each.camera in theirs)


def convention_ref(facts: Facts, party: PartyId) -> ConventionRef | None:
    """Return the convention under which `party`'s agents ask here, as a record names it; None for a stranger."""
    convention = facts.convention_between(facts.place.party, party)
    return None if convention is None else reference(convention)


def stranger() -> Refused:
    """Return the refusal of whoever no convention binds."""
    return Refused(
        articles=(),
        cause=Cause.STRANGER,
        reason=Text(
            "Aucune convention ne lie votre organisation à cette ville.",
            "No convention binds your organisation to this city.",
        ),
    )


def speaks_as(facts: Facts, agent: AgentId, role: Role, roles: Sequence[Role], at: Instant) -> Role:
    """Return the role in which an agent's word counts: a deputy's is the director's, where its own gives none."""
    if role in roles:
        return role
    deputies = (each for each in facts.deputies() if each.agent == agent)
    return Role.POLICE_DIRECTOR if any(at < each.until for each in deputies) else role
