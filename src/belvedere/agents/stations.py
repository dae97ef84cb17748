"""A party's supervisor registers its viewing stations, and ends them (rules A22): the owner records, never blocks.

Its own it sees and ends; the owner's room sees its partners' too, and ends none of them.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from belvedere.agents.log_in import digest
from belvedere.agents.station_code import RANDOM_BYTES, code_from, in_groups
from belvedere.agents.supervision import SUPERVISING
from belvedere.changes import LayoutKept, StationEnded, StationRegistered
from belvedere.changes.records import subject_of
from belvedere.domain.agents import Layout, Station
from belvedere.domain.clock import Instant
from belvedere.domain.ids import IdSource, PartyId, StationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, SUPERVISORS, Requester
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
    """A station as the requester may see it, and whether it is the requester's to end."""

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
    """The requester's party has no such station."""


@dataclass(frozen=True, slots=True)
class TooManyStations:
    """The party has as many stations as may be."""


@dataclass(frozen=True, slots=True)
class TermPassed:
    """The last day that the station is given has passed already."""


Ended = Station | StationUnknown | ActRefused | OtherService | OwnStation


@dataclass(frozen=True, slots=True)
class RegisterStation:
    """The command: this desk of the requester's service is a viewing station; its secret, drawn by the shell, by digest."""

    needs: ClassVar[Needs] = SUPERVISING
    essential: ClassVar[bool] = False
    requester: Requester
    id: StationId
    label: str
    secret_sha256: bytes
    until: date | None = None
    """Its last day, for a station that is one for a time."""


@dataclass(frozen=True, slots=True)
class EndStation:
    """The command: this station shows no images any more."""

    needs: ClassVar[Needs] = SUPERVISING
    essential: ClassVar[bool] = True
    requester: Requester
    station: StationId


@dataclass(frozen=True, slots=True)
class KeepLayout:
    """The command: the wall of the requester's station is laid out so."""

    needs: ClassVar[Needs] = LAYING_OUT
    essential: ClassVar[bool] = False
    requester: Requester
    document: str


def register_station(
    snapshot: Snapshot, command: RegisterStation, now: Instant
) -> Step[Station | TooManyStations | TermPassed]:
    """Register a station of the requester's party."""
    requester = command.requester
    if command.until is not None and command.until < now.astimezone(snapshot.place.zone).date():
        return Step(TermPassed())
    if len(snapshot.stations(requester.party)) >= STATIONS_MAX:
        return Step(TooManyStations())
    station = Station(
        command.id,
        requester.party,
        command.label,
        command.secret_sha256,
        service=requester.service,
        until=command.until,
    )
    return Step(station, (StationRegistered(station, subject_of(requester), now),))


def end_station(
    snapshot: Snapshot, command: EndStation, now: Instant
) -> Step[Station | StationUnknown | OtherService | OwnStation]:
    """End a station now, and what is watched at it."""
    requester, known = command.requester, snapshot.station(command.station)
    if known is None or known.party != requester.party:
        return Step(StationUnknown())
    if known.ended_at is not None:
        return Step(known)
    if known.id == requester.station:
        return Step(OwnStation())
    if not _may_end(requester, known):
        return Step(OtherService(known.service))
    over = replace(known, ended_at=now)
    change = StationEnded(over, subject_of(requester), now)
    reviewed = review(After(snapshot, (change,)), now, lambda viewing: viewing.station == over.id)
    return Step(over, (change, *reviewed))


def keep_layout(_: Snapshot, command: KeepLayout, __: Instant) -> Step[None]:
    """Keep the layout of this station in this role."""
    requester = command.requester
    return Step(None, (LayoutKept(Layout(requester.station, requester.role, command.document)),))


class StationDesk:
    """Registers, lists and ends stations. Keeps their walls' layouts."""

    def __init__(self, spine: Spine, ids: IdSource, *, owner: PartyId) -> None:
        self._spine = spine
        self._ids = ids
        self._owner = owner

    async def all(self, requester: Requester) -> list[SeenStation]:
        """Return the stations of the requester's party; in the owner's room its partners' after them."""
        everyone = requester.party == self._owner
        found = await self._spine.read(
            lambda snapshot: list(snapshot.every_station() if everyone else snapshot.stations(requester.party))
        )
        found.sort(key=lambda station: (station.party != requester.party, station.party))
        return [SeenStation(station, may_end=_may_end(requester, station)) for station in found]

    async def register(
        self, requester: Requester, label: str, *, until: date | None = None
    ) -> Registered | ActRefused | TooManyStations | TermPassed:
        """Register a station of the requester's party, for good or to the end of a day; raises `NotRecorded`."""
        code = code_from(self._ids.secret(RANDOM_BYTES))
        command = RegisterStation(requester, StationId(self._ids.fresh("s")), label, digest(code), until)
        answer = await self._spine.act(register_station, command)
        return Registered(answer, in_groups(code)) if isinstance(answer, Station) else answer

    async def end(self, requester: Requester, station: StationId) -> Ended:
        """End a station now; raises `NotRecorded`."""
        return await self._spine.act(end_station, EndStation(requester, station))

    async def layout(self, requester: Requester) -> str | None:
        """Return the layout that was kept for this station in this role, or None."""
        found = await self._spine.read(lambda snapshot: snapshot.layout(requester.station, requester.role))
        return None if found is None else found.document

    async def keep_layout(self, requester: Requester, document: str) -> ActRefused | None:
        """Keep the layout of this station in this role; raises `NotRecorded`."""
        return await self._spine.act(keep_layout, KeepLayout(requester, document))


def _may_end(requester: Requester, station: Station) -> bool:
    """Return whether the requester ends this station: a room chief those of its own service, a direction its party's.

    The CIC is the State's first contact and administrator for all of its services (rules A14).
    """
    if station.party != requester.party or station.ended_at is not None or station.id == requester.station:
        return False
    if requester.role is Role.CSU_ROOM_CHIEF:
        return station.service == requester.service
    return requester.role in SUPERVISORS
