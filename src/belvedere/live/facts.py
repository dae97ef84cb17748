"""Gathers, inside one transaction, the facts on which a convention decides."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, PartyId, ServiceId, StationId
from belvedere.domain.request import (
    AgentFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    HoursOverride,
    OwnerIsSteering,
    StateFacts,
    SuspensionFacts,
)
from belvedere.domain.vocabulary import Action
from belvedere.live.model import Event, WatchedCamera
from belvedere.live.ports import DecisionReading


def earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    """Return the earlier of two instants; None is never."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def hours_override_at(reading: DecisionReading, *, at: Instant, zone: ZoneInfo) -> HoursOverride | None:
    """Return the other hours of the day of `at`'s opening: the eve's while that opening still runs into the night."""
    here = at.astimezone(zone)
    eve = reading.hours_varied(here.date() - timedelta(days=1))
    if eve is not None and eve.close <= eve.open and here.time() < eve.close:
        return HoursOverride(eve.open, eve.close)
    today = reading.hours_varied(here.date())
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


def asked_by(
    asker: Asker, action: Action, camera: WatchedCamera, *, at: Instant, event: Event | None, purpose: str | None = None
) -> Asked:
    """Return what a signed-in agent asks."""
    return Asked(
        action=action,
        at=at,
        party=asker.party,
        service=asker.service,
        agent=asker.agent,
        station=asker.station,
        camera=camera,
        event=event_facts(event),
        purpose=purpose,
    )


def event_facts(event: Event | None) -> EventFacts | None:
    """Return what a decision may read of an event."""
    return None if event is None else EventFacts(kind=event.kind, open=event.is_open, motive=event.motive)


def request_to_decide(reading: DecisionReading, asked: Asked, *, zone: ZoneInfo) -> DecisionRequest:
    """Return the request as the convention reads it, with the situation of now."""
    camera = asked.camera
    standing = reading.standing(asked.agent, asked.station, asked.at)
    slots = reading.slots(asked.party)
    suspension = reading.suspension(camera.id, asked.party)
    centre = reading.centre()
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
            holders=reading.holders(asked.party),
            hours_override=hours_override_at(reading, at=asked.at, zone=zone),
            centre_inactive=centre.inactive,
            # The owner may be steering in its own video system, which this node does not see (DESIGN §1).
            owner_is_steering=OwnerIsSteering.UNKNOWN,
            authorisation_withdrawn=centre.authorisation_withdrawn,
            suspended=None
            if suspension is None
            else SuspensionFacts(ground=suspension.ground, by_role=suspension.by_role),
        ),
    )
