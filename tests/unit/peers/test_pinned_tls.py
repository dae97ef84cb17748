"""TLS between nodes accepts whoever holds a pinned key, and nobody else; OpenSSL's own client is the program we did not write."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.ledger.keys import load_key, load_or_create_key
from belvedere.ledger.public_key import PublicKey
from belvedere.peers import pinned_tls
from belvedere.peers.pinned_tls import NotPinned, certificate_of, client_context, pinned_key, server_context

ANSWER = b"seen"


@dataclass(frozen=True)
class Identity:
    """A key with its certificate, each in its file."""

    key: Path
    certificate: Path

    @property
    def public(self) -> PublicKey:
        return PublicKey.of(load_key(self.key))


def identity(folder: Path, name: str) -> Identity:
    made = Identity(folder / f"{name}.key", folder / f"{name}.pem")
    made.certificate.write_bytes(certificate_of(load_or_create_key(made.key)))
    return made


@dataclass
class Listener:
    """The owner's side. `accepts` are the keys pinned for the other parties; `served` counts who got through."""

    own: Identity
    accepts: list[PublicKey]
    port: int = 0
    served: list[bytes] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.served.append(await reader.readline())
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async def dialled(self, with_: Identity, *, expects: list[PublicKey]) -> bytes | ssl.SSLError | ConnectionError:
        """Return what a peer that pins `expects` gets, or how it fails."""
        context = client_context(certificate=with_.certificate, key=with_.key, pins=lambda: expects)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
            writer.write(b"asks\n")
            got = await reader.read()
            writer.close()
        except (ssl.SSLError, ConnectionError) as failure:
            return failure
        return got

    async def by_openssl(self, *arguments: str) -> bytes:
        """Return what `openssl s_client` is told by the listener."""
        program = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{self.port}", *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        said, _ = await program.communicate(b"asks\n")
        return said


@asynccontextmanager
async def listening(own: Identity, *accepts: PublicKey) -> AsyncIterator[Listener]:
    made = Listener(own, list(accepts))
    context = server_context(certificate=own.certificate, key=own.key, pins=lambda: made.accepts)
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0, ssl=context)
    async with server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


@dataclass(frozen=True)
class Made:
    city: Identity
    state: Identity
    state_next: Identity
    stranger: Identity


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(*(identity(tmp_path, name) for name in ("city", "state", "state-next", "stranger")))


pytestmark = pytest.mark.anyio


async def test_two_nodes_connect_by_the_keys_that_they_pin_and_a_strangers_is_refused_on_either_side(
    made: Made,
) -> None:
    async with listening(made.city, made.state.public) as city:
        assert await city.dialled(made.state, expects=[made.city.public]) == ANSWER
        assert await city.dialled(made.stranger, expects=[made.city.public]) != ANSWER
        assert isinstance(await city.dialled(made.state, expects=[made.stranger.public]), ssl.SSLError)
        assert isinstance(await city.dialled(made.state, expects=[]), ssl.SSLError)
        assert len(city.served) == 1, "who is refused reaches nothing behind the handshake"


async def test_current_and_next_are_accepted_and_a_retired_key_is_refused_at_the_next_handshake(made: Made) -> None:
    async with listening(made.city, made.state.public) as city:
        assert await city.dialled(made.state_next, expects=[made.city.public]) != ANSWER
        city.accepts.append(made.state_next.public)
        assert await city.dialled(made.state, expects=[made.city.public]) == ANSWER
        assert await city.dialled(made.state_next, expects=[made.city.public]) == ANSWER
        del city.accepts[0]
        assert await city.dialled(made.state, expects=[made.city.public]) != ANSWER
        assert await city.dialled(made.state_next, expects=[made.city.public]) == ANSWER
        assert len(city.served) == 3


async def test_one_that_dials_follows_a_rotation_of_the_key_of_whom_it_dials(made: Made) -> None:
    async with listening(made.city, made.state.public) as city:
        expected = [made.stranger.public]
        context = client_context(certificate=made.state.certificate, key=made.state.key, pins=lambda: expected)
        for pins, reaches in (([made.stranger.public], False), ([made.city.public], True), ([], False)):
            expected[:] = pins
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", city.port, ssl=context)
            except ssl.SSLCertVerificationError:
                assert not reaches
            else:
                writer.close()
                assert reaches


async def test_openssls_own_client_gets_through_with_the_pinned_key_over_tls_1_3_alone(made: Made) -> None:
    async with listening(made.city, made.state.public) as city:
        state = ("-cert", str(made.state.certificate), "-key", str(made.state.key))
        stranger = ("-cert", str(made.stranger.certificate), "-key", str(made.stranger.key))
        assert await city.by_openssl(*state) == ANSWER
        for refused in ((*state, "-tls1_2"), stranger, ()):
            assert await city.by_openssl(*refused) == b""
        assert len(city.served) == 1


async def test_openssls_own_client_is_shown_the_pinned_key(made: Made) -> None:
    async with listening(made.city, made.state.public) as city:
        program = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-connect", f"127.0.0.1:{city.port}",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        shown, _ = await program.communicate()
    begins = shown.index(b"-----BEGIN CERTIFICATE-----")
    certificate = x509.load_pem_x509_certificate(shown[begins:])
    der = certificate.public_bytes(serialization.Encoding.DER)
    assert pinned_key(der, [made.city.public]) == made.city.public


async def test_a_key_that_the_pinned_one_certified_is_not_the_pinned_one(made: Made) -> None:
    other = load_or_create_key(made.city.key.with_name("other.key"))
    leaf = pinned_tls._certificate(
        other.public_key(),
        subject=pinned_tls._LEAF,
        issuer=pinned_tls._named(made.state.public),
        signs=load_key(made.state.key),
        is_anchor=False,
    )
    lent = Identity(made.city.key.with_name("other.key"), made.city.key.with_name("other.pem"))
    lent.certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    async with listening(made.city, made.state.public) as city:
        assert await city.dialled(lent, expects=[made.city.public]) != ANSWER
        assert city.served == []


def _other_kind() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(pinned_tls._STARTS)
        .not_valid_after(pinned_tls._NEVER)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (None, "no certificate was shown"),
        (b"", "unreadable"),
        (b"\x30\x82" + bytes(70_000), "unreadable"),
    ],
    ids=["none", "empty", "noise"],
)
async def test_what_is_shown_in_the_place_of_a_certificate_is_refused_and_named(
    made: Made, certificate: bytes | None, said: str
) -> None:
    with pytest.raises(NotPinned, match=said):
        pinned_key(certificate, [made.city.public])


async def test_a_certificate_of_another_kind_of_key_is_refused(made: Made) -> None:
    with pytest.raises(NotPinned, match="no Ed25519 key"):
        pinned_key(_other_kind(), [made.city.public])


async def test_a_certificate_is_the_same_each_time_that_it_is_made_of_a_key(made: Made) -> None:
    key = load_key(made.city.key)
    assert certificate_of(key) == certificate_of(Ed25519PrivateKey.from_private_bytes(key.private_bytes_raw()))
    assert made.city.certificate.read_bytes() == certificate_of(key)
