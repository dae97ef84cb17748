"""Https by file, and by an authority of the site's own. Reliability 4; rules A21: no internet."""

import shutil
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
import websockets
from anyio.streams.tls import TLSAttribute, TLSListener

from belvedere.domain.failures import Unreadable
from belvedere.media.relay import RelayConfig, open_relay
from belvedere.peers.log_client import HttpPeerLog
from belvedere.peers.ports import Unreachable
from belvedere.web import local_authority
from belvedere.web import server as web_server
from belvedere.web.local_authority import certify, site_files
from tests.flows.conftest import CITY, PASSWORD, City, station_secret
from tests.flows.operation.conftest import Site
from tests.unit.peers import made

pytestmark = pytest.mark.anyio
HERE = "127.0.0.1"


def now() -> datetime:
    return datetime.now(UTC)


def trusting(authority: Path) -> ssl.SSLContext:
    """Return a client's context that knows no other authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    return context


@pytest.fixture
def secured(site: Site) -> Site:
    """A site whose settings name a certificate that its own authority made."""
    files = certify(site.folder / "tls", [HERE], at=now())
    site.change("web", tls_certificate=files.certificate, tls_key=files.key)
    return site


def client_of(city: City, verify: ssl.SSLContext) -> httpx.AsyncClient:
    client = httpx.AsyncClient(
        base_url=city.node.app_url, verify=verify, trust_env=False, headers={"Origin": city.node.app_url}
    )
    city.clients.append(client)
    return client


LOGIN = {"login": "cic-operator", "password": PASSWORD, "station": station_secret("cic-operator")}


async def test_a_client_that_trusts_only_the_sites_authority_signs_in_and_gets_a_secure_cookie(secured: Site) -> None:
    async with secured.serving() as city:
        assert city.node.app_url.startswith(f"https://{HERE}:")
        client = client_of(city, trusting(secured.folder / "tls" / "authority.pem"))
        answer = await client.post("/api/v1/login", json=LOGIN)
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert (await client.get("/api/v1/session")).status_code == 200


@pytest.mark.relay
async def test_pictures_come_over_the_same_certificate_to_a_page_over_https(secured: Site) -> None:
    """A page over https may open wss alone; the camera of this test gives no picture, the door is what is tried."""
    authority = secured.folder / "tls" / "authority.pem"
    config = RelayConfig(
        host=HERE,
        cookie_name=CITY,
        source_networks=("127.0.0.0/8",),
        tls_certificate=secured.settings.web.tls_certificate,
        tls_key=secured.settings.web.tls_key,
    )
    async with secured.serving(open_relay(config)) as city:
        client = client_of(city, trusting(authority))
        assert (await client.post("/api/v1/login", json=LOGIN)).status_code == 200
        event = (await client.post("/api/v1/events", json={"kind": "levee-de-doute"})).json()["id"]
        opened = await client.post("/api/v1/streams", json={"camera": "vda-001", "event": event})
        media_url = opened.json()["media_url"]
        assert media_url.startswith(f"wss://{HERE}:")
        assert f"connect-src 'self' {city.node.media_url};" in opened.headers["content-security-policy"]
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
        async with websockets.connect(
            media_url,
            origin=websockets.Origin(city.node.app_url),
            additional_headers=cookie,
            ssl=trusting(authority),
            proxy=None,
        ) as socket:
            assert socket.response is not None
            assert socket.response.status_code == 101
        assert (await client.get("/readyz")).json()["media"]


async def test_over_plain_http_the_cookie_is_not_secure_and_nothing_is_said_of_transport(site: Site) -> None:
    async with site.serving() as city:
        answer = await city.browser().post("/api/v1/login", json=LOGIN)
        assert "Secure" not in answer.headers["set-cookie"]
        assert "strict-transport-security" not in answer.headers


async def test_a_client_that_does_not_know_the_authority_is_not_served(secured: Site, tmp_path: Path) -> None:
    other = certify(tmp_path / "other", [HERE], at=now())
    async with secured.serving() as city:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client_of(city, trusting(other.authority)).get("/healthz")
        with pytest.raises(httpx.HTTPError):
            await httpx.AsyncClient(trust_env=False).get(city.node.app_url.replace("https", "http") + "/healthz")


async def test_a_peer_reads_this_log_by_the_sites_authority_and_by_no_other(secured: Site, tmp_path: Path) -> None:
    other = certify(tmp_path / "other", [HERE], at=now())
    async with secured.serving() as city:
        of_here = replace(made.CITY, url=city.node.app_url, trust=trusting(secured.folder / "tls" / "authority.pem"))
        async with HttpPeerLog(of_here) as client:
            assert (await client.checkpoint()).startswith("belvedere.example/")
        async with HttpPeerLog(replace(of_here, trust=trusting(other.authority))) as client:
            with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
                await client.checkpoint()


async def test_nothing_older_than_tls_1_2_is_spoken(secured: Site) -> None:
    async with secured.serving() as city:
        context = trusting(secured.folder / "tls" / "authority.pem")
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.ConnectError):
            await client_of(city, context).get("/healthz")


async def test_a_renewed_certificate_is_served_without_a_restart_and_a_bad_one_changes_nothing(
    secured: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_server, "CERTIFICATE_LOOK_S", 0.05)
    files = site_files(secured.folder / "tls")

    async def served_by(city: City) -> bytes:
        port = int(city.node.app_url.rpartition(":")[2])
        stream = await anyio.connect_tcp(HERE, port, ssl_context=trusting(files.authority), tls_hostname=HERE)
        async with stream:
            certificate = stream.extra(TLSAttribute.peer_certificate_binary)
        assert isinstance(certificate, bytes)
        return certificate

    async def changes_from(city: City, before: bytes) -> bool:
        for _ in range(100):
            await anyio.sleep(0.05)
            if await served_by(city) != before:
                return True
        return False

    async with secured.serving() as city:
        first = await served_by(city)
        files.certificate.write_text("not a certificate")
        await anyio.sleep(0.5)
        assert await served_by(city) == first, "what was served goes on being served"
        certify(secured.folder / "tls", [HERE], at=now())
        assert await changes_from(city, first)


async def test_a_key_that_others_may_read_or_that_is_another_certificates_stops_the_start(secured: Site) -> None:
    files = site_files(secured.folder / "tls")
    files.key.chmod(0o640)
    with pytest.raises(Unreadable, match="chmod 600"):
        async with secured.serving():
            pass
    files.key.chmod(0o600)
    shutil.copy(certify(secured.folder / "elsewhere", [HERE], at=now()).key, files.key)
    with pytest.raises(Unreadable, match="that key"):
        async with secured.serving():
            pass
    files.certificate.unlink()
    with pytest.raises(Unreadable, match=r"server\.pem"):
        async with secured.serving():
            pass


def test_the_authority_is_kept_when_the_certificate_is_renewed(tmp_path: Path) -> None:
    files = certify(tmp_path, ["cameras.ville.example"], at=now())
    before = [path.read_bytes() for path in (files.authority, files.authority_key, files.certificate, files.key)]
    certify(tmp_path, ["cameras.ville.example"], at=now() + timedelta(days=300))
    after = [path.read_bytes() for path in (files.authority, files.authority_key, files.certificate, files.key)]
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, True, False, False]
    assert [path.stat().st_mode & 0o777 for path in (files.authority_key, files.key)] == [0o600, 0o600]


def test_the_authority_vouches_for_the_sites_names_and_nothing_else(tmp_path: Path) -> None:
    certify(tmp_path, ["cameras.ville.example", "10.1.2.3"], at=now())
    certify(tmp_path, ["poste.cameras.ville.example"], at=now())
    for foreign in ("ville.example", "evilcameras.ville.example", "impots.gouv.fr", "10.1.2.4"):
        with pytest.raises(Unreadable, match="may not vouch"):
            certify(tmp_path, [foreign], at=now())
    for no_name in ("", "https://ville.example", "ville.example/..", "*.ville.example", "-x.example"):
        with pytest.raises(Unreadable):
            certify(tmp_path / "new", [no_name], at=now())


async def test_a_certificate_forged_with_the_authoritys_key_for_a_foreign_name_is_refused_by_clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even with the authority's key stolen: the constraints are in what the workstations trust."""
    certify(tmp_path, ["cameras.ville.example"], at=now())
    monkeypatch.setattr(local_authority, "_check_authority", lambda *_, **__: None)
    files = certify(tmp_path, [HERE], at=now())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    listener = await anyio.create_tcp_listener(local_host=HERE)
    async with listener, anyio.create_task_group() as tasks:
        tls = TLSListener(listener, context)
        tasks.start_soon(tls.serve, lambda stream: stream.aclose())
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        with pytest.raises(ssl.SSLCertVerificationError, match=r"(permitted|excluded) subtree"):
            await anyio.connect_tcp(HERE, port, ssl_context=trusting(files.authority), tls_hostname=HERE)
        tasks.cancel_scope.cancel()


def test_an_authority_that_is_over_or_not_whole_says_so(tmp_path: Path) -> None:
    certify(tmp_path, [HERE], at=now() - timedelta(days=3700))
    with pytest.raises(Unreadable, match="ended on"):
        certify(tmp_path, [HERE], at=now())
    site_files(tmp_path).authority_key.unlink()
    with pytest.raises(Unreadable, match="authority-key"):
        certify(tmp_path, [HERE], at=now())


async def test_handshakes_that_nobody_finishes_take_only_the_places_of_their_address(secured: Site) -> None:
    secured.change("web", connections_per_address=8)
    async with secured.serving() as city:
        port = int(city.node.app_url.rsplit(":", 1)[1])
        raw = [socket.create_connection((HERE, port), 60, source_address=("127.0.0.2", 0)) for _ in range(12)]
        try:
            for stream in raw:
                stream.setblocking(False)
            with anyio.fail_after(60):
                while sum(map(_closed, raw)) < 4:
                    await anyio.sleep(0.05)
            client = client_of(city, trusting(secured.folder / "tls" / "authority.pem"))
            assert (await client.get("/healthz")).status_code == 200
            assert sum(map(_closed, raw)) == 4, (
                "those in their handshake are counted, and no more than those are closed"
            )
        finally:
            for stream in raw:
                stream.close()


def _closed(stream: socket.socket) -> bool:
    try:
        return stream.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
