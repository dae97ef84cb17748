"""Answers that are made below the guard, where no request has come through: they look like all others."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from belvedere.domain.causes import Cause
from belvedere.domain.text import Language, Text
from belvedere.web.problems import Problem, language_of, render
from belvedere.web.security_headers import SecurityHeaders

_NOWHERE = ""
"""The path of what has none."""


def _malformed(status: int) -> Problem:
    return Problem(status, Cause.HEADERS_TOO_LONG if status == 431 else Cause.MALFORMED_REQUEST)


def _full() -> Problem:
    return Problem(
        503,
        Cause.BUSY,
        Text("Trop de connexions à la fois.", "Too many connections at once."),
        headers={"Retry-After": "1", "Connection": "close"},
    )


class AnswersBelow:
    """Makes them, with the headers that every answer carries."""

    def __init__(self, headers: SecurityHeaders) -> None:
        self._headers = headers

    def malformed(self, status: int) -> Response:
        """Return the answer to bytes that are no request."""
        answer = render(_malformed(status), Language.FR)
        self._headers.put(answer.headers, _NOWHERE)
        answer.headers["Connection"] = "close"
        return answer

    def unless_full(self, app: ASGIApp, full: Callable[[], bool]) -> ASGIApp:
        """Return `app`, in whose place 503 is answered while no more is to be served."""

        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not full():
                await app(scope, receive, send)
                return

            async def send_hardened(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._headers.put(MutableHeaders(scope=message), scope["path"])
                await send(message)

            await render(_full(), language_of(Request(scope)))(scope, receive, send_hardened)

        return served
