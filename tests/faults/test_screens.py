"""Reliability 25: screens that follow changes. One read serves them all; a busy or failing store drops none of them."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import pytest
from anyio.abc import TaskGroup

from belvedere.domain.failures import NotRead
from belvedere.domain.ids import PartyId
from belvedere.spine.snapshot import Snapshot
from belvedere.web import snapshots, stream_of_changes
from belvedere.web.streams import PartyStreams, streams_of
from tests.flows.conftest import City, SignedIn

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not holds():
            await anyio.sleep(0.02)


@dataclass
class Follower:
    """A screen, and all it was told."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    open: bool = False
    ended: bool = False

    def last(self, event: str) -> Any:
        return next((body for name, body in reversed(self.told) if name == event), None)

    def times(self, event: str) -> int:
        return sum(name == event for name, _ in self.told)

    async def follow(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/api/v1/changes", timeout=120) as answer:
            assert answer.status_code == 200
            self.open = True
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.told.append((name, json.loads(line.removeprefix("data: "))))
        self.ended = True


@asynccontextmanager
async def followers(agents: list[SignedIn]) -> AsyncIterator[list[Follower]]:
    """Open a screen for each, every one told all there is."""
    screens = [Follower() for _ in agents]
    tasks: TaskGroup
    async with anyio.create_task_group() as tasks:
        for agent, screen in zip(agents, screens, strict=True):
            tasks.start_soon(screen.follow, agent.client)
        await until(
            lambda: all(
                screen.last(event) is not None for screen in screens for event in ("streams", "events", "centre")
            )
        )
        yield screens
        tasks.cancel_scope.cancel()


def cameras(screen: Follower) -> set[str]:
    return {item["camera"] for item in screen.last("streams")["items"]}


async def test_a_change_is_read_once_for_all_the_screens_of_a_party_and_each_knows_its_own(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, second = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    event = await officer.open_event()
    async with followers([officer] * 4 + [second] * 4) as screens:
        reads = 0

        def counted(reading: Snapshot, party: PartyId, slots_told: int) -> PartyStreams:
            nonlocal reads
            reads += 1
            return streams_of(reading, party, slots_told)

        with monkeypatch.context() as patch:
            patch.setattr(snapshots, "KEPT_S_MAX", 3600.0)
            patch.setattr(snapshots, "streams_of", counted)
            told = [screen.times("streams") for screen in screens]
            city.node.web.screens.changes.streams_changed()
            await until(lambda: all(s.times("streams") > n for s, n in zip(screens, told, strict=True)))
        assert reads == 1, "eight screens of one party were told by one read"
        await officer.opened(1, event)
        await until(lambda: all(cameras(screen) == {"vda-001"} for screen in screens))
        assert [screen.last("streams")["items"][0]["mine"] for screen in screens] == [True] * 4 + [False] * 4


async def test_a_store_that_cannot_be_read_drops_no_screen_and_each_is_told_afterwards(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_of_changes, "AGAIN_AFTER_S", 0.2)
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event()
    async with followers([officer, operator]) as screens:
        failed = 0

        async def read(*_: object, **__: object) -> Any:
            nonlocal failed
            failed += 1
            raise NotRead("the disk gives nothing")

        with monkeypatch.context() as patch:
            patch.setattr(city.node.database, "read", read)
            city.node.web.screens.changes.streams_changed()
            before = failed
            await until(lambda: failed > before + 4)
            assert not any(screen.ended for screen in screens)
        await officer.opened(2, event)
        await until(lambda: all(cameras(screen) == {"vda-002"} for screen in screens))
        assert not any(screen.ended for screen in screens)
