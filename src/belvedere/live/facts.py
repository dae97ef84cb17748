"""Gathers, inside one transaction, the facts on which a convention decides."""

from collections.abc import Sequence

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId, CameraId, PartyId, ServiceId, StationId
from belvedere.domain.request import (
    AgentFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    Holder,
    StateFacts,
    SuspensionFacts,
)
from belvedere.domain.vocabulary import Action
from belvedere.live.model import Event, Viewing, WatchedCamera
from belvedere.live.ports import LiveReading


def slots_of(viewings: Sequence[Viewing], party: PartyId) -> dict[CameraId, list[Viewing]]:
    """Return the cameras in flow to `party`, each with its viewings, oldest first.

    A slot is a camera, whatever the number of its viewers (vda-etat, article 3).
    """
    slots: dict[CameraId, list[Viewing]] = {}
    for viewing in viewings:
        if viewing.party == party:
            slots.setdefault(viewing.camera, []).append(viewing)
    return slots


def request_to_decide(
    reading: LiveReading,
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
) -> DecisionRequest:
    """Return the request as the convention reads it, with the situation at `at`."""
    standing = reading.standing(agent, station, at)
    slots = slots_of(reading.viewings(), party)
    suspension = reading.suspension(camera.id, party)
    centre = reading.centre()
    holders = tuple(
        Holder(camera=held, service=service_of_holder)
        for held, viewings in slots.items()
        for service_of_holder in dict.fromkeys(viewing.service for viewing in viewings)
    )
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
            holders=holders,
            centre_inactive=centre.inactive,
            authorisation_withdrawn=centre.authorisation_withdrawn,
            suspended=None
            if suspension is None
            else SuspensionFacts(ground=suspension.ground, by_role=suspension.by_role),
        ),
    )
