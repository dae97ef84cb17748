"""Tries every second to record what waits. A task of its own: a disk that hangs must not hold up the watch."""

import anyio
import structlog

from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.spine.commit import Spine

DRAIN_EVERY_S = 1.0
log = structlog.get_logger(__name__)


async def drain_forever(spine: Spine) -> None:
    """Drain the tail until cancelled."""
    while True:
        await anyio.sleep(DRAIN_EVERY_S)
        try:
            await spine.drain()
        except (NotRecorded, NotRead) as failure:
            log.warning("tail_not_recorded", waiting=len(spine.tail.entries), error=str(failure))
