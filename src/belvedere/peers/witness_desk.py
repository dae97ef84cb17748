"""The witness for logs that come by themselves: a peer that dials this node sends its head with the proof (C2SP tlog-witness).

Owns what is answered to whom: nothing to a log that no convention pins.
"""

from collections.abc import Mapping, Sequence

from belvedere.ledger.note import SignedNote
from belvedere.ledger.witness import (
    Continuity,
    OtherSize,
    Refusal,
    ShownHead,
    UnknownLog,
    WitnessedHead,
    read_shown,
)
from belvedere.ledger.witness_request import WitnessRequest
from belvedere.peers.witnessing import Witness


class WitnessDesk:
    """Co-signs what the peers send (implements `web.ports.WitnessOfOthers`)."""

    def __init__(self, witnesses: Sequence[Witness]) -> None:
        self._witnesses: Mapping[str, Witness] = {each.peer.origin: each for each in witnesses}

    async def add(self, body: str) -> str | OtherSize | Refusal | UnknownLog:
        """Return the line with the co-signature of the head in a request, or why there is none.

        Raises `BadNote` for what is no request, `NotRead`, `NotRecorded`.
        """
        request = WitnessRequest.parse(body)
        witness = self._witnesses.get(request.note.partition("\n")[0])
        if witness is None or not witness.peer.is_bound:
            return UnknownLog()
        known, shown = await witness.known(), read_shown(request.note, *witness.peer.log)
        if isinstance(shown, Refusal):
            return shown
        size = 0 if known is None else known.checkpoint.size
        if request.old_size != size or shown.checkpoint.size < size:
            return OtherSize(size)

        async def continuity(before: WitnessedHead, _: ShownHead) -> Continuity:
            return Continuity(before.checkpoint.root, request.proof)

        head = await witness.consider(request.note, known=known, continuity_of=continuity, by_anybody=True)
        if isinstance(head, Refusal):
            return head
        if head is None:
            return OtherSize(await self._size(witness))
        return SignedNote.parse(head.note).signatures[-1].line()

    async def held(self, origin: str) -> str | None:
        """Return the newest head of a log that was co-signed here, with both signatures; None where there is none."""
        witness = self._witnesses.get(origin)
        known = None if witness is None else await witness.known()
        return None if known is None else known.note

    async def _size(self, witness: Witness) -> int:
        known = await witness.known()
        return 0 if known is None else known.checkpoint.size
