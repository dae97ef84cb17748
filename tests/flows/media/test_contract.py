"""What is promised to a viewer (api, Media), by the fake relay and the real one alike."""

import asyncio
import time
from itertools import pairwise

import pytest
from websockets.exceptions import InvalidStatus

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.media.relay import (
    BadSource,
    CameraKnown,
    CameraState,
    DeadlinePassed,
    MediaSource,
    PeerSource,
    TicketLapsed,
    TicketWanted,
    UnknownCamera,
    UnknownViewing,
    ViewingConnected,
    ViewingDropped,
)
from tests.flows.media.conftest import CAMERA, ORIGIN, VIEWING, Room, boxes, closed, sha256, watch
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio


async def test_a_viewer_gets_the_description_the_init_segment_and_the_kept_group_of_pictures_first(
    either: Room,
) -> None:
    async with either.socket(either.admitted()) as socket:
        began = time.perf_counter()
        seen = await watch(socket, lambda seen: len(seen.chunks) >= 5)
        assert time.perf_counter() - began < allowed_s(1), "without waiting for the next key picture"
    description, init = seen.messages[:2]
    assert description["codec"].startswith("avc1.")
    assert (description["width"], description["height"], description["timescale"]) == (640, 360, 90_000)
    assert (description["camera"], description["viewing"]) == (CAMERA, VIEWING)
    assert [kind for kind, _ in boxes(init)] == [b"ftyp", b"moov"]
    first, *rest = seen.chunks
    assert first.key
    assert not any(chunk.key for chunk in rest[:3])
    times = [chunk.decode_time for chunk in seen.chunks]
    assert times == sorted(set(times))
    assert seen.text("clock") is not None


async def test_each_picture_carries_its_time_of_capture(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        seen = await watch(socket, lambda seen: len(seen.chunks) >= 60)
        now_us = time.time_ns() // 1000
    newest = seen.chunks[-1]
    assert 0 <= now_us - newest.captured_unix_us < 300_000
    clock = seen.text("clock")
    assert clock is not None
    assert abs(clock["clock"] + clock["origin_offset_us"] - now_us) < 5_000_000
    captured = [chunk.captured_unix_us for chunk in seen.chunks[-20:]]
    steps_ms = [(after - before) / 1000 for before, after in pairwise(captured)]
    assert all(0 < step < 200 for step in steps_ms), steps_ms


@pytest.mark.parametrize("origin", [None, "null", ORIGIN + ".evil.example", ORIGIN + "/", "https://room.example"])
async def test_another_origin_is_refused_before_the_upgrade(either: Room, origin: str | None) -> None:
    path = either.admitted()
    with pytest.raises(InvalidStatus) as refused:
        async with either.socket(path, origin=origin):
            pass
    assert refused.value.response.status_code == 403
    assert either.relay.stats().refused_origin == 1
    async with either.socket(path) as socket:
        await watch(socket, lambda seen: seen.messages)


async def test_a_ticket_is_used_once(either: Room) -> None:
    path = either.admitted()
    async with either.socket(path) as first:
        await watch(first, lambda seen: seen.messages)
        async with either.socket(path) as second:
            assert await closed(second) == (4401, {"cause": "ticket", "article": None})
        await watch(first, lambda seen: seen.chunks)


async def test_a_late_ticket_is_refused(either: Room) -> None:
    either.relay.admit(VIEWING, camera=CAMERA, hold_ms=None)
    path = either.ticket(ttl_ms=50)
    await asyncio.sleep(0.2)
    async with either.socket(path) as socket:
        assert (await closed(socket))[0] == 4401
    assert TicketLapsed(VIEWING) in either.events


@pytest.mark.parametrize("cookie", ["", "city=another-session", "other=a-session", "city="])
async def test_a_ticket_of_another_session_is_refused_and_left_to_its_owner(either: Room, cookie: str) -> None:
    path = either.admitted()
    async with either.socket(path, additional_headers={"Cookie": cookie} if cookie else {}) as socket:
        assert (await closed(socket))[0] == 4401
    async with either.socket(path) as socket:
        await watch(socket, lambda seen: seen.messages)


async def test_an_unknown_ticket_is_refused(either: Room) -> None:
    async with either.socket("/media/never-issued") as socket:
        assert (await closed(socket))[0] == 4401


async def test_a_viewing_that_nobody_extends_ends_at_its_deadline(either: Room) -> None:
    path = either.admitted(hold_ms=400)
    began = time.perf_counter()
    async with either.socket(path) as socket:
        assert (await closed(socket))[0] == 4408
    assert 0.3 < time.perf_counter() - began < allowed_s(0.6)
    await either.until(lambda event: event == DeadlinePassed(VIEWING))
    with pytest.raises(UnknownViewing):
        either.ticket()


async def test_a_viewing_that_is_extended_goes_on(either: Room) -> None:
    path = either.admitted(hold_ms=400)
    async with either.socket(path) as socket:
        for _ in range(5):
            await asyncio.sleep(0.15)
            either.relay.extend(VIEWING, hold_ms=400)
        await watch(socket, lambda seen: len(seen.chunks) > 3)
    assert not [event for event in either.events if isinstance(event, DeadlinePassed)]


async def test_revoking_closes_the_socket_with_its_code_cause_and_article(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: seen.chunks)
        either.relay.revoke(VIEWING, code=4403, cause=Cause.SUSPENDED, article="vda-etat:art-3")
        assert await closed(socket) == (4403, {"cause": "suspended", "article": "vda-etat:art-3"})
    assert not [event for event in either.events if isinstance(event, ViewingDropped)]
    with pytest.raises(UnknownViewing):
        either.ticket()
    either.relay.revoke(VIEWING, code=4403, cause=Cause.SUSPENDED, article=None)
    either.relay.extend(VIEWING, hold_ms=1000)


async def test_a_later_ticket_of_the_same_viewing_replaces_the_socket_of_the_former(either: Room) -> None:
    async with either.socket(either.admitted()) as former:
        await watch(former, lambda seen: seen.messages)
        async with either.socket(either.ticket()) as later:
            assert await closed(former) == (1000, {"cause": "replaced", "article": None})
            await watch(later, lambda seen: len(seen.chunks) > 3)
            assert not [event for event in either.events if isinstance(event, ViewingDropped)]
            assert either.events.count(ViewingConnected(VIEWING)) == 2


async def test_a_socket_that_its_viewer_closes_is_told_and_the_viewing_waits(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: seen.messages)
    await either.until(lambda event: event == ViewingDropped(VIEWING, Cause.CLOSED_BY_VIEWER))
    async with either.socket(either.ticket()) as socket:
        await watch(socket, lambda seen: seen.chunks)


async def test_who_has_a_socket_can_be_asked_at_any_time(either: Room) -> None:
    waits = ViewingId("waits")
    either.admitted(waits)
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: seen.messages)
        assert either.relay.connected() == {VIEWING}
    await either.until(lambda event: isinstance(event, ViewingDropped))
    assert either.relay.connected() == frozenset()


async def test_an_unused_ticket_is_told_but_not_where_the_viewing_has_a_socket(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: seen.messages)
        either.ticket(ttl_ms=50)
        unseen = ViewingId("unseen")
        either.relay.admit(unseen, camera=CAMERA, hold_ms=None)
        either.ticket(unseen, ttl_ms=50)
        await either.until(lambda event: event == TicketLapsed(unseen))
        await asyncio.sleep(0.1)
    assert TicketLapsed(VIEWING) not in either.events


async def test_a_removed_camera_ends_its_viewings(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: seen.messages)
        either.relay.remove_camera(CAMERA)
        assert (await closed(socket))[0] == 4503
    await either.until(lambda event: event == ViewingDropped(VIEWING, Cause.CAMERA_REMOVED))
    assert either.relay.camera_state(CAMERA) is CameraState.LOST
    with pytest.raises(UnknownCamera):
        either.relay.remove_camera(CAMERA)


async def test_a_peers_ticket_opens_the_same_pictures_once_and_at_the_peers_endpoint_alone(either: Room) -> None:
    either.relay.admit(VIEWING, camera=CAMERA, hold_ms=None)
    path = either.relay.issue_peer_ticket(VIEWING, party=None, ttl_ms=30_000)
    assert path.startswith("/peer-media/")
    as_a_browsers = path.replace("/peer-media/", "/media/")
    async with either.socket(as_a_browsers) as browser:
        assert (await closed(browser))[0] == 4401
    async with either.socket(path, origin=None) as peer:
        seen = await watch(peer, lambda seen: len(seen.chunks) > 5)
    assert (seen.messages[0]["camera"], seen.chunks[0].key) == (CAMERA, True)
    async with either.socket(path, origin=None) as again:
        assert (await closed(again))[0] == 4401


async def test_a_browsers_ticket_is_of_no_use_at_the_peers_endpoint(either: Room) -> None:
    path = either.admitted()
    async with either.socket(path.replace("/media/", "/peer-media/"), origin=None) as socket:
        assert (await closed(socket))[0] == 4401
    async with either.socket(path) as socket:
        await watch(socket, lambda seen: seen.messages)


@pytest.mark.parametrize("origin", [ORIGIN, "null", "https://city.example"])
async def test_whoever_names_an_origin_is_no_peer(either: Room, origin: str) -> None:
    either.relay.admit(VIEWING, camera=CAMERA, hold_ms=None)
    path = either.relay.issue_peer_ticket(VIEWING, party=None, ttl_ms=30_000)
    with pytest.raises(InvalidStatus) as refused:
        async with either.socket(path, origin=origin):
            pass
    assert refused.value.response.status_code == 403
    assert either.relay.stats().refused_origin == 1


async def test_a_peers_camera_is_asked_a_ticket_for_when_somebody_watches_it(either: Room) -> None:
    theirs = CameraId("theirs")
    either.relay.add_peer_camera(theirs, PeerSource("ws://127.0.0.1:1", PartyId("rouen")))
    assert either.relay.camera_state(theirs) is CameraState.IDLE
    either.relay.admit(VIEWING, camera=theirs, hold_ms=None)
    async with either.socket(either.ticket()):
        await either.until(lambda event: event == TicketWanted(theirs))
    for path in ("/media/x", "/peer-media/", "x"):
        with pytest.raises(BadSource):
            either.relay.give_ticket(theirs, path)
    with pytest.raises(UnknownCamera):
        either.relay.give_ticket(CAMERA, "/peer-media/x")


@pytest.mark.parametrize("url", ["ws://192.0.2.1:1", "http://127.0.0.1/", "rtsp://127.0.0.1/", ""])
async def test_a_peer_is_read_over_tls_and_without_it_on_this_machine_alone(either: Room, url: str) -> None:
    with pytest.raises(BadSource):
        either.relay.add_peer_camera(CameraId("theirs"), PeerSource(url, PartyId("rouen")))


async def test_what_is_unknown_or_known_twice_is_named(either: Room) -> None:
    with pytest.raises(UnknownCamera, match="nowhere"):
        either.relay.admit(VIEWING, camera=CameraId("nowhere"), hold_ms=None)
    with pytest.raises(UnknownViewing, match=VIEWING):
        either.relay.issue_ticket(VIEWING, session_sha256=sha256("x"), ttl_ms=1000)
    with pytest.raises(CameraKnown, match=CAMERA):
        either.relay.add_camera(CAMERA, MediaSource("rtsp://127.0.0.1/"), warm=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", ""])
async def test_only_rtsp_sources_are_taken(either: Room, url: str) -> None:
    with pytest.raises(BadSource):
        either.relay.add_camera(CameraId("other"), MediaSource(url), warm=False)


async def test_the_figures_are_counted(either: Room) -> None:
    async with either.socket(either.admitted()) as socket:
        await watch(socket, lambda seen: len(seen.chunks) > 5)
        stats = either.relay.stats()
    assert (stats.cameras, stats.cameras_live, stats.viewings, stats.sockets) == (1, 1, 1, 1)
    assert stats.bytes_sent > 1000
