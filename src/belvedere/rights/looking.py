"""How a task looks again and again at what nobody asks about: it outlives what it cannot read or record, and says so once."""

from collections.abc import Awaitable, Callable

import anyio
import structlog

from belvedere.domain.failures import NotRead, NotRecorded

log = structlog.get_logger(__name__)


async def look_forever(look: Callable[[], Awaitable[object]], *, every_s: float, not_done: str, failed: str) -> None:
    """Call `look` every so many seconds until cancelled.

    What could not be read or recorded is logged as `not_done`, once while it lasts: a disk that is full must not be filled by
    our own words. Anything else that is raised is a fault of ours, logged as `failed`; the node goes on, and so does this.
    """
    said = ""
    while True:
        await anyio.sleep(every_s)
        try:
            await look()
            said = ""
        except (NotRecorded, NotRead) as failure:
            if str(failure) != said:
                log.warning(not_done, error=str(failure))
            said = str(failure)
        except Exception:
            log.exception(failed)
