"""The log follows: streams opened, refused, ended; cameras steered, and no longer; keys and parties that come and go.

Codes and ids only: no name, no pseudonym, no words of a person.

The log is not the ledger: it is for who runs the node, and may be thrown away.
"""

from collections.abc import Sequence

import structlog

from belvedere.changes import (
    Change,
    Decided,
    KeysReplaced,
    LeaseEnded,
    LeaseGranted,
    PartyLeft,
    ViewingEnded,
    ViewingOpened,
)
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Granted, Refused
from belvedere.domain.leases import Lease, LeaseEnding
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
                case LeaseGranted(lease):
                    _steered(lease)
                case LeaseEnded(lease, ending):
                    _steered_no_more(lease, ending)
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


def _steered(lease: Lease) -> None:
    log.info(
        "steering_granted",
        lease=lease.id,
        camera=lease.camera,
        party=lease.party,
        service=lease.service,
        event_id=lease.event,
        regime=lease.regime.value,
        articles=list(lease.articles),
        valid_until=None if lease.valid_until is None else lease.valid_until.isoformat(),
    )


def _steered_no_more(lease: Lease, ending: LeaseEnding) -> None:
    log.info(
        "steering_ended",
        lease=lease.id,
        camera=lease.camera,
        party=lease.party,
        service=lease.service,
        held=lease.is_held,
        cause=ending.cause.value,
        by=ending.by,
        articles=list(ending.articles),
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
