"""How each peer's log stands, and this node's own before its witnesses: whom that keeps from being served, and why.

Owns the only memory of it, which begins anew with each start: a node serves no partner before a witness has seen its log
since. Used on the event loop. Source: reliability 7, 23, 28.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.ids import PartyId
from belvedere.domain.partner_waits import PartnerWaits
from belvedere.domain.text import Text
from belvedere.ledger.witness import Refusal
from belvedere.peers.peer import Peer

SILENT_S_MAX = 3600.0
"""A witness that can be reached and has co-signed nothing for so long keeps its party from being served."""
SEEN_S_MAX = 600.0
"""A head that does not change is shown to its witness again after so long."""
REACHED_S_MAX = 10.0
"""A peer that answered within so long can be reached."""


_SILENT = Text(
    "son nœud répond, mais n'a pas contresigné ce journal depuis une heure",
    "its node answers, but has not co-signed this journal for an hour",
)


@dataclass(slots=True)
class _Known:
    """What is known of one peer since the start; instants are monotonic.

    Written by its witness loop: `refusal`, `reached_s`. Written where co-signatures arrive: `brought_s`.
    """

    refusal: Refusal | None = None
    reached_s: float | None = None
    brought_s: float | None = None


class PeersStanding:
    """Without peers nobody waits."""

    def __init__(self, peers: Sequence[Peer], clock: Clock) -> None:
        self._peers = tuple(peers)
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._known: Mapping[PartyId, _Known] = {peer.party: _Known() for peer in peers}
        self._contradicted: Text | None = None

    @property
    def peers(self) -> Sequence[Peer]:
        """Every peer of the settings, those that left too."""
        return self._peers

    @property
    def bound(self) -> Sequence[Peer]:
        """The peers whose party has not left: they alone are waited for, and witness."""
        return [peer for peer in self._peers if peer.is_bound]

    # What is noted.

    def reached(self, peer: Peer) -> None:
        """The peer's node answered."""
        self._known[peer.party].reached_s = self._clock.monotonic_s()

    def judged(self, peer: Peer, refusal: Refusal | None) -> bool:
        """Note whether the peer's log is co-signed; return whether that is news."""
        known = self._known[peer.party]
        before, known.refusal = known.refusal, refusal
        return (before and before.doubt) != (refusal and refusal.doubt)

    def brought(self, peer: Peer) -> None:
        """The peer brought a head of this node's log that it contains."""
        self._known[peer.party].brought_s = self._clock.monotonic_s()

    def contradicted(self, said: Text) -> bool:
        """A witness proved that this node's log is not the one that it saw; return whether that is news."""
        news, self._contradicted = self._contradicted is None, said
        return news

    # What is asked.

    def is_seen_by(self, peer: Peer) -> bool:
        """Whether the peer brought a head of this node's log since the start, and lately enough to be left in peace."""
        since_s = self._known[peer.party].brought_s
        return since_s is not None and self._clock.monotonic_s() - since_s < SEEN_S_MAX

    def waits(self, party: PartyId) -> PartnerWaits | None:
        """Return why nothing new is opened to a partner; None where nothing speaks against it."""
        bound = self.bound
        if not bound:
            return None
        if self._contradicted is not None:
            return PartnerWaits(Cause.LEDGER_CONTRADICTED, self._contradicted)
        if all(self._known[peer.party].brought_s is None for peer in bound):
            return PartnerWaits(Cause.NOT_WITNESSED, Cause.NOT_WITNESSED.words.sentence)
        known = self._known.get(party)
        if known is not None and known.refusal is not None:
            return PartnerWaits(Cause.PARTNERS_LEDGER, known.refusal.said)
        if known is not None and self._is_silent(known):
            return PartnerWaits(Cause.WITNESS_SILENT, _SILENT)
        return None

    def lacks(self) -> Text | None:
        """Return what keeps some partner from being served, each party named; None where nothing does."""
        found = [(peer.party, why) for peer in self.bound if (why := self.waits(peer.party)) is not None]
        if not found:
            return None
        return Text(
            " ; ".join(f"{party} : {why.said.fr}" for party, why in found),
            "; ".join(f"{party}: {why.said.en}" for party, why in found),
        )

    def cosigned_ago_s(self) -> Mapping[PartyId, float]:
        """Return how long ago each peer last brought a co-signature; since the start for one that brought none."""
        now_s = self._clock.monotonic_s()
        return {
            party: now_s - (self._started_s if known.brought_s is None else known.brought_s)
            for party, known in ((peer.party, self._known[peer.party]) for peer in self.bound)
        }

    def _is_silent(self, known: _Known) -> bool:
        now_s = self._clock.monotonic_s()
        reached = known.reached_s is not None and now_s - known.reached_s <= REACHED_S_MAX
        since_s = self._started_s if known.brought_s is None else known.brought_s
        return reached and now_s - since_s > SILENT_S_MAX
