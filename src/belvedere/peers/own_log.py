"""This node's own log before its witnesses: takes the heads that they bring back, and learns from them what it lost.

Promises: partners are served only once a witness has brought a head that holds the record of this start, which nobody can
have kept from before; one that this log does not contain, signed by its own key, ends what runs for every partner and keeps
them out until the node is started again.
"""

from contextlib import suppress
from functools import partial

import structlog

from belvedere.changes import LogContradicted
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.text import Text
from belvedere.domain.viewings import REVOKED, Ending, Viewing
from belvedere.ledger.cosigned import Contradicted, Cosigned, NoWitness, Taken, contradiction, read_cosigned
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.witness import Refusal
from belvedere.peers.peer import Peer
from belvedere.peers.ports import HeadStore, Rights
from belvedere.peers.standing import PeersStanding

log = structlog.get_logger(__name__)


class OwnLog:
    """Takes what witnesses bring (implements `web.ports.Cosignatures`)."""

    def __init__(
        self,
        vkey: VerifierKey,
        *,
        party: PartyId,
        size_at_start: int,
        heads: HeadStore,
        standing: PeersStanding,
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._vkey = vkey
        self._party = party
        self._size_at_start = size_at_start
        self._newest: dict[VerifierKey, Cosigned] = {}
        self._heads = heads
        self._standing = standing
        self._rights = rights
        self._clock = clock

    async def take(self, note: str) -> Taken | Contradicted | Refusal | NoWitness:
        """Keep a head of this log that a witness co-signed, or learn that this log lost it; raises `NotRead`, `NotRecorded`."""
        peers = {key: peer for peer in self._standing.bound for key in peer.witness}
        brought = read_cosigned(note, log=self._vkey, witnesses=peers)
        if not isinstance(brought, Cosigned):
            return brought
        peer = peers[brought.witness]
        size, root_then = await self._heads.own_tree(brought.checkpoint.size)
        why = contradiction(brought.checkpoint, size=size, root_then=root_then)
        if why is not None:
            await self._contradicted(why, brought, peer)
            return Contradicted(why)
        if brought.is_newer_than(self._newest.get(brought.witness)):
            self._newest[brought.witness] = brought
            if brought.checkpoint.size >= self._size_at_start:
                self._standing.brought(peer)
            await self._heads.keep_cosigned(brought)
        return Taken()

    async def _contradicted(self, why: Text, brought: Cosigned, peer: Peer) -> None:
        if self._standing.contradicted(why):
            log.error("ledger_contradicted", witness=brought.witness.name, said=why.en, note=brought.note)
            told = LogContradicted(RecordedAct.LOG_CONTRADICTED, peer.party, (brought.note,), self._clock.now())
            with suppress(NotRecorded):  # the log line stands; what follows must not wait for the disk
                await self._heads.tell(told)
        await self._rights.end(partial(_of_another, self._party), lambda _: _ending(Cause.LEDGER_CONTRADICTED))


def _of_another(party: PartyId, viewing: Viewing) -> bool:
    return viewing.party != party


def _ending(cause: Cause) -> Ending:
    return Ending(cause, REVOKED, (), cause.words.sentence, cause.words.remedy)
