"""What every request passes first: its size, its Origin; and what every answer carries.

Cross-site requests are refused before a route sees them (RELIABILITY 2); bodies are bounded (25).
"""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from belvedere.domain.causes import Cause
from belvedere.domain.text import Text
from belvedere.web.problems import Problem, language_of, render

BODY_BYTES_MAX = 64 * 1024
TEXT_BYTES_MAX = 2 * 1024 * 1024
"""A convention's text, the one long thing that is sent here."""
TEXT_PATH = "/api/v1/convention/replacement"
PAGE_PATH = "/api/v1/convention/page"
"""Shown inside our own screens, nowhere else."""
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def _foreign_origin() -> Problem:
    return Problem(403, Cause.ORIGIN)


def _bytes_max(path: str) -> int:
    return TEXT_BYTES_MAX if path == TEXT_PATH else BODY_BYTES_MAX


def _too_large(bytes_max: int) -> Problem:
    return Problem(
        413,
        Cause.TOO_LARGE,
        Text(
            f"Une demande tient en {bytes_max // 1024} Kio au plus.",
            f"A request holds at most {bytes_max // 1024} KiB.",
        ),
    )


class Guard:
    """Middleware: Origin on unsafe methods, bounded bodies, security headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        app_origin: Callable[[], str],
        media_origin: Callable[[], str],
    ) -> None:
        self._app = app
        self._app_origin = app_origin
        self._media_origin = media_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        headers = Headers(scope=scope)

        too_large = False

        async def send_guarded(message: Message) -> None:
            if too_large:
                return  # whatever the route made of a body cut short, the answer below is the true one
            if message["type"] == "http.response.start":
                self._harden(MutableHeaders(scope=message), scope["path"])
            await send(message)

        async def refuse(problem: Problem) -> None:
            await render(problem, language_of(request))(scope, receive, send_guarded)

        bytes_max = _bytes_max(scope["path"])
        problem = self._refusal(scope["method"], headers, bytes_max)
        if problem is not None:
            await refuse(problem)
            return
        seen_bytes = 0

        async def receive_bounded() -> Message:
            nonlocal seen_bytes, too_large
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > bytes_max:
                too_large = True
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, receive_bounded, send_guarded)
        if too_large:
            too_large = False
            await refuse(_too_large(bytes_max))

    def _refusal(self, method: str, headers: Headers, bytes_max: int) -> Problem | None:
        """Return why a request goes no further than its headers, or None."""
        if method in _UNSAFE and headers.get("origin") != self._app_origin():
            return _foreign_origin()
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > bytes_max:
            return _too_large(bytes_max)
        return None

    def _harden(self, headers: MutableHeaders, path: str) -> None:
        media = self._media_origin()
        framed_by = "'self'" if path == PAGE_PATH else "'none'"
        # The convention's page carries its own style sheet, so that it can be printed and kept; no other page does.
        styled_by = "'unsafe-inline'" if path == PAGE_PATH else "'self'"
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; object-src 'none'; script-src 'self'; style-src {styled_by}; "
            "img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; "
            f"worker-src 'self' blob:; connect-src 'self' {media}; "
            f"frame-src 'self'; frame-ancestors {framed_by}; base-uri 'none'; form-action 'self'"
        )
        if self._app_origin().startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        headers["X-Content-Type-Options"] = "nosniff"
        # Not "no-referrer": a browser then sends a form of ours with `Origin: null`, which is refused.
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if not path.startswith("/assets/"):
            headers.setdefault("Cache-Control", "no-store")
