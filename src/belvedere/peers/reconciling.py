"""When two nodes' ledgers are compared: after each time that the link came back, every ten minutes, and when somebody asks.

Owns what the last comparison with each peer said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import anyio
import structlog

from belvedere.domain.clock import Clock
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.link_state import LinkState
from belvedere.domain.reconciliation import Reconciled
from belvedere.domain.requester import Requester
from belvedere.domain.text import Text

LOOK_EVERY_S = 5.0
AGAIN_S = 600.0
UP_FOR_S = 40.0
"""Once the link is back, what was under way has to settle first (`domain.reconciliation.SETTLES_WITHIN`)."""
log = structlog.get_logger(__name__)


class Compares(Protocol):
    """Compares with one peer; raises `NotRead`, `NotRecorded`."""

    async def compare(self, party: PartyId) -> Reconciled | Text:
        """Return what differs, or why nothing can be said."""

    async def note(self, requester: Requester) -> None:
        """Write down who reads it."""


@dataclass(slots=True)
class _Last:
    """The last comparison with a peer: what it said, when (monotonic), and since when the link was up then."""

    said: Reconciled | Text
    at_s: float
    link: LinkState


class Reconciling:
    """One for all peers. Used on the event loop."""

    def __init__(
        self,
        desk: Compares,
        links: Callable[[], Mapping[PartyId, LinkState]],
        clock: Clock,
        *,
        told: Callable[[], None],
    ) -> None:
        """`links` are those to the parties that a convention binds; `told` hears that what a comparison says is another."""
        self._desk = desk
        self._links = links
        self._clock = clock
        self._told = told
        self._last: dict[PartyId, _Last] = {}

    def found(self) -> Mapping[PartyId, Reconciled | Text]:
        """Return what the last comparison with each peer said; nothing of one that left since."""
        return {party: last.said for party, last in self._last.items() if party in self._links()}

    async def note(self, requester: Requester) -> None:
        """Write down who reads it. Raises `NotRecorded`."""
        await self._desk.note(requester)

    async def compare_all(self) -> Mapping[PartyId, Reconciled | Text]:
        """Compare with every peer now, one after the other. Raises `NotRead`, `NotRecorded`."""
        for party, link in self._links().items():
            await self._compare(party, link)
        return self.found()

    async def compare_forever(self) -> None:
        """Compare whenever it is due, until cancelled."""
        while True:
            await anyio.sleep(LOOK_EVERY_S)
            for party, link in self._links().items():
                if not self._is_due(party, link):
                    continue
                try:
                    await self._compare(party, link)
                except (NotRead, NotRecorded) as failure:
                    log.warning("ledgers_not_compared", party=party, error=str(failure))
                except Exception:
                    log.exception("ledgers_not_compared", party=party)

    def _is_due(self, party: PartyId, link: LinkState) -> bool:
        if not link.up or self._clock.monotonic_s() - link.since_s < UP_FOR_S:
            return False
        last = self._last.get(party)
        return last is None or last.link != link or self._clock.monotonic_s() - last.at_s >= AGAIN_S

    async def _compare(self, party: PartyId, link: LinkState) -> None:
        before = self._last.get(party)
        said = await self._desk.compare(party)
        self._last[party] = _Last(said, self._clock.monotonic_s(), link)
        if isinstance(said, Reconciled) and said.differences:
            log.warning(
                "ledgers_differ", party=party, differences=len(said.differences), unexplained=len(said.disagreements)
            )
        if _differs(said) != _differs(None if before is None else before.said):
            self._told()


def _differs(said: Reconciled | Text | None) -> int:
    return len(said.disagreements) if isinstance(said, Reconciled) else 0
