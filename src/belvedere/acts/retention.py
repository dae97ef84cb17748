"""The journal is kept for as long as the law allows and no longer: what is past its term erases itself. CSI R253-5.

An entry's hash stays in the tree, so every proof stays valid; the record and its salt are gone. What was past its term
a day ago, in time that really passed, is erased: a mistyped date has a day to be noticed before it empties a journal.
"""

from collections import deque
from typing import Protocol

import anyio
import structlog

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.policy.duties import journal_kept_from
from belvedere.spine.in_force import InForce

LOOK_EVERY_S = 3600.0
GROUP_MAX = 500
"""How many records one transaction erases: others are written in between."""
REASON = "retention"
WAITS_S = 24 * 3600.0
SEEN_MAX = 64
log = structlog.get_logger(__name__)


class Erasure(Protocol):
    """Erases records for good."""

    async def erase_before(self, at: Instant, *, reason: str, most: int) -> int:
        """Erase at most so many of the oldest records made before `at`; return how many. Raises `NotRecorded`."""


class JournalRetention:
    """Erases, day by day, what the convention of this node no longer lets it keep."""

    def __init__(self, in_force: InForce, erasure: Erasure, *, owner: PartyId, clock: Clock) -> None:
        self._in_force = in_force
        self._erasure = erasure
        self._owner = owner
        self._clock = clock
        self._seen: deque[tuple[float, Instant]] = deque(maxlen=SEEN_MAX)

    async def keep_forever(self) -> None:
        """Look now and every hour until cancelled."""
        while True:
            try:
                await self.erase_what_is_over()
            except (NotRecorded, NotRead) as failure:
                log.warning("journal_not_erased", error=str(failure))
            await anyio.sleep(LOOK_EVERY_S)

    async def erase_what_is_over(self) -> int:
        """Erase what has been past its term for a day, a group at a time; return how much. Raises `NotRecorded`."""
        kept_from = self._kept_from()
        erased = 0
        while kept_from is not None:
            group = await self._erasure.erase_before(kept_from, reason=REASON, most=GROUP_MAX)
            erased += group
            if group < GROUP_MAX:
                break
        if erased:
            log.info("journal_erased", records=erased)
        return erased

    def _kept_from(self) -> Instant | None:
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        terms = [journal_kept_from(each, owner=self._owner, at=now) for each in self._in_force.conventions]
        strictest = max((each for each in terms if each is not None), default=None)
        if strictest is None:
            return None
        self._seen.append((now_s, strictest))
        long_seen = [kept_from for seen_s, kept_from in self._seen if now_s - seen_s >= WAITS_S]
        return min(long_seen[-1], strictest) if long_seen else None
