"""A party's supervisor registers its viewing stations, and ends them (rules A22): the owner records, never blocks.

Its own it sees and ends; the owner's room sees its partners' too, and ends none of them.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.agents.log_in import digest
from belvedere.agents.station_code import RANDOM_BYTES, code_from, in_groups
from belvedere.agents.supervision import SUPERVISING
from belvedere.changes import LayoutKept, StationEnded, StationRegistered
from belvedere.changes.records import subject_of
from belvedere.domain.agents import Layout, Station
from belvedere.domain.asker import ROOM_ROLES, SUPERVISORS, Asker
from belvedere.domain.clock import Instant
from belvedere.domain.ids import IdSource, PartyId, StationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

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


@dataclass(frozen=True, slots=True)
class RegisterStation:
    """The command: this desk of the asker's service is a viewing station; its secret, drawn by the shell, by digest."""

    needs: ClassVar[Needs] = SUPERVISING
    essential: ClassVar[bool] = False
    asker: Asker
    id: StationId
    label: str
    secret_sha256: bytes


@dataclass(frozen=True, slots=True)
class EndStation:
    """The command: this station shows no images any more."""

    needs: ClassVar[Needs] = SUPERVISING
    essential: ClassVar[bool] = True
    asker: Asker
    station: StationId


@dataclass(frozen=True, slots=True)
class KeepLayout:
    """The command: the wall of the asker's station is laid out so."""

    needs: ClassVar[Needs] = LAYING_OUT
    essential: ClassVar[bool] = False
    asker: Asker
    document: str


def register_station(snapshot: Snapshot, command: RegisterStation, now: Instant) -> Step[Station | TooManyStations]:
    """Register a station of the asker's party."""
    asker = command.asker
    if len(snapshot.stations(asker.party)) >= STATIONS_MAX:
        return Step(TooManyStations())
    station = Station(command.id, asker.party, command.label, command.secret_sha256, service=asker.service)
    return Step(station, (StationRegistered(station, subject_of(asker), now),))


def end_station(
    snapshot: Snapshot, command: EndStation, now: Instant
) -> Step[Station | StationUnknown | OtherService | OwnStation]:
    """End a station now, and what is watched at it."""
    asker, known = command.asker, snapshot.station(command.station)
    if known is None or known.party != asker.party:
        return Step(StationUnknown())
    if known.ended_at is not None:
        return Step(known)
    if known.id == asker.station:
        return Step(OwnStation())
    if not _may_end(asker, known):
        return Step(OtherService(known.service))
    over = replace(known, ended_at=now)
    change = StationEnded(over, subject_of(asker), now)
    reviewed = review(After(snapshot, (change,)), now, lambda viewing: viewing.station == over.id)
    return Step(over, (change, *reviewed))


def keep_layout(_: Snapshot, command: KeepLayout, __: Instant) -> Step[None]:
    """Keep the layout of this station in this role."""
    asker = command.asker
    return Step(None, (LayoutKept(Layout(asker.station, asker.role, command.document)),))


class StationDesk:
    """Registers, lists and ends stations. Keeps their walls' layouts."""

    def __init__(self, spine: Spine, ids: IdSource, *, owner: PartyId) -> None:
        self._spine = spine
        self._ids = ids
        self._owner = owner

    async def all(self, asker: Asker) -> list[SeenStation]:
        """Return the stations of the asker's party; in the owner's room its partners' after them."""
        everyone = asker.party == self._owner
        found = await self._spine.read(
            lambda snapshot: list(snapshot.every_station() if everyone else snapshot.stations(asker.party))
        )
        found.sort(key=lambda station: (station.party != asker.party, station.party))
        return [SeenStation(station, may_end=_may_end(asker, station)) for station in found]

    async def register(self, asker: Asker, label: str) -> Registered | ActRefused | TooManyStations:
        """Register a station of the asker's party; raises `NotRecorded`."""
        code = code_from(self._ids.secret(RANDOM_BYTES))
        command = RegisterStation(asker, StationId(self._ids.fresh("s")), label, digest(code))
        answer = await self._spine.act(register_station, command)
        return Registered(answer, in_groups(code)) if isinstance(answer, Station) else answer

    async def end(self, asker: Asker, station: StationId) -> Ended:
        """End a station now; raises `NotRecorded`."""
        return await self._spine.act(end_station, EndStation(asker, station))

    async def layout(self, asker: Asker) -> str | None:
        """Return the layout that was kept for this station in this role, or None."""
        found = await self._spine.read(lambda snapshot: snapshot.layout(asker.station, asker.role))
        return None if found is None else found.document

    async def keep_layout(self, asker: Asker, document: str) -> ActRefused | None:
        """Keep the layout of this station in this role; raises `NotRecorded`."""
        return await self._spine.act(keep_layout, KeepLayout(asker, document))


def _may_end(asker: Asker, station: Station) -> bool:
    """Return whether the asker ends this station: a room chief those of its own service, a direction its party's.

    The CIC is the State's first contact and administrator for all of its services (rules A14).
    """
    if station.party != asker.party or station.ended_at is not None or station.id == asker.station:
        return False
    if asker.role is Role.CSU_ROOM_CHIEF:
        return station.service == asker.service
    return asker.role in SUPERVISORS
