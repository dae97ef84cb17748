"""The witness of one peer's log: reads its head once a second, co-signs what continues, says aloud what does not.

Promises: the log's continuity is proved, and the head kept durably, before the co-signature leaves (C2SP tlog-witness). A
log that is refused is shown the head that was co-signed, so that its node finds out too; its party's pictures end here.
Nothing of this is a record of the ledger: two nodes that record each other's co-signatures would never come to rest.
"""

from dataclasses import dataclass, replace

import anyio
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.failures import NotRead, NotRecorded
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
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """With which key, and under which name, this node co-signs."""

    name: str
    key: Ed25519PrivateKey


class Witness:
    """One task, owned by the node's TaskGroup. Its looks never overlap."""

    def __init__(
        self,
        peer: Peer,
        signs: WitnessKey,
        *,
        shown_at: PeerLog,
        heads: HeadStore,
        standing: PeersStanding,
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._peer = peer
        self._signs = signs
        self._log = shown_at
        self._heads = heads
        self._standing = standing
        self._rights = rights
        self._clock = clock
        self._brought: tuple[str, float] | None = None
        """The co-signed head that the log's node was last shown, and when."""
        self._said = ""

    async def look_forever(self) -> None:
        """Look once a second; less often while the peer does not answer. Until cancelled."""
        wait_s = LOOK_EVERY_S
        while True:
            try:
                await self.look()
            except (Unreachable, NotRead, NotRecorded) as failure:
                self._say(str(failure))
                wait_s = min(2 * wait_s, TRY_AGAIN_S_MAX)
            else:
                self._say("")
                wait_s = LOOK_EVERY_S
            await anyio.sleep(wait_s)

    async def look(self) -> None:
        """Look at the log's head once; raises `Unreachable`, `NotRead`, `NotRecorded`."""
        # 1. What it shows, signed by its pinned key.
        note = await self._log.checkpoint()
        self._standing.reached(self._peer)
        shown, known = read_shown(note, self._peer.log), await self._heads.witnessed(self._peer.log.name)
        if isinstance(shown, Refusal):
            await self._refuse(shown, known)
            return
        # 2. Whether it continues what was co-signed.
        continuity = await self._continuity(known, shown) if known is not None and needs_proof(known, shown) else None
        refusal = judge(known, shown, continuity)
        if refusal is not None:
            await self._refuse(refusal, known)
            return
        if self._standing.judged(self._peer, None):
            log.info("peer_log_continues", party=self._peer.party, size=shown.checkpoint.size)
        # 3. Kept, before anybody has the co-signature.
        kept = await self._kept(shown, known)
        # 4. Handed back.
        if kept is not None and (self._brought is None or self._brought[0] != kept.note):
            await self._bring(kept)

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

    async def _kept(self, shown: ShownHead, known: WitnessedHead | None) -> WitnessedHead | None:
        """Return the head as it is co-signed and kept; None where another was kept meanwhile."""
        at_s = int(self._clock.now().timestamp())
        if known is not None and known.checkpoint == shown.checkpoint and at_s - known.cosigned_at_s < COSIGN_AGAIN_S:
            return known
        if known is not None:
            # A clock that was set back takes nothing back: a later co-signature never states an earlier time.
            at_s = max(at_s, known.cosigned_at_s)
        head = cosigned(shown, name=self._signs.name, key=self._signs.key, at_s=at_s)
        return head if await self._heads.keep_witnessed(head, after=known) else None

    async def _refuse(self, refusal: Refusal, known: WitnessedHead | None) -> None:
        if news := self._standing.judged(self._peer, refusal):
            log.error(
                "peer_log_refused",
                party=self._peer.party,
                doubt=refusal.doubt.value,
                said=refusal.said.en,
                shown=None if refusal.shown is None else str(refusal.shown.note),
                cosigned=None if known is None else known.note,
            )
        if known is not None and known.forked is None and refusal.doubt.is_proof and refusal.shown is not None:
            await self._heads.keep_witnessed(replace(known, forked=str(refusal.shown.note)), after=known)
        # At each look: what was being opened when the doubt came up ends too.
        await self._rights.end(self._is_theirs, lambda _: _ending())
        if known is not None and self._is_time_to_bring(news=news):
            await self._bring(known)

    def _is_theirs(self, viewing: Viewing) -> bool:
        return viewing.party == self._peer.party

    def _is_time_to_bring(self, *, news: bool) -> bool:
        return news or self._brought is None or self._clock.monotonic_s() - self._brought[1] >= BRING_AGAIN_S

    async def _bring(self, head: WitnessedHead) -> None:
        taken = await self._log.bring(head.note)
        self._brought = (head.note, self._clock.monotonic_s())
        if not taken:
            log.warning("cosignature_not_taken", party=self._peer.party, size=head.checkpoint.size)

    def _say(self, failure: str) -> None:
        """Tell once, while it lasts, why the log cannot be looked at."""
        if failure and failure != self._said:
            log.warning("peer_log_not_read", party=self._peer.party, error=failure)
        self._said = failure


def _ending() -> Ending:
    words = Cause.PARTNERS_LEDGER.words
    return Ending(Cause.PARTNERS_LEDGER, REVOKED, (), words.sentence, words.remedy)
