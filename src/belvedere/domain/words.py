"""What people type about their own affairs: read by their party alone, unless an article owes it to another.

The shared ledger holds a salted hash of it; the text stands beside, with its party. Source: rules C5; reliability 27.
"""

import hashlib
from dataclasses import dataclass

from belvedere.domain.ids import IdSource

WORDS_SALT_BYTES = 32
_PREFIX = b"belvedere words v1\n"


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A text of a party, and the salt that keeps its hash from being guessed; neither is printed or logged by chance."""

    text: str
    salt: bytes

    def __repr__(self) -> str:
        """Return what may stand in a log: nothing of them."""
        return "Words(…)"

    @property
    def sha256(self) -> str:
        """Return how a record names them (ledger-format 15): SHA-256, in hex."""
        return words_sha256(self.text, self.salt)


def words_sha256(text: str, salt: bytes) -> str:
    """Return the hash that a record holds in the place of a text."""
    return hashlib.sha256(_PREFIX + salt + text.encode("utf-8", "surrogatepass")).hexdigest()


def text_of(words: Words | None) -> str | None:
    """Return what was typed; None for nothing."""
    return None if words is None else words.text


def salted(text: str, ids: IdSource) -> Words:
    """Return what somebody typed as words, with a salt of their own."""
    return Words(text, ids.secret(WORDS_SALT_BYTES))


def typed(text: str | None, ids: IdSource) -> Words | None:
    """Return what somebody may have typed as words; None for nothing."""
    return salted(text, ids) if text else None
