"""Reliability 11b, 25: Python stalls. The relay ends the partner's picture at its deadline by itself, the owner's own goes
on; where more happened meanwhile than the relay's queue of events holds, the watch looks anew.
"""

import json
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from belvedere.demo.signing import sign_for_all
from belvedere.domain.ids import ViewingId
from belvedere.media.native import NativeRelay
from belvedere.media.relay import MediaRelay, RelayConfig
from belvedere.node.compose import run_node
from belvedere.rights.relay import HOLD_MS
from belvedere.settings import Settings
from tests.faults.node_beside import node_beside
from tests.flows.conftest import CITY, CONVENTIONS, City, MovedClock, NotingRelay, SignedIn, _settings
from tests.flows.media.cameras import ClipCamera

pytestmark = [pytest.mark.relay, pytest.mark.timeout(240)]

STALL_S = HOLD_MS / 1000 + 5


@dataclass
class Viewer:
    """Reads one picture in another loop than the node's, and writes down when what came."""

    url: str
    origin: str
    cookie: str
    pictures_at_s: list[float] = field(default_factory=list)
    closed_at_s: float | None = None
    code: int | None = None

    async def follow(self) -> None:
        options: dict[str, Any] = {"max_size": None, "proxy": None, "compression": None, "ping_interval": None}
        headers = {"Cookie": self.cookie}
        async with connect(self.url, origin=Origin(self.origin), additional_headers=headers, **options) as socket:
            with suppress(ConnectionClosed):
                async for message in socket:
                    if isinstance(message, bytes):
                        self.pictures_at_s.append(time.monotonic())
            self.closed_at_s, self.code = time.monotonic(), socket.close_code


@asynccontextmanager
async def city_with_the_real_relay(
    settings: Settings, *, clock: MovedClock | None = None, relay: MediaRelay | None = None
) -> AsyncIterator[City]:
    async with run_node(settings, clock=clock, relay=relay, record_within_s=20.0) as node:
        city = City(node, clock or MovedClock(), NotingRelay(), settings)
        try:
            yield city
        finally:
            for client in city.clients:
                await client.aclose()


def settings_in(folder: Path, enrolled: Path, camera_url: str) -> Settings:
    settings = _settings(folder)
    shutil.copytree(enrolled, settings.node.data_dir)
    (convention,) = settings.conventions
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", convention.directory)
    settings.inventory.sources.write_text(json.dumps({"cameras": {"vda-001": {"url": camera_url}}}))
    return settings


def test_while_python_stalls_the_partners_picture_ends_at_its_deadline_and_the_owners_goes_on(
    tmp_path: Path, enrolled_data: Path
) -> None:
    with start_blocking_portal() as elsewhere, elsewhere.wrap_async_context_manager(ClipCamera()) as camera:
        settings = settings_in(tmp_path, enrolled_data, camera.url)
        with node_beside(lambda: city_with_the_real_relay(settings)) as beside:

            async def opened(login: str, *, for_an_event: bool) -> tuple[str, str]:
                agent: SignedIn = await beside.city.sign_in(login)
                answer = await agent.open(1, await agent.open_event() if for_an_event else None)
                assert answer.status_code == 201, answer.text
                return answer.json()["media_url"], f"villeneuve-dascq={agent.client.cookies['villeneuve-dascq']}"

            def watching(login: str, *, for_an_event: bool) -> Viewer:
                url, cookie = beside.call(lambda: opened(login, for_an_event=for_an_event))
                viewer = Viewer(url, beside.city.node.app_url, cookie)
                followed.append(elsewhere.start_task_soon(viewer.follow))
                return viewer

            followed: list[Future[None]] = []
            partner, own = watching("cic-operator", for_an_event=True), watching("csu-operator", for_an_event=False)
            until_s = time.monotonic() + 60
            while not (partner.pictures_at_s and own.pictures_at_s):
                assert time.monotonic() < until_s, "no picture came"
                time.sleep(0.05)

            began_s = time.monotonic()

            beside.portal.call(time.sleep, STALL_S)  # the whole loop stands: watch, API, everything
            ended_s = time.monotonic()
            assert ended_s - began_s >= STALL_S, "the fault never fired"
            assert partner.code == 4408
            assert partner.closed_at_s is not None
            assert partner.closed_at_s < ended_s, "it ended while Python still stood"
            during = [at for at in own.pictures_at_s if began_s < at < ended_s]
            assert len(during) > 5 * STALL_S, "the owner's own pictures went on"
            assert own.closed_at_s is None
            for each in followed:
                each.cancel()


EVENTS_MAX = 2
LEAVING = 5


def until(holds: Callable[[], object]) -> None:
    until_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until_s, "it never came"
        time.sleep(0.02)


def test_after_a_stall_in_which_events_were_lost_the_watch_knows_who_left_and_who_came(
    tmp_path: Path, enrolled_data: Path
) -> None:
    clock = MovedClock()
    relay = NativeRelay(
        RelayConfig(host="127.0.0.1", cookie_name=CITY, source_networks=("127.0.0.0/8",), events_max=EVENTS_MAX)
    )
    with start_blocking_portal() as elsewhere, elsewhere.wrap_async_context_manager(ClipCamera()) as camera:
        settings = settings_in(tmp_path, enrolled_data, camera.url)
        with node_beside(lambda: city_with_the_real_relay(settings, clock=clock, relay=relay)) as beside:
            watch = beside.city.watch

            async def opened() -> list[tuple[ViewingId, Viewer]]:
                agent = await beside.city.sign_in("cic-operator")
                cookie = f"{CITY}={agent.client.cookies[CITY]}"
                found = []
                for _ in range(LEAVING + 1):
                    answer = await agent.open(1, await agent.open_event())
                    assert answer.status_code == 201, answer.text
                    viewer = Viewer(answer.json()["media_url"], beside.city.node.app_url, cookie)
                    found.append((ViewingId(answer.json()["id"]), viewer))
                return found

            *leaving, (coming, comer) = beside.call(opened)
            left = {viewing for viewing, _ in leaving}
            following = []
            for viewing, viewer in leaving:
                following.append(elsewhere.start_task_soon(viewer.follow))
                until(partial(watch._connected.__contains__, viewing))

            goes_on = threading.Event()
            stalled = beside.portal.start_task_soon(goes_on.wait, 60)  # the whole loop stands
            for each in following:
                each.cancel()
            until(lambda: relay.stats().sockets == 0)
            came = elsewhere.start_task_soon(comer.follow)
            until(lambda: relay.connected() == {coming})
            assert not stalled.done(), "all of it happened while Python stood"
            goes_on.set()
            until(lambda: watch._connected == {coming})
            assert relay.stats().events_lost >= LEAVING + 1 - EVENTS_MAX

            async def pass_by(seconds: int) -> set[str]:
                clock.move(timedelta(seconds=seconds))
                await watch.tick()
                return {record["viewing"] for record in await beside.city.records(kind="ended", cause="socket-lost")}

            assert beside.call(lambda: pass_by(11)) == left
            assert beside.call(lambda: pass_by(31)) == left
            assert comer.closed_at_s is None
            came.cancel()
