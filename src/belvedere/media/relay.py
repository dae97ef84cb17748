"""The relay as the rest of the node knows it. Knows no policy: it does what it is told, and says what happened.

Two relays stand behind one Protocol: the Rust one, and a fake without Rust that serves a short clip.
"""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, IdSource, PartyId, ViewingId
from belvedere.domain.source_causes import SourceCause

RELAY_ENV = "BELVEDERE_RELAY"
"""Set to `fake`, this variable has `open_relay` answer the fake relay."""


class MediaFailure(Exception):
    """The relay could not do what was asked; the message names what and why."""


class CannotListen(MediaFailure):
    """The address of the browsers' endpoint cannot be bound."""


class BadRelayConfig(MediaFailure):
    """The configuration cannot be used."""


class BadSource(MediaFailure):
    """A camera's URL is no `rtsp` or `rtsps` URL that may be used (reliability 19)."""


class CameraKnown(MediaFailure):
    """The camera was added already."""


class UnknownCamera(MediaFailure):
    """The camera was not added."""


class UnknownViewing(MediaFailure):
    """The viewing was not admitted, or is over."""


class RelayFull(MediaFailure):
    """As many cameras or viewings as may be."""


class RelayClosed(MediaFailure):
    """The relay is not started, or is closed."""


class CameraState(StrEnum):
    """What the relay has of a camera's stream."""

    IDLE = "idle"
    """Nobody watches and it is not kept warm."""
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where a camera's stream is. Its repr shows none of it: a URL can hold a secret."""

    url: str
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return "MediaSource(…)"


@dataclass(frozen=True, slots=True)
class PeerSource:
    """Where the relay of another party is, which owns the camera, and whose key it must show (`set_peer_keys`)."""

    url: str
    """`wss://host:port`; `ws://` with an address of the loopback alone."""
    party: PartyId


@dataclass(frozen=True, slots=True)
class ViewingConnected:
    """A viewer's socket was opened with a ticket."""

    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class ViewingDropped:
    """A viewing has no socket any more, and the relay did not end it on an order.

    A socket that another one of the same viewing replaced (1000, cause `replaced`) is nobody's loss: nothing is told.
    """

    viewing: ViewingId
    cause: Cause


@dataclass(frozen=True, slots=True)
class TicketLapsed:
    """A viewing that has no socket let its last ticket pass unused."""

    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The relay ended a viewing that nobody extended in time; it is forgotten."""

    viewing: ViewingId


@dataclass(frozen=True, slots=True)
class CameraLost:
    """A camera gives no pictures any more, or is lost for another cause than was told.

    `detail` is for who searches: what was seen, with the connection's ends and the packet's place; no credential is in it.
    """

    camera: CameraId
    cause: SourceCause
    detail: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CameraBack:
    """A camera is no longer known to be lost: it gives pictures again, or nobody watches it and it is not read."""

    camera: CameraId


@dataclass(frozen=True, slots=True)
class TicketWanted:
    """Somebody watches a peer's camera, and there is no ticket for it: `give_ticket` within `answer_ms`.

    Told once for each attempt to reach the owner's relay. What lets viewings of it end is not the relay's.
    """

    camera: CameraId


@dataclass(frozen=True, slots=True)
class FlowEnded:
    """The owner of a peer's camera ended its flow to us: all viewings of it here are over, closed in the same words."""

    camera: CameraId
    code: int
    cause: Cause
    article: str | None


@dataclass(frozen=True, slots=True)
class EventsLost:
    """So many events were dropped at this place: whoever counts by events looks anew (`connected`, `camera_state`).

    What comes out later happened later, so who looks anew now and goes on by the events ends up right.
    """

    count: int


MediaEvent = (
    ViewingConnected
    | ViewingDropped
    | TicketLapsed
    | DeadlinePassed
    | CameraLost
    | CameraBack
    | TicketWanted
    | FlowEnded
    | EventsLost
)


@dataclass(frozen=True, slots=True)
class RelayStats:
    """A moment's figures; the fill of every queue, and what was counted since the start."""

    cameras: int = 0
    cameras_live: int = 0
    cameras_lost: int = 0
    viewings: int = 0
    sockets: int = 0
    tickets: int = 0
    kept_bytes: int = 0
    held_bytes: int = 0
    """Of pictures that are no longer kept and that slow viewers are in the midst of."""
    pictures_read: int = 0
    bytes_sent: int = 0
    gaps: int = 0
    refused_ticket: int = 0
    refused_origin: int = 0
    refused_crowded: int = 0
    sessions_panicked: int = 0
    events_lost: int = 0
    packets_left_out: int = 0
    """Of cameras: packets that could not be read, or were of another kind than was agreed."""
    times_repaired: int = 0
    """Pictures whose camera told a time that could not be: the arrival counted instead."""

    def as_mapping(self) -> Mapping[str, int]:
        """Return the figures by name, for the metrics page."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayConfig:
    """How a relay listens and what it bounds. Times in milliseconds, sizes in bytes.

    The defaults stand here only: the extension has none.
    """

    host: str
    port: int = 0
    allowed_origins: tuple[str, ...] = ()
    cookie_name: str
    source_networks: tuple[str, ...]
    """CIDR networks in which cameras may be dialled; none, and none may (reliability 19)."""
    tls_certificate: Path | None = None
    """PEM, ours first, then what leads to its authority; with it and the key, browsers are served over TLS (wss)."""
    tls_key: Path | None = None
    source_authorities: Path | None = None
    """PEM of the authorities that vouch for `rtsps` cameras; without it such a source is refused."""
    peer_host: str | None = None
    """Where the relays of other parties find pictures, on a port of their own; without it only those on this machine do."""
    peer_port: int = 0
    peer_tls_certificate: Path | None = None
    """PEM of the key that `keys.json` pins for this node's TLS, shown to peers that dial and are dialled."""
    peer_tls_key: Path | None = None
    close_unread_after_ms: int = 30_000
    source_lost_close_ms: int = 60_000
    idle_ingest_ms: int = 30_000
    idle_peer_ms: int = 10_000
    """A peer's camera is read for as long after its last viewer as a viewing lives whose socket is lost."""
    silence_lost_ms: int = 2_500
    """Without a picture for this long a camera is told as lost."""
    silence_ends_ms: int = 12_000
    """Without a picture for this long the session with the camera is given up."""
    entry_point_ms: int = 4_000
    """Without a key frame for this long from the first coded picture on, a camera is told as lost; it is read on."""
    answer_ms: int = 4_000
    access_unit_bytes_max: int = 4 * 1024 * 1024
    backoff_first_ms: int = 250
    backoff_max_ms: int = 4_000
    """Under 5 s, so that a camera is back within 5 s of its return (reliability 18)."""
    busy_max_ms: int = 120_000
    """A camera that serves as many sessions as it can is left alone until it can have freed one, no longer than this."""
    pictures_kept_max: int = 2_048
    pictures_kept_bytes_max: int = 16 * 1024 * 1024
    send_buffer_bytes: int = 128 * 1024
    cameras_max: int = 32_768
    viewings_max: int = 16_384
    connections_max: int = 8_192
    connections_of_address_max: int = 512
    events_max: int = 4_096
    threads: int = 1
    """One is the cheapest for each byte; more where one core no longer carries the site's streams."""
    gated: bool = True
    """False only for the relay alone: no ticket, no `Origin`, on the loopback (`belvedere relay`)."""


class MediaRelay(Protocol):
    """Serves cameras to viewers. Calls that are not `async` return at once."""

    async def start(self) -> None:
        """Bind and serve. Raises `CannotListen` or `BadRelayConfig`."""

    async def aclose(self) -> None:
        """Close every socket and stop; a second call does nothing."""

    @property
    def port(self) -> int:
        """The bound port of the browsers' endpoint."""

    @property
    def peer_port(self) -> int | None:
        """The bound port of the peers' endpoint, None where it has none of its own."""

    def set_peer_keys(self, keys: Mapping[bytes, PartyId]) -> None:
        """Replace the keys that are pinned, current and next: the SHA-256 of each one's SubjectPublicKeyInfo (DER).

        It counts from the next handshake on.
        """

    def set_allowed_origins(self, origins: tuple[str, ...]) -> None:
        """Replace the bare origins from which browsers may connect (reliability 2)."""

    def add_camera(self, camera: CameraId, source: MediaSource, *, warm: bool) -> None:
        """Know a camera; a warm one is read although nobody watches. Raises `BadSource`, `CameraKnown`, `RelayFull`."""

    def add_peer_camera(self, camera: CameraId, source: PeerSource) -> None:
        """Know a camera of another party: read while it is watched, with tickets that its owner gave.

        Raises `BadSource`, `CameraKnown`, `RelayFull`.
        """

    def give_ticket(self, camera: CameraId, path: str) -> None:
        """Give the `/peer-media/<ticket>` that the owner answered: the camera is read at once.

        Raises `BadSource`, `UnknownCamera`.
        """

    def remove_camera(self, camera: CameraId) -> None:
        """Forget a camera; its viewings end with 4503. Raises `UnknownCamera`."""

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        """Let a viewing exist; without `hold_ms` it has no deadline. Raises `UnknownCamera`, `RelayFull`."""

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return `/media/<ticket>`, for the session whose cookie's value has that SHA-256. Raises `UnknownViewing`."""

    def issue_peer_ticket(self, viewing: ViewingId, *, party: PartyId | None, ttl_ms: int) -> str:
        """Return `/peer-media/<ticket>`, for whoever shows a key of `party`, or none where it is None (on this machine).

        One viewing carries a camera's flow to that party, whatever the number of its viewers. Raises `UnknownViewing`.
        """

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away; its viewings and their sockets stay."""

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now; a viewing that is over stays over."""

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """End a viewing and close its socket within 20 ms; one that is over stays so."""

    def camera_state(self, camera: CameraId) -> CameraState:
        """Return the state of a camera's stream; one that was never added is lost."""

    def lost_cause(self, camera: CameraId) -> SourceCause | None:
        """Return why a camera is lost, or None where it is not; one that was never added has no address."""

    def lost_cameras(self) -> Mapping[CameraId, SourceCause]:
        """Return why each lost camera is lost; those that were never added are not among them."""

    def oddities(self, camera: CameraId) -> Mapping[str, int]:
        """Return what a camera does otherwise than the standards say although it plays, and how often it did.

        Keys are codes (docs/reference/cameras.md). A camera that was never added has none.
        """

    def connected(self) -> frozenset[ViewingId]:
        """Return the admitted viewings that have a socket now: at most `viewings_max`."""

    def events(self) -> AsyncIterator[MediaEvent]:
        """Yield what happens until the relay closes; for one reader."""

    def stats(self) -> RelayStats:
        """Return the figures of this moment."""


PEER_PATH = "/peer-media/"


def ticket_of(path: str) -> str:
    """Return the last segment of a `/peer-media/<ticket>`; raises `BadSource` for any other path."""
    ticket = path.removeprefix(PEER_PATH)
    if ticket == path or not ticket:
        raise BadSource("a peer's ticket is told as /peer-media/<ticket>")
    return ticket


def open_relay(config: RelayConfig, *, clock: Clock | None = None, ids: IdSource | None = None) -> MediaRelay:
    """Return the Rust relay, or the fake one where `BELVEDERE_RELAY` says `fake`; not started yet.

    The fake asks `clock` and `ids` for time and tickets; the Rust relay has its own.
    """
    if os.environ.get(RELAY_ENV) == "fake":
        from belvedere.media.fake import FakeRelay  # noqa: PLC0415  (only `make dev` pays for it)

        if clock is None or ids is None:
            raise BadRelayConfig("the fake relay needs a clock and a source of ids")
        return FakeRelay(config, clock=clock, ids=ids)
    from belvedere.media.native import NativeRelay  # noqa: PLC0415  (`make dev` has no Rust build)

    return NativeRelay(config)
