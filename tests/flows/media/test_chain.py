"""Two relays in a chain: what a viewer at the second one sees of a camera at the first. Reliability 11, 16, 17, 28."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from operator import eq
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.source_causes import SourceCause
from belvedere.media.clip import Clip
from belvedere.media.relay import (
    BadRelayConfig,
    BadSource,
    CameraBack,
    CameraLost,
    CameraState,
    FlowEnded,
    MediaEvent,
    MediaSource,
    PeerSource,
    TicketWanted,
)
from tests.flows.media.cameras import ClipCamera, gst_camera, scripted_camera, unix_us
from tests.flows.media.conftest import CAMERA, VIEWING, Room, closed, live, read_chunk, room, watch
from tests.flows.media.owners import described, frame, picture, scripted_owner, stalling_link, told
from tests.flows.media.test_tls import Files, made
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.relay]

FLOW = ViewingId("flow-to-the-state")
CITY, STATE, OTHER = PartyId("villeneuve-dascq"), PartyId("etat"), PartyId("lille")
HOUR_US = 3_600_000_000


def ticketed(owner: Room) -> str:
    """Return the path that the owner would tell in its answer."""
    owner.relay.admit(FLOW, camera=CAMERA, hold_ms=None)
    return owner.relay.issue_peer_ticket(FLOW, party=None, ttl_ms=30_000)


@dataclass
class Chain:
    """The owner's relay, and the one of whoever watches."""

    owner: Room
    here: Room

    def begin(self) -> None:
        self.here.relay.give_ticket(CAMERA, ticketed(self.owner))


@asynccontextmanager
async def chain(source: MediaSource, **changed: int) -> AsyncIterator[Chain]:
    async with room() as owner, room(**changed) as here:
        owner.relay.add_camera(CAMERA, source, warm=True)
        await live(owner)
        here.relay.add_peer_camera(CAMERA, PeerSource(f"ws://127.0.0.1:{owner.relay.port}", CITY))
        yield Chain(owner, here)


@pytest.fixture
async def chained() -> AsyncIterator[Chain]:
    async with ClipCamera() as camera, chain(MediaSource(camera.url)) as both:
        yield both


async def test_a_viewer_at_the_second_relay_is_sent_the_same_bytes_whatever_the_number_of_viewers(
    chained: Chain,
) -> None:
    chained.begin()
    viewings = [ViewingId(f"v{number}") for number in range(3)]
    async with chained.owner.socket(chained.owner.admitted(ViewingId("own-room"))) as own:
        sockets = [chained.here.socket(chained.here.admitted(viewing)) for viewing in viewings]
        async with sockets[0] as one, sockets[1] as two, sockets[2] as three:
            at_the_owners, *here = await asyncio.gather(
                *(watch(socket, lambda seen: len(seen.chunks) >= 60) for socket in (own, one, two, three))
            )
            assert chained.owner.relay.stats().sockets == 2, "the own room's, and one between the nodes"
    sent = {read_chunk(message).decode_time: message for message in at_the_owners.messages if _is_chunk(message)}
    for seen, viewing in zip(here, viewings, strict=True):
        description, init = seen.messages[:2]
        assert (description["camera"], description["viewing"]) == (CAMERA, viewing), "one's own"
        assert init == at_the_owners.messages[1]
        assert seen.chunks[0].key
        messages = [message for message in seen.messages if _is_chunk(message)]
        both = [message for message in messages if read_chunk(message).decode_time in sent]
        assert len(both) > 30
        assert all(sent[read_chunk(message).decode_time] == message for message in both)
        times = [chunk.decode_time for chunk in seen.chunks]
        assert times == sorted(set(times))


def _is_chunk(message: object) -> bool:
    return isinstance(message, bytes) and message[4:8] == b"prft"


async def test_who_comes_later_begins_at_once_with_the_pictures_that_are_kept_here(chained: Chain) -> None:
    chained.begin()
    async with chained.here.socket(chained.here.admitted()) as first:
        await watch(first, lambda seen: len(seen.chunks) >= 20)
        asked = chained.owner.relay.stats().sockets
        began = time.perf_counter()
        async with chained.here.socket(chained.here.admitted(ViewingId("later"))) as later:
            seen = await watch(later, lambda seen: len(seen.chunks) >= 5)
        assert time.perf_counter() - began < allowed_s(0.15)
    assert seen.chunks[0].key
    assert chained.owner.relay.stats().sockets == asked == 1


async def test_a_ticket_is_asked_for_when_there_is_none_and_the_picture_follows_it(chained: Chain) -> None:
    async with chained.here.socket(chained.here.admitted()) as socket:
        await chained.here.until(partial(eq, TicketWanted(CAMERA)))
        began = time.perf_counter()
        chained.begin()
        await watch(socket, lambda seen: seen.chunks)
        assert time.perf_counter() - began < allowed_s(0.3)
    assert chained.here.events.count(TicketWanted(CAMERA)) == 1


async def test_where_no_ticket_comes_the_viewers_are_told_and_it_is_asked_for_with_pauses() -> None:
    async with ClipCamera() as camera, chain(MediaSource(camera.url), answer_ms=200) as both:
        async with both.here.socket(both.here.admitted()) as socket:
            seen = await watch(socket, lambda seen: seen.text("source"))
            assert seen.text("source") == {"source": "lost", "cause": "peer-refused"}
            await asyncio.sleep(2)
        asked = both.here.events.count(TicketWanted(CAMERA))
        assert 2 <= asked <= 6, "each attempt asks once, and waits longer"


async def test_the_owners_revocation_ends_every_viewer_here_in_its_words_and_nothing_is_kept(chained: Chain) -> None:
    chained.begin()
    viewings = [ViewingId(f"v{number}") for number in range(3)]
    sockets = [chained.here.socket(chained.here.admitted(viewing)) for viewing in viewings]
    async with sockets[0] as one, sockets[1] as two, sockets[2] as three:
        await asyncio.gather(*(watch(socket, lambda seen: seen.chunks) for socket in (one, two, three)))
        began = time.perf_counter()
        chained.owner.relay.revoke(FLOW, code=4403, cause=Cause.SUSPENDED, article="vda-etat:art-3")
        ends = await asyncio.gather(*(closed(socket) for socket in (one, two, three)))
        assert time.perf_counter() - began < allowed_s(0.25)
    assert ends == [(4403, {"cause": "suspended", "article": "vda-etat:art-3"})] * 3
    await chained.here.until(partial(eq, FlowEnded(CAMERA, 4403, Cause.SUSPENDED, "vda-etat:art-3")))
    stats = chained.here.relay.stats()
    assert (stats.viewings, stats.kept_bytes) == (0, 0)
    assert chained.here.relay.camera_state(CAMERA) is CameraState.IDLE
    async with chained.here.socket(chained.here.admitted(ViewingId("again"))) as socket:
        await chained.here.until(partial(eq, TicketWanted(CAMERA)))
        with pytest.raises(TimeoutError):
            await watch(socket, lambda seen: seen.messages, within_s=0.3)


async def test_after_a_cut_another_ticket_is_asked_for_and_the_timeline_goes_on(chained: Chain) -> None:
    chained.begin()
    async with chained.here.socket(chained.here.admitted()) as viewer:
        seen = await watch(viewer, lambda seen: len(seen.chunks) >= 10)
        # Another socket of the same flow takes the place of ours, which is closed.
        taken = chained.owner.relay.issue_peer_ticket(FLOW, party=None, ttl_ms=30_000)
        async with chained.owner.socket(taken, origin=None):
            await chained.here.until(partial(eq, TicketWanted(CAMERA)))
        chained.begin()
        count = len(seen.chunks)
        await watch(viewer, lambda seen: len(seen.chunks) >= count + 20, seen=seen)
    times = [chunk.decode_time for chunk in seen.chunks]
    assert times == sorted(set(times))
    sources = [text for text in seen.texts if "source" in text]
    assert sources == [{"source": "lost", "cause": "peer-refused"}, {"source": "back"}]


async def test_a_slow_link_leaves_out_up_to_the_next_key_picture_and_says_so() -> None:
    async with (
        gst_camera(kbps=12_000) as camera,
        chain(MediaSource(f"rtsp://127.0.0.1:{camera}/cam"), silence_lost_ms=20_000, silence_ends_ms=30_000) as both,
        stalling_link(both.owner.relay.port) as (port, flows),
    ):
        slow = CameraId("slow")
        both.here.relay.add_peer_camera(slow, PeerSource(f"ws://127.0.0.1:{port}", CITY))
        both.here.relay.give_ticket(slow, ticketed(both.owner))
        both.here.relay.admit(VIEWING, camera=slow, hold_ms=None)
        async with both.here.socket(both.here.ticket()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) >= 10)
            flows.clear()
            await asyncio.sleep(4)
            flows.set()
            await watch(socket, lambda seen: seen.text("gap") and _is_chunk(seen.messages[-1]), seen=seen)
    at = next(place for place, message in enumerate(seen.messages) if isinstance(message, dict) and "gap" in message)
    assert seen.messages[at]["gap"] > 0
    after = next(message for message in seen.messages[at:] if _is_chunk(message))
    assert read_chunk(after).key, "what follows can be decoded"


async def test_ages_are_honest_although_the_owners_clock_is_an_hour_off() -> None:
    clip = Clip.load()

    async def owner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(described(clip) + told(clock=unix_us() - HOUR_US, origin_offset_us=0))
        for number in range(1000):
            writer.write(picture(clip, number, clock_ahead_us=-HOUR_US))
            await asyncio.sleep(0.04)

    async with scripted_owner(owner) as port, room() as here:
        here.relay.add_peer_camera(CAMERA, PeerSource(f"ws://127.0.0.1:{port}", CITY))
        here.relay.give_ticket(CAMERA, "/peer-media/x")
        async with here.socket(here.admitted()) as socket:
            seen = await watch(socket, lambda seen: len(seen.chunks) >= 10)
            now_us = unix_us()
    clock = seen.text("clock")
    assert clock is not None
    assert abs(clock["clock"] - now_us) < 2_000_000, "our own"
    assert abs(clock["origin_offset_us"] - HOUR_US) < allowed_s(0.1) * 1_000_000
    age_us = now_us - (seen.chunks[-1].captured_unix_us + clock["origin_offset_us"])
    assert -100_000 < age_us < allowed_s(0.3) * 1_000_000


async def test_what_the_owner_says_of_its_camera_is_passed_on_and_its_silence_is_told_apart() -> None:
    clip = Clip.load()
    says = asyncio.Event()

    async def owner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(described(clip) + picture(clip, 0))
        await says.wait()
        writer.write(told(source="lost", cause="no-password"))
        await asyncio.sleep(0.5)
        writer.write(told(source="back") + picture(clip, 1))
        await asyncio.sleep(60)

    async with scripted_owner(owner) as port, room() as here:
        here.relay.add_peer_camera(CAMERA, PeerSource(f"ws://127.0.0.1:{port}", CITY))
        here.relay.give_ticket(CAMERA, "/peer-media/x")
        async with here.socket(here.admitted()) as socket:
            seen = await watch(socket, lambda seen: seen.chunks)
            says.set()
            await watch(socket, lambda seen: len([text for text in seen.texts if "source" in text]) == 3, seen=seen)
    assert [text for text in seen.texts if "source" in text] == [
        {"source": "lost", "cause": "no-password"},
        {"source": "back"},
        {"source": "lost", "cause": "peer-silent"},
    ]
    lost = [event for event in here.events if isinstance(event, CameraLost | CameraBack)]
    assert lost[:2] == [CameraLost(CAMERA, SourceCause.NO_PASSWORD), CameraBack(CAMERA)]


async def test_who_waits_for_the_owners_next_key_picture_is_told_in_how_long_it_comes() -> None:
    clip = Clip.load()
    comes = asyncio.Event()

    async def owner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(told(first_picture_in_ms=1_500))
        await comes.wait()
        writer.write(described(clip) + picture(clip, 0))
        await reader.read()

    async with scripted_owner(owner) as port, room() as here:
        here.relay.add_peer_camera(CAMERA, PeerSource(f"ws://127.0.0.1:{port}", CITY))
        here.relay.give_ticket(CAMERA, "/peer-media/x")
        async with here.socket(here.admitted()) as socket:
            seen = await watch(socket, lambda seen: seen.messages)
            comes.set()
            await watch(socket, lambda seen: seen.chunks, seen=seen)
    assert 500 < seen.messages[0]["first_picture_in_ms"] <= 1_500
    assert len([text for text in seen.texts if "first_picture_in_ms" in text]) == 1


CLIP = Clip.load()
HOSTILE: dict[str, Callable[[], bytes]] = {
    "no-cmaf": lambda: described(CLIP) + frame(2, b"GIF89a" * 50),
    "wrong-sizes": lambda: described(CLIP) + frame(2, CLIP.chunk(0, captured_unix_us=1)[:-1]),
    "picture-first": lambda: picture(CLIP, 0),
    "half-described": lambda: described(CLIP) + picture(CLIP, 0) + told(codec="avc1.640028", width=1),
    "another-stream": lambda: described(CLIP).replace(b'"width": 640', b'"width": 320'),
    "no-key-picture": lambda: described(CLIP) + picture(CLIP, 1),
    "times-back": lambda: described(CLIP) + picture(CLIP, 50) + picture(CLIP, 49),
    "times-away": lambda: described(CLIP) + picture(CLIP, 0) + picture(CLIP, 10_000_000),
    "50-megabytes": lambda: described(CLIP) + b"\x82\x7f" + (50_000_000).to_bytes(8, "big"),
    "fragments": lambda: b"\x02\x04abcd",
    "no-json": lambda: frame(1, b"{" * 100),
    "texts-for-ever": lambda: told(later="x" * 4000) * 5_000,
}


def _is_loss_of(camera: CameraId, event: MediaEvent) -> bool:
    return isinstance(event, CameraLost) and event.camera == camera


async def test_garbage_of_a_peer_ends_that_source_alone_and_is_told_by_its_own_cause() -> None:
    def sends(said: Callable[[], bytes]) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said())
            await writer.drain()
            await reader.read()

        return script

    async with ClipCamera() as camera, room() as here:
        here.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(here)
        for name, said in HOSTILE.items():
            async with scripted_owner(sends(said)) as port:
                hostile = CameraId(name)
                here.relay.add_peer_camera(hostile, PeerSource(f"ws://127.0.0.1:{port}", CITY))
                here.relay.give_ticket(hostile, "/peer-media/x")
                lost = await here.until(partial(_is_loss_of, hostile))
                assert isinstance(lost, CameraLost)
                assert (name, lost.cause) == (name, SourceCause.PEER_UNREADABLE), lost.detail
                assert "127.0.0.1" in lost.detail, "the connection is told"
                here.relay.remove_camera(hostile)
        stats = here.relay.stats()
        assert here.relay.camera_state(CAMERA) is CameraState.LIVE
        assert stats.sessions_panicked == 0
        assert stats.kept_bytes < 8 * 1024 * 1024
        async with here.socket(here.admitted()) as socket:
            await watch(socket, lambda seen: len(seen.chunks) >= 5)


async def test_a_peer_that_is_no_relay_or_not_there_has_its_own_cause() -> None:
    async def no_relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
        await writer.drain()

    async with scripted_camera(no_relay) as port, room() as here:
        for name, at, cause in (
            ("refuses", port, SourceCause.PEER_REFUSED),
            ("absent", 1, SourceCause.PEER_UNREACHABLE),
        ):
            here.relay.add_peer_camera(CameraId(name), PeerSource(f"ws://127.0.0.1:{at}", CITY))
            here.relay.give_ticket(CameraId(name), "/peer-media/x")
            await here.until(partial(eq, CameraLost(CameraId(name), cause)))


# Over TLS, with keys that are pinned.


def pin(files: Files) -> bytes:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo."""
    key = x509.load_pem_x509_certificate(files.certificate.read_bytes()).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()


@asynccontextmanager
async def pinned_chain(tmp_path: Path) -> AsyncIterator[tuple[Chain, dict[str, Files]]]:
    files = {name: made(tmp_path, name) for name in ("city", "city-next", "state", "lille")}
    ours = {"peer_tls_certificate": files["state"].certificate, "peer_tls_key": files["state"].key}
    theirs = {"peer_tls_certificate": files["city"].certificate, "peer_tls_key": files["city"].key}
    async with ClipCamera() as camera, room(peer_host="127.0.0.1", **theirs) as owner, room(**ours) as here:
        owner.relay.add_camera(CAMERA, MediaSource(camera.url), warm=True)
        await live(owner)
        owner.relay.set_peer_keys({pin(files["state"]): STATE, pin(files["lille"]): OTHER})
        here.relay.set_peer_keys({pin(files["city"]): CITY, pin(files["city-next"]): CITY, pin(files["lille"]): OTHER})
        here.relay.add_peer_camera(CAMERA, PeerSource(f"wss://127.0.0.1:{owner.relay.peer_port}", CITY))
        owner.relay.admit(FLOW, camera=CAMERA, hold_ms=None)
        yield Chain(owner, here), files


async def test_a_peer_is_read_over_tls_by_the_keys_that_are_pinned_now(tmp_path: Path) -> None:
    async with pinned_chain(tmp_path) as (both, files):
        both.here.relay.give_ticket(CAMERA, both.owner.relay.issue_peer_ticket(FLOW, party=STATE, ttl_ms=30_000))
        async with both.here.socket(both.here.admitted()) as socket:
            await watch(socket, lambda seen: len(seen.chunks) >= 5)
            both.here.relay.set_peer_keys({pin(files["city-next"]): CITY})
            await watch(socket, lambda seen: len(seen.chunks) >= 5)
        again = CameraId("again")
        both.here.relay.add_peer_camera(again, PeerSource(f"wss://127.0.0.1:{both.owner.relay.peer_port}", CITY))
        both.here.relay.give_ticket(again, both.owner.relay.issue_peer_ticket(FLOW, party=STATE, ttl_ms=30_000))
        await both.here.until(partial(eq, CameraLost(again, SourceCause.PEER_UNTRUSTED)))


async def test_another_partys_pinned_key_is_not_the_owners(tmp_path: Path) -> None:
    async with pinned_chain(tmp_path) as (both, _):
        as_lille = CameraId("as-lille")
        both.here.relay.add_peer_camera(as_lille, PeerSource(f"wss://127.0.0.1:{both.owner.relay.peer_port}", OTHER))
        both.here.relay.give_ticket(as_lille, "/peer-media/x")
        await both.here.until(partial(eq, CameraLost(as_lille, SourceCause.PEER_UNTRUSTED)))


async def test_a_ticket_of_another_party_or_of_none_is_refused_to_a_pinned_peer_and_left_to_its_owner(
    tmp_path: Path,
) -> None:
    async with pinned_chain(tmp_path) as (both, _):
        for party in (OTHER, None):
            both.here.relay.give_ticket(CAMERA, both.owner.relay.issue_peer_ticket(FLOW, party=party, ttl_ms=30_000))
            await both.here.until(partial(eq, CameraLost(CAMERA, SourceCause.PEER_REFUSED)))
        assert both.owner.relay.stats().refused_ticket >= 1
        path = both.owner.relay.issue_peer_ticket(FLOW, party=STATE, ttl_ms=30_000)
        async with both.owner.socket(path, origin=None) as without_a_key:
            assert (await closed(without_a_key))[0] == 4401


async def test_who_shows_no_pinned_key_is_not_heard_at_the_peers_endpoint(tmp_path: Path) -> None:
    async with pinned_chain(tmp_path) as (both, files):
        both.owner.relay.set_peer_keys({})
        both.here.relay.give_ticket(CAMERA, both.owner.relay.issue_peer_ticket(FLOW, party=STATE, ttl_ms=30_000))
        await both.here.until(lambda event: isinstance(event, CameraLost))
        assert both.owner.relay.stats().sockets == 0
        reader, writer = await asyncio.open_connection("127.0.0.1", both.owner.relay.peer_port)
        writer.write(b"GET /peer-media/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in await asyncio.wait_for(reader.read(), 8)
        writer.close()
        assert files


async def test_peers_are_listened_to_and_read_over_tls_with_a_key_of_our_own_only(tmp_path: Path) -> None:
    with pytest.raises(BadRelayConfig, match="pinned key"):
        async with room(peer_host="127.0.0.1"):
            pass
    with pytest.raises(BadRelayConfig, match="together"):
        async with room(peer_tls_certificate=made(tmp_path, "ours").certificate):
            pass
    async with room() as here:
        assert here.relay.peer_port is None
        with pytest.raises(BadSource, match="key of our own"):
            here.relay.add_peer_camera(CAMERA, PeerSource("wss://127.0.0.1:1", CITY))
