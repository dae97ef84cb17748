"""Players that we did not write play the simulated cameras and see the camera that they asked for."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import numpy as np
import pytest
from belvedere_relay import RtspServer

from belvedere.domain.ids import CameraId, ViewingId
from belvedere.media.relay import CameraLost, MediaSource
from simulator import band
from simulator.decoder import Decoder
from tests.flows.media.cameras import annex_b, parameter_sets
from tests.flows.media.conftest import CAMERA, live, room, watch
from tests.flows.simulator.conftest import Town

pytestmark = [pytest.mark.processes, pytest.mark.relay]
FRAMES_SEEN = 20


def frames(raw: bytes, width: int = 640, height: int = 360) -> list[np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    size = width * height
    return [np.frombuffer(raw, np.uint8, size, at).reshape(height, width) for at in range(0, len(raw) - size + 1, size)]


@contextmanager
def enough(playing: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Give the first frames that a player writes, fewer where it ends before; then end it."""
    assert playing.stdout is not None
    try:
        yield playing.stdout.read(640 * 360 * FRAMES_SEEN)
    finally:
        playing.terminate()


def now_us() -> int:
    return int(datetime.now(UTC).timestamp() * 1e6)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_plays_and_reads_the_camera_it_asked_for(town: Town, transport: str) -> None:
    played = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-rtsp_transport", transport, "-i", town.url("vda-007"),
         "-frames:v", "30", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
        capture_output=True, check=True, timeout=40, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    ended_us = now_us()
    readings = [band.decode(frame) for frame in frames(played.stdout)]
    assert len(readings) == 30
    assert {reading.number for reading in readings} == {7}
    times = [reading.captured_us(ended_us) for reading in readings]
    assert times == sorted(times)
    assert ended_us - times[-1] < 5_000_000, "the time burned in is the present"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_gstreamer_plays_and_reads_the_camera_it_asked_for(town: Town, transport: str) -> None:
    source = town.ready["sources"]["vda-008"]
    playing = subprocess.Popen(
        ["gst-launch-1.0", "-q", "rtspsrc", f"location={source['url']}", f"user-id={source['username']}",
         f"user-pw={source['password']}", f"protocols={transport}", "latency=200", "!", "rtph264depay", "!", "h264parse",
         "!", "avdec_h264", "!", "videoconvert", "!", "video/x-raw,format=GRAY8", "!", "fdsink"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    # It is ended once enough was seen: an end of stream asked of a live source races with the packets that still come.
    with playing, enough(playing) as raw:
        # GRAY8 is full range: black 0, white 255.
        readings = [band.decode(frame) for frame in frames(raw)]
    assert len(readings) == FRAMES_SEEN
    assert {reading.number for reading in readings} == {8}


def test_a_wrong_password_plays_nothing(town: Town) -> None:
    url = town.url("vda-007").replace("@", "x@")
    refused = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "1", "-f", "null", "-"],
        capture_output=True, check=False, timeout=40, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert refused.returncode != 0
    assert b"401" in refused.stderr


@pytest.mark.anyio
async def test_through_the_relay_each_picture_carries_the_time_at_which_it_was_captured(town: Town) -> None:
    source = town.ready["sources"]["vda-009"]
    decoder = Decoder()
    async with room() as here:
        here.relay.add_camera(CAMERA, MediaSource(source["url"], source["username"], source["password"]), warm=True)
        await live(here, within_s=20)
        async with here.socket(here.admitted()) as viewer:
            seen = await watch(viewer, lambda seen: len(seen.chunks) >= 40, within_s=20)
    init = next(message for message in seen.messages if isinstance(message, bytes) and message[4:8] == b"ftyp")
    data = parameter_sets(init)
    errors_us = []
    for chunk in seen.chunks:
        for luma in decoder.lumas(data + annex_b(chunk.payload)):
            reading = band.decode(luma)
            assert reading.number == 9
            errors_us.append(chunk.captured_unix_us - reading.captured_us(chunk.captured_unix_us))
        data = b""
    assert len(errors_us) >= 40
    # The band counts in 10 ms, downwards. The relay hears the first sender report with the first picture.
    assert sorted(errors_us)[len(errors_us) // 2] == pytest.approx(5_000, abs=8_000), errors_us


ODDITY_OF = {
    "plain": None,
    "marks-each-unit": None,
    "source-each-group": "source-changes",
    "numbers-anew-each-group": "sequence-restarts",
    "empty-packets": "empty-payload",
    "time-pairs": "time-repaired",
    "time-tenfold": "time-repaired",
    "time-in-milliseconds": "time-repaired",
}
"""What the relay counts of a camera with that manner; a unit that ends its picture bears the marker rightly."""


@pytest.mark.anyio
async def test_each_manner_told_at_the_control_port_plays_through_the_relay_with_the_cameras_own_pictures(
    town: Town,
) -> None:
    assert list(ODDITY_OF) == RtspServer.manners()
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        town.tell("vda-001", "manner", name="no-manner")
    async with room() as here, asyncio.TaskGroup() as group:

        async def watched(number: int, manner: str, oddity: str | None) -> None:
            camera = CameraId(f"vda-{number:03}")
            source = town.ready["sources"][camera]
            await asyncio.to_thread(town.tell, camera, "manner", name=manner)
            here.relay.add_camera(camera, MediaSource(source["url"], source["username"], source["password"]), warm=True)
            await live(here, camera)
            here.relay.admit(ViewingId(camera), camera=camera, hold_ms=None)
            async with here.socket(here.ticket(ViewingId(camera))) as viewer:
                # Two groups of two seconds, at 15 pictures a second, and one more picture.
                seen = await watch(viewer, lambda seen: len(seen.chunks) > 60)
            await asyncio.to_thread(town.tell, camera, "manner", name="plain")
            init = next(each for each in seen.messages if isinstance(each, bytes) and each[4:8] == b"ftyp")
            decoder, data, numbers = Decoder(), parameter_sets(init), []
            for chunk in seen.chunks:
                numbers += [band.decode(luma).number for luma in decoder.lumas(data + annex_b(chunk.payload))]
                data = b""
            assert numbers == [number] * len(seen.chunks), manner
            times = [chunk.decode_time for chunk in seen.chunks]
            assert times == sorted(set(times)), manner
            assert oddity is None or oddity in here.relay.oddities(camera), manner

        for number, (manner, oddity) in enumerate(ODDITY_OF.items(), 1):
            group.create_task(watched(number, manner, oddity))
    assert not [event for event in here.events if isinstance(event, CameraLost)]
