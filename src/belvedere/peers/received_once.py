"""Which messages of a peer were received since the start: each counts once, whatever it asks.

What does something keeps that in the store, in the same commit (`changes.MessageTaken`); this is for all the others, and goes
with the process: a message from before the start is one of a conversation that is over.
"""

from belvedere.peers.signed_message import Claims, kept_until_s

KEPT_MAX = 20_000
"""More than a peer may send until the first of them is expired."""


class ReceivedOnce:
    """The messages that would still be believed, by `jti`."""

    def __init__(self) -> None:
        self._until_s: dict[str, int] = {}
        self._forget_at_s = 0.0

    def take(self, claims: Claims, *, now_s: float) -> bool:
        """Return whether the message is received for the first time, and keep that it was; False too where too many are kept."""
        if now_s >= self._forget_at_s or len(self._until_s) >= KEPT_MAX:
            self._until_s = {jti: until_s for jti, until_s in self._until_s.items() if until_s > now_s}
            self._forget_at_s = now_s + 1
        if claims.jti in self._until_s or len(self._until_s) >= KEPT_MAX:
            return False
        self._until_s[claims.jti] = kept_until_s(claims)
        return True
