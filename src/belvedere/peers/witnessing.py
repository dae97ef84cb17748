"""The witness of one peer's log: co-signs the heads that continue what it knows, says aloud which do not, and why.

Promises: the log's continuity is proved, and the head kept durably, before the co-signature leaves (C2SP tlog-witness). A
log that is refused is shown the head that was co-signed, so that its node finds out too; its party's pictures end here.
Of this only a fork is a record of the ledger: two nodes that record each other's co-signatures would never come to rest.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import anyio
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.changes import LogContradicted
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.viewings import REVOKED, Ending, Viewing
from belvedere.ledger.proofs import consistency_proof, range_root
from belvedere.ledger.tiles import BadTile, Tile, subtrees_in, tiles_of_proof
from belvedere.ledger.witness import (
    Continuity,
    Refusal,
    ShownHead,
    WitnessedHead,
    cosigned,
    judge,
    needs_proof,
    read_shown,
)
from belvedere.peers.peer import Peer
from belvedere.peers.ports import HeadStore, PeerLog, Rights, Unreachable
from belvedere.peers.standing import PeersStanding

LOOK_EVERY_S = 1.0
"""A record is co-signed at most two seconds after it was made, while the link is up."""
TRY_AGAIN_S_MAX = 8.0
COSIGN_AGAIN_S = 600
"""A head that does not change is co-signed anew: its log knows by that that somebody still looks."""
BRING_AGAIN_S = 30.0
"""A log that is refused is shown again what it lost: its node may have been started anew."""
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """With which key, and under which name, this node co-signs."""

    name: str
    key: Ed25519PrivateKey


ContinuityOf = Callable[[WitnessedHead, ShownHead], Awaitable[Continuity | None]]
"""Where the proof that a head continues the known one comes from; None where the log has not all of it."""


class Witness:
    """What is decided of one peer's log, kept, and done about it; whoever brought the head. Any number may ask at once."""

    def __init__(
        self,
        peer: Peer,
        signs: WitnessKey,
        *,
        heads: HeadStore,
        standing: PeersStanding,
        rights: Rights,
        clock: Clock,
    ) -> None:
        self.peer = peer
        self._signs = signs
        self._heads = heads
        self._standing = standing
        self._rights = rights
        self._clock = clock

    async def known(self) -> WitnessedHead | None:
        """Return the newest head of the log that was co-signed here, or None; raises `NotRead`."""
        return await self._heads.witnessed(self.peer.origin)

    async def consider(
        self, note: str, *, known: WitnessedHead | None, continuity_of: ContinuityOf, by_anybody: bool = False
    ) -> WitnessedHead | Refusal | None:
        """Return the head as it is co-signed and kept, why it is not, or None where another was kept meanwhile.

        `known` was read before the head was asked for: one that came later would make an honest head look like an old one.
        What `by_anybody` may have been sent, an old head among it, says nothing of the log but by what its key proves.
        Raises `NotRecorded`, and what `continuity_of` raises.
        """
        # 1. What is shown, signed by the log's pinned key.
        shown = read_shown(note, *self.peer.log)
        if isinstance(shown, Refusal):
            return shown if by_anybody else await self._refuse(shown, known)
        # 2. Whether it continues what was co-signed.
        continuity = await continuity_of(known, shown) if known is not None and needs_proof(known, shown) else None
        refusal = judge(known, shown, continuity)
        if refusal is not None:
            return refusal if by_anybody and not refusal.doubt.is_proof else await self._refuse(refusal, known)
        if not by_anybody and self._standing.judged(self.peer, None):
            log.info("peer_log_continues", party=self.peer.party, size=shown.checkpoint.size)
        # 3. Kept, before anybody has the co-signature.
        return await self._kept(shown, known)

    async def _kept(self, shown: ShownHead, known: WitnessedHead | None) -> WitnessedHead | None:
        at_s = (self._clock.now() - _UNIX_EPOCH) // timedelta(seconds=1)
        if known is not None and known.checkpoint == shown.checkpoint and at_s - known.cosigned_at_s < COSIGN_AGAIN_S:
            return known
        if known is not None:
            # A clock that was set back takes nothing back: a later co-signature never states an earlier time.
            at_s = max(at_s, known.cosigned_at_s)
        head = cosigned(shown, name=self._signs.name, key=self._signs.key, at_s=at_s)
        return head if await self._heads.keep_witnessed(head, after=known) else None

    async def _refuse(self, refusal: Refusal, known: WitnessedHead | None) -> Refusal:
        if self._standing.judged(self.peer, refusal):
            log.error(
                "peer_log_refused",
                party=self.peer.party,
                doubt=refusal.doubt.value,
                said=refusal.said.en,
                shown=None if refusal.shown is None else str(refusal.shown.note),
                cosigned=None if known is None else known.note,
            )
        if known is not None and known.forked is None and refusal.doubt.is_proof and refusal.shown is not None:
            other = str(refusal.shown.note)
            told = LogContradicted(RecordedAct.LOG_FORKED, self.peer.party, (known.note, other), self._clock.now())
            await self._heads.keep_witnessed(replace(known, forked=other), after=known, told=told)
        # Each time: what was being opened when the doubt came up ends too.
        await self._rights.end(self._is_theirs, lambda _: _ending())
        return refusal

    def _is_theirs(self, viewing: Viewing) -> bool:
        return viewing.party == self.peer.party


class LogReader:
    """Reads the log of a peer that this node dials, and brings back what was co-signed. Its looks never overlap."""

    def __init__(self, witness: Witness, *, shown_at: PeerLog, standing: PeersStanding, clock: Clock) -> None:
        self._witness = witness
        self._log = shown_at
        self._standing = standing
        self._clock = clock
        self._brought = ""
        """The co-signed head that the log's node last took."""
        self._shown_lost_s: float | None = None
        """When a log that is refused was last shown what it lost; None while it is not refused."""

    async def look(self) -> None:
        """Look at the log's head once; raises `Unreachable`, `NotRead`, `NotRecorded`."""
        known = await self._witness.known()
        note = await self._log.checkpoint()
        self._standing.reached(self._witness.peer)
        head = await self._witness.consider(note, known=known, continuity_of=self._continuity)
        if isinstance(head, Refusal):
            await self._show_lost()
            return
        self._shown_lost_s = None
        if head is not None and self._brought != head.note:
            await self._bring(head)

    async def _show_lost(self) -> None:
        """Show the log's node what was co-signed, so that it finds out too; again after a while: it may have started anew."""
        now_s, known = self._clock.monotonic_s(), await self._witness.known()
        if known is None or (self._shown_lost_s is not None and now_s - self._shown_lost_s < BRING_AGAIN_S):
            return
        await self._bring(known)
        self._shown_lost_s = now_s

    async def _continuity(self, known: WitnessedHead, shown: ShownHead) -> Continuity | None:
        """Return what the log's tiles say; None where it has not all of them."""
        old_size, size = known.checkpoint.size, shown.checkpoint.size
        tiles: dict[Tile, bytes] = {}
        for tile in sorted(tiles_of_proof(old_size, size), key=lambda each: (each.level, each.index)):
            content = await self._log.tile(tile)
            if content is None:
                return None
            tiles[tile] = content
        subtree = subtrees_in(tiles, size=size)
        try:
            return Continuity(range_root(0, old_size, subtree), consistency_proof(old_size, size, subtree))
        except BadTile:
            return None

    async def _bring(self, head: WitnessedHead) -> None:
        taken = await self._log.bring(head.note)
        self._brought = head.note
        if not taken:
            log.warning("cosignature_not_taken", party=self._witness.peer.party, size=head.checkpoint.size)


async def repeat_forever(act: Callable[[], Awaitable[None]], *, party: PartyId) -> None:
    """Do what a peer is asked for once a second; less often while it does not answer. Until cancelled."""
    wait_s, said = LOOK_EVERY_S, ""
    while True:
        try:
            await act()
        except (Unreachable, NotRead, NotRecorded) as failure:
            # Told once while it lasts.
            if str(failure) != said:
                log.warning("peer_not_reached", party=party, error=str(failure))
            said, wait_s = str(failure), min(2 * wait_s, TRY_AGAIN_S_MAX)
        else:
            said, wait_s = "", LOOK_EVERY_S
        await anyio.sleep(wait_s)


def _ending() -> Ending:
    words = Cause.PARTNERS_LEDGER.words
    return Ending(Cause.PARTNERS_LEDGER, REVOKED, (), words.sentence, words.remedy)
