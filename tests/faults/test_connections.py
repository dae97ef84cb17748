"""Reliability 17: connections that ask for nothing, or too slowly, are closed; no address takes every place.

Clients of one machine have many addresses here: all of 127.0.0.0/8 is loopback.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import anyio
import anyio.to_thread
import httpx
import pytest

from belvedere.web import connections, server
from belvedere.web.connections import network_of
from tests.flows.conftest import City, CityMaker

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

NEVER_S = 3600.0
PATIENCE_S = 60.0
SLOW_HEAD = b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: "
SLOW_BODY = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nOrigin: %s\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(PATIENCE_S):
        while not holds():
            await anyio.sleep(0.05)


def endpoint(city: City) -> tuple[str, int]:
    host, port = city.node.app_url.removeprefix("http://").split(":")
    return host, int(port)


def connect(city: City, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(endpoint(city), timeout=PATIENCE_S, source_address=(source, 0))


def is_closed(stream: socket.socket) -> bool:
    """Tell whether the other side closed it; what it sent before is read away."""
    stream.setblocking(False)
    try:
        while stream.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def held(streams: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield streams
    finally:
        for stream in streams:
            stream.close()


@contextmanager
def trickling(streams: list[socket.socket], byte: bytes) -> Iterator[None]:
    """Send a byte now and then on each, from a thread that nothing of the node holds up."""
    over = threading.Event()

    def trickle() -> None:
        while not over.wait(0.05):
            for stream in streams:
                with suppress(OSError):
                    stream.send(byte)

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def metric(client: httpx.AsyncClient, name: str) -> float:
    for line in (await client.get("/metrics")).text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[-1])
    raise AssertionError(name)


async def served(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


async def test_when_every_place_is_taken_by_whoever_asks_nothing_or_slowly_the_places_come_back(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 40)
    monkeypatch.setattr(server, "CONNECTIONS_TOLD_MAX", 0)
    monkeypatch.setattr(connections, "HEAD_S_MAX", 8.0)
    async with city_maker() as city:
        silent = [connect(city, f"127.0.0.{at}") for at in range(2, 22)]
        slow = [connect(city, f"127.0.0.{at}") for at in range(2, 22)]
        with held([*silent, *slow]), trickling(slow, b"a"):
            for stream in slow:
                stream.send(SLOW_HEAD)
            client = city.browser()
            assert not await served(client), "the fault: there is no place for anybody else"
            with anyio.fail_after(PATIENCE_S):
                while not await served(client):
                    await anyio.sleep(0.1)
            await until(lambda: all(map(is_closed, [*silent, *slow])))
            assert await metric(city.browser(), "belvedere_web_connections_ended_total") == 40
            assert await metric(city.browser(), "belvedere_web_connections_refused_total") > 0


async def test_one_address_takes_its_own_places_and_nobody_elses(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S_MAX", NEVER_S)
    per_address = city.settings.web.connections_per_address
    with held([connect(city, "127.0.0.2") for _ in range(per_address)]) as taken:
        with held([connect(city, "127.0.0.2") for _ in range(5)]) as beyond:
            await until(lambda: all(map(is_closed, beyond)))
        assert not any(map(is_closed, taken))
        officer = await city.sign_in("cic-operator")
        assert (await officer.open(1, await officer.open_event())).status_code == 201
        assert await metric(city.browser(), "belvedere_web_connections_refused_total") == 5
        taken.pop().close()

        def again() -> bool:
            with connect(city, "127.0.0.2") as stream, suppress(OSError):
                stream.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return stream.recv(64).startswith(b"HTTP/1.1 200")
            return False

        with anyio.fail_after(PATIENCE_S):
            while not await anyio.to_thread.run_sync(again):
                await anyio.sleep(0.05)


async def test_a_body_that_comes_a_byte_at_a_time_is_cut_off(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S_MAX", NEVER_S)
    monkeypatch.setattr(connections, "BODY_S_MAX", 1.0)
    with held([connect(city) for _ in range(5)]) as slow, trickling(slow, b" "):
        for stream in slow:
            stream.send(SLOW_BODY % city.node.app_url.encode())
        await until(lambda: all(map(is_closed, slow)))
    assert await metric(city.browser(), "belvedere_web_connections_ended_total") == 5


async def test_headers_that_begin_slowly_after_a_first_answer_are_cut_off_too(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S_MAX", 2.0)
    with held([connect(city)]) as (stream,):
        stream.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await anyio.to_thread.run_sync(stream.recv, 4096)).startswith(b"HTTP/1.1 200")
        with trickling([stream], b"G"):
            await until(lambda: is_closed(stream))


async def test_a_client_that_takes_nothing_of_its_answers_is_cut_off(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TAKING_S_MAX", 1.0)
    with held([connect(city)]) as (stream,):
        # Far more answers than the kernel's buffers between us hold.
        stream.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 300)
        client = city.browser()
        with anyio.fail_after(PATIENCE_S):
            while not await metric(client, "belvedere_web_connections_ended_total"):
                await anyio.sleep(0.1)
        await until(lambda: is_closed(stream))


async def test_whoever_asks_in_time_stays_connected(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S_MAX", 4.0)
    monkeypatch.setattr(connections, "BODY_S_MAX", 4.0)
    officer = await city.sign_in("cic-operator")
    async with officer.client.stream("GET", "/api/v1/changes", timeout=PATIENCE_S) as screen:
        lines = screen.aiter_lines()
        await anext(lines)
        await anyio.sleep(6)  # longer than any request may take to be whole
        city.node.web.screens.changes.streams_changed()
        assert await anext(lines) is not None
        assert (await officer.client.post("/api/v1/events", json={"kind": "intervention"})).status_code == 201
    assert await metric(city.browser(), "belvedere_web_connections_ended_total") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_client_counts_by_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
