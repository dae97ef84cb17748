"""A party's supervisor registers its viewing stations, and ends them (FACTS A22): the owner records, never blocks."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace

from belvedere.agents.log_in import digest
from belvedere.agents.model import Layout, Station
from belvedere.agents.ports import AgentsReading, AgentsStore, AgentsTransaction
from belvedere.domain.asker import SUPERVISORS, Asker
from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource, StationId
from belvedere.domain.record import Record, RecordKind, Subject
from belvedere.domain.vocabulary import Role

SECRET_BYTES = 20
STATIONS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Registered:
    """A new station; `secret` is shown this once, and typed in at the station itself."""

    station: Station
    secret: str


@dataclass(frozen=True, slots=True)
class NotTheSupervisor:
    """Only a supervisor of the party registers and ends its stations."""


@dataclass(frozen=True, slots=True)
class StationUnknown:
    """The asker's party has no such station."""


@dataclass(frozen=True, slots=True)
class TooManyStations:
    """The party has as many stations as may be."""


class StationDesk:
    """Registers, lists and ends stations, and tells `ended` of each end once it is durable, late or not.

    Keeps their walls' layouts.
    """

    def __init__(self, *, store: AgentsStore, clock: Clock, ids: IdSource, ended: Callable[[StationId], None]) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._ended = ended

    async def all(self, asker: Asker) -> list[Station] | NotTheSupervisor:
        """Return the stations of the asker's party."""
        if asker.role not in SUPERVISORS:
            return NotTheSupervisor()
        return await self._store.read(lambda reading: list(reading.stations(asker.party)))

    async def register(self, asker: Asker, label: str) -> Registered | NotTheSupervisor | TooManyStations:
        """Register a station of the asker's party; raises `NotRecorded`."""
        if asker.role not in SUPERVISORS:
            return NotTheSupervisor()
        secret = base64.b32encode(self._ids.secret(SECRET_BYTES)).decode().lower()
        station = Station(
            id=StationId(self._ids.fresh("s")), party=asker.party, label=label, secret_sha256=digest(secret)
        )

        def work(tx: AgentsTransaction) -> Registered | TooManyStations:
            if len(tx.stations(asker.party)) >= STATIONS_MAX:
                return TooManyStations()
            tx.put_station(station)
            tx.append(self._record(asker, station, "registered"))
            return Registered(station, secret)

        return await self._store.transact(work)

    async def end(self, asker: Asker, station: StationId) -> Station | StationUnknown | NotTheSupervisor:
        """End a station now; raises `NotRecorded`."""
        if asker.role not in SUPERVISORS:
            return NotTheSupervisor()

        def work(tx: AgentsTransaction) -> Station | StationUnknown:
            known = tx.station(station)
            if known is None or known.party != asker.party:
                return StationUnknown()
            if known.ended_at is not None:
                return known
            ended = replace(known, ended_at=self._clock.now())
            tx.put_station(ended)
            tx.append(self._record(asker, ended, "ended"))
            return ended

        def follow(outcome: Station | StationUnknown) -> None:
            if isinstance(outcome, Station):
                self._ended(outcome.id)

        outcome = await self._store.transact(work, essential=True, on_late=follow)
        follow(outcome)
        return outcome

    async def layout(self, asker: Asker) -> str | None:
        """Return the layout that was kept for this station in this role, or None."""

        def find(reading: AgentsReading) -> Layout | None:
            return reading.layout(asker.station, Role(asker.role))

        found = await self._store.read(find)
        return None if found is None else found.document

    async def keep_layout(self, asker: Asker, document: str) -> None:
        """Keep the layout of this station in this role; raises `NotRecorded`."""
        layout = Layout(asker.station, asker.role, document)
        await self._store.transact(lambda tx: tx.put_layout(layout))

    def _record(self, asker: Asker, station: Station, act: str) -> Record:
        return Record(
            kind=RecordKind.STATION,
            at=self._clock.now(),
            subject=Subject(party=asker.party, service=asker.service, agent=asker.pseudonym, station=asker.station),
            cause=act,
            detail={"label": station.label, "station": station.id},
        )
