"""One clock for all of the demo's nodes: a move is answered once every node that runs has reviewed its rights."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from belvedere.clock import MovedClock
from belvedere.node import demo_reviews
from belvedere.node.demo_reviews import DemoReviews

pytestmark = pytest.mark.anyio
AT = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)


class Node:
    """A node that takes its time to review, and notes at which hour it did."""

    def __init__(self, file: Path, party: str) -> None:
        self.clock = MovedClock(file)
        self.at: list[datetime] = []
        self.may_review = anyio.Event()
        self.may_review.set()
        self.reviews = DemoReviews(self.clock, party, self._review)

    async def _review(self) -> None:
        await self.may_review.wait()
        self.at.append(self.clock.now())


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        for node in nodes:
            tasks.start_soon(node.reviews.follow_forever)
        await anyio.sleep(0.1)
        yield
        tasks.cancel_scope.cancel()


@pytest.fixture
def nodes(tmp_path: Path) -> tuple[Node, Node]:
    file = tmp_path / "clock"
    MovedClock.starting_at(file, AT)
    return Node(file, "villeneuve-dascq"), Node(file, "etat")


async def test_a_move_at_either_node_is_answered_once_both_have_reviewed_at_the_new_hour(
    nodes: tuple[Node, Node],
) -> None:
    city, state = nodes
    async with running(city, state):
        for mover, other, later in ((city, state, AT + timedelta(hours=2)), (state, city, AT + timedelta(hours=9))):
            assert mover.clock.move_to(later)
            await mover.reviews.moved()
            assert mover.at[-1] >= later
            assert other.at[-1] >= later


async def test_a_node_that_still_reviews_is_waited_for(nodes: tuple[Node, Node]) -> None:
    city, state = nodes
    state.may_review = anyio.Event()
    async with running(city, state):
        city.clock.move_to(AT + timedelta(hours=2))
        with anyio.move_on_after(0.5):
            await city.reviews.moved()
            pytest.fail("answered before the other node had reviewed")
        state.may_review.set()
        await city.reviews.moved()
        assert state.at


async def test_a_node_that_ended_is_not_waited_for_and_one_that_hangs_only_for_a_while(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, state = nodes
    async with running(city):
        async with running(state):
            pass
        city.clock.move_to(AT + timedelta(hours=2))
        with anyio.fail_after(5):
            await city.reviews.moved()
        monkeypatch.setattr(demo_reviews, "WAIT_S_MAX", 0.3)
        state.may_review = anyio.Event()
        async with running(state):
            city.clock.move_to(AT + timedelta(hours=3))
            with anyio.fail_after(5):
                await city.reviews.moved()
        assert state.at == []
