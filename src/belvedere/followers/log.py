"""The log follows: streams opened, refused, ended; keys and parties that come and go. Codes and ids only: no name, no pseudonym, no words of a person.

The log is not the ledger: it is for who runs the node, and may be thrown away.
"""

from collections.abc import Sequence

import structlog

from belvedere.changes import Change, Decided, KeysReplaced, PartyLeft, ViewingEnded, ViewingOpened
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Granted, Refused
from belvedere.domain.vocabulary import Action

log = structlog.get_logger(__name__)


class LogFollower:
    """Writes the log (implements `spine.ports.Follower`)."""

    def follow(self, changes: Sequence[Change]) -> None:
        """Log what became of streams, of keys and of parties."""
        for change in changes:
            match change:
                case ViewingOpened():
                    _opened(change)
                case ViewingEnded():
                    _ended(change)
                case KeysReplaced(keys, before):
                    log.warning(
                        "keys_replaced",
                        convention=keys.convention,
                        keys=keys.keys.sha256,
                        before=before.keys.sha256,
                        joined=list(change.joined),
                    )
                case PartyLeft(told, party):
                    log.warning("party_left", convention=told.convention, party=party)
                case Decided(request=request, decision=decision) if request.action is Action.VIEW:
                    if not isinstance(decision, Granted):
                        _refused(change)


def _opened(change: ViewingOpened) -> None:
    viewing = change.viewing
    log.info(
        "stream_opened",
        viewing=viewing.id,
        camera=viewing.camera,
        party=viewing.party,
        service=viewing.service,
        event_id=viewing.event,
        articles=list(viewing.articles),
        slots_used=change.slots_used,
        valid_until=None if viewing.valid_until is None else viewing.valid_until.isoformat(),
    )


def _refused(change: Decided) -> None:
    decision = change.decision
    log.info(
        "stream_refused",
        camera=change.request.camera.id,
        party=change.requester.party,
        service=change.requester.service,
        cause=(decision.cause if isinstance(decision, Refused) else Cause.PENDING).value,
        articles=list(decision.articles),
    )


def _ended(change: ViewingEnded) -> None:
    viewing, ending = change.viewing, change.ending
    log.info(
        "stream_ended",
        viewing=viewing.id,
        camera=viewing.camera,
        party=viewing.party,
        service=viewing.service,
        cause=ending.cause.value,
        by=ending.by,
        articles=list(ending.articles),
        code=ending.code,
    )
