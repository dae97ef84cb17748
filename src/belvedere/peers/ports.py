"""What this package reaches: what is co-signed as it is kept, another node's log, and the rights that end with a doubt."""

from collections.abc import Callable
from typing import Protocol

from belvedere.changes import LogContradicted
from belvedere.domain.viewings import Ending, Viewing
from belvedere.ledger.cosigned import Cosigned, OwnProof
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.tiles import Tile
from belvedere.ledger.witness import OtherSize, WitnessedHead
from belvedere.ledger.witness_request import WitnessRequest


class Unreachable(Exception):
    """The other node did not answer, or not as a node does; it is asked again."""


class HeadStore(Protocol):
    """What is co-signed, durably. Reads raise `NotRead`, writes `NotRecorded`."""

    async def witnessed(self, origin: str) -> WitnessedHead | None:
        """Return the newest head of a log that this node co-signed, or None."""

    async def keep_witnessed(
        self, head: WitnessedHead, *, after: WitnessedHead | None, told: LogContradicted | None = None
    ) -> bool:
        """Keep `head` in the place of `after`, durably; False where another stands there by now. Record what is `told`."""

    async def cosigned(self, witness: VerifierKey) -> Cosigned | None:
        """Return the newest head of this node's log that `witness` co-signed, or None."""

    async def keep_cosigned(self, cosigned: Cosigned) -> None:
        """Keep what a witness brought, where it is newer."""

    async def tell(self, told: LogContradicted) -> None:
        """Record in this node's own ledger that it is not the one that a witness saw."""

    async def own_tree(self, size: int) -> tuple[int, bytes | None]:
        """Return how many entries this node's log has, and the root over its first `size`; None where it has not so many."""

    async def own_proof(self, known: int) -> OwnProof | None:
        """Return the newest head with the proof from its first `known` entries on; None where it has not so many."""


class PeerLog(Protocol):
    """Another node's log, over its public routes. Every call raises `Unreachable`."""

    async def checkpoint(self) -> str:
        """Return its newest signed head, as it shows it."""

    async def tile(self, tile: Tile) -> bytes | None:
        """Return a tile, or None where the log says that it has none."""

    async def bring(self, note: str) -> bool:
        """Bring it a head of its own, co-signed here; False where it does not take it."""


class PeerWitness(Protocol):
    """Another node as the witness of this one's log. Every call raises `Unreachable`."""

    async def add(self, request: WitnessRequest) -> str | OtherSize | None:
        """Ask it to co-sign a head; return the line with its signature, the size that it knows, or None: it refuses."""

    async def held(self, origin: str) -> str | None:
        """Return the newest head of a log that it co-signed, or None."""


class Rights(Protocol):
    """What was granted and runs."""

    async def end(self, which: Callable[[Viewing], bool], ending: Callable[[Viewing], Ending]) -> object:
        """End every running viewing that `which` picks, as `ending` says; raises `NotRecorded`."""
