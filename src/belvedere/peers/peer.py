"""Who the peers are: the parties whose logs this node witnesses, and which witness its own."""

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from belvedere.domain.ids import PartyId
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.pinned_keys import NodeKeys
from belvedere.ledger.public_key import PublicKey

K = TypeVar("K", VerifierKey, PublicKey)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another party's node, by the keys that the conventions pin at the moment: `keys`, one for each convention with it.

    `url` is its bare origin, where this node dials it; None where it dials this one. `trust` says what vouches for its certificate.
    """

    party: PartyId
    keys: Callable[[], Sequence[NodeKeys]]
    origin: str
    """Its log's, which no change of key changes."""
    url: str | None = None
    trust: ssl.SSLContext | None = None
    left: Callable[[str], NodeKeys | None] = lambda _: None
    """The keys of its node under a convention that a party left."""

    @property
    def is_bound(self) -> bool:
        """Whether a convention binds its party to this one; once it does not, nothing that it signs counts."""
        return bool(self.keys())

    @property
    def log(self) -> tuple[VerifierKey, ...]:
        """Return the keys by which its log's heads count."""
        return _each_once(key for keys in self.keys() for key in keys.log.accepted)

    @property
    def witness(self) -> tuple[VerifierKey, ...]:
        """Return the keys by which its co-signatures count."""
        return _each_once(key for keys in self.keys() for key in keys.witness.accepted)

    @property
    def tls(self) -> tuple[PublicKey, ...]:
        """Return the keys by which it is let in, and dialled (`pinned_tls`)."""
        return _each_once(key for keys in self.keys() for key in keys.tls.accepted)


def _each_once(keys: Iterable[K]) -> tuple[K, ...]:
    return tuple(dict.fromkeys(keys))
