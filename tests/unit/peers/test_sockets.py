"""Whatever stands at a peer's address, the node goes on, says why, and waits longer each time. Reliability 11, 28."""

import asyncio
import ssl
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.faults import FaultPlace
from belvedere.ledger.public_key import PublicKey
from belvedere.peers import sockets
from belvedere.peers.pinned_tls import certificate_of, client_context
from belvedere.peers.sockets import PeerDialler
from tests.unit.peers.messages_made import STATES
from tests.unit.peers.test_link import Node, state

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "WAIT_FIRST_S", 0.02)
    monkeypatch.setattr(sockets, "WAIT_MAX_S", 0.05)
    monkeypatch.setattr(sockets, "OPEN_WITHIN_S", 0.3)


def context(folder: Path) -> ssl.SSLContext:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(certificate_of(STATES.key))
    key.write_bytes(STATES.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return client_context(certificate=certificate, key=key, pins=lambda: [PublicKey.of(STATES.key)])


async def dials(node: Node, port: int, folder: Path) -> tuple[str, FaultPlace]:
    """Dial until something is said; return it, and where the fault is."""
    dialler = PeerDialler(
        node.link, host="127.0.0.1", port=port, tls=context(folder), clock=SystemClock(), ids=SystemIds()
    )
    before = node.link.state.said
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(dialler.dial_forever)
        with anyio.fail_after(10):
            while node.link.state.said == before:
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    return node.link.state.said.en, node.link.state.place


async def server(answer: bytes | None) -> asyncio.Server:
    """Return a server that answers every connection so, or never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
                await writer.drain()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def test_an_address_where_nobody_listens_is_said_so(tmp_path: Path) -> None:
    unused = await server(b"")
    port = unused.sockets[0].getsockname()[1]
    unused.close()
    await unused.wait_closed()
    said = "the other node's address cannot be reached"
    assert await dials(state(), port, tmp_path) == (said, FaultPlace.NODE), "its machine answers that nobody listens"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", "does not speak TLS 1.3"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "does not take this node's key"),
        (None, "does not answer"),
    ],
    ids=["plain http", "a TLS alert", "silence"],
)
async def test_what_is_no_node_is_said_so_and_dialled_again(answer: bytes | None, said: str, tmp_path: Path) -> None:
    there = await server(answer)
    async with there:
        told, place = await dials(state(), there.sockets[0].getsockname()[1], tmp_path)
        assert said in told
        assert place is FaultPlace.NODE


async def test_silence_from_a_machine_that_takes_no_connection_either_is_the_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_none(*_: object) -> bool:
        return False

    monkeypatch.setattr(sockets, "_takes_connections", takes_none)
    there = await server(None)
    async with there:
        told, place = await dials(state(), there.sockets[0].getsockname()[1], tmp_path)
        assert ("does not answer" in told, place) == (True, FaultPlace.LINK)


async def test_a_fault_of_ours_while_dialling_takes_nothing_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(sockets, "_Straight", fails)
    told, place = await dials(state(), 1, tmp_path)
    assert ("by a fault of this node" in told, place) == (True, FaultPlace.OWN_SIDE)


async def test_a_peer_that_nothing_binds_is_not_dialled_until_something_does(tmp_path: Path) -> None:
    node, due, there = state(), list[bool](), await server(b"")
    port = there.sockets[0].getsockname()[1]
    before = node.link.state.said
    dialler = PeerDialler(
        node.link,
        is_due=lambda: bool(due),
        host="127.0.0.1",
        port=port,
        tls=context(tmp_path),
        clock=SystemClock(),
        ids=SystemIds(),
    )
    async with there, anyio.create_task_group() as tasks:
        tasks.start_soon(dialler.dial_forever)
        await anyio.sleep(0.3)
        assert node.link.state.said == before
        due.append(True)
        with anyio.fail_after(10):
            while node.link.state.said == before:
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
