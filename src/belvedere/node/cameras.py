"""Cameras: where they are dialled, how live sees them and the relay, and what the relay says of them."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import filterfalse
from typing import assert_never

import structlog

from belvedere.domain.causes import Cause
from belvedere.domain.failures import NoPicture
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.source_causes import SOURCE_CAUSES, SourceCause
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.inventory.cameras import Camera, CameraSource, Inventory
from belvedere.inventory.catalogue import Replica
from belvedere.inventory.sealed import SecretKey, load_secret_key
from belvedere.media.peer_flows import PeerFlows
from belvedere.media.relay import (
    CameraBack,
    CameraLost,
    DeadlinePassed,
    EventsLost,
    FlowEnded,
    MediaEvent,
    MediaFailure,
    MediaRelay,
    MediaSource,
    TicketLapsed,
    TicketWanted,
    ViewingConnected,
    ViewingDropped,
)
from belvedere.rights import endings
from belvedere.rights.watch import EndedByOwner, SocketEvent, SocketLost, SocketsAnew, SocketTaken, ViewingStopped
from belvedere.settings import Settings
from belvedere.web.changes import Changes

log = structlog.get_logger(__name__)


class WatchedInventory:
    """The inventory as a step sees it (implements `spine.snapshot.Cameras`)."""

    def __init__(self, inventory: Iterable[Camera]) -> None:
        self._here = {camera.id: _watched(camera) for camera in inventory}
        self._cameras = dict(self._here)
        self._told: dict[PartyId, dict[CameraId, WatchedCamera]] = {}

    def show_told(self, owner: PartyId, cameras: Iterable[Camera]) -> None:
        """Know these cameras of another owner, and no other of it."""
        self._told[owner] = {camera.id: _watched(camera) for camera in cameras}
        # Readers on other threads see the old one whole, or the new one.
        self._cameras = {key: each for told in self._told.values() for key, each in told.items()} | self._here

    def watched(self, camera: CameraId) -> WatchedCamera | None:
        """Return the camera, or None."""
        return self._cameras.get(camera)

    def is_here(self, camera: CameraId) -> bool:
        """Return whether it is in this node's own inventory."""
        return camera in self._here

    def told_by(self, camera: CameraId) -> PartyId | None:
        """Return which other owner told of a camera; None for one of this node's own inventory, or of nobody's."""
        known = None if camera in self._here else self._cameras.get(camera)
        return None if known is None else known.owner

    def one_of_each_owner(self) -> Sequence[WatchedCamera]:
        """Return the first camera of each owner."""
        return list({camera.owner: camera for camera in reversed(self._cameras.values())}.values())


def _watched(camera: Camera) -> WatchedCamera:
    return WatchedCamera(
        id=camera.id,
        owner=camera.owner,
        commune=camera.commune,
        zone=camera.zone,
        camera_class=camera.camera_class,
        authorised_until=camera.authorised_until,
        ptz=camera.ptz,
    )


def show_told(inventory: Inventory, cameras: WatchedInventory, owner: PartyId, replica: Replica) -> None:
    """Let lists and decisions know the cameras that another owner told of."""
    inventory.show_told(owner, replica.cameras)
    cameras.show_told(owner, replica.cameras.values())


class CommandedRelay:
    """The relay as rights command it (implements `rights.relay.Relay`): its failures are ours.

    A viewing of another node's agent is carried by its party's flow of the camera; one of another owner's camera makes the
    relay read it from there.
    """

    def __init__(self, relay: MediaRelay, flows: PeerFlows) -> None:
        self._relay = relay
        self._flows = flows

    def admit(
        self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None, to_node_of: PartyId | None = None
    ) -> None:
        """Let a viewing exist; raises `NoPicture`."""
        try:
            if to_node_of is not None:
                assert hold_ms is not None, "only the own room has no deadline, and it asks from this node"
                self._flows.outgoing.admit(viewing, camera=camera, party=to_node_of, hold_ms=hold_ms)
                return
            self._flows.incoming.begin(viewing, camera)
            self._relay.admit(viewing, camera=camera, hold_ms=hold_ms)
        except MediaFailure as failure:
            raise NoPicture(str(failure)) from failure

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the media path with a single-use ticket; raises `NoPicture`."""
        try:
            return self._relay.issue_ticket(viewing, session_sha256=session_sha256, ttl_ms=ttl_ms)
        except MediaFailure as failure:
            raise NoPicture(str(failure)) from failure

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""
        if not self._flows.outgoing.extend(viewing, hold_ms=hold_ms):
            self._relay.extend(viewing, hold_ms=hold_ms)

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away."""
        self._relay.void_tickets(session_sha256)

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """Close the viewing's sockets."""
        if not self._flows.outgoing.revoke(viewing, code=code, cause=cause, article=article):
            self._relay.revoke(viewing, code=code, cause=cause, article=article)
            self._flows.incoming.end(viewing)


class RelaySockets:
    """The relay's events, told apart: sockets to the watch, `cameras` to the screens."""

    def __init__(
        self,
        relay: MediaRelay,
        changes: Changes,
        cameras: Collection[CameraId],
        sources: Mapping[CameraId, CameraSource],
        flows: PeerFlows,
    ) -> None:
        self._relay = relay
        self._flows = flows
        self._changes = changes
        self._cameras = cameras
        self._sources = sources

    async def socket_events(self) -> AsyncIterator[SocketEvent]:
        """Yield what concerns viewings; pass what concerns cameras on."""
        async for event in self._relay.events():
            for told in self._of(event):
                yield told

    def _of(self, event: MediaEvent) -> Iterator[SocketEvent]:
        match event:
            case ViewingConnected(viewing) | ViewingDropped(viewing) | DeadlinePassed(viewing):
                is_flow = self._flows.outgoing.is_flow(viewing)
                yield from self._of_flow(event, viewing) if is_flow else self._of_viewing(event)
            case FlowEnded(camera, code, cause, article):
                ending = endings.flow_ended(code, cause, article)
                for viewing in self._flows.incoming.watching(camera):
                    yield EndedByOwner(viewing, ending)
            case TicketLapsed():
                pass  # the watch counts the 30 s itself, on the clock that decides
            case EventsLost(count):
                log.error("relay_events_lost", count=count)
                self._changes.cameras_changed(self._cameras)
                yield SocketsAnew(frozenset(filterfalse(self._flows.outgoing.is_flow, self._relay.connected())))
            case CameraLost() | CameraBack() | TicketWanted():
                self._of_camera(event)
            case _:
                assert_never(event)

    def _of_camera(self, event: CameraLost | CameraBack | TicketWanted) -> None:
        match event:
            case CameraLost(camera, cause, detail):
                self._log_lost(camera, cause, detail)
                self._changes.cameras_changed((camera,))
            case CameraBack(camera):
                log.info("camera_back", camera=camera)
                self._changes.cameras_changed((camera,))
            case TicketWanted(camera):
                self._flows.incoming.ticket_wanted(camera)

    def _of_viewing(self, event: ViewingConnected | ViewingDropped | DeadlinePassed) -> Iterator[SocketEvent]:
        match event:
            case ViewingConnected(viewing):
                yield SocketTaken(viewing)
            case ViewingDropped(viewing, cause):
                yield SocketLost(viewing, cause)
            case DeadlinePassed(viewing):
                yield ViewingStopped(viewing)

    def _of_flow(
        self, event: ViewingConnected | ViewingDropped | DeadlinePassed, flow: ViewingId
    ) -> Iterator[SocketEvent]:
        """Yield what a flow's end means for the viewings that it carries; its socket alone is the other node's to get back."""
        match event:
            case DeadlinePassed():
                yield from map(ViewingStopped, self._flows.outgoing.carried_by(flow))
            case ViewingDropped(cause=cause) if cause in endings.BY_RELAY:
                for viewing in self._flows.outgoing.carried_by(flow):
                    yield SocketLost(viewing, cause)

    def _log_lost(self, camera: CameraId, cause: SourceCause, detail: str) -> None:
        source, words = self._sources.get(camera), SOURCE_CAUSES[cause]
        log.warning(
            "camera_lost",
            camera=camera,
            cause=cause.value,
            address=None if source is None else source.address,
            detail=detail,
            fr=words.sentence.fr,
            en=words.sentence.en,
        )


class LostCameras:
    """Why each lost camera is lost: what the relay says, and those for which no address is entered."""

    def __init__(
        self,
        relay: MediaRelay,
        without_address: Collection[CameraId],
        flows: PeerFlows,
        owner_of: Callable[[CameraId], PartyId | None],
    ) -> None:
        """`owner_of` returns which other owner told of a camera; None for one of this node's own."""
        self._relay = relay
        self._flows = flows
        self._owner_of = owner_of
        self._without_address = dict.fromkeys(without_address, SourceCause.NO_ADDRESS)

    def of_this_node(self) -> Mapping[CameraId, SourceCause]:
        """Return why each of this node's cameras is lost that the relay dials; none while the relay does not run.

        A fault of another owner's camera is that owner's to record.
        """
        with suppress(MediaFailure):
            lost = self._relay.lost_cameras()
            return {camera: cause for camera, cause in lost.items() if not self._flows.incoming.knows(camera)}
        return {}

    def of(self, camera: CameraId) -> SourceCause | None:
        """Return why a camera is lost, as screens show it; another owner's is known to be lost only while it is watched here."""
        is_away = self._owner_of(camera) is not None and not self._flows.incoming.knows(camera)
        return None if is_away else self._relay.lost_cause(camera)

    def by_cause(self) -> Mapping[SourceCause, int]:
        """Return how many cameras are lost for each cause, every cause named; none while the relay does not run."""
        with suppress(MediaFailure):
            found = Counter((self._without_address | dict(self._relay.lost_cameras())).values())
            return {cause: found[cause] for cause in SourceCause}
        return dict.fromkeys(SourceCause, 0)


def secret_key_of(settings: Settings) -> SecretKey | None:
    """Return the key that opens sealed files, None where the settings name none; raises `Unreadable`."""
    return None if settings.secrets.key_file is None else load_secret_key(settings.secrets.key_file)


def add_cameras(
    relay: MediaRelay, inventory: Iterable[Camera], sources: Mapping[CameraId, CameraSource], *, warm: Collection[str]
) -> None:
    """Tell the relay where each camera is dialled; one without an address is named in the log and shows nothing."""
    for camera in inventory:
        source = sources.get(camera.id)
        if source is None:
            log.warning("camera_without_source", camera=camera.id)
            continue
        relay.add_camera(camera.id, MediaSource(source.url, source.username, source.password), warm=camera.id in warm)
