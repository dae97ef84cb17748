"""Logs: one event is one JSON line, without secrets, whoever says it. Reliability 4, 9, 20."""

import io
import json
import logging
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from belvedere.cli.logs import TEXT_LENGTH_MAX, LogStream, log_to_stderr
from tests.flows.operation.conftest import Site

CANARY = "canary-91c2"


class Lines:
    """What was logged, read back as whoever collects logs reads it."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def text(self) -> str:
        return self._stream.getvalue()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Configure logs as a serving node does, into memory."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log_to_stderr()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own browser
    yield Lines(stream)
    logging.getLogger("httpx").setLevel(logging.NOTSET)


def test_control_characters_and_bidi_marks_leave_as_escapes_on_one_line(lines: Lines) -> None:
    said = "a\nFORGED\r\x1b[31m\u202e\u2028\x00"
    structlog.get_logger("x").info("opened", motive=said)
    logging.getLogger("uvicorn.error").warning("bad path %s", said)
    assert lines.text().count("\n") == 2
    assert lines.text().isascii()
    assert not any(ord(character) < 0x20 and character != "\n" for character in lines.text())
    assert lines.events()[0]["motive"] == said
    assert lines.events()[1]["event"] == f"bad path {said}"


def test_what_the_web_server_and_the_runtime_say_is_json_too(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=ValueError("broken\nhere"))
    logging.getLogger("asyncio").error("Task was destroyed")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old and\nslow", UserWarning, stacklevel=1)
    try:
        raise RuntimeError("the end")
    except RuntimeError as failure:
        sys.excepthook(RuntimeError, failure, failure.__traceback__)
    first, second, third, last = lines.events()
    assert (first["level"], first["logger"]) == ("error", "uvicorn.error")
    assert "broken\nhere" in first["exception"]
    assert second["logger"] == "asyncio"
    assert third["logger"] == "py.warnings"
    assert last["event"] == "process_failed"
    assert "the end" in last["exception"]
    assert all(event["timestamp"].endswith("Z") for event in lines.events())


def test_media_paths_are_cut_and_secrets_left_out_wherever_they_stand(lines: Lines) -> None:
    log = structlog.get_logger("x")
    log.info("opened", media_url=f"ws://h:1/media/{CANARY}?x", path=f"/peer-media/{CANARY}")
    log.info("login", password=CANARY, station_secret=CANARY, Cookie=CANARY, ticket=CANARY, pin=CANARY)
    log.info("nested", given={"deep": [{"password": CANARY}, f"rtsp://cam:{CANARY}@10.0.0.1/x"]})
    log.warning("source", url=f"RTSPS://cam:{CANARY}@10.0.0.1/{CANARY}")
    logging.getLogger("uvicorn.error").info("GET /media/%s and rtsp://u:%s@h/", CANARY, CANARY)
    try:
        raise ValueError(f"/media/{CANARY} rtsp://a:{CANARY}@h")
    except ValueError:
        log.exception("failed")
    assert CANARY not in lines.text()
    assert lines.events()[0]["media_url"] == "ws://h:1/media/…"
    assert len(lines.events()) == 6


@pytest.mark.parametrize(
    "said",
    [
        "rtsp://cam:a {}@10.0.0.1/x", 'rtsp://cam:a"{}@10.0.0.1/x', "rtsp://cam:a@{}@10.0.0.1/x",
        "rtspu://cam:{}@h/", "rtsp+tcp://cam:{}@h/", "http://cam:{}@h/onvif", r"RTSP:\/\/cam:{}@h", "rtsp:%2F%2Fcam:{}@h",
        "/MEDIA/{}", "/media%2F{}", "/media/v?t={}", "https://h/x?back=rtsp://cam:{}@h",
    ],
)  # fmt: skip
def test_however_an_address_is_spelt_its_password_and_its_ticket_are_left_out(lines: Lines, said: str) -> None:
    structlog.get_logger("x").info("said", text=said.format(CANARY))
    assert CANARY not in lines.text()


def test_leaving_logins_out_takes_time_in_proportion_to_the_text(lines: Lines) -> None:
    def seconds(length: int) -> float:
        began_s = time.perf_counter()
        structlog.get_logger("x").info("said", text="a://b " * length)
        return time.perf_counter() - began_s

    seconds(1000)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.005)


def test_one_event_is_bounded_in_length_and_depth(lines: Lines) -> None:
    nested: object = "x"
    for _ in range(100):
        nested = [nested] * 2
    structlog.get_logger("x").info("long", text="y" * 10_000_000, many=list(range(100_000)), nested=nested)
    assert len(lines.text()) < 20 * TEXT_LENGTH_MAX


def test_a_long_trace_keeps_its_end_which_says_what_failed(lines: Lines) -> None:
    def fail(deeper: int) -> None:
        if deeper == 0:
            raise LookupError("the member that is not there")
        try:
            fail(deeper - 1)
        except LookupError as failure:
            raise LookupError("the member that is not there") from failure

    try:
        fail(50)
    except LookupError:
        structlog.get_logger("x").exception("failed")
    (event,) = lines.events()
    assert len(event["exception"]) <= TEXT_LENGTH_MAX + 1
    assert "…" in event["exception"]
    assert event["exception"].endswith("LookupError: the member that is not there")


def test_a_log_that_cannot_be_written_is_counted_and_stops_nobody() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    stream = LogStream(Full())
    logger = structlog.WriteLogger(stream)  # type: ignore[arg-type]
    logger.info("a record was made")
    logging.StreamHandler(stream).emit(logging.makeLogRecord({"msg": "x"}))
    assert stream.lost >= 2


@pytest.mark.processes
def test_a_process_that_fails_says_so_in_one_json_line() -> None:
    program = "from belvedere.cli.logs import log_to_stderr\nlog_to_stderr()\nraise LookupError('a\\nb')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["event"] == "process_failed"


@pytest.mark.anyio
async def test_a_request_is_one_event_with_the_routes_pattern_and_never_the_path(site: Site, lines: Lines) -> None:
    async with site.serving() as city:
        officer = await city.sign_in("cic-operator")
        viewing = await officer.opened(1, await officer.open_event())
        assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
        await city.browser(origin="http://evil.example").post(f"/api/v1/streams?{CANARY}", json={})
        for path in (f"/{CANARY}", f"/api/v1/{CANARY}", f"/assets/{CANARY}", f"/media/{CANARY}", "/readyz"):
            await city.browser().get(path)
        await city.browser().request(f"CANARY{CANARY.upper()}", "/healthz")
    asked = [event for event in lines.events() if event["event"] == "request"]
    assert {frozenset(event) for event in asked} == {
        frozenset({"event", "level", "timestamp", "method", "route", "status", "duration_ms"})
    }
    told = {(event["method"], event["route"], event["status"]) for event in asked}
    assert ("DELETE", "/api/v1/streams/{viewing}", 204) in told
    assert ("POST", "/api/v1/login", 200) in told
    assert ("POST", "unrouted", 403) in told, "refused before any route saw it"
    assert {event["method"] for event in asked} <= {"GET", "POST", "DELETE", "other"}
    assert all(isinstance(event["duration_ms"], float) and event["duration_ms"] >= 0 for event in asked)
    assert CANARY not in lines.text().lower()
    assert viewing not in json.dumps(asked)
    assert "canary-7f3a" not in lines.text(), "the cameras' password"


@pytest.mark.anyio
async def test_streams_opened_refused_and_ended_are_events_without_names(site: Site, lines: Lines) -> None:
    async with site.serving() as city:
        officer = await city.sign_in("cic-operator")
        event = await officer.open_event(motive=CANARY)
        viewing = await officer.opened(1, event)
        assert (await officer.open(1, event)).status_code == 201, "the same viewing again"
        assert (await officer.open(2, None)).status_code == 403
        assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
        label, pseudonym = officer.body["agent"]["label"], officer.body["agent"]["pseudonym"]
    told = [each for each in lines.events() if each["event"].startswith("stream_")]
    (opened, refused, ended) = told
    who = {"camera": "vda-001", "party": "etat", "service": "cic"}
    assert opened.items() >= (who | {"event": "stream_opened", "viewing": viewing, "slots_used": 1}).items()
    assert opened["articles"]
    assert refused.items() >= (who | {"event": "stream_refused", "camera": "vda-002", "cause": "no-event"}).items()
    assert ended.items() >= (who | {"event": "stream_ended", "viewing": viewing, "cause": "closed"}).items()
    assert not any(word in json.dumps(told) for word in (CANARY, label, pseudonym, "ticket-"))
