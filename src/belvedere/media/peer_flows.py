"""Pictures between two nodes: one flow a camera and partner node, whatever the number of its viewers.

Owns which viewings each flow carries. At the owner's relay a flow is one viewing, which lives as long as the longest of those
that it carries; at the beneficiary's a camera of another owner is known while somebody watches it. Knows no right and no
message: `rights` says who watches, the channel brings tickets.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.media.relay import PEER_PATH, BadSource, MediaFailure, MediaRelay, PeerSource, UnknownCamera

TICKET_TTL_MS = 30_000
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Outgoing:
    """A flow to another party's node: until when each of its viewings may go on, in monotonic seconds."""

    party: PartyId
    camera: CameraId
    until_s: dict[ViewingId, float] = field(default_factory=dict)


class OutgoingFlows:
    """The flows of this node's cameras to other parties' nodes. Used on the event loop."""

    def __init__(self, relay: MediaRelay, clock: Clock) -> None:
        self._relay = relay
        self._clock = clock
        self._flows: dict[ViewingId, _Outgoing] = {}
        self._flow_of: dict[ViewingId, ViewingId] = {}

    def admit(self, viewing: ViewingId, *, camera: CameraId, party: PartyId, hold_ms: int) -> None:
        """Let the camera flow to the party's node for a viewing of its. Raises `MediaFailure`."""
        name = _flow(party, camera)
        flow = self._flows.setdefault(name, _Outgoing(party, camera))
        flow.until_s[viewing] = self._until_s(hold_ms)
        self._flow_of[viewing] = name
        self._relay.admit(name, camera=camera, hold_ms=self._left_ms(flow))

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> bool:
        """Let a viewing's flow go on; return whether the viewing has one."""
        name = self._flow_of.get(viewing)
        if name is None:
            return False
        flow = self._flows[name]
        flow.until_s[viewing] = self._until_s(hold_ms)
        self._relay.extend(name, hold_ms=self._left_ms(flow))
        return True

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> bool:
        """Take a viewing off its flow, which ends with its last one, in its words; return whether it had one."""
        name = self._flow_of.pop(viewing, None)
        if name is None:
            return False
        flow = self._flows[name]
        del flow.until_s[viewing]
        if flow.until_s:
            self._relay.extend(name, hold_ms=self._left_ms(flow))
        else:
            del self._flows[name]
            self._relay.revoke(name, code=code, cause=cause, article=article)
        return True

    def ticket_for(self, party: PartyId, camera: CameraId) -> str | None:
        """Return a single-use ticket for the flow of a camera to a party, bound to its TLS key; None where none flows."""
        name = _flow(party, camera)
        flow = self._flows.get(name)
        if flow is None:
            return None
        try:
            # A flow that the relay ended, and of whose end the event was lost, is let in again: its viewings run.
            self._relay.admit(name, camera=camera, hold_ms=self._left_ms(flow))
            path = self._relay.issue_peer_ticket(name, party=party, ttl_ms=TICKET_TTL_MS)
        except MediaFailure as failure:
            log.warning("peer_flow_without_ticket", party=party, camera=camera, error=str(failure))
            return None
        return path.removeprefix(PEER_PATH)

    def is_flow(self, viewing: ViewingId) -> bool:
        """Return whether the relay knows a flow by this name, rather than a viewing."""
        return viewing.startswith(_FLOW)

    def carried_by(self, flow: ViewingId) -> Sequence[ViewingId]:
        """Return the viewings that a flow carries."""
        known = self._flows.get(flow)
        return () if known is None else tuple(known.until_s)

    def _until_s(self, hold_ms: int) -> float:
        return self._clock.monotonic_s() + hold_ms / 1000

    def _left_ms(self, flow: _Outgoing) -> int:
        return max(0, int((max(flow.until_s.values()) - self._clock.monotonic_s()) * 1000))


_FLOW = "flow/"
"""With a sign that no viewing's id has: peers make those of their own."""


def _flow(party: PartyId, camera: CameraId) -> ViewingId:
    return ViewingId(f"{_FLOW}{party}/{camera}")


@dataclass(slots=True)
class _Incoming:
    """A camera of another owner that is watched here; `lacks_ticket` until its owner told one that was not used yet."""

    owner: PartyId
    viewings: set[ViewingId] = field(default_factory=set)
    lacks_ticket: bool = True


class IncomingFlows:
    """The flows of other owners' cameras to this node. Used on the event loop."""

    def __init__(
        self,
        relay: MediaRelay,
        sources: Mapping[PartyId, PeerSource],
        owner_of: Callable[[CameraId], PartyId | None],
        told: Callable[[Sequence[CameraId]], None],
    ) -> None:
        """`owner_of` returns which other owner told of a camera, None for one of this node's own.

        `told` hears which camera is read no more, so that nobody knows it to be lost.
        """
        self._relay = relay
        self._sources = sources
        self._owner_of = owner_of
        self._told = told
        self._ask: Callable[[PartyId, CameraId], None] | None = None
        self._flows: dict[CameraId, _Incoming] = {}
        self._camera_of: dict[ViewingId, CameraId] = {}

    def ask_over(self, ask: Callable[[PartyId, CameraId], None]) -> None:
        """Have `ask` ask an owner for a ticket from now on."""
        self._ask = ask

    def begin(self, viewing: ViewingId, camera: CameraId) -> None:
        """Know the camera, if it is another owner's, from its first viewing on. Raises `MediaFailure`."""
        owner = self._owner_of(camera)
        if owner is None:
            return
        flow = self._flows.get(camera)
        if flow is None:
            source = self._sources.get(owner)
            if source is None:
                raise BadSource(f"where `{owner}` serves its pictures is not known: give `media` under its [[peers]]")
            self._relay.add_peer_camera(camera, source)
            flow = self._flows[camera] = _Incoming(owner)
            # At once: by when a viewer's socket comes, the ticket is there.
            self._ask_owner(owner, camera)
        flow.viewings.add(viewing)
        self._camera_of[viewing] = camera

    def _ask_owner(self, owner: PartyId, camera: CameraId) -> None:
        if self._ask is not None:
            self._ask(owner, camera)

    def end(self, viewing: ViewingId) -> None:
        """Forget the camera with its last viewing."""
        camera = self._camera_of.pop(viewing, None)
        if camera is None:
            return
        flow = self._flows[camera]
        flow.viewings.discard(viewing)
        if not flow.viewings:
            del self._flows[camera]
            try:
                self._relay.remove_camera(camera)
            except UnknownCamera:
                log.error("peer_camera_forgotten_already", camera=camera)
            self._told((camera,))

    def ticket_wanted(self, camera: CameraId) -> None:
        """Ask the camera's owner for a ticket, as the relay wants one."""
        flow = self._flows.get(camera)
        if flow is not None:
            flow.lacks_ticket = True
            self._ask_owner(flow.owner, camera)

    def take_ticket(self, owner: PartyId, camera: CameraId, ticket: str) -> None:
        """Read the camera with the ticket that its owner told; nothing where nobody watches it any more."""
        flow = self._flows.get(camera)
        if flow is None or flow.owner != owner:
            return
        try:
            self._relay.give_ticket(camera, f"{PEER_PATH}{ticket}")
        except MediaFailure as failure:
            log.warning("peer_ticket_not_taken", owner=owner, camera=camera, error=str(failure))
            return
        flow.lacks_ticket = False

    def without_ticket(self, owner: PartyId) -> Sequence[CameraId]:
        """Return which cameras of an owner are watched here and wait for a ticket."""
        return [camera for camera, flow in self._flows.items() if flow.owner == owner and flow.lacks_ticket]

    def watching(self, camera: CameraId) -> Collection[ViewingId]:
        """Return the viewings here of another owner's camera."""
        flow = self._flows.get(camera)
        return () if flow is None else tuple(flow.viewings)

    def knows(self, camera: CameraId) -> bool:
        """Return whether the camera is another owner's and watched here."""
        return camera in self._flows


@dataclass(frozen=True, slots=True)
class PeerFlows:
    """Both ways (implements `peers.ticket_exchange.Flows`)."""

    outgoing: OutgoingFlows
    incoming: IncomingFlows

    def ticket_for(self, party: PartyId, camera: CameraId) -> str | None:
        """Return a ticket for the flow of a camera to a party, or None."""
        return self.outgoing.ticket_for(party, camera)

    def take_ticket(self, owner: PartyId, camera: CameraId, ticket: str) -> None:
        """Read a camera of another owner with the ticket that it told."""
        self.incoming.take_ticket(owner, camera, ticket)

    def without_ticket(self, owner: PartyId) -> Sequence[CameraId]:
        """Return which cameras of an owner are watched here and wait for a ticket."""
        return self.incoming.without_ticket(owner)
