"""What takes long to work out is worked out in a thread, one at a time, so that everybody else goes on being served."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from belvedere.domain.failures import TooManyAtOnce
from belvedere.domain.text import Language
from belvedere.policy import Convention
from belvedere.policy.page import convention_page

T = TypeVar("T")
WAITING_MAX = 32
PAGES_KEPT_MAX = 8


class OffLoop:
    """Runs pure computations off the event loop."""

    def __init__(self) -> None:
        self._limit = anyio.CapacityLimiter(1)
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns; raises `TooManyAtOnce` rather than queue without bound."""
        if self._waiting >= WAITING_MAX:
            raise TooManyAtOnce(f"{WAITING_MAX} computations are already waiting")
        self._waiting += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limit)
        finally:
            self._waiting -= 1


class ConventionPages:
    """The pages of the conventions in force, rendered once.

    A convention is one frozen value, made anew with every change of its text or of what was told of its term: so the
    value itself is the key, and a page can't outlive what it shows.
    """

    def __init__(self, off_loop: OffLoop) -> None:
        self._off_loop = off_loop
        self._kept: OrderedDict[tuple[Convention, Language], bytes] = OrderedDict()

    async def page(self, convention: Convention, language: Language) -> bytes:
        """Return the page as UTF-8; raises `TooManyAtOnce`."""
        kept = self._kept.get((convention, language))
        return kept if kept is not None else await self._off_loop.run(lambda: self._rendered(convention, language))

    def _rendered(self, convention: Convention, language: Language) -> bytes:
        """Render in the one thread at a time; whoever waited for the same page finds it."""
        key = (convention, language)
        if key not in self._kept:
            rendered = convention_page(convention, language).encode()
            if len(self._kept) >= PAGES_KEPT_MAX:
                self._kept.popitem(last=False)
            self._kept[key] = rendered
        return self._kept[key]
