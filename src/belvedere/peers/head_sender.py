"""Sends this node's head to a witness that it dials, for one that cannot dial this node; takes the co-signature back.

Promises: a witness that knows this log further than it goes, or otherwise, is asked for what it holds, which is looked at as
what any witness brings: so a node that goes on from too old a backup finds out.
"""

from belvedere.ledger.cosigned import Taken
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.witness import OtherSize
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers.own_log import OwnLog
from belvedere.peers.peer import Peer
from belvedere.peers.ports import HeadStore, PeerWitness
from belvedere.peers.standing import PeersStanding


class HeadSender:
    """One for each peer that this node dials. Its turns never overlap."""

    def __init__(
        self,
        peer: Peer,
        log: VerifierKey,
        *,
        asked_at: PeerWitness,
        own_log: OwnLog,
        heads: HeadStore,
        standing: PeersStanding,
    ) -> None:
        self._peer = peer
        self._log = log
        self._witness = asked_at
        self._own_log = own_log
        self._heads = heads
        self._standing = standing

    async def send(self) -> None:
        """Have the newest head co-signed, unless it is; raises `Unreachable`, `NotRead`, `NotRecorded`."""
        held = [await self._heads.cosigned(key) for key in self._peer.witness]
        known = max((each.checkpoint.size for each in held if each is not None), default=0)
        size, _ = await self._heads.own_tree(0)
        if self._standing.is_seen_by(self._peer) and size == known:
            return
        answer = await self._ask(known)
        if isinstance(answer, OtherSize) and answer.size <= size:
            answer = await self._ask(answer.size)
        if not isinstance(answer, Taken):
            await self._learn()

    async def _ask(self, known: int) -> Taken | OtherSize | None:
        """Send the head with the proof from `known` entries on; None where it is refused."""
        own = await self._heads.own_proof(known)
        if own is None:
            return None
        answer = await self._witness.add(WitnessRequest(known, tuple(own.proof), own.note))
        self._standing.reached(self._peer)
        if not isinstance(answer, str):
            return answer
        taken = await self._own_log.take(own.note + answer)
        return taken if isinstance(taken, Taken) else None

    async def _learn(self) -> None:
        """Look at what the witness holds of this log, which it does not co-sign any further."""
        note = await self._witness.held(self._log.name)
        if note is not None:
            await self._own_log.take(note)
