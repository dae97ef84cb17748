"""What another node may answer to this one's client: too much, too slowly, elsewhere, nothing. Reliability 19, 28."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from belvedere.ledger.tiles import Tile
from belvedere.ledger.witness import OtherSize
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers import log_client
from belvedere.peers.log_client import HttpPeerLog
from belvedere.peers.ports import Unreachable
from tests.unit.peers.made import CITY

pytestmark = pytest.mark.anyio
TILE = Tile(0, 0, 3)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer_that(answer: Answer) -> AsyncIterator[HttpPeerLog]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await answer(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with HttpPeerLog(replace(CITY, url=f"http://127.0.0.1:{port}")) as client:
            yield client


def saying(status: str, body: bytes = b"", *headers: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""))
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def a_byte_a_moment(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def nothing(writer: asyncio.StreamWriter) -> None:
    return


@pytest.mark.parametrize(
    "answer",
    [
        saying("500 No", b"failed"),
        saying("302 Elsewhere", b"", "Location: http://127.0.0.1:1/"),
        saying("200 OK", b"x" * 100_000),
        without_end,
        a_byte_a_moment,
        nothing,
    ],
    ids=["failed", "elsewhere", "too long", "without end", "a byte a moment", "nothing"],
)
async def test_an_answer_that_is_none_is_told_in_time_and_asked_for_again(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_client, "ANSWER_WITHIN_S", 0.5)
    async with peer_that(answer) as client:
        for ask in (
            client.checkpoint(),
            client.tile(TILE),
            client.bring("note"),
            client.held("origin"),
            client.add(WitnessRequest(0, (), "note")),
        ):
            with pytest.raises(Unreachable):
                await ask


async def test_what_a_node_has_not_or_refuses_is_told_apart_from_no_answer() -> None:
    async with peer_that(saying("404 None", b"{}")) as client:
        assert await client.tile(TILE) is None
        assert await client.held("origin") is None
        assert await client.add(WitnessRequest(0, (), "note")) is None
    async with peer_that(saying("409 Other", b"17\n")) as client:
        assert await client.bring("note") is False
        assert await client.add(WitnessRequest(0, (), "note")) == OtherSize(17)
    async with peer_that(saying("403 Refused", b"{}")) as client:
        assert await client.add(WitnessRequest(0, (), "note")) is None
    async with peer_that(saying("200 OK", b"\x01" * 96)) as client:
        assert await client.tile(TILE) == b"\x01" * 96
