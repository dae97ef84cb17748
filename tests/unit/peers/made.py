"""A peer, its log as a test lets it show, and a store of heads in memory that writes down the order of what happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from belvedere.changes import LogContradicted
from belvedere.domain.failures import NotRecorded
from belvedere.domain.ids import PartyId
from belvedere.domain.viewings import Ending, Viewing
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.cosigned import Cosigned, OwnProof
from belvedere.ledger.note import VerifierKey
from belvedere.ledger.pinned_keys import NodeKeys, Pinned
from belvedere.ledger.proofs import consistency_proof
from belvedere.ledger.public_key import PublicKey
from belvedere.ledger.tiles import Tile
from belvedere.ledger.tree import frontier_of
from belvedere.ledger.witness import WitnessedHead
from belvedere.peers.peer import Peer
from belvedere.peers.ports import Unreachable
from belvedere.peers.standing import PeersStanding
from belvedere.peers.witnessing import LogReader, Witness, WitnessKey
from tests.unit.ledger.ledgers import NODE_KEY, NODE_VKEY, ORIGIN, WITNESS_KEY, WITNESS_VKEY
from tests.unit.ledger.test_proofs import subtrees

CITY_KEYS = NodeKeys(
    tls=Pinned(PublicKey(bytes(32))),
    messages=Pinned(PublicKey(bytes(32))),
    log=Pinned(NODE_VKEY),
    witness=Pinned(WITNESS_VKEY),
)
CITY = Peer(PartyId("villeneuve-dascq"), lambda: [CITY_KEYS], ORIGIN, "http://127.0.0.1:1")
"""The peer whose log is witnessed here; for a test of the own log, who witnesses it."""


@dataclass
class TestClock:
    """Moved by hand."""

    __test__ = False
    at: datetime = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
    passed_s: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.passed_s


@dataclass
class Heads:
    """A store of heads in memory. `happened` tells what was done, in order, with what others do."""

    happened: list[str]
    kept: WitnessedHead | None = None
    brought: Cosigned | None = None
    own: Sequence[bytes] = ()
    refuses: bool = False
    told: list[LogContradicted] = field(default_factory=list)

    async def witnessed(self, origin: str) -> WitnessedHead | None:
        return self.kept if self.kept is not None and self.kept.checkpoint.origin == origin else None

    async def keep_witnessed(
        self, head: WitnessedHead, *, after: WitnessedHead | None, told: LogContradicted | None = None
    ) -> bool:
        if self.refuses:
            raise NotRecorded("the disk takes nothing")
        if after != self.kept:
            return False
        self.kept = head
        self.happened.append(f"kept {head.checkpoint.size}" + (" forked" if head.forked else ""))
        assert (told is None) == (head.forked is None)
        if told is not None:
            await self.tell(told)
        return True

    async def tell(self, told: LogContradicted) -> None:
        self.told.append(told)

    async def cosigned(self, witness: VerifierKey) -> Cosigned | None:
        return self.brought

    async def keep_cosigned(self, cosigned: Cosigned) -> None:
        self.brought = cosigned
        self.happened.append(f"holds {cosigned.checkpoint.size}")

    async def own_proof(self, known: int) -> OwnProof | None:
        if known > len(self.own):
            return None
        return OwnProof(head(self.own), tuple(consistency_proof(known, len(self.own), subtrees(list(self.own)))))

    async def own_tree(self, size: int) -> tuple[int, bytes | None]:
        return len(self.own), frontier_of(self.own[:size]).root() if size <= len(self.own) else None


@dataclass
class ShownLog:
    """The log of the peer, as it is shown: `entries` make its tiles, `note` is its head where it lies."""

    happened: list[str]
    entries: list[bytes] = field(default_factory=list)
    note: str | None = None
    lacks_tiles: bool = False
    spoils_tiles: bool = False
    away: bool = False
    takes: bool = True

    async def checkpoint(self) -> str:
        if self.away:
            raise Unreachable("no answer")
        return head(self.entries) if self.note is None else self.note

    async def tile(self, tile: Tile) -> bytes | None:
        if self.lacks_tiles:
            return None
        unit, first = 256**tile.level, tile.index * 256
        subtree = subtrees(self.entries)
        content = b"".join(subtree(at * unit, (at + 1) * unit) for at in range(first, first + tile.width))
        return bytes([content[0] ^ 1, *content[1:]]) if self.spoils_tiles else content

    async def bring(self, note: str) -> bool:
        self.happened.append(f"brought {note.splitlines()[1]}")
        return self.takes


@dataclass
class EndedRights:
    """Writes down whose viewings are ended."""

    happened: list[str]

    async def end(self, which: Callable[[Viewing], bool], ending: Callable[[Viewing], Ending]) -> object:
        self.happened.append("ended")
        return ()


@dataclass
class Room:
    """A witness with all that it reaches."""

    happened: list[str]
    heads: Heads
    log: ShownLog
    standing: PeersStanding
    clock: TestClock
    witness: Witness
    reader: LogReader

    async def looks(self) -> list[str]:
        """Let the witness look once; return what it did."""
        del self.happened[:]
        await self.reader.look()
        return list(self.happened)


def room() -> Room:
    happened: list[str] = []
    clock = TestClock()
    heads, log, standing = Heads(happened), ShownLog(happened), PeersStanding([CITY], clock)
    witness = Witness(
        CITY,
        WitnessKey(WITNESS_VKEY.name, WITNESS_KEY),
        heads=heads,
        standing=standing,
        rights=EndedRights(happened),
        clock=clock,
    )
    reader = LogReader(witness, shown_at=log, standing=standing, clock=clock)
    return Room(happened, heads, log, standing, clock, witness, reader)


def head(entries: Sequence[bytes]) -> str:
    return str(Checkpoint(ORIGIN, len(entries), frontier_of(entries).root()).signed(NODE_KEY))
