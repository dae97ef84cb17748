"""What the node must not lose: its database, and whose ledger stands in it."""

from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import IdSource
from belvedere.ledger.keys import load_key, load_or_create_key
from belvedere.ledger.note import verifier_key
from belvedere.settings import Settings
from belvedere.store.comparison import JournalComparison
from belvedere.store.database import DATABASE_FILE, Database
from belvedere.store.ledger_log import LedgerIdentity
from belvedere.store.restore import half_restored

KEY_FILE = "node-key.pem"
"""The signing key's name in the data folder; no backup of the database holds it."""

WITNESS_KEY_FILE = "witness-key.pem"
"""The name of the key with which this node co-signs other logs; no backup of the database holds it either."""


FORMER_KEY_FILE = "node-key.former.pem"
"""The name of the key that the signing key followed, where it followed one."""


def identity_of(settings: Settings) -> LedgerIdentity:
    """Return whose ledger this node keeps; makes the signing key at the first start."""
    origin, former = settings.node.origin, settings.node.data_dir / FORMER_KEY_FILE
    return LedgerIdentity(
        node=settings.node.party,
        origin=origin,
        key=load_or_create_key(settings.node.data_dir / KEY_FILE),
        former=verifier_key(origin, load_key(former)) if former.exists() else None,
    )


def witness_key_of(settings: Settings) -> Ed25519PrivateKey:
    """Return the key with which this node co-signs; made at the first start. It goes by the name of the log's origin."""
    return load_or_create_key(settings.node.data_dir / WITNESS_KEY_FILE)


async def open_database(settings: Settings, *, clock: Clock, ids: IdSource) -> Database:
    """Open what the node must not lose; raises `Unreadable` where a restore was cut short in the data folder."""
    data_dir = settings.node.data_dir
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    cut_short = half_restored(data_dir)
    if cut_short is not None:
        raise Unreadable(cut_short)
    return await Database.open(data_dir / DATABASE_FILE, identity=identity_of(settings), clock=clock, ids=ids)


async def mend_journal(settings: Settings) -> int:
    """Mend the journal's tables from its records while the node is stopped; return how many rows.

    Raises `RecordsUnsound` where a record itself is not the one that was entered.
    """
    clock = SystemClock()
    database = await open_database(settings, clock=clock, ids=SystemIds())
    try:
        return await JournalComparison(database, clock=clock, zone=ZoneInfo(settings.node.zone)).mend()
    finally:
        await database.aclose()
