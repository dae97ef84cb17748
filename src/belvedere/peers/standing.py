"""How each peer's log stands, and this node's own before its witnesses: whom that keeps from being served, and why.

Owns the only memory of it, which begins anew with each start: a node serves no partner before a witness has seen its log
since. Used on the event loop. Source: reliability 7, 23, 28.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import anyio

from belvedere.changes import Change, LogConfirmed
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import PartyId
from belvedere.domain.partner_waits import PartnerStands, PartnerWaits
from belvedere.domain.text import Text
from belvedere.ledger.witness import Refusal
from belvedere.peers.peer import Peer

SILENT_S_MAX = 3600.0
"""A witness that can be reached and has co-signed nothing for so long keeps its party from being served."""
SEEN_S_MAX = 600.0
"""A head that does not change is shown to its witness again after so long."""
REACHED_S_MAX = 10.0
"""A peer that answered within so long can be reached."""
_TELL_EVERY_S = 1.0


_SILENT = Text(
    "son nœud répond, mais n'a pas contresigné ce journal depuis une heure",
    "its node answers, but has not co-signed this journal for an hour",
)


@dataclass(slots=True)
class _Known:
    """What is known of one peer since the start; instants are monotonic.

    Written by its witness loop: `refusal` and since when, `reached_s`. Written where co-signatures arrive: `brought_s`.
    """

    refusal: Refusal | None = None
    refused_at: Instant | None = None
    reached_s: float | None = None
    brought_s: float | None = None


class PeersStanding:
    """Without peers nobody waits (implements `spine.ports.Follower`: a director may answer for the journal)."""

    def __init__(self, peers: Sequence[Peer], clock: Clock) -> None:
        self._peers = tuple(peers)
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self.started_at = clock.now()
        self._known: Mapping[PartyId, _Known] = {peer.party: _Known() for peer in peers}
        self._contradicted: PartnerWaits | None = None
        self._confirmed = False

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
        if refusal is None:
            known.refused_at = None
        elif known.refused_at is None:
            known.refused_at = self._clock.now()
        return (before and before.doubt) != (refusal and refusal.doubt)

    def brought(self, peer: Peer) -> None:
        """The peer brought a head of this node's log that it contains."""
        self._known[peer.party].brought_s = self._clock.monotonic_s()

    def contradicted(self, said: Text) -> bool:
        """A witness proved that this node's log is not the one that it saw; return whether that is news."""
        news = self._contradicted is None
        if news:
            self._contradicted = PartnerWaits(Cause.LEDGER_CONTRADICTED, said, self._clock.now())
        return news

    def follow(self, changes: Sequence[Change]) -> None:
        """The director's word, once recorded, stands until the next start in the place of a first co-signature."""
        if any(isinstance(change, LogConfirmed) for change in changes):
            self._confirmed = True

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
            return self._contradicted
        if self.may_be_confirmed():
            return PartnerWaits(Cause.NOT_WITNESSED, Cause.NOT_WITNESSED.words.sentence, self.started_at)
        known = self._known.get(party)
        return None if known is None else self._doubt_about(known)

    def _doubt_about(self, known: _Known) -> PartnerWaits | None:
        if known.refusal is not None and known.refused_at is not None:
            return PartnerWaits(Cause.PARTNERS_LEDGER, known.refusal.said, known.refused_at)
        if self._is_silent(known):
            return PartnerWaits(Cause.WITNESS_SILENT, _SILENT, self._last_seen_at(known))
        return None

    def may_be_confirmed(self) -> bool:
        """Whether partners wait for nothing but a first co-signature: the director may answer for the journal instead."""
        bound = self.bound
        seen = any(self._known[peer.party].brought_s is not None for peer in bound)
        return bool(bound) and self._contradicted is None and not self._confirmed and not seen

    def partners(self) -> tuple[PartnerStands, ...]:
        """Return how each partner that has a node stands."""
        return tuple(PartnerStands(peer.party, self.waits(peer.party)) for peer in self.bound)

    def lacks(self) -> Text | None:
        """Return what keeps some partner from being served, each party named; None where nothing does."""
        found = [(each.party, each.waits.said) for each in self.partners() if each.waits is not None]
        if not found:
            return None
        return Text(
            " ; ".join(f"{party} : {said.fr}" for party, said in found),
            "; ".join(f"{party}: {said.en}" for party, said in found),
        )

    async def tell_forever(self, told: Callable[[], None]) -> None:
        """Call `told` within a second after a partner begins to wait, for another cause too, or waits no more."""
        before = self._causes()
        while True:
            await anyio.sleep(_TELL_EVERY_S)
            causes = self._causes()
            if causes != before:
                told()
            before = causes

    def _causes(self) -> list[Cause | None]:
        return [None if each.waits is None else each.waits.cause for each in self.partners()]

    def cosigned_ago_s(self) -> Mapping[PartyId, float]:
        """Return how long ago each peer last brought a co-signature; since the start for one that brought none."""
        return {peer.party: self._unseen_s(self._known[peer.party]) for peer in self.bound}

    def _is_silent(self, known: _Known) -> bool:
        now_s = self._clock.monotonic_s()
        reached = known.reached_s is not None and now_s - known.reached_s <= REACHED_S_MAX
        return reached and self._unseen_s(known) > SILENT_S_MAX

    def _unseen_s(self, known: _Known) -> float:
        return self._clock.monotonic_s() - (self._started_s if known.brought_s is None else known.brought_s)

    def _last_seen_at(self, known: _Known) -> Instant:
        return (self._clock.now() - timedelta(seconds=self._unseen_s(known))).replace(microsecond=0)
