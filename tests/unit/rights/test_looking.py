"""A task that looks again and again says what it cannot do once while it lasts, and goes on. Reliability 9."""

from collections.abc import Iterator

import anyio
import pytest
from structlog.testing import capture_logs

from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.rights.looking import look_forever

pytestmark = pytest.mark.anyio


async def said_of(outcomes: list[Exception | None]) -> list[str]:
    """Return what is logged while each look has the next outcome, until there is none left."""
    left: Iterator[Exception | None] = iter(outcomes)
    over = anyio.Event()

    async def look() -> None:
        try:
            outcome = next(left)
        except StopIteration:
            over.set()
            return
        if outcome is not None:
            raise outcome

    with capture_logs() as logs:
        async with anyio.create_task_group() as tasks:

            async def looking() -> None:
                await look_forever(look, every_s=0, not_done="not_done", failed="failed")

            tasks.start_soon(looking)
            with anyio.fail_after(10):
                await over.wait()
            tasks.cancel_scope.cancel()
    return [" ".join(filter(None, (each["event"], each.get("error")))) for each in logs]


async def test_what_cannot_be_done_is_said_once_while_it_lasts_and_again_when_it_comes_back() -> None:
    full, slow = NotRecorded("full"), NotRead("slow")
    assert await said_of([full, full, slow, None, slow]) == ["not_done full", "not_done slow", "not_done slow"]


async def test_a_fault_of_ours_is_said_each_time_and_ends_nothing() -> None:
    assert await said_of([ValueError("x"), None, ValueError("x")]) == ["failed", "failed"]
