"""Servers that stand between cameras and us at a site: MediaMTX and go2rtc play to us, in both codecs.

Their programs are not ours to bring: `make other-servers MEDIAMTX=… GO2RTC=…` names what is on the machine.
"""

import os
from pathlib import Path

import pytest

from belvedere.media.relay import MediaSource
from bench.candidates.by_path import KNOWN, ByPath
from tests.flows.media.cameras import gst_camera
from tests.flows.media.conftest import CAMERA, live, room, watch
from tests.flows.media.test_field import decoded

pytestmark = [pytest.mark.anyio, pytest.mark.relay, pytest.mark.sweep]

GIVEN = {name: os.environ.get(name.upper(), "") for name in KNOWN}
PICTURES = 50


@pytest.mark.parametrize(("path", "codec"), [("cam", "avc1."), ("hevc", "hvc1.")])
@pytest.mark.parametrize("name", KNOWN)
async def test_another_server_of_the_field_plays_to_us(name: str, path: str, codec: str, tmp_path: Path) -> None:
    if not GIVEN[name]:
        pytest.skip(f"{name} is not given: make other-servers {name.upper()}=/its/program")
    async with (
        gst_camera() as port,
        ByPath(name, Path(GIVEN[name])).serve(
            source_url=f"rtsp://127.0.0.1:{port}/{path}", viewers=0, folder=tmp_path
        ) as serving,
        room() as opened,
    ):
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{serving.port}/cam"), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as viewer:
            seen = await watch(viewer, lambda seen: len(seen.chunks) >= PICTURES)
        description = seen.text("codec")
        assert description is not None
        assert description["codec"].startswith(codec)
        shown = decoded(b"".join(message for message in seen.messages if isinstance(message, bytes)))
        assert len(shown) >= PICTURES - 2
        assert not opened.relay.stats().packets_left_out
