"""The browsers' endpoint over TLS, and cameras that are reached over it (`rtsps`)."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SourceCause
from belvedere.media.relay import BadRelayConfig, BadSource, CameraLost, MediaSource
from tests.flows.media.cameras import ClipCamera, gst_camera
from tests.flows.media.conftest import CAMERA, VIEWING, Room, closed, live, room, watch

pytestmark = [pytest.mark.anyio, pytest.mark.relay]


@dataclass(frozen=True)
class Files:
    """A self-signed certificate for the loopback, and its key."""

    certificate: Path
    key: Path

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def made(folder: Path, name: str) -> Files:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    loopback = [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(loopback), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Files(folder / f"{name}.pem", folder / f"{name}.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture
def ours(tmp_path: Path) -> Files:
    return made(tmp_path, "ours")


@pytest.fixture
async def secure(ours: Files) -> AsyncIterator[Room]:
    async with ClipCamera() as camera, room(tls_certificate=ours.certificate, tls_key=ours.key) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(opened)
        yield opened


async def test_a_viewer_is_served_over_tls_and_revoked_with_its_cause(secure: Room, ours: Files) -> None:
    async with secure.socket(secure.admitted(), ssl=ours.client()) as socket:
        seen = await watch(socket, lambda seen: len(seen.chunks) > 30)
        assert seen.chunks[0].key
        await asyncio.wait_for(await socket.ping(b"there?"), 2)
        secure.relay.revoke(VIEWING, code=4403, cause=Cause.SUSPENDED, article="vda-etat:art-3")
        assert await closed(socket) == (4403, {"cause": "suspended", "article": "vda-etat:art-3"})


async def test_tickets_and_origins_are_held_over_tls_too(secure: Room, ours: Files) -> None:
    async with secure.socket("/media/unknown", ssl=ours.client()) as socket:
        assert (await closed(socket))[0] == 4401
    with pytest.raises(InvalidStatus):
        async with secure.socket(secure.admitted(), ssl=ours.client(), origin="https://evil.example"):
            pass


async def test_a_client_that_speaks_no_tls_is_let_go(secure: Room) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", secure.relay.port)
    writer.write(f"GET {secure.admitted()} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 8)
    writer.close()
    assert b"HTTP" not in answer
    assert secure.relay.stats().sockets == 0


async def test_a_certificate_that_cannot_be_used_is_named_at_the_start(ours: Files, tmp_path: Path) -> None:
    other = made(tmp_path, "other")
    for certificate, key in ((tmp_path / "none.pem", ours.key), (ours.certificate, other.key), (ours.key, ours.key)):
        with pytest.raises(BadRelayConfig, match=certificate.name):
            async with room(tls_certificate=certificate, tls_key=key):
                pass
    with pytest.raises(BadRelayConfig, match="together"):
        async with room(tls_certificate=ours.certificate):
            pass


@asynccontextmanager
async def behind_tls(port: int, files: Files) -> AsyncIterator[int]:
    """Put TLS before a camera; yields the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))
        except (ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=files.server())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_camera_is_read_over_rtsps_where_its_authority_vouches_for_it(ours: Files, tmp_path: Path) -> None:
    stranger = made(tmp_path, "stranger")
    async with (
        ClipCamera() as camera,
        behind_tls(camera.server.port, ours) as vouched,
        behind_tls(camera.server.port, stranger) as unvouched,
        room(source_authorities=ours.certificate) as opened,
    ):
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsps://127.0.0.1:{vouched}/cam"), warm=True)
        await live(opened)
        other = CameraId("unvouched")
        opened.relay.add_camera(other, MediaSource(f"rtsps://127.0.0.1:{unvouched}/cam"), warm=True)
        await opened.until(CameraLost(other, SourceCause.UNTRUSTED).__eq__)
        assert not [event for event in opened.events if event == CameraLost(CAMERA, SourceCause.UNTRUSTED)]


async def test_gstreamers_server_is_read_over_rtsps_with_a_digest_and_with_a_password_in_clear(ours: Files) -> None:
    """Over IPv6 the one, over IPv4 the other; a server that sends over UDP alone is refused: TLS does not cover it."""
    login = ("belvedere", "canary-19c4")
    certificate = ("--certificate", str(ours.certificate), str(ours.key))
    async with (
        gst_camera(credentials=login, options=(*certificate, "--host", "::1")) as digest,
        gst_camera(credentials=login, options=(*certificate, "--basic")) as basic,
        gst_camera(credentials=login, options=(*certificate, "--udp")) as over_udp,
        room(source_authorities=ours.certificate, source_networks=("127.0.0.1", "::1")) as opened,
    ):
        for name, place in (("digest", f"[::1]:{digest}"), ("basic", f"127.0.0.1:{basic}")):
            opened.relay.add_camera(CameraId(name), MediaSource(f"rtsps://{place}/cam", *login), warm=True)
        wrong = MediaSource(f"rtsps://127.0.0.1:{basic}/cam", "belvedere", "guess")
        opened.relay.add_camera(CameraId("wrong"), wrong, warm=True)
        opened.relay.add_camera(CameraId("udp"), MediaSource(f"rtsps://127.0.0.1:{over_udp}/cam", *login), warm=True)
        for name in ("digest", "basic"):
            await live(opened, CameraId(name))
        await opened.until(CameraLost(CameraId("wrong"), SourceCause.WRONG_PASSWORD).__eq__)
        await opened.until(CameraLost(CameraId("udp"), SourceCause.UDP_ONLY).__eq__)


async def test_rtsps_without_authorities_is_refused_at_once() -> None:
    async with room() as opened:
        with pytest.raises(BadSource, match="authorities"):
            opened.relay.add_camera(CAMERA, MediaSource("rtsps://127.0.0.1/cam"), warm=True)
