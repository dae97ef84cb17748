"""Whether the node can do its work now: each part looked at, and what lacks said (reliability 7, 9, 9b, 12).

Owns the parts and their words. Does not know the store nor the relay: the composition root says how they are.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.journal import Compared, JournalState
from belvedere.domain.text import Text
from belvedere.policy import Convention
from belvedere.spine.in_force import InForce

CLOCK_BEHIND_MAX = timedelta(minutes=1)
"""A clock further than this behind the newest record would write the journal backwards."""


class Part(StrEnum):
    """What a node needs to serve another party."""

    RECORDS = "records"
    LEDGER = "ledger"
    JOURNAL = "journal"
    DISK = "disk"
    MEDIA = "media"
    CONVENTION = "convention"
    CLOCK = "clock"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class StoreState:
    """What the store says of itself; `cause` in its own words."""

    records: bool
    ledger_sound: bool
    disk_short: bool
    free_bytes: int
    cause: str | None


class Readiness:
    """Looks at every part anew each time it is asked; nothing is remembered."""

    def __init__(
        self,
        *,
        store: Callable[[], StoreState],
        journal: Callable[[], Compared],
        newest_record_at: Callable[[], Awaitable[Instant | None]],
        media_listens: Callable[[], Awaitable[bool]],
        in_force: InForce,
        signed: Collection[str],
        witness_lacks: Callable[[], Text | None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._journal = journal
        self._newest_record_at = newest_record_at
        self._media_listens = media_listens
        self._in_force = in_force
        self._signed = signed
        self._witness_lacks = witness_lacks
        self._clock = clock
        self._started = (clock.now(), clock.monotonic_s())

    @property
    def started_at(self) -> Instant:
        """Return when this run of the node began."""
        return self._started[0]

    async def lacking(self) -> Mapping[Part, Text]:
        """Return what lacks and why, by part; nothing where all is well."""
        state = self._store()
        found = {
            Part.RECORDS: _records_lack(state),
            Part.LEDGER: _ledger_lacks(state),
            Part.JOURNAL: _JOURNAL_LACKS.get(self._journal().state),
            Part.DISK: _disk_lacks(state),
            Part.MEDIA: None if await self._media_listens() else _MEDIA_LACKS,
            Part.CONVENTION: self._convention_lacks(),
            Part.CLOCK: await self._clock_lacks(),
            Part.WITNESS: self._witness_lacks(),
        }
        return {part: text for part, text in found.items() if text is not None}

    def clock_drift_s(self) -> float:
        """Return by how much wall-clock time has run ahead of monotonic time since the start; steps show here."""
        at, at_s = self._started
        return (self._clock.now() - at).total_seconds() - (self._clock.monotonic_s() - at_s)

    def _convention_lacks(self) -> Text | None:
        now = self._clock.now()
        unsigned = [each.id for each in self._in_force.conventions if each.id not in self._signed]
        if unsigned:
            names = ", ".join(unsigned)
            return Text(f"convention non signée : {names}", f"convention not signed: {names}")
        if not any(_covers(each, now) for each in self._in_force.conventions):
            return Text("aucune convention n'est en vigueur aujourd'hui", "no convention is in force today")
        return None

    async def _clock_lacks(self) -> Text | None:
        newest, now = await self._newest_record_at(), self._clock.now()
        if newest is None or now >= newest - CLOCK_BEHIND_MAX:
            return None
        behind_s = (newest - now).total_seconds()
        return Text(
            f"l'horloge retarde de {behind_s:.0f} s sur le dernier enregistrement",
            f"the clock is {behind_s:.0f} s behind the newest record",
        )


_MEDIA_LACKS = Text("le relais ne répond pas sur son port", "the relay does not answer on its port")


_JOURNAL_LACKS = {
    JournalState.COMPARING: Text(
        "la comparaison des tables du journal à ses inscriptions n'est pas finie ; les partenaires sont servis ensuite",
        "the journal's tables are still being compared with its entries; partners are served then",
    ),
    JournalState.DIFFERS: Text(
        "les tables du journal diffèrent de ses inscriptions ; elles sont refaites d'après elles, et les partenaires "
        "sont servis ensuite ; chercher qui a écrit dans le fichier de la base",
        "the journal's tables differ from its entries; they are being mended from them, and partners are served then; "
        "find out who wrote to the database file",
    ),
}
"""Nothing where the entries themselves are unsound: that is the ledger's to say."""


def _records_lack(state: StoreState) -> Text | None:
    if state.records:
        return None
    return Text(
        f"rien ne peut être inscrit au journal : {state.cause}", f"nothing can be written to the journal: {state.cause}"
    )


def _ledger_lacks(state: StoreState) -> Text | None:
    if state.ledger_sound:
        return None
    return Text(f"le journal n'est pas intact : {state.cause}", f"the journal is not intact: {state.cause}")


def _disk_lacks(state: StoreState) -> Text | None:
    if not state.disk_short:
        return None
    return Text(f"il reste {state.free_bytes} octets sur le disque", f"{state.free_bytes} bytes are left on the disk")


def _covers(convention: Convention, now: Instant) -> bool:
    begun = convention.in_force_from <= now.astimezone(convention.zone).date()
    return begun and (convention.ends_at is None or now < convention.ends_at)
