"""One log event a request (a witness's asking apart), and counters of answers. The log holds the route's pattern, never the path asked for."""

from collections import Counter
from collections.abc import Mapping

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from belvedere.domain.clock import Clock

log = structlog.get_logger(__name__)
UNROUTED = "unrouted"
LEFT = 499
"""What is noted of a request that was not whole before its client left: nothing was answered."""
ANSWER_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_ASKED_EACH_SECOND = frozenset({"/api/v1/ledger/checkpoint"})
"""By every witness: answers to it are counted, and told only where they are not the head."""


class AnswerCounts:
    """How many answers of each class were given since the start."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, status: int) -> None:
        """Count one answer."""
        self._counts[f"{status // 100}xx"] += 1

    def by_class(self) -> Mapping[str, int]:
        """Return the counts, every class named."""
        return {name: self._counts[name] for name in ANSWER_CLASSES}


class RequestLog:
    """Middleware, the outermost: what is refused before a route is logged too."""

    def __init__(self, app: ASGIApp, *, clock: Clock, counts: AnswerCounts, api_prefix: str) -> None:
        self._app = app
        self._clock = clock
        self._counts = counts
        self._api_prefix = api_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through and log how it was answered, however it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s = self._clock.monotonic_s()
        status = LEFT

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            status = 500 if status == LEFT else status
            raise
        finally:
            self._counts.add(status)
            route = self._route(scope)
            if status != 200 or route not in _ASKED_EACH_SECOND:
                log.info(
                    "request",
                    method=scope["method"] if scope["method"] in _METHODS else "other",
                    route=route,
                    status=status,
                    duration_ms=round((self._clock.monotonic_s() - begun_s) * 1000, 1),
                )

    def _route(self, scope: Scope) -> str:
        route = scope.get("route")
        pattern = getattr(route, "path_format", None) or getattr(route, "path", None)
        if pattern is None:
            return UNROUTED
        within = str(scope["path"]).startswith(f"{self._api_prefix}/") and not pattern.startswith(self._api_prefix)
        return f"{self._api_prefix}{pattern}" if within else str(pattern)
