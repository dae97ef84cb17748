"""Reliability 17, 25: answers that are made below the guard look like every other: the same headers, problem+json."""

import json
import socket
import time
from typing import Any

import anyio
import pytest

from belvedere.web import server
from tests.flows.conftest import CITY, City, CityMaker
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

GET = b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nOrigin: %s\r\n"
MALFORMED = {
    "bytes that are no text": (b"\x00\x01\x02\r\n\r\n", 400),
    "a request line of one word": (b"nonsense\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "a path that is no ASCII": (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "a header without a name": (GET % b"/" + b": x\r\n\r\n", 400),
    "a header with a space": (GET % b"/" + b"a b: x\r\n\r\n", 400),
    "a length that is none": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length of 5,000 digits": (POST + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a coding that is not known": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "a chunk that is none": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a chunk of 5,000 digits": (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 5_000 + b"\r\n", 400),
    "headers without end": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000, 431),
}
REFUSED = {
    "a method that is not known": (b"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    "a proxy's request": (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "an asset that no file system can name": (GET % b"/assets/%00" + b"\r\n", 404),
    "an asset outside": (GET % b"/assets/..%2f..%2fnode-key.pem" + b"\r\n", 404),
    "a body that is too long": (POST + b"Connection: close\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
}


def exchange(city: City, sent: bytes) -> bytes:
    host, port = city.node.app_url.removeprefix("http://").split(":")
    sent = sent.replace(b"Origin: %s", b"Origin: " + city.node.app_url.encode())
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        while piece := connection.recv(65_536):
            received += piece
    return received


async def answer_of(city: City, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    received = await anyio.to_thread.run_sync(exchange, city, sent)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def held_to_the_form(status: int, headers: dict[str, str], body: bytes) -> None:
    assert headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(body)
    assert problem["status"] == status
    assert problem["type"].startswith("urn:belvedere:problem:")
    for language in ("fr", "en"):
        assert problem["texts"][language]["title"]
        assert problem["texts"][language]["remedy"] or status == 405
    assert headers["cache-control"] == "no-store"


async def test_what_is_no_request_is_answered_as_every_refusal_is(city: City) -> None:
    usual = await city.browser().get("/healthz")
    security = {
        name: usual.headers[name]
        for name in usual.headers
        if name not in {"content-type", "content-length", "date", "server", "connection"}
    }
    assert {"content-security-policy", "x-content-type-options", "permissions-policy"} <= set(security)
    for name, (sent, expected) in {**MALFORMED, **REFUSED}.items():
        status, headers, body = await answer_of(city, sent)
        assert status == expected, name
        held_to_the_form(status, headers, body)
        assert {each: headers.get(each) for each in security} == security, name
        assert headers["connection"] == "close", name
    assert (await city.browser().get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "asked", ["cows=1-2", "bytes=9-1", "bytes=99999999-", "bytes=" + "9" * 5_000 + "-", "bytes=0-0,2-3"]
)
async def test_no_range_is_read_so_none_can_be_a_bad_one(city: City, asked: str) -> None:
    client = city.browser()
    whole = await client.get("/")
    (script,) = sorted(set(whole.text.split('"')) & {part for part in whole.text.split('"') if part.endswith(".js")})[
        :1
    ]
    for path in ("/", script):
        answer = await client.get(path, headers={"Range": asked, "If-Range": '"x"'})
        assert answer.status_code == 200
        assert answer.headers["accept-ranges"] == "none"
        assert answer.content == (await client.get(path)).content


async def test_more_connections_than_are_served_are_told_so_in_the_same_form(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 3)
    async with city_maker() as city:
        host, port = city.node.app_url.removeprefix("http://").split(":")
        held = [socket.create_connection((host, int(port))) for _ in range(3)]
        status, headers, body = await answer_of(city, GET % b"/api/v1/streams" + b"\r\n")
        assert status == 503
        held_to_the_form(status, headers, body)
        assert headers["retry-after"] == "1"
        assert "content-security-policy" in headers
        for connection in held:
            connection.close()


async def test_an_error_of_the_nodes_own_is_a_problem_too_and_says_nothing_of_its_inside(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("canary-51c2")

    officer = await city.sign_in("cic-operator")
    monkeypatch.setattr(type(city.node.web.asking.in_force), "convention_for", lambda *_: broken(None))
    answer = await officer.client.get("/api/v1/convention/agenda")
    held_to_the_form(answer.status_code, dict(answer.headers), answer.content)
    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
    assert "canary" not in answer.text


async def test_a_cookie_of_nothing_but_escapes_holds_nobody_up(city: City) -> None:
    """Python's reader of quoted cookies is quadratic: 20 kB of backslashes took a second, from anybody."""
    officer = await city.sign_in("cic-operator")
    session = officer.client.cookies[CITY]
    for quoted in ('x="' + "\\" * 30_000 + '"', 'x="' + '\\"1' * 9_000 + '"'):
        began_s = time.perf_counter()
        answer = await city.browser().get("/healthz", headers={"Cookie": quoted})
        assert answer.status_code == 200
        signed_in = await city.browser().get(
            "/api/v1/session", headers={"Cookie": f'{quoted[:20_000]}"; {CITY}={session}'}
        )
        assert signed_in.status_code == 200, "the session's own cookie is read all the same"
        assert time.perf_counter() - began_s < allowed_s(0.5)
