"""What every request passes first: its size, its Origin, the bounds of its JSON; and what every answer carries.

Cross-site requests are refused before a route sees them (reliability 2); bodies are bounded, in bytes, in depth and in
digits (reliability 21, 25). A body is read whole here, and given to the route as one message.
"""

from collections.abc import Callable

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from belvedere.domain.causes import Cause
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import BadText, check_json, whole_number
from belvedere.web.problems import Problem, bad_fields, language_of, render
from belvedere.web.security_headers import SecurityHeaders

BODY_BYTES_MAX = 64 * 1024
TEXT_BYTES_MAX = 2 * 1024 * 1024
"""A convention's text, the one long thing that is sent here."""
TEXT_PATHS = frozenset(f"/api/v1/convention/replacement{act}" for act in ("", "/preview", "/changes"))
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_RANGES = frozenset({b"range", b"if-range"})
_COOKIE_BYTES_MAX = 4096
"""The longest cookie that is read: ours has 43 characters, and a browser sends those of its other sites' ports too."""


def _foreign_origin() -> Problem:
    return Problem(403, Cause.ORIGIN)


def _bytes_max(path: str) -> int:
    return TEXT_BYTES_MAX if path in TEXT_PATHS else BODY_BYTES_MAX


def _too_large(bytes_max: int) -> Problem:
    return Problem(
        413,
        Cause.TOO_LARGE,
        Text(
            f"Une demande tient en {bytes_max // 1024} Kio au plus.",
            f"A request holds at most {bytes_max // 1024} KiB.",
        ),
    )


def _failed() -> Problem:
    return Problem(
        500,
        Cause.INTERNAL,
        Text("La demande n'a pas pu être traitée.", "The request could not be dealt with."),
        remedy=Text(
            "Réessayer ; si cela dure, appeler l'administrateur.",
            "Try again; if it lasts, call the administrator.",
        ),
    )


class _Left(Exception):
    """The client left before its request was whole: there is nobody to answer."""


class Guard:
    """Middleware: Origin on unsafe methods, bounded bodies, security headers."""

    def __init__(self, app: ASGIApp, *, app_origin: Callable[[], str], headers: SecurityHeaders) -> None:
        self._app = app
        self._app_origin = app_origin
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] == "websocket":
            await self._upgrade(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._headers.put(MutableHeaders(scope=message), scope["path"])
            await send(message)

        async def refuse(problem: Problem) -> None:
            await render(problem, language_of(Request(scope)))(scope, receive, send_guarded)

        try:
            body = await self._admitted(scope, receive)
        except _Left:
            return
        except Problem as problem:
            await refuse(problem)
            return
        scope["headers"] = _with_plain_cookies(scope["headers"])
        # What is served here is small and whole; so nobody's Range is read, and none can be a bad one.
        scope["headers"] = [each for each in scope["headers"] if each[0] not in _RANGES]
        try:
            await self._app(scope, _with_body(body, receive), send_guarded)
        except Exception:
            if not started:
                await refuse(_failed())
            raise

    async def _upgrade(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a WebSocket through that comes from our own screens; its messages are bounded by the server."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "websocket.http.response.start":
                self._headers.put(MutableHeaders(scope=message), scope["path"])
            await send(message)

        if Headers(scope=scope).get("origin") != self._app_origin():
            await render(_foreign_origin(), language_of(HTTPConnection(scope)))(scope, receive, send_guarded)
            return
        scope["headers"] = _with_plain_cookies(scope["headers"])
        await self._app(scope, receive, send_guarded)

    async def _admitted(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return a request's whole body, None of one that has none; raises `Problem` where it goes no further."""
        headers, bytes_max = Headers(scope=scope), _bytes_max(scope["path"])
        if scope["method"] in _UNSAFE and headers.get("origin") != self._app_origin():
            raise _foreign_origin()
        if whole_number(headers.get("content-length", "0"), most=bytes_max) is None:
            raise _too_large(bytes_max)
        body = await _body(headers, receive, bytes_max)
        try:
            await _check(body, headers)
        except BadText as error:
            raise bad_fields([("body", error.told)]) from None
        return body


def _with_plain_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers without cookies that are quoted or long: Python's reader is quadratic in what they escape.

    Ours is neither.
    """
    return [(name, _plain(value) if name == b"cookie" else value) for name, value in headers]


def _plain(cookies: bytes) -> bytes:
    return b";".join(each for each in cookies.split(b";") if b'"' not in each and len(each) <= _COOKIE_BYTES_MAX)


async def _body(headers: Headers, receive: Receive, bytes_max: int) -> bytes | None:
    """Return the whole body, or None of a request that says that it has none."""
    if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _Left
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
        if not message.get("more_body", False):
            return bytes(body)


async def _check(body: bytes | None, headers: Headers) -> None:
    """Refuse JSON beyond its bounds; raises `BadText`. A long one is looked at beside the loop."""
    if not body or "json" not in headers.get("content-type", "").lower():
        return
    if len(body) > BODY_BYTES_MAX:
        await anyio.to_thread.run_sync(check_json, body)
    else:
        check_json(body)


def _with_body(body: bytes | None, receive: Receive) -> Receive:
    """Return what gives `body` first, then whatever comes."""
    if body is None:
        return receive
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
