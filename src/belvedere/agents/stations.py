"""A party's supervisor registers its viewing stations, and ends them (FACTS A22): the owner records, never blocks.

Its own it sees and ends; the owner's room sees its partners' too, and ends none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from belvedere.agents.log_in import digest
from belvedere.agents.model import Layout, Station
from belvedere.agents.ports import AgentsReading, AgentsStore, AgentsTransaction
from belvedere.agents.station_code import RANDOM_BYTES, code_from, in_groups
from belvedere.agents.supervision import SUPERVISING, StandingIn
from belvedere.domain.asker import ROOM_ROLES, SUPERVISORS, Asker
from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource, PartyId, StationId
from belvedere.domain.record import Record, RecordKind, Subject
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs, act_refused
from belvedere.domain.vocabulary import Role

STATIONS_MAX = 1000
LAYING_OUT = Needs(owner=ROOM_ROLES | {Role.INSPECTOR}, partner=ROOM_ROLES)
"""Whoever has a screen keeps how it is laid out."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new station; `secret` is its code in groups of four, shown this once and typed in at the station itself."""

    station: Station
    secret: str


@dataclass(frozen=True, slots=True)
class SeenStation:
    """A station as the asker may see it, and whether it is the asker's to end."""

    station: Station
    may_end: bool


@dataclass(frozen=True, slots=True)
class OtherService:
    """The station is another service's of the same party: its own head, or the direction, ends it."""

    service: str | None


@dataclass(frozen=True, slots=True)
class OwnStation:
    """Nobody ends the station at which they sit: its pictures and their own session would go."""


@dataclass(frozen=True, slots=True)
class StationUnknown:
    """The asker's party has no such station."""


@dataclass(frozen=True, slots=True)
class TooManyStations:
    """The party has as many stations as may be."""


Ended = Station | StationUnknown | ActRefused | OtherService | OwnStation


class StationDesk:
    """Registers, lists and ends stations, and tells `ended` of each end once it is durable, late or not.

    Keeps their walls' layouts.
    """

    def __init__(
        self,
        *,
        owner: PartyId,
        store: AgentsStore,
        clock: Clock,
        ids: IdSource,
        zone: ZoneInfo,
        ended: Callable[[StationId], None],
    ) -> None:
        self._owner = owner
        self._store = store
        self._clock = clock
        self._ids = ids
        self._zone = zone
        self._ended = ended

    async def all(self, asker: Asker) -> list[SeenStation]:
        """Return the stations of the asker's party; in the owner's room its partners' after them."""
        everyone = asker.party == self._owner
        found = await self._store.read(
            lambda reading: list(reading.every_station() if everyone else reading.stations(asker.party))
        )
        found.sort(key=lambda station: (station.party != asker.party, station.party))
        return [SeenStation(station, may_end=_may_end(asker, station)) for station in found]

    async def register(self, asker: Asker, label: str) -> Registered | ActRefused | TooManyStations:
        """Register a station of the asker's party; raises `NotRecorded`."""
        code = code_from(self._ids.secret(RANDOM_BYTES))
        station = Station(
            id=StationId(self._ids.fresh("s")),
            party=asker.party,
            label=label,
            secret_sha256=digest(code),
            service=asker.service,
        )

        def work(tx: AgentsTransaction) -> Registered | TooManyStations | ActRefused:
            if (refused := self._refused(tx, asker, SUPERVISING)) is not None:
                return refused
            if len(tx.stations(asker.party)) >= STATIONS_MAX:
                return TooManyStations()
            tx.put_station(station)
            tx.append(self._record(asker, station, RecordedAct.REGISTERED))
            return Registered(station, in_groups(code))

        return await self._store.transact(work)

    async def end(self, asker: Asker, station: StationId) -> Ended:
        """End a station now; raises `NotRecorded`."""

        def work(tx: AgentsTransaction) -> Ended:
            if (refused := self._refused(tx, asker, SUPERVISING)) is not None:
                return refused
            known = tx.station(station)
            if known is None or known.party != asker.party:
                return StationUnknown()
            if known.ended_at is not None:
                return known
            if known.id == asker.station:
                return OwnStation()
            if not _may_end(asker, known):
                return OtherService(known.service)
            ended = replace(known, ended_at=self._clock.now())
            tx.put_station(ended)
            tx.append(self._record(asker, ended, RecordedAct.ENDED))
            return ended

        def follow(outcome: Ended) -> None:
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

    async def keep_layout(self, asker: Asker, document: str) -> ActRefused | None:
        """Keep the layout of this station in this role; raises `NotRecorded`."""
        layout = Layout(asker.station, asker.role, document)

        def work(tx: AgentsTransaction) -> ActRefused | None:
            if (refused := self._refused(tx, asker, LAYING_OUT)) is not None:
                return refused
            tx.put_layout(layout)
            return None

        return await self._store.transact(work)

    def _refused(self, tx: AgentsTransaction, asker: Asker, needs: Needs) -> ActRefused | None:
        return act_refused(StandingIn(tx, self._zone), asker, needs, owner=self._owner, at=self._clock.now())

    def _record(self, asker: Asker, station: Station, act: RecordedAct) -> Record:
        return Record(
            kind=RecordKind.STATION,
            at=self._clock.now(),
            subject=Subject(party=asker.party, service=asker.service, agent=asker.pseudonym, station=asker.station),
            cause=act,
            detail={"label": station.label, "station": station.id},
        )


def _may_end(asker: Asker, station: Station) -> bool:
    """Return whether the asker ends this station: a room chief those of its own service, a direction its party's.

    The CIC is the State's first contact and administrator for all of its services (FACTS A14).
    """
    if station.party != asker.party or station.ended_at is not None or station.id == asker.station:
        return False
    if asker.role is Role.CSU_ROOM_CHIEF:
        return station.service == asker.service
    return asker.role in SUPERVISORS
