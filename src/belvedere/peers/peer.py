"""Who the peers are: the parties whose logs this node witnesses, and which witness its own."""

import ssl
from dataclasses import dataclass

from belvedere.domain.ids import PartyId
from belvedere.ledger.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Peer:
    """Another party's node, by the keys that the conventions pin: of its log, and with which it co-signs.

    `url` is its bare origin, where this node dials it; None where it dials this one. `trust` says what vouches for its certificate.
    """

    party: PartyId
    log: VerifierKey
    witness: VerifierKey
    url: str | None = None
    trust: ssl.SSLContext | None = None
