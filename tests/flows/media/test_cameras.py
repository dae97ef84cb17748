"""Cameras that freeze, reboot, change or attack. Reliability 16, 18, 19; checked against GStreamer's RTSP server too."""

import asyncio
import gc
import io
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import pairwise

import av
import psutil
import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, ViewingId
from belvedere.domain.source_causes import SourceCause
from belvedere.media.relay import CameraBack, CameraLost, MediaSource
from tests.flows.media.cameras import ClipCamera, Script, gst_camera, scripted_camera
from tests.flows.media.conftest import CAMERA, VIEWING, closed, live, room, watch
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

SDP = (
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=control:track0\r\n"
)


@pytest.fixture
async def clip_camera() -> AsyncIterator[ClipCamera]:
    async with ClipCamera() as camera:
        yield camera


# --- GStreamer, which we did not write ---


async def test_gstreamers_h264_is_served_and_told_not_to_reorder() -> None:
    async with gst_camera() as port, room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/cam"), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) >= 60)
    description, init = seen.messages[:2]
    assert (description["width"], description["height"]) == (640, 360)
    assert description["codec"].startswith("avc1.42")
    assert decoded(init + b"".join(m for m in seen.messages[2:] if isinstance(m, bytes))) == (60, 0)
    keys = [number for number, chunk in enumerate(seen.chunks) if chunk.key]
    assert keys[0] == 0
    assert 25 in [after - before for before, after in pairwise(keys)]


def decoded(mp4: bytes) -> tuple[int, int]:
    """Return how many pictures a decoder shows of it, and how many it would hold back."""
    with av.open(io.BytesIO(mp4), "r") as container:
        stream = container.streams.video[0]
        held = int(stream.codec_context.has_b_frames)
        return len(list(container.decode(stream))), held


async def test_a_camera_with_a_password_is_read_by_digest() -> None:
    async with gst_camera(credentials=("belvedere", "canary-7f3a")) as port, room() as opened:
        url = f"rtsp://127.0.0.1:{port}/cam"
        opened.relay.add_camera(CameraId("right"), MediaSource(url, "belvedere", "canary-7f3a"), warm=True)
        opened.relay.add_camera(CameraId("wrong"), MediaSource(url, "belvedere", "guess"), warm=True)
        opened.relay.add_camera(CameraId("none"), MediaSource(url), warm=True)
        await live(opened, CameraId("right"))
        await opened.until(lambda event: event == CameraLost(CameraId("wrong"), SourceCause.WRONG_PASSWORD))
        await opened.until(lambda event: event == CameraLost(CameraId("none"), SourceCause.NO_PASSWORD))


async def test_cameras_are_read_over_ipv6_and_over_udp_where_they_refuse_tcp() -> None:
    """Each server by its own: IPv6 over TCP, IPv6 over UDP, IPv4 over UDP."""
    places = [("::1", "[::1]", ()), ("::1", "[::1]", ("--udp",)), ("127.0.0.1", "127.0.0.1", ("--udp",))]
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(room(source_networks=("127.0.0.0/8", "::1")))
        for number, (host, name, options) in enumerate(places):
            port = await stack.enter_async_context(gst_camera(options=("--host", host, *options)))
            camera = CameraId(str(number))
            opened.relay.add_camera(camera, MediaSource(f"rtsp://{name}:{port}/cam"), warm=True)
        for number, (_, _, options) in enumerate(places):
            camera = CameraId(str(number))
            await live(opened, camera)
            opened.relay.admit(ViewingId(camera), camera=camera, hold_ms=None)
            async with opened.socket(opened.ticket(ViewingId(camera))) as socket:
                seen = await watch(socket, lambda seen: len(seen.chunks) >= 30)
            init = seen.messages[1]
            assert decoded(init + b"".join(m for m in seen.messages[2:] if isinstance(m, bytes))) == (30, 0)
            assert ("over-udp" in opened.relay.oddities(camera)) == bool(options)


async def test_h265_passes_through_as_hvc1() -> None:
    async with gst_camera() as port, room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/hevc"), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) >= 10)
    description, init = seen.messages[:2]
    assert description["codec"].startswith("hvc1.")
    assert b"hvcC" in init
    assert decoded(init + b"".join(m for m in seen.messages[2:] if isinstance(m, bytes)))[0] == 10


async def test_a_camera_that_comes_back_with_another_resolution_is_described_anew_to_the_same_socket() -> None:
    async with room() as opened:
        async with gst_camera() as port:
            opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/cam"), warm=True)
            await live(opened)
            socket = await opened.socket(opened.admitted())
            seen = await watch(socket, lambda seen: len(seen.chunks) > 10)
        seen = await watch(socket, lambda seen: seen.text("source"), seen=seen)
        assert seen.texts[-1] == {"source": "lost", "cause": "closed"}
        async with gst_camera(size=(320, 180), port=port):
            returned = time.perf_counter()
            seen = await watch(socket, lambda seen: seen.texts[-1] == {"source": "back"}, seen=seen)
            seen = await watch(socket, lambda seen: len([t for t in seen.texts if "codec" in t]) == 2, seen=seen)
            assert time.perf_counter() - returned < allowed_s(6), "5 s and one group of pictures"
            before = len(seen.chunks)
            seen = await watch(socket, lambda seen: len(seen.chunks) > before + 3, seen=seen)
        descriptions = [text for text in seen.texts if "codec" in text]
        assert [text["width"] for text in descriptions] == [640, 320]
        times = [chunk.decode_time for chunk in seen.chunks]
        assert times == sorted(set(times)), "one timeline over the change"
        await socket.close()
    assert CameraBack(CAMERA) in opened.events


# --- A camera that fails ---


async def test_a_frozen_camera_is_told_within_3_seconds_and_is_back_by_itself(clip_camera: ClipCamera) -> None:
    async with room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) > 3)
            clip_camera.server.freeze("cam", True)
            frozen = time.perf_counter()
            seen = await watch(socket, lambda seen: seen.text("source"), seen=seen)
            assert 2 < time.perf_counter() - frozen < 2 + allowed_s(1)
            assert clip_camera.server.stats("cam").clients == 1, "RTP stopped, TCP stayed"
            await opened.until(lambda event: event == CameraLost(CAMERA, SourceCause.SILENT))
            await asyncio.sleep(1)
            clip_camera.server.freeze("cam", False)
            thawed = time.perf_counter()
            seen = await watch(socket, lambda seen: seen.texts[-1] == {"source": "back"}, seen=seen)
            before = len(seen.chunks)
            await watch(socket, lambda seen: len(seen.chunks) > before, seen=seen)
            assert time.perf_counter() - thawed < allowed_s(5 + 2)
    assert CameraBack(CAMERA) in opened.events


async def test_a_viewer_of_a_frozen_camera_gets_its_last_pictures_and_is_told(clip_camera: ClipCamera) -> None:
    async with room(silence_lost_ms=400) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=True)
        await live(opened)
        clip_camera.server.freeze("cam", True)
        await opened.until(lambda event: event == CameraLost(CAMERA, SourceCause.SILENT))
        async with opened.socket(opened.admitted()) as socket:
            seen = await watch(socket, lambda seen: seen.text("source"))
        assert seen.chunks
        assert seen.chunks[0].key
        assert seen.texts[-1] == {"source": "lost", "cause": "silent"}


async def test_a_rebooted_camera_is_back_within_5_seconds_of_its_return(clip_camera: ClipCamera) -> None:
    async with room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=True)
        await live(opened)
        clip_camera.server.reboot("cam", 3.0)
        returns = time.perf_counter() + 3.0
        lost = await opened.until(lambda event: isinstance(event, CameraLost))
        assert lost == CameraLost(CAMERA, SourceCause.CLOSED)
        await opened.until(lambda event: event == CameraBack(CAMERA))
        assert 0 < time.perf_counter() - returns < allowed_s(5 + 2)


async def test_a_source_lost_for_too_long_closes_its_viewers_with_4503(clip_camera: ClipCamera) -> None:
    async with room(silence_lost_ms=300, source_lost_close_ms=800) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=True)
        await live(opened)
        async with opened.socket(opened.admitted()) as socket:
            await watch(socket, lambda seen: seen.chunks)
            clip_camera.server.freeze("cam", True)
            began = time.perf_counter()
            assert await closed(socket) == (4503, {"cause": "source-lost", "article": None})
            assert 1.0 < time.perf_counter() - began < 1.0 + allowed_s(0.6)


async def test_a_camera_is_read_once_on_demand_and_let_go_when_nobody_watches(clip_camera: ClipCamera) -> None:
    async with room(idle_ingest_ms=500) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=False)
        await asyncio.sleep(0.3)
        assert (opened.relay.camera_state(CAMERA), clip_camera.server.stats("cam").clients) == ("idle", 0)
        async with opened.socket(opened.admitted()) as first:
            await watch(first, lambda seen: seen.chunks)
            async with opened.socket(opened.admitted(ViewingId("second"))) as second:
                await watch(second, lambda seen: seen.chunks)
                assert clip_camera.server.stats("cam").clients == 1, "one ingest for two viewers"
        assert opened.relay.camera_state(CAMERA) == "live"
        async with asyncio.timeout(30):
            while opened.relay.camera_state(CAMERA) != "idle":
                await asyncio.sleep(0.02)
        async with asyncio.timeout(30):
            while clip_camera.server.stats("cam").clients:
                await asyncio.sleep(0.02)
        assert not [event for event in opened.events if isinstance(event, CameraLost)], "idle is not lost"
        async with opened.socket(opened.admitted()) as again:
            await watch(again, lambda seen: seen.chunks)


async def test_a_lost_camera_that_its_last_viewer_leaves_is_no_longer_told_as_lost(clip_camera: ClipCamera) -> None:
    async with room(idle_ingest_ms=300, silence_lost_ms=300) as opened:
        opened.relay.add_camera(CAMERA, MediaSource(clip_camera.url), warm=False)
        async with opened.socket(opened.admitted()) as socket:
            await watch(socket, lambda seen: seen.chunks)
            clip_camera.server.freeze("cam", True)
            await opened.until(lambda event: event == CameraLost(CAMERA, SourceCause.SILENT))
        await opened.until(lambda event: event == CameraBack(CAMERA))
        assert opened.relay.camera_state(CAMERA) == "idle"
        clip_camera.server.freeze("cam", False)
        async with opened.socket(opened.ticket()) as again:
            await watch(again, lambda seen: seen.chunks)
        told = [event for event in opened.events if isinstance(event, CameraLost | CameraBack)]
        assert told == [CameraLost(CAMERA, SourceCause.SILENT), CameraBack(CAMERA)]


async def test_a_keep_alive_whose_nonce_has_aged_is_sent_again_with_the_fresh_one() -> None:
    keep_alives: list[str] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonce = 0
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method = head.split(" ", 1)[0]
            sequence = next(line.split(":")[1].strip() for line in head.splitlines() if line.startswith("CSeq"))
            keeps_alive = method == "OPTIONS" and "\r\nSession:" in head
            if keeps_alive:
                keep_alives.append(head)
            if f'nonce="{nonce}"' not in head or (keeps_alive and nonce == 1):
                nonce += 1
                refusal = f'401 Unauthorized\r\nCSeq: {sequence}\r\nWWW-Authenticate: Digest realm="r", nonce="{nonce}"'
                writer.write(f"RTSP/1.0 {refusal}\r\n\r\n".encode())
                continue
            body = SDP if method == "DESCRIBE" else b""
            headers = f"CSeq: {sequence}\r\nSession: 1;timeout=10\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(f"RTSP/1.0 200 OK\r\n{headers}".encode() + body)

    async with scripted_camera(script) as port, room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/", "u", "canary"), warm=True)
        async with asyncio.timeout(30):
            while len(keep_alives) < 2:
                await asyncio.sleep(0.05)
    assert ['nonce="1"' in keep_alives[0], 'nonce="2"' in keep_alives[1]] == [True, True]
    assert "canary" not in "".join(keep_alives)


async def test_a_camera_that_asks_for_its_password_in_clear_is_not_told_it() -> None:
    heard: list[str] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="r"\r\n\r\n')

    async with scripted_camera(script) as port, room() as opened:
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/", "u", "canary"), warm=True)
        await opened.until(CameraLost(CAMERA, SourceCause.PASSWORD_IN_CLEAR).__eq__)
    assert heard
    assert not any("Authorization" in request for request in heard)


# --- A camera that attacks: each script counts that its fault was served ---


def answers(
    *, to_describe: bytes = SDP, channels: str = "0-1", after_play: Script | None = None
) -> tuple[list[str], Script]:
    """Return a log of served requests, and a camera that answers properly up to PLAY, then runs `after_play`."""
    served: list[str] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method = head.split(" ", 1)[0]
            sequence = next(line.split(":")[1].strip() for line in head.splitlines() if line.startswith("CSeq"))
            served.append(method)
            body = to_describe if method == "DESCRIBE" else b""
            extra = (
                f"Transport: RTP/AVP/TCP;unicast;interleaved={channels}\r\nSession: 1\r\n"
                if method != "DESCRIBE"
                else ""
            )
            writer.write(
                f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body
            )
            await writer.drain()
            if method == "PLAY" and after_play is not None:
                await after_play(reader, writer)

    return served, script


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(bytes(range(256)) * 64)
    await writer.drain()
    await asyncio.sleep(30)


def endless(chunk: bytes, head: bytes = b"") -> tuple[list[int], Script]:
    sent: list[int] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        for _ in range(400):
            writer.write(chunk)
            await writer.drain()
            sent.append(len(chunk))

    return sent, script


async def a_byte_a_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for byte in b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" * 4:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def a_huge_access_unit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sequence = 0
    while True:
        fragment = bytes([0x7C, 0x85 if sequence == 0 else 0x05]) + b"\xaa" * 1400
        packet = bytes([0x80, 96]) + (sequence % 65_536).to_bytes(2, "big") + bytes(4) + b"ssrc" + fragment
        writer.write(b"$\0" + len(packet).to_bytes(2, "big") + packet)
        sequence += 1
        if sequence % 50 == 0:
            await writer.drain()


async def no_rtp_at_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"$\0\x03\xe8" + b"\xff" * 1000)
        await writer.drain()


async def other_channels(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"$\x09\x03\xe8" + b"\xff" * 1000)
        await writer.drain()


async def attacked(script: Script, cause: SourceCause) -> float:
    """Point a camera at the script beside a healthy one; return the memory that the process gained, in MiB."""
    async with (
        ClipCamera() as healthy,
        scripted_camera(script) as port,
        room(answer_ms=1500, silence_ends_ms=3000) as opened,
    ):
        other = CameraId("healthy")
        opened.relay.add_camera(other, MediaSource(healthy.url), warm=True)
        await live(opened, other)
        gc.collect()
        resident = psutil.Process().memory_info().rss
        opened.relay.add_camera(CAMERA, MediaSource(f"rtsp://127.0.0.1:{port}/"), warm=True)
        await opened.until(lambda event: isinstance(event, CameraLost))
        lost = [event for event in opened.events if isinstance(event, CameraLost)]
        assert lost == [CameraLost(CAMERA, cause)]
        gained = (psutil.Process().memory_info().rss - resident) / 2**20
        opened.relay.admit(VIEWING, camera=other, hold_ms=None)
        async with opened.socket(opened.ticket()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) > 10)
        ages = [chunk.decode_time for chunk in seen.chunks]
        assert ages == sorted(ages), "the healthy camera's viewer noticed nothing"
        assert opened.relay.stats().sessions_panicked == 0
        return gained


async def test_a_source_that_answers_garbage_ends_with_its_cause() -> None:
    await attacked(garbage, SourceCause.UNREADABLE)


async def test_a_message_that_never_ends_is_cut_off_and_costs_no_memory() -> None:
    sent, script = endless(b"X-Filler: " + b"a" * 1_000_000, head=b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
    assert await attacked(script, SourceCause.MESSAGE_TOO_LONG) < 20
    assert sum(sent) < 20_000_000, "it was cut off, not drunk to the end"


async def test_400_megabytes_announced_as_one_message_are_refused_unread() -> None:
    sent, script = endless(b"a" * 1_000_000, head=b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 400000000\r\n\r\n")
    assert await attacked(script, SourceCause.MESSAGE_TOO_LONG) < 20
    assert sum(sent) < 20_000_000


async def test_a_camera_that_sends_a_byte_now_and_then_is_timed_out() -> None:
    await attacked(a_byte_a_second, SourceCause.TIMED_OUT)


async def test_a_camera_silent_after_play_is_lost() -> None:
    served, script = answers(after_play=silence)
    await attacked(script, SourceCause.SILENT)
    assert served[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"], "the fault fired after PLAY"


async def test_an_access_unit_without_end_is_refused_and_costs_no_memory() -> None:
    served, script = answers(after_play=a_huge_access_unit)
    assert await attacked(script, SourceCause.ACCESS_UNIT_TOO_LONG) < 40
    assert "PLAY" in served


async def test_packets_that_are_no_rtp_end_the_session() -> None:
    served, script = answers(after_play=no_rtp_at_all)
    await attacked(script, SourceCause.BAD_PACKETS)
    assert "PLAY" in served


async def test_a_channel_that_leaves_none_for_rtcp_is_refused() -> None:
    served, script = answers(channels="255-256", after_play=no_rtp_at_all)
    await attacked(script, SourceCause.UNREADABLE)
    assert "PLAY" not in served


async def test_bytes_that_never_make_a_picture_end_the_session() -> None:
    served, script = answers(after_play=other_channels)
    assert await attacked(script, SourceCause.NO_PICTURE) < 20
    assert "PLAY" in served


@pytest.mark.parametrize(
    ("description", "cause"),
    [
        (b"not a description", SourceCause.UNREADABLE),
        (b"v=0\r\no=- 0 0 IN IP4 1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n", SourceCause.NO_VIDEO),
        (SDP.replace(b"H264/90000", b"H264/0"), SourceCause.UNREADABLE),
        (SDP.replace(b"track0", b"http://10.0.0.1/elsewhere"), SourceCause.SILENT),
    ],
)
async def test_a_description_that_cannot_be_used_ends_with_its_cause(description: bytes, cause: SourceCause) -> None:
    _, script = answers(to_describe=description, after_play=silence)
    await attacked(script, cause)


async def test_an_address_outside_the_networks_allowed_is_never_dialled() -> None:
    dialled: list[int] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialled.append(1)

    async with scripted_camera(note) as port, room(source_networks=("10.0.0.0/8",)) as opened:
        for number, host in enumerate(("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001")):
            camera = CameraId(f"camera-{number}")
            opened.relay.add_camera(camera, MediaSource(f"rtsp://{host}:{port}/"), warm=True)
            await opened.until(CameraLost(camera, SourceCause.SOURCE_FORBIDDEN).__eq__)
    assert dialled == []


async def test_credentials_and_tickets_stand_in_no_output_and_no_repr(capfd: pytest.CaptureFixture[str]) -> None:
    canary = "canary-91c2"
    source = MediaSource(f"rtsp://user:{canary}@127.0.0.1:1/path?token={canary}", "user", canary)
    async with room() as opened:
        opened.relay.add_camera(CAMERA, source, warm=True)
        await opened.until(lambda event: isinstance(event, CameraLost))
        ticket = opened.admitted().removeprefix("/media/")
        async with opened.socket(f"/media/{ticket}") as socket:
            opened.relay.revoke(VIEWING, code=4403, cause=Cause.EXPIRED, article=None)
            await closed(socket)
        told = repr(source) + str(source) + repr(opened.events) + repr(opened.relay.stats())
    out, err = capfd.readouterr()
    written = told + out + err
    assert canary not in written
    assert ticket not in written
