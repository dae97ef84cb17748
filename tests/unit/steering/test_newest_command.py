"""Of commands that wait the newest goes; nobody waits for ever, and no turn is lost."""

import asyncio

import pytest

from belvedere.steering.newest_command import NewestCommand

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_first_goes_at_once_and_the_newest_next() -> None:
    commands = NewestCommand()
    assert await commands.take_turn()
    older, newer = asyncio.create_task(commands.take_turn()), asyncio.create_task(commands.take_turn())
    assert not await older
    assert not newer.done()
    commands.give_back()
    assert await newer
    assert commands.busy
    commands.give_back()
    assert not commands.busy


async def test_what_is_overtaken_never_goes() -> None:
    commands = NewestCommand()
    assert await commands.take_turn()
    waiting = asyncio.create_task(commands.take_turn())
    await asyncio.sleep(0)
    commands.overtake()
    assert not await waiting
    commands.give_back()
    assert not commands.busy


async def test_one_that_gives_up_waiting_holds_nobody_up() -> None:
    commands = NewestCommand()
    assert await commands.take_turn()
    waiting = asyncio.create_task(commands.take_turn())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    commands.give_back()
    assert not commands.busy


async def test_one_that_gives_up_as_its_turn_comes_gives_it_back() -> None:
    commands = NewestCommand()
    assert await commands.take_turn()
    waiting = asyncio.create_task(commands.take_turn())
    await asyncio.sleep(0)
    commands.give_back()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not commands.busy
