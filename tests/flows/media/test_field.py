"""Cameras of the field play: each behaviour by a mock camera, each transcript decoded to its last picture."""

import asyncio
import io
from contextlib import AsyncExitStack

import av
import pytest

from belvedere.domain.ids import CameraId, ViewingId
from belvedere.media.relay import CameraLost, MediaSource
from tests.flows.media.cameras import scripted_camera
from tests.flows.media.conftest import live, room, watch
from tests.flows.media.field_cameras import (
    KEEPS_ALIVE,
    PASSWORD,
    TIMEOUT_S,
    TRANSCRIPTS,
    USER,
    Behaviour,
    Transcript,
    field_camera,
)

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

ODDITIES = {
    Behaviour.NO_REASON_PHRASE: {"odd-answer"},
    Behaviour.CSEQ_ONE_LOW: {"wrong-cseq"},
    Behaviour.EARLY_PACKETS: {"early-packets"},
    Behaviour.UDP_ONLY: {"over-udp", "reordered"},
    Behaviour.STRAY_BYTES: {"stray-bytes"},
}


async def test_each_behaviour_of_the_field_plays_and_is_named_where_it_is_odd() -> None:
    """All at once in one relay; the signs of life are then watched over their time-out."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(room())
        cameras = {}
        for behaviour in Behaviour:
            cameras[behaviour], url = await stack.enter_async_context(field_camera(behaviour))
            opened.relay.add_camera(CameraId(behaviour), MediaSource(url, USER, PASSWORD), warm=True)
        for behaviour in Behaviour:
            await live(opened, CameraId(behaviour))
        await asyncio.sleep(2 * TIMEOUT_S)
        lost = {event.camera for event in opened.events if isinstance(event, CameraLost)}
        assert lost <= {CameraId(Behaviour.HATES_OPTIONS)}, [e for e in opened.events if isinstance(e, CameraLost)]
        for behaviour, camera in cameras.items():
            assert opened.relay.camera_state(CameraId(behaviour)) == "live", behaviour
            assert ODDITIES.get(behaviour, set()) <= set(opened.relay.oddities(CameraId(behaviour))), behaviour
            assert not any(PASSWORD in head for head in camera.asked)
    for behaviour in KEEPS_ALIVE:
        # A sign of life at half the announced time-out.
        after_play = cameras[behaviour].methods[cameras[behaviour].methods.index("PLAY") + 1 :]
        assert len([method for method in after_play if method in {"OPTIONS", "GET_PARAMETER"}]) >= 2
    assert "GET_PARAMETER" not in cameras[Behaviour.HATES_GET_PARAMETER].methods
    assert "GET_PARAMETER" in cameras[Behaviour.HATES_OPTIONS].methods, "learnt from the first session"


async def test_of_each_transcript_a_viewer_sees_what_ffmpeg_decodes_of_it() -> None:
    """All at once in one relay: each is watched until its camera falls silent."""
    names = sorted(path.stem for path in TRANSCRIPTS.glob("*.rtp"))
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(room(silence_lost_ms=600))

        async def watched(name: str) -> None:
            transcript = Transcript(name)
            wanted = len(decoded(transcript.as_a_file()))
            port = await stack.enter_async_context(scripted_camera(transcript))
            opened.relay.add_camera(CameraId(name), MediaSource(f"rtsp://127.0.0.1:{port}/cam"), warm=True)
            opened.relay.admit(ViewingId(name), camera=CameraId(name), hold_ms=None)
            async with opened.socket(opened.ticket(ViewingId(name))) as viewer:
                seen = await watch(viewer, lambda seen: seen.text("source"))
            shown = decoded(b"".join(message for message in seen.messages if isinstance(message, bytes)))
            assert shown == sorted(set(shown)), f"{name}: each at its own time"
            assert len(shown) >= 0.95 * wanted, (name, len(shown), wanted)

        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(watched(name))


def decoded(media: bytes) -> list[int]:
    """Return the times of the pictures that ffmpeg's decoder shows."""
    with av.open(io.BytesIO(media), "r") as container:
        return [frame.pts or 0 for frame in container.decode(container.streams.video[0])]
