"""What the owner's direction declares: the room inactive, other hours, a withdrawal, an ended order confirmed.

Each declaration is one step with the ends that follow from it.
"""

from dataclasses import dataclass, replace
from datetime import date, time
from typing import ClassVar

from belvedere.acts.direction import DIRECTING
from belvedere.changes import (
    AuthorisationDeclared,
    Change,
    HoursAnnounced,
    OrderConfirmed,
    RoomDeclared,
    ViewingEnded,
)
from belvedere.changes.records import subject_of
from belvedere.domain.centre import CentreState, HoursVaried
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.record import Subject
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.rights.centre import Centre, centre_now
from belvedere.rights.facts import convention_ref
from belvedere.rights.review import endings_of, review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class FixedHours:
    """The hours of that day can't be varied by one party: both sign a changed text."""

    articles: tuple[ArticleRef, ...]


@dataclass(frozen=True, slots=True)
class PastDay:
    """That day is over: hours are announced beforehand."""


@dataclass(frozen=True, slots=True)
class CameraUnknown:
    """There is no such camera."""


@dataclass(frozen=True, slots=True)
class DeclareRoom:
    """The command: the room is inactive (evacuated, unstaffed), or active again."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    inactive: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DeclareAuthorisation:
    """The command: the prefect's authorisation is withdrawn by an act, or given again (rules A25)."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    withdrawn: bool
    act: str


@dataclass(frozen=True, slots=True)
class VaryHours:
    """The command: other hours for one day, or the usual ones again (None)."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    day: date
    hours: tuple[time, time] | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """The command: the director confirms watching a camera whose order has ended (rules C1)."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    camera: CameraId
    act: str


def declare_room(snapshot: Snapshot, command: DeclareRoom, now: Instant) -> Step[CentreState]:
    """Declare the room; every viewing is decided again."""
    centre = replace(snapshot.centre(), inactive=command.inactive)
    by, party = subject_of(command.requester), snapshot.place.party
    change = RoomDeclared(centre, command.reason, by, now, convention_ref(snapshot, party))
    return Step(centre, _with_review(snapshot, change, now))


def declare_authorisation(snapshot: Snapshot, command: DeclareAuthorisation, now: Instant) -> Step[CentreState]:
    """Declare the authorisation; every viewing is decided again."""
    centre = replace(snapshot.centre(), authorisation_withdrawn=command.withdrawn)
    by, party = subject_of(command.requester), snapshot.place.party
    change = AuthorisationDeclared(centre, command.act, by, now, convention_ref(snapshot, party))
    return Step(centre, _with_review(snapshot, change, now))


def vary_hours(snapshot: Snapshot, command: VaryHours, now: Instant) -> Step[HoursVaried | FixedHours | PastDay | None]:
    """Announce other hours, or the usual ones again.

    Only the hours that the text leaves to the owner can be varied by it alone (vda-etat, article 2).
    """
    owner, day = snapshot.place.party, command.day
    convention = snapshot.convention_between(owner, owner)
    if convention is None:
        return Step(FixedHours(()))
    calendar = convention.calendars.get(owner)
    usual = None if calendar is None else calendar.hours_of(day)
    if usual is None or not usual.varied:
        carried_by = convention.cites_of(OpeningHours, lambda hours: hours.owner == owner)
        return Step(FixedHours(carried_by if usual is None else convention.citations.refs(usual.cites)))
    if day < now.astimezone(convention.zone).date():
        return Step(PastDay())
    hours = command.hours
    varied = None if hours is None else HoursVaried(day, hours[0], hours[1], command.reason)
    by = subject_of(command.requester)
    change = HoursAnnounced(day, varied, command.reason, by, now, convention_ref(snapshot, owner))
    return Step(varied, _with_review(snapshot, change, now))


def confirm_order(snapshot: Snapshot, command: ConfirmOrder, now: Instant) -> Step[CameraId | CameraUnknown]:
    """Confirm; every viewing is decided again."""
    if snapshot.place.cameras.watched(command.camera) is None:
        return Step(CameraUnknown())
    by, ref = subject_of(command.requester), convention_ref(snapshot, snapshot.place.party)
    change = OrderConfirmed(command.camera, command.act, by, now, ref)
    return Step(command.camera, _with_review(snapshot, change, now))


def _with_review(snapshot: Snapshot, change: Change, now: Instant) -> tuple[Change, ...]:
    return (change, *review(After(snapshot, (change,)), now))


class CentreDesk:
    """Records the director's declarations; every viewing that they touch is decided again."""

    def __init__(self, spine: Spine, clock: Clock) -> None:
        self._spine = spine
        self._clock = clock

    async def now(self) -> Centre | None:
        """Return the owner's room now, or None where no convention binds the owner."""
        return await self._spine.read(lambda snapshot: centre_now(snapshot, self._clock.now()))

    async def foresee(self, *, inactive: bool | None = None, withdrawn: bool | None = None) -> list[ViewingEnded]:
        """Return what would end if the room, or the prefect's authorisation, were declared so; nothing is written."""

        def work(snapshot: Snapshot) -> list[ViewingEnded]:
            standing, now = snapshot.centre(), self._clock.now()
            supposed = CentreState(
                inactive=standing.inactive if inactive is None else inactive,
                authorisation_withdrawn=standing.authorisation_withdrawn if withdrawn is None else withdrawn,
            )
            nobody = Subject(snapshot.place.party, None, None, None)
            return endings_of(_with_review(snapshot, RoomDeclared(supposed, "", nobody, now, None), now))

        return await self._spine.read(work)

    async def withdraw(self, requester: Requester, *, withdrawn: bool, act: str) -> CentreState | ActRefused:
        """Record that the prefect's authorisation is withdrawn, or given again; raises `NotRecorded`."""
        return await self._spine.act(declare_authorisation, DeclareAuthorisation(requester, withdrawn, act))

    async def declare(self, requester: Requester, *, inactive: bool, reason: str) -> CentreState | ActRefused:
        """Record that the room is inactive, or active again; raises `NotRecorded`."""
        return await self._spine.act(declare_room, DeclareRoom(requester, inactive, reason))

    async def vary_hours(
        self, requester: Requester, *, day: date, hours: tuple[time, time] | None, reason: str
    ) -> HoursVaried | FixedHours | PastDay | ActRefused | None:
        """Announce other hours for one day, or the usual ones again (None); raises `NotRecorded`."""
        return await self._spine.act(vary_hours, VaryHours(requester, day, hours, reason))

    async def confirm_order(
        self, requester: Requester, camera: CameraId, *, act: str
    ) -> CameraId | CameraUnknown | ActRefused:
        """Record that the director confirms watching a camera whose order has ended; raises `NotRecorded`."""
        return await self._spine.act(confirm_order, ConfirmOrder(requester, camera, act))
