"""Opens a node's database as a node does, with a key and ids that every run repeats."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.changes.party_words import PartyWords
from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.ids import PartyId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.words import Words
from belvedere.ledger.note import VerifierKey, verifier_key
from belvedere.store.database import DATABASE_FILE, Database, StoreLimits
from belvedere.store.ledger_log import LedgerIdentity
from belvedere.store.space import SpaceLimits
from belvedere.store.writer import WriteTransaction

T = TypeVar("T")

NODE = "villeneuve-dascq"
ORIGIN = f"belvedere.example/{NODE}"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"belvedere store tests").digest())
VKEY: VerifierKey = verifier_key(ORIGIN, KEY)
IDENTITY = LedgerIdentity(NODE, ORIGIN, KEY)
SMALL_SPACE = SpaceLimits(ballast_bytes=64 * 1024, floor_bytes=64 * 1024, alarm_below_bytes=128 * 1024)
LIMITS = StoreLimits(space=SMALL_SPACE)
CLOCK = SystemClock()


def database_in(directory: Path) -> Path:
    return directory / DATABASE_FILE


async def open_store(directory: Path, *, limits: StoreLimits = LIMITS, identity: LedgerIdentity = IDENTITY) -> Database:
    return await Database.open(database_in(directory), identity=identity, clock=CLOCK, ids=SystemIds(), limits=limits)


@asynccontextmanager
async def store_in(directory: Path, *, limits: StoreLimits = LIMITS) -> AsyncIterator[Database]:
    database = await open_store(directory, limits=limits)
    try:
        yield database
    finally:
        await database.aclose()


def record(camera: str = "vda-017", **facts: str | int | bool) -> Record:
    return Record(kind=RecordKind.DECISION, at=CLOCK.now(), camera=camera, facts=facts)


async def append(database: Database, camera: str = "vda-017", **facts: str | int | bool) -> int:
    return await patient(database, lambda transaction: transaction.append(record(camera, **facts)))


def words(text: str) -> Words:
    """Return words with a salt that every run repeats."""
    return Words(text, hashlib.sha256(f"salt of {text}".encode()).digest())


def named(text: str) -> dict[str, object]:
    """Return how a record names a text."""
    return {"sha256": words(text).sha256}


def said(*texts: str, party: str = "etat") -> dict[str, PartyWords]:
    """Return the texts as what is kept beside the records that name them."""
    return {words(text).sha256: PartyWords(PartyId(party), words(text)) for text in texts}


async def patient(database: Database, work: Callable[[WriteTransaction], T]) -> T:
    """Write with a time that a loaded machine cannot miss; tests of the time itself say their own."""
    return await database.write(work, timeout_s=30)
