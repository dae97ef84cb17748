"""A node in a loop of its own thread, for tests that are not coroutines: Hypothesis and schemathesis call it from here."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.flows.conftest import PASSWORD, City, station_secret

T = TypeVar("T")


@dataclass
class NodeBeside:
    """The city, and the way to its loop."""

    city: City
    portal: BlockingPortal

    def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` in the node's loop and return what it returns."""
        return self.portal.call(work)

    def cookie(self, login: str) -> dict[str, str]:
        """Sign in and return the session's cookie."""

        async def sign_in() -> dict[str, str]:
            return dict((await self.city.sign_in(login)).client.cookies)

        return self.call(sign_in)


@contextmanager
def node_beside(make: Callable[[], AbstractAsyncContextManager[City]]) -> Iterator[NodeBeside]:
    """Run a city beside this thread."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(make()) as city:
        yield NodeBeside(city, portal)


__all__ = ["PASSWORD", "NodeBeside", "node_beside", "station_secret"]
