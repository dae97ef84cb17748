"""The relay follows: what was granted may flow, what ended stops."""

from collections.abc import Sequence

import structlog

from belvedere.changes import (
    Change,
    SessionClosed,
    SessionRelieved,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
)
from belvedere.domain.clock import Clock
from belvedere.domain.failures import NoPicture
from belvedere.domain.viewings import Viewing
from belvedere.rights.relay import Relay, hold_ms
from belvedere.spine.snapshot import Place

log = structlog.get_logger(__name__)


class RelayFollower:
    """Commands the relay (implements `spine.ports.Follower`)."""

    def __init__(self, relay: Relay, *, place: Place, clock: Clock) -> None:
        self._relay = relay
        self._place = place
        self._clock = clock

    def follow(self, changes: Sequence[Change]) -> None:
        """Stop what ended, then admit what was granted."""
        for change in changes:
            match change:
                case ViewingEnded(viewing, ending):
                    article = ending.articles[0] if ending.articles else None
                    self._relay.revoke(viewing.id, code=ending.code, cause=ending.cause, article=article)
                case SessionRelieved(former=session) | SessionClosed(session_sha256=session):
                    self._relay.void_tickets(session)
        for change in changes:
            match change:
                case ViewingOpened(viewing):
                    self._admit(viewing)
                case ViewingProlonged(viewing) if viewing.asked > 1:
                    self._admit(viewing)

    def _admit(self, viewing: Viewing) -> None:
        own_room = self._place.is_own_room(viewing.party, viewing.camera)
        held_ms = hold_ms(viewing, own_room=own_room, now=self._clock.now())
        to_node_of = None if viewing.attested is None else viewing.party
        try:
            self._relay.admit(viewing.id, camera=viewing.camera, hold_ms=held_ms, to_node_of=to_node_of)
        except NoPicture as failure:
            # Whoever asked for it gets no ticket either, and ends it.
            log.warning("viewing_not_admitted", viewing=viewing.id, error=str(failure))
