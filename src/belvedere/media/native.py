"""The Rust relay behind the facade: names and exceptions are translated, nothing is decided."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit, urlunsplit

import belvedere_relay as extension

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.source_causes import SourceCause
from belvedere.media.relay import (
    BadRelayConfig,
    BadSource,
    CameraBack,
    CameraKnown,
    CameraLost,
    CameraState,
    CannotListen,
    DeadlinePassed,
    EventsLost,
    FlowEnded,
    MediaEvent,
    MediaFailure,
    MediaSource,
    PeerSource,
    RelayClosed,
    RelayConfig,
    RelayFull,
    RelayStats,
    TicketLapsed,
    TicketWanted,
    UnknownCamera,
    UnknownViewing,
    ViewingConnected,
    ViewingDropped,
    ticket_of,
)

EVENTS_A_DRAIN = 256

FAILURE_OF: dict[type[extension.RelayError], type[MediaFailure]] = {
    extension.BindError: CannotListen,
    extension.BadConfigError: BadRelayConfig,
    extension.BadSourceError: BadSource,
    extension.CameraKnownError: CameraKnown,
    extension.UnknownCameraError: UnknownCamera,
    extension.UnknownViewingError: UnknownViewing,
    extension.FullError: RelayFull,
    extension.ClosedError: RelayClosed,
}
"""One failure here for each kind of error there; a test compares the two sets."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise the facade's failure in place of the extension's error."""
    try:
        yield
    except extension.RelayError as error:
        raise FAILURE_OF[type(error)](str(error)) from None


def session_sha256(cookie_value: str) -> bytes:
    """Return what a ticket is bound to, for the value of a session cookie."""
    return hashlib.sha256(cookie_value.encode()).digest()


class NativeRelay:
    """The Rust relay. Its own threads keep deadlines and sockets whatever Python does."""

    def __init__(self, config: RelayConfig) -> None:
        self._config = config
        self._relay: extension.Relay | None = None
        self._closed = asyncio.Event()

    def _started(self) -> extension.Relay:
        if self._relay is None:
            raise RelayClosed("the relay is not started, or is closed")
        return self._relay

    async def start(self) -> None:
        """Bind and serve."""
        config = self._config

        def build() -> extension.Relay:
            return extension.Relay(
                host=config.host,
                port=config.port,
                gated=config.gated,
                allowed_origins=list(config.allowed_origins),
                cookie_name=config.cookie_name,
                tls_certificate=config.tls_certificate,
                tls_key=config.tls_key,
                source_networks=list(config.source_networks),
                source_authorities=config.source_authorities,
                peer_host=config.peer_host,
                peer_port=config.peer_port,
                peer_tls_certificate=config.peer_tls_certificate,
                peer_tls_key=config.peer_tls_key,
                close_unread_after_ms=config.close_unread_after_ms,
                source_lost_close_ms=config.source_lost_close_ms,
                idle_ingest_ms=config.idle_ingest_ms,
                idle_peer_ms=config.idle_peer_ms,
                silence_lost_ms=config.silence_lost_ms,
                silence_ends_ms=config.silence_ends_ms,
                entry_point_ms=config.entry_point_ms,
                answer_ms=config.answer_ms,
                access_unit_bytes_max=config.access_unit_bytes_max,
                backoff_first_ms=config.backoff_first_ms,
                backoff_max_ms=config.backoff_max_ms,
                busy_max_ms=config.busy_max_ms,
                pictures_kept_max=config.pictures_kept_max,
                pictures_kept_bytes_max=config.pictures_kept_bytes_max,
                send_buffer_bytes=config.send_buffer_bytes,
                cameras_max=config.cameras_max,
                viewings_max=config.viewings_max,
                connections_max=config.connections_max,
                connections_of_address_max=config.connections_of_address_max,
                events_max=config.events_max,
                threads=config.threads,
            )

        with translated():
            self._relay = await asyncio.to_thread(build)

    async def aclose(self) -> None:
        """Close every socket and stop."""
        relay, self._relay = self._relay, None
        self._closed.set()
        if relay is not None:
            await asyncio.to_thread(relay.close)

    @property
    def port(self) -> int:
        """The bound port."""
        return self._started().port

    @property
    def peer_port(self) -> int | None:
        """The bound port of the peers' endpoint."""
        return self._started().peer_port

    def set_peer_keys(self, keys: Mapping[bytes, PartyId]) -> None:
        """Replace the pinned keys."""
        self._started().set_peer_keys({key: str(party) for key, party in keys.items()})

    def set_allowed_origins(self, origins: tuple[str, ...]) -> None:
        """Replace the allowed origins."""
        self._started().set_allowed_origins(list(origins))

    def add_camera(self, camera: CameraId, source: MediaSource, *, warm: bool) -> None:
        """Know a camera."""
        url, username, password = _without_credentials(source)
        with translated():
            self._started().add_camera(camera, url=url, username=username, password=password, warm=warm)

    def add_peer_camera(self, camera: CameraId, source: PeerSource) -> None:
        """Know a camera of another party."""
        with translated():
            self._started().add_peer_camera(camera, url=source.url, party=source.party)

    def give_ticket(self, camera: CameraId, path: str) -> None:
        """Give the ticket for the next connection to the owner's relay."""
        with translated():
            self._started().give_ticket(camera, ticket=ticket_of(path))

    def remove_camera(self, camera: CameraId) -> None:
        """Forget a camera."""
        with translated():
            self._started().remove_camera(camera)

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        """Let a viewing exist."""
        with translated():
            self._started().admit(viewing, camera=camera, hold_ms=hold_ms)

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the path of a fresh ticket."""
        with translated():
            return self._started().issue_ticket(viewing, session_sha256=session_sha256, ttl_ms=ttl_ms).path

    def issue_peer_ticket(self, viewing: ViewingId, *, party: PartyId | None, ttl_ms: int) -> str:
        """Return the path of a fresh ticket for a peer."""
        with translated():
            return self._started().issue_peer_ticket(viewing, party=party, ttl_ms=ttl_ms).path

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away."""
        self._started().void_tickets(session_sha256)

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""
        try:
            self._started().extend(viewing, hold_ms=hold_ms)
        except extension.UnknownViewingError:
            return

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """End a viewing."""
        try:
            self._started().revoke(viewing, code=code, cause=cause, article=article)
        except extension.UnknownViewingError:
            return

    def camera_state(self, camera: CameraId) -> CameraState:
        """Return the state of a camera's stream."""
        try:
            return CameraState(self._started().camera_state(camera))
        except extension.UnknownCameraError:
            return CameraState.LOST

    def lost_cause(self, camera: CameraId) -> SourceCause | None:
        """Return why a camera is lost."""
        try:
            cause = self._started().lost_cause(camera)
        except extension.UnknownCameraError:
            return SourceCause.NO_ADDRESS
        return None if cause is None else SourceCause(cause)

    def lost_cameras(self) -> Mapping[CameraId, SourceCause]:
        """Return why each lost camera is lost."""
        return {CameraId(camera): SourceCause(cause) for camera, cause in self._started().lost_cameras().items()}

    def oddities(self, camera: CameraId) -> Mapping[str, int]:
        """Return what a camera does otherwise than the standards say."""
        try:
            return self._started().oddities(camera)
        except extension.UnknownCameraError:
            return {}

    def connected(self) -> frozenset[ViewingId]:
        """Return the viewings that have a socket now."""
        return frozenset(ViewingId(viewing) for viewing in self._started().connected())

    async def events(self) -> AsyncIterator[MediaEvent]:
        """Yield what happens, in bounded batches, until the relay closes."""
        if self._closed.is_set():
            return
        loop = asyncio.get_running_loop()
        relay, descriptor, readable = self._started(), self._started().event_descriptor, asyncio.Event()
        loop.add_reader(descriptor, readable.set)
        closing = asyncio.ensure_future(self._closed.wait())
        closing.add_done_callback(lambda _: readable.set())
        try:
            while not self._closed.is_set():
                await readable.wait()
                readable.clear()
                for event in relay.take_events(EVENTS_A_DRAIN):
                    yield EVENT_OF[event.kind](event)
        finally:
            closing.cancel()
            loop.remove_reader(descriptor)

    def stats(self) -> RelayStats:
        """Return the figures of this moment."""
        stats = self._started().stats()
        return RelayStats(**{name: getattr(stats, name) for name in RelayStats.__dataclass_fields__})


EVENT_OF: dict[str, Callable[[extension.Event], MediaEvent]] = {
    "ViewingConnected": lambda event: ViewingConnected(ViewingId(event.subject)),
    "ViewingDropped": lambda event: ViewingDropped(ViewingId(event.subject), Cause.read(event.cause or Cause.INTERNAL)),
    "TicketLapsed": lambda event: TicketLapsed(ViewingId(event.subject)),
    "DeadlinePassed": lambda event: DeadlinePassed(ViewingId(event.subject)),
    "CameraLost": lambda event: CameraLost(
        CameraId(event.subject), SourceCause(event.cause or SourceCause.INTERNAL), event.detail or ""
    ),
    "CameraBack": lambda event: CameraBack(CameraId(event.subject)),
    "TicketWanted": lambda event: TicketWanted(CameraId(event.subject)),
    "FlowEnded": lambda event: FlowEnded(
        CameraId(event.subject), event.count, Cause.read(event.cause or Cause.UNKNOWN), event.detail
    ),
    "EventsLost": lambda event: EventsLost(event.count),
}


def _without_credentials(source: MediaSource) -> tuple[str, str | None, str | None]:
    """Return the URL bare, with its credentials beside it; those given apart win."""
    try:
        parts = urlsplit(source.url)
        username = source.username or (unquote(parts.username) if parts.username else None)
        password = source.password or (unquote(parts.password) if parts.password else None)
    except ValueError as error:
        raise BadSource(str(error)) from None
    if "@" not in parts.netloc:
        return source.url, username, password
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), username, password
