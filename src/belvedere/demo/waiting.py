"""Waiting for as long as a machine needs, and saying for what. Ends at once with the process that is waited for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar

import anyio

from belvedere.domain.clock import Clock
from belvedere.domain.text import Text

SAY_EVERY_S = 5.0
T = TypeVar("T")


class DemoFailed(Exception):
    """The demo could not come up, or one of its processes ended; the message says which and why."""


class Running(Protocol):
    """A started process."""

    async def wait(self) -> int:
        """Return the exit code once it has ended."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Says every few seconds what is waited for and since when; nothing of what is there at once."""

    clock: Clock
    say: Callable[[Text], None]
    say_every_s: float = SAY_EVERY_S

    @asynccontextmanager
    async def waiting_for(self, what: Callable[[], Text]) -> AsyncIterator[None]:
        """Say, while the block runs, what it waits for; `what` is asked anew for each line."""
        since_s = self.clock.monotonic_s()

        async def say_so() -> None:
            while True:
                await anyio.sleep(self.say_every_s)
                waited_s = self.clock.monotonic_s() - since_s
                told = what()
                self.say(
                    Text(
                        f"on attend {told.fr}, depuis {waited_s:.0f} s",
                        f"waiting for {told.en}, {waited_s:.0f} s so far",
                    )
                )

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(say_so)
            yield
            tasks.cancel_scope.cancel()


async def while_they_run(processes: Mapping[str, Running], work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` returns; raises `DemoFailed`, in a group, as soon as one of the named processes ends."""
    async with anyio.create_task_group() as tasks:
        for name, process in processes.items():
            tasks.start_soon(_fail_at_its_end, name, process)
        outcome = await work()
        tasks.cancel_scope.cancel()
    return outcome


async def _fail_at_its_end(name: str, process: Running) -> NoReturn:
    code = await process.wait()
    raise DemoFailed(
        f"{name} : arrêt inattendu, la démonstration s'arrête ; relancer `make demo` · ended by itself (exit {code}), so the "
        "demo ends; start it again. Derniers messages · last messages:"
    )
