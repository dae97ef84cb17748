"""Where the node takes connections: certificates, the relay's own port, the origins that browsers are told."""

from contextlib import suppress

import anyio
import anyio.to_thread

from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource, PartyId
from belvedere.media.relay import MediaRelay, RelayConfig, open_relay
from belvedere.node.own_keys import tls_files_of
from belvedere.settings import Settings
from belvedere.web.server import TlsFiles

PROBE_S_MAX = 1.0
"""How long the node waits for its own relay to take a connection."""


def tls_files(settings: Settings) -> TlsFiles | None:
    """Return where the server's certificate stands, None where the node serves plain http."""
    certificate, key = settings.web.tls_certificate, settings.web.tls_key
    return None if certificate is None or key is None else TlsFiles(certificate, key)


def media_tls_files(settings: Settings) -> TlsFiles | None:
    """Return where the relay's certificate stands: its own, else the web server's, else None."""
    certificate, key = settings.media.tls_certificate, settings.media.tls_key
    return tls_files(settings) if certificate is None or key is None else TlsFiles(certificate, key)


def relay_of(settings: Settings, *, owner: PartyId, clock: Clock, ids: IdSource) -> MediaRelay:
    """Return the relay that the settings tell, not started."""
    media_tls, channel = media_tls_files(settings), settings.channel
    # Between nodes pictures are taken and given by the key that conventions pin, as messages are.
    peer_certificate, peer_key = tls_files_of(settings) if settings.peers else (None, None)
    return open_relay(
        RelayConfig(
            host=settings.media.host,
            port=settings.media.port,
            allowed_origins=(),
            cookie_name=owner,
            tls_certificate=None if media_tls is None else media_tls.certificate,
            tls_key=None if media_tls is None else media_tls.key,
            peer_host=None if channel is None or not settings.peers else channel.host,
            peer_port=0 if channel is None else channel.media_port,
            peer_tls_certificate=peer_certificate,
            peer_tls_key=peer_key,
            source_networks=settings.media.source_networks,
            source_authorities=settings.media.source_authorities,
            idle_ingest_ms=int(settings.media.idle_s * 1000),
        ),
        clock=clock,
        ids=ids,
    )


def media_origin_of(settings: Settings, relay: MediaRelay) -> str:
    """Return the bare origin under which browsers reach the started relay."""
    scheme = "ws" if media_tls_files(settings) is None else "wss"
    return settings.media.media_url or f"{scheme}://{settings.media.host}:{relay.port}"


async def listens(host: str, port: int) -> bool:
    """Return whether the endpoint takes connections; the loopback is asked where it listens everywhere."""
    with suppress(OSError), anyio.move_on_after(PROBE_S_MAX):
        stream = await anyio.connect_tcp({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 (a name asked about)
        await stream.aclose()
        return True
    return False
