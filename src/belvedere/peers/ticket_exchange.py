"""Tickets for pictures between two nodes: asked of a camera's owner over the channel, told, and used at its relay.

Owns which questions of one conversation wait for a ticket. Knows no picture: what flows, the media package knows. A ticket
stands in no log and in no record.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, PartyId
from belvedere.peers.messages import TicketTold
from belvedere.peers.signed_message import sha256_of

ASKED_MAX = 32
"""How many tickets are asked for at once; the relay asks for the others again."""
AGAIN_AFTER_S = 1.0
"""A ticket that was asked for is not asked for again so soon."""
FORGOTTEN_AFTER_S = 4.0
"""As long as the relay waits for one."""
log = structlog.get_logger(__name__)


class Flows(Protocol):
    """The pictures that flow to other parties' nodes, and from them."""

    def ticket_for(self, party: PartyId, camera: CameraId) -> str | None:
        """Return a single-use ticket for the flow of a camera to a party; None where none flows."""

    def take_ticket(self, owner: PartyId, camera: CameraId, ticket: str) -> None:
        """Read a camera of another owner with the ticket that it told."""

    def without_ticket(self, owner: PartyId) -> Sequence[CameraId]:
        """Return which cameras of another owner are watched here and wait for a ticket."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A ticket that was asked for: when, and, once the question is signed, how it is named."""

    at_s: float
    sha256: str | None = None


class TicketsAsked:
    """What one conversation asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[CameraId, _Asked] = {}

    def note(self, camera: CameraId) -> Callable[[str], None] | None:
        """Return what is to be told the question's bytes; None where it is not to be put now."""
        now_s = self._clock.monotonic_s()
        self._asked = {key: each for key, each in self._asked.items() if now_s - each.at_s <= FORGOTTEN_AFTER_S}
        before = self._asked.get(camera)
        if before is None:
            if len(self._asked) >= ASKED_MAX:
                return None
        elif now_s - before.at_s < AGAIN_AFTER_S:
            return None
        self._asked[camera] = _Asked(now_s)

        def sent(jws: str) -> None:
            self._asked[camera] = _Asked(now_s, sha256_of(jws))

        return sent

    def is_answer(self, told: TicketTold, answers: str | None) -> bool:
        """Return whether it answers a question that waits, which then waits no more."""
        asked = self._asked.get(told.camera)
        if asked is None or asked.sha256 is None or asked.sha256 != answers:
            log.warning("peer_ticket_unexpected", camera=told.camera)
            return False
        del self._asked[told.camera]
        return True
