"""Small ledgers made in memory, as a node would export them; seeded, so that every run sees the same bytes."""

import hashlib
import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.ids import ArticleRef
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.vocabulary import Verdict
from belvedere.ledger.canonical import SALT_RANDOM_BYTES, canonical_record, entry_hash, salt_for
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.export import LedgerEntry, LedgerHeader, export_lines
from belvedere.ledger.note import VerifierKey, verifier_key
from belvedere.ledger.tree import frontier_of
from belvedere.ledger.verify import VerifiedLedger, verify_ledger

VECTORS = Path(__file__).parent / "vectors"
NODE = "villeneuve-dascq"
ORIGIN = f"belvedere.example/{NODE}"
NODE_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"belvedere test vector: node").digest())
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"belvedere test vector: witness").digest())
NODE_VKEY = VerifierKey.parse(f"{ORIGIN}+7ed03505+AaKJBlM1KuCpPJkYTd1JXfM2aoR3Zfe0iXDkDLS1f07c")
WITNESS_VKEY = VerifierKey.parse("belvedere.example/etat+58d5e601+BB+tQvCl32yYzErX0lKcPU698BJlaEKBysdIjQTz4ELs")
START = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)


def decision(number: int) -> Record:
    """Return the decision on the `number`-th request of a made-up morning."""
    return Record(
        kind=RecordKind.DECISION,
        at=START + timedelta(seconds=number, microseconds=number),
        convention=ConventionRef("vda-etat", hashlib.sha256(b"convention").hexdigest()),
        action="view",
        subject=Subject("etat", "cic", "cic-7Q2M", "cic-mur-1"),
        camera=f"vda-{number % 252:03}",
        event=EventRef(f"e-{number}", "levee-de-doute"),
        verdict=Verdict.GRANTED if number % 3 else Verdict.REFUSED,
        articles=(ArticleRef("vda-etat:art-3"),),
        facts={
            "agent.habilitated": True,
            "state.streams_in_use": number % 9,
            "event.motive": "détonation « à l'angle »",
        },
        viewing=f"v-{number}",
    )


def entries_of(records: Sequence[Record], *, seed: int = 1, epochs: Sequence[int] = ()) -> list[LedgerEntry]:
    """Return the entries of `records` with seeded salts, all of epoch 1 unless told."""
    source = random.Random(seed)
    entries = []
    for index, record in enumerate(records):
        canonical = canonical_record(record, node=NODE, epoch=epochs[index] if epochs else 1)
        salt = salt_for(canonical, source.randbytes(SALT_RANDOM_BYTES))
        entries.append(LedgerEntry(index, entry_hash(salt, canonical), salt, canonical))
    return entries


def exported(entries: Sequence[LedgerEntry]) -> bytes:
    """Return the whole exported file of `entries`, signed by the node's test key."""
    frontier = frontier_of(entry.entry for entry in entries)
    note = Checkpoint(ORIGIN, frontier.size, frontier.root()).signed(NODE_KEY)
    header = LedgerHeader(NODE, ORIGIN, str(verifier_key(ORIGIN, NODE_KEY)))
    return b"".join(export_lines(header, entries, str(note)))


def verified(content: bytes, *vkeys: VerifierKey, search_candidates_max: int = 500_000) -> VerifiedLedger:
    """Verify `content` as if it were a file."""
    return verify_ledger(lambda: io.BytesIO(content), vkeys=vkeys, search_candidates_max=search_candidates_max)


def line_at(content: bytes, position: int) -> int:
    """Return the number, from 1, of the line in which the byte at `position` stands."""
    return content[:position].count(b"\n") + 1
