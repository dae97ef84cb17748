"""Logs: one JSON line an event, to standard error. The log is not the ledger.

Owns what a line may hold: media paths are cut, secrets and camera addresses left out, control characters escaped,
length bounded. What the standard library's loggers say (uvicorn, asyncio, alembic) goes the same way. A log that
cannot be written is lost and counted; it never stops the node.
"""

import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, TextIO

import structlog

TEXT_LENGTH_MAX = 4096
_DEPTH_MAX = 4
_ITEMS_MAX = 50
_SLASH = r"(?:\\?/|%2f)"
_MEDIA = re.compile(rf"({_SLASH}(?:peer-)?media{_SLASH})[^\s\"']+", re.IGNORECASE)
_LOGIN = re.compile(rf"(\b[a-z][a-z0-9+.-]{{0,15}}:{_SLASH}{{2}})(?:[^@\r\n]{{0,200}}@){{1,4}}", re.IGNORECASE)
"""What stands before the last `@` of an address, of any scheme: a password may hold a space, a quote or another `@`."""
_CAMERA = re.compile(rf"\b(rtsp[a-z+]{{0,5}}:{_SLASH}{{2}})[^\s\"']+", re.IGNORECASE)
_SECRET = re.compile(r"password|secret|cookie|ticket|authorization|\bpin\b|private|credential", re.IGNORECASE)
_LEFT_OUT = "…"


class LogStream:
    """A stream whose failures are counted and not raised: a full disk must not reach who logs (reliability 9)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.lost = 0

    def write(self, text: str) -> None:
        """Write one line."""
        with self._lock:
            try:
                self._stream.write(text)
            except (OSError, ValueError):
                self.lost += 1

    def flush(self) -> None:
        """Flush what was written."""
        with self._lock:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self.lost += 1


def log_to_stderr(*, level: int = logging.INFO) -> LogStream:
    """Send every log of this process to standard error as JSON lines; return the stream, which counts losses."""
    stream = LogStream(sys.stderr)
    structlog.configure(
        processors=[*_SHARED, structlog.processors.format_exc_info, without_secrets, _RENDER],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),  # type: ignore[arg-type]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                _RENDER,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # It tells each request that it makes, and a peer's log is read once a second.
    logging.getLogger("httpx").setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_the_end
    return stream


def without_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the event with nothing in it that a log may not hold."""
    return {name: _LEFT_OUT if _SECRET.search(name) else _fit(value) for name, value in event.items()}


def _fit(value: object, depth: int = 0) -> object:
    """Return `value` as plain JSON without secrets, bounded in length and depth."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping | Sequence | set | frozenset) and not isinstance(value, str | bytes):
        if depth == _DEPTH_MAX:
            return _LEFT_OUT
        if isinstance(value, Mapping):
            return {
                str(name): _LEFT_OUT if _SECRET.search(str(name)) else _fit(each, depth + 1)
                for name, each in islice(value.items(), _ITEMS_MAX)
            }
        return [_fit(each, depth + 1) for each in islice(value, _ITEMS_MAX)]
    return _cut(value if isinstance(value, str) else repr(value))


def _cut(text: str) -> str:
    text = _MEDIA.sub(rf"\1{_LEFT_OUT}", text)
    text = _CAMERA.sub(rf"\1{_LEFT_OUT}", _LOGIN.sub(rf"\1{_LEFT_OUT}@", text))
    if len(text) <= TEXT_LENGTH_MAX:
        return text
    # Of a trace the first lines are the web server's: what failed stands in the last.
    half = TEXT_LENGTH_MAX // 2
    return text[:half] + _LEFT_OUT + text[-half:]


def _log_the_end(kind: type[BaseException], failure: BaseException, trace: TracebackType | None) -> None:
    """Log what ends the process: a trace is one line too."""
    structlog.get_logger(__name__).critical("process_failed", exc_info=(kind, failure, trace))


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_RENDER = structlog.processors.JSONRenderer(ensure_ascii=True)
