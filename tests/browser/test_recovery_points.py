"""A camera that codes no IDR is painted in Chromium: its transcript through the relay, the player's own decoder, a `<video>`."""

import asyncio
import base64
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser

from belvedere.domain.ids import CameraId, ViewingId
from belvedere.media.relay import MediaSource
from tests.flows.media.cameras import scripted_camera
from tests.flows.media.conftest import Seen, room, watch
from tests.flows.media.field_cameras import Transcript

pytestmark = [pytest.mark.browser, pytest.mark.relay]

PLAYER = Path(__file__).parents[2] / "frontend/src/player"
STRIP = (
    "import {stripTypeScriptTypes as strip} from 'node:module'; import {readFileSync as read} from 'node:fs';"
    "process.stdout.write(JSON.stringify(process.argv.slice(1).map((file) => strip(read(file, 'utf8')))))"
)
PLAY = """
async ({worker, primer, codec, record, chunks}) => {
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const module = (text) => URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
  const {primer: primerOf, readEntry} = await import(module(primer));
  const decoder = new Worker(module(worker), {type: "module"});
  const said = [];
  decoder.onmessage = ({data}) => said.push(data);
  const track = new MediaStreamTrackGenerator({kind: "video"});
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  video.play();
  const canvas = document.createElement("canvas");
  const painted = [];
  const seen = (_, {mediaTime}) => {
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(video, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const row = [];
    for (let at = 0; at < pixels.length; at += 4 * 97) row.push(pixels[at + 1]);
    painted.push({timeUs: Math.round(mediaTime * 1e6), pixels: row});
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
  decoder.postMessage({do: "open", tile: 1, writable: track.writable}, [track.writable]);
  decoder.postMessage({do: "configure", tile: 1, config: {codec, description: bytes(record), optimizeForLatency: true}});
  const grey = primerOf(bytes(record));
  let entries = 0;
  for (const {timeUs, key, payload} of chunks) {
    const picture = bytes(payload);
    const {idr, wholeAfter} = readEntry(picture);
    entries += key && !idr;
    const entry = key && !idr ? {entry: {primer: grey, wholeAfter}} : {};
    decoder.postMessage({do: "decode", tile: 1, bytes: picture, timeUs, key, ...entry});
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  return {painted, entries, failed: said.filter((message) => "failed" in message)};
}
"""


async def through_the_relay(name: str) -> Seen:
    transcript = Transcript(name)
    async with room(silence_lost_ms=600) as opened, scripted_camera(transcript) as port:
        opened.relay.add_camera(CameraId(name), MediaSource(f"rtsp://127.0.0.1:{port}/cam"), warm=True)
        opened.relay.admit(ViewingId(name), camera=CameraId(name), hold_ms=None)
        async with opened.socket(opened.ticket(ViewingId(name))) as viewer:
            return await watch(viewer, lambda seen: seen.text("source"))


def decoder_record(init: bytes) -> bytes:
    at = init.index(b"avcC")
    return init[at + 4 : at - 4 + int.from_bytes(init[at - 4 : at])]


def test_a_camera_that_codes_no_idr_is_painted_once_its_recovery_point_is_reached(chromium: Browser) -> None:
    with ThreadPoolExecutor(1) as beside:  # Playwright's own loop runs in this thread
        seen = beside.submit(asyncio.run, through_the_relay("intra_refresh")).result(60)
    description, init = seen.messages[0], seen.messages[1]
    pictures = [message for message in seen.messages if isinstance(message, bytes) and message[4:8] == b"prft"]
    node = Path(sys.executable).with_name("node")
    stripped = subprocess.run(
        [node, "--no-warnings", "--input-type=module", "-e", STRIP, PLAYER / "decoder.worker.ts", PLAYER / "primer.ts"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    worker, primer = json.loads(stripped.stdout)
    page = chromium.new_page()
    page.route("http://localhost/*", lambda route: route.fulfill(body="<html></html>", content_type="text/html"))
    page.goto("http://localhost/")
    told: dict[str, Any] = page.evaluate(
        PLAY,
        {
            "worker": worker,
            "primer": primer,
            "codec": description["codec"],
            "record": base64.b64encode(decoder_record(init)).decode(),
            "chunks": [
                {
                    "timeUs": round(chunk.decode_time / 0.09),
                    "key": chunk.key,
                    "payload": base64.b64encode(chunk.payload).decode(),
                }
                for chunk in seen.chunks
            ],
        },
    )
    page.close()
    assert told["failed"] == []
    assert told["entries"] >= 2, "no picture of it is an IDR"
    whole = {}
    with av.open(io.BytesIO(init + b"".join(pictures)), "r") as container:
        for frame in container.decode(container.streams.video[0]):
            whole[round((frame.pts or 0) / 0.09)] = frame.to_ndarray(format="rgb24").reshape(-1, 3)[::97, 1]
    assert len(told["painted"]) >= 10
    for picture in told["painted"]:
        wanted = whole[min(whole, key=lambda time_us: abs(time_us - picture["timeUs"]))].astype(int)
        apart = np.abs(wanted - np.array(picture["pixels"])).mean()
        assert apart < 8, f"the picture at {picture['timeUs']} µs is not the camera's: {apart} apart"
