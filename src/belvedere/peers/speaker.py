"""Who speaks on a link and who is spoken with: keys, clocks and the text in force, each asked anew for each message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import IdSource, PartyId
from belvedere.domain.record import ConventionRef
from belvedere.peers.signed_message import PinnedKey, SigningKey


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks here: by which key, in which epoch of the node, and by which clocks.

    `wall` is the machine's own time, which no demo moves: both nodes' messages are dated by it.
    """

    party: PartyId
    epoch: int
    signs: SigningKey
    wall: Callable[[], Instant]
    clock: Clock
    ids: IdSource


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is spoken with, by which keys it is believed, and under which text: all asked anew for each message."""

    party: PartyId
    keys: Callable[[], Mapping[str, PinnedKey]]
    text: Callable[[], ConventionRef | None]
