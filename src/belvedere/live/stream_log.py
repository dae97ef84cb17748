"""What the log says of streams: opened, refused, ended. Codes and ids only: no name, no pseudonym, no words of a person.

The log is not the ledger: it is for who runs the node, and may be thrown away.
"""

import structlog

from belvedere.domain.asker import Asker
from belvedere.domain.decision import Pending, Refused
from belvedere.domain.ids import CameraId
from belvedere.live.model import Ending, Viewing

log = structlog.get_logger(__name__)


def stream_opened(viewing: Viewing, *, slots_used: int) -> None:
    """Log that a stream was granted: the relay was told."""
    log.info(
        "stream_opened",
        viewing=viewing.id,
        camera=viewing.camera,
        party=viewing.party,
        service=viewing.service,
        event_id=viewing.event,
        articles=list(viewing.articles),
        slots_used=slots_used,
        valid_until=None if viewing.valid_until is None else viewing.valid_until.isoformat(),
    )


def stream_refused(asker: Asker, camera: CameraId, decision: Refused | Pending) -> None:
    """Log that a stream was refused, or that somebody has to answer first. `camera` is one of the inventory's."""
    log.info(
        "stream_refused",
        camera=camera,
        party=asker.party,
        service=asker.service,
        cause=decision.cause.value if isinstance(decision, Refused) else "pending",
        articles=list(decision.articles),
    )


def stream_ended(viewing: Viewing, ending: Ending) -> None:
    """Log that a stream ended, and why."""
    log.info(
        "stream_ended",
        viewing=viewing.id,
        camera=viewing.camera,
        party=viewing.party,
        service=viewing.service,
        cause=str(ending.cause),
        by=ending.by,
        articles=list(ending.articles),
        code=ending.code,
    )
