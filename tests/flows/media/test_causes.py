"""Why a camera fails: each oddity has the cause that sends a technician to the right place. Reliability 16, 24; api, Media."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from belvedere.domain.ids import CameraId, ViewingId
from belvedere.domain.source_causes import SOURCE_CAUSES, SourceCause
from belvedere.media.relay import CameraLost, MediaSource
from tests.flows.media.cameras import CHALLENGES, REFUSALS, Oddity, odd_camera
from tests.flows.media.conftest import room, watch

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

CAUSE_OF = {
    Oddity.WRONG_PASSWORD: SourceCause.WRONG_PASSWORD,
    Oddity.NO_PASSWORD: SourceCause.NO_PASSWORD,
    Oddity.PASSWORD_IN_CLEAR: SourceCause.PASSWORD_IN_CLEAR,
    Oddity.ACCESS_DENIED: SourceCause.ACCESS_DENIED,
    Oddity.NOT_FOUND: SourceCause.NOT_FOUND,
    Oddity.REDIRECT: SourceCause.REDIRECTED,
    Oddity.BUSY_SETUP: SourceCause.BUSY,
    Oddity.BUSY: SourceCause.BUSY,
    Oddity.BUSY_UNTIL: SourceCause.BUSY,
    Oddity.NO_TRANSPORT: SourceCause.NO_TRANSPORT,
    Oddity.UDP_ALL_THE_SAME: SourceCause.NO_TRANSPORT,
    Oddity.OTHER_REFUSAL: SourceCause.REFUSED,
    Oddity.NO_VIDEO: SourceCause.NO_VIDEO,
    Oddity.SWAPPED_CHANNELS: SourceCause.SWAPPED_CHANNELS,
    Oddity.WRONG_PAYLOAD_TYPE: SourceCause.WRONG_PAYLOAD_TYPE,
    Oddity.NO_PPS: SourceCause.NO_PPS,
    Oddity.NO_KEY_FRAME: SourceCause.NO_ENTRY_POINT,
    Oddity.BAD_PACKET: SourceCause.BAD_PACKETS,
    Oddity.SILENT: SourceCause.SILENT,
    Oddity.HANGS_UP: SourceCause.CLOSED,
}


def test_each_oddity_has_a_cause() -> None:
    assert set(CAUSE_OF) == set(Oddity)


async def test_each_oddity_is_lost_with_its_own_cause() -> None:
    """All at once in one relay: none of them costs the time of the others."""
    async with AsyncExitStack() as stack:
        cameras = {}
        opened = await stack.enter_async_context(room())
        for oddity in Oddity:
            cameras[oddity], url = await stack.enter_async_context(odd_camera(oddity))
            named = oddity is not Oddity.NO_PASSWORD
            source = MediaSource(url, "u" if named else None, "canary-5d1e" if named else None)
            opened.relay.add_camera(CameraId(oddity), source, warm=True)
        for oddity, cause in CAUSE_OF.items():
            await opened.until(CameraLost(CameraId(oddity), cause).__eq__)
            assert opened.relay.lost_cause(CameraId(oddity)) is cause
        told = [event for event in opened.events if isinstance(event, CameraLost)]
        assert opened.relay.lost_cameras() == {CameraId(oddity): cause for oddity, cause in CAUSE_OF.items()}
        assert len(told) == len(Oddity), "each told once, as one cause"
        assert opened.relay.stats().sessions_panicked == 0
    for oddity, camera in cameras.items():
        reached = (
            "PLAY" if oddity not in CHALLENGES.keys() | REFUSALS.keys() else REFUSALS.get(oddity, ("DESCRIBE",))[0]
        )
        reached = {Oddity.NO_VIDEO: "DESCRIBE", Oddity.UDP_ALL_THE_SAME: "SETUP"}.get(oddity, reached)
        assert reached in camera.asked, "the oddity was met"
    assert "canary-5d1e" not in repr([event.detail for event in told])
    details = {event.camera: event.detail for event in told}
    assert re.search(r"ssrc 73737263, seq \d+ \(127\.0\.0\.1:", details[CameraId(Oddity.BAD_PACKET)]), (
        "found in a capture"
    )
    assert "channel 1, byte " in details[CameraId(Oddity.SWAPPED_CHANNELS)]
    assert "status 461" in details[CameraId(Oddity.NO_TRANSPORT)]
    assert details[CameraId(Oddity.BUSY_SETUP)].endswith("; dialled again in 60 s")
    assert "dialled again" not in details[CameraId(Oddity.BUSY)], "unavailable now, and not for how long"


async def test_a_viewer_is_told_why_its_camera_is_lost_in_a_code_of_the_set() -> None:
    async with odd_camera(Oddity.NOT_FOUND) as (_, url), room() as opened:
        opened.relay.add_camera(CameraId("lost"), MediaSource(url), warm=True)
        opened.relay.admit(ViewingId("v"), camera=CameraId("lost"), hold_ms=None)
        async with opened.socket(opened.ticket(ViewingId("v"))) as socket:
            seen = await watch(socket, lambda seen: seen.text("source"))
    assert seen.text("source") == {"source": "lost", "cause": "not-found"}


async def test_a_camera_that_is_lost_for_another_reason_is_told_with_its_new_cause() -> None:
    async with odd_camera(Oddity.NOT_FOUND) as (camera, url), room(backoff_max_ms=300) as opened:
        opened.relay.add_camera(CameraId("lost"), MediaSource(url), warm=True)
        await opened.until(CameraLost(CameraId("lost"), SourceCause.NOT_FOUND).__eq__)
        camera.oddity = Oddity.BUSY
        await opened.until(CameraLost(CameraId("lost"), SourceCause.BUSY).__eq__)
        await asyncio.sleep(0.5)
    assert len([event for event in opened.events if isinstance(event, CameraLost)]) == 2


async def test_a_busy_camera_is_left_alone_until_it_can_have_freed_a_session() -> None:
    """One says when; the other refuses another session. Whoever comes meanwhile is told why, and does not dial it."""
    async with (
        odd_camera(Oddity.BUSY_UNTIL) as (says_when, url),
        odd_camera(Oddity.BUSY_SETUP) as (full, full_url),
        room(backoff_max_ms=300, idle_ingest_ms=100) as opened,
    ):
        opened.relay.add_camera(CameraId("says-when"), MediaSource(url), warm=True)
        opened.relay.add_camera(CameraId("full"), MediaSource(full_url), warm=False)
        async with asyncio.timeout(30):
            while "DESCRIBE" not in says_when.asked:
                await asyncio.sleep(0.01)
        says_when.oddity = Oddity.SILENT
        for viewing in ("first", "second"):
            opened.relay.admit(ViewingId(viewing), camera=CameraId("full"), hold_ms=None)
            async with opened.socket(opened.ticket(ViewingId(viewing))) as socket:
                seen = await watch(socket, lambda seen: seen.text("source"))
            assert seen.text("source") == {"source": "lost", "cause": "busy"}
            async with asyncio.timeout(30):
                while opened.relay.camera_state(CameraId("full")) != "idle":
                    await asyncio.sleep(0.02)
        async with asyncio.timeout(30):
            while "PLAY" not in says_when.asked:
                await asyncio.sleep(0.02)
    assert says_when.asked.count("DESCRIBE") == 2
    assert full.asked.count("SETUP") == 1


async def test_a_camera_that_was_never_added_has_no_address() -> None:
    async with room() as opened:
        assert opened.relay.lost_cause(CameraId("unknown")) is SourceCause.NO_ADDRESS
        assert opened.relay.lost_cameras() == {}


def test_every_cause_has_its_words_and_none_is_like_another() -> None:
    assert set(SOURCE_CAUSES) == set(SourceCause)
    for language in ("fr", "en"):
        for part in ("short", "sentence"):
            said = [getattr(getattr(words, part), language) for words in SOURCE_CAUSES.values()]
            assert len(set(said)) == len(said)
            assert all(said)
