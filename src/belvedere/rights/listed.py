"""Which cameras a party may find in a list: asked wherever one is named to it. Source: rules A4; reliability 27."""

from belvedere.domain.clock import Instant
from belvedere.domain.decision import Granted
from belvedere.domain.ids import AgentId, PartyId, ServiceId, StationId
from belvedere.domain.standing import Standing
from belvedere.domain.vocabulary import Action
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.rights.facts import Asked, request_to_decide
from belvedere.spine.snapshot import Snapshot

ATTESTED = Standing(habilitated=True, station_registered=True)
"""Of whom a party tells what it may find, its own rules decide each time: here, whether any agent of it may."""


def may_find(snapshot: Snapshot, reader: PartyId, camera: WatchedCamera, at: Instant) -> bool:
    """Return whether agents of `reader` may find the camera in a list; an owner's own always."""
    if camera.owner == reader:
        return True
    convention = snapshot.convention_between(camera.owner, reader)
    return convention is not None and found_under(snapshot, convention, reader, camera, at)


def found_under(
    snapshot: Snapshot, convention: Convention, reader: PartyId, camera: WatchedCamera, at: Instant
) -> bool:
    """Return whether a convention lets agents of `reader`, in any of its services, find the camera in a list."""
    if convention.party(reader) is None:
        return False
    services = [ServiceId(each) for each in convention.named(reader).services] or [ServiceId("")]
    return any(
        isinstance(
            decide(convention, request_to_decide(snapshot, _asked(camera, reader, each, at), zone=convention.zone)),
            Granted,
        )
        for each in services
    )


def _asked(camera: WatchedCamera, reader: PartyId, service: ServiceId, at: Instant) -> Asked:
    return Asked(
        action=Action.READ_INVENTORY,
        at=at,
        party=reader,
        service=service,
        agent=AgentId(""),
        station=StationId(""),
        camera=camera,
        event=None,
        purpose=None,
        attested=ATTESTED,
    )
