"""Who speaks on a link and who is spoken with: keys, clocks and the text in force, each asked anew for each message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import IdSource, PartyId
from belvedere.domain.record import ConventionRef
from belvedere.peers.signed_message import Claims, PinnedKey, SigningKey

LIFETIME_S = 20
"""How long a message holds, from when it is put on the wire."""
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def claims_now(speaker: Speaker, audience: PartyId, text: ConventionRef, answers: str | None = None) -> Claims:
    """Return what a message states that is said now."""
    now_s = whole_s(speaker.wall())
    return Claims(
        iss=speaker.party,
        aud=audience,
        iat=now_s,
        exp=now_s + LIFETIME_S,
        jti=speaker.ids.fresh("m"),
        epoch=speaker.epoch,
        convention=text,
        answers=answers,
    )


def whole_s(at: Instant) -> int:
    """Return the whole seconds since the Unix epoch."""
    return (at - _UNIX_EPOCH) // timedelta(seconds=1)
