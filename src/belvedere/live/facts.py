"""Gathers, inside one transaction, the facts on which a convention decides."""

from datetime import timedelta
from zoneinfo import ZoneInfo

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


def request_to_decide(
    reading: DecisionReading,
    *,
    action: Action,
    at: Instant,
    party: PartyId,
    service: ServiceId,
    agent: AgentId,
    station: StationId,
    camera: WatchedCamera,
    event: Event | None,
    purpose: str | None,
    zone: ZoneInfo,
) -> DecisionRequest:
    """Return the request as the convention reads it, with the situation at `at`."""
    standing = reading.standing(agent, station, at)
    slots = reading.slots(party)
    suspension = reading.suspension(camera.id, party)
    centre = reading.centre()
    return DecisionRequest(
        action=action,
        at=at,
        agent=AgentFacts(
            party=party,
            service=service,
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
        event=None if event is None else EventFacts(kind=event.kind, open=event.is_open, motive=event.motive),
        purpose=purpose,
        state=StateFacts(
            streams_in_use=len(slots),
            camera_in_use=camera.id in slots,
            holders=reading.holders(party),
            hours_override=hours_override_at(reading, at=at, zone=zone),
            centre_inactive=centre.inactive,
            # The owner may be steering in its own video system, which this node does not see (DESIGN §1).
            owner_is_steering=OwnerIsSteering.UNKNOWN,
            authorisation_withdrawn=centre.authorisation_withdrawn,
            suspended=None
            if suspension is None
            else SuspensionFacts(ground=suspension.ground, by_role=suspension.by_role),
        ),
    )
