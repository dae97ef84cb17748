"""What the owner's direction declares: the room inactive, other hours, a withdrawal, an ended order confirmed.

Each declaration is one transaction with the records and the ends that follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import TypeVar

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.ids import ArticleRef, CameraId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.live.direction import DIRECTING
from belvedere.live.facts import hours_override_at
from belvedere.live.model import CentreState, HoursVaried
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview
from belvedere.live.supposing import Supposing
from belvedere.policy import Convention
from belvedere.policy.clauses.hours import OpeningHours

T = TypeVar("T")


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
class Centre:
    """The owner's room now. `changes_at` is when its hours next turn, None where they never do.

    *Active* is a fact beside the calendar: within hours, unless declared inactive.
    """

    open: bool
    inactive: bool
    authorisation_withdrawn: bool
    changes_at: Instant | None
    varied: HoursVaried | None

    @property
    def active(self) -> bool:
        """Whether the room is active."""
        return self.open and not self.inactive


def centre_now(reading: LiveReading, convention: Convention, *, owner: str, at: Instant) -> Centre:
    """Return the owner's room as it is at `at`."""
    declared = reading.centre()
    calendar = convention.calendars.get(owner)
    override = hours_override_at(reading, at=at, zone=convention.zone)
    here = at.astimezone(convention.zone).date()
    return Centre(
        open=calendar is not None and calendar.opening_at(at, override) is not None,
        inactive=declared.inactive,
        authorisation_withdrawn=declared.authorisation_withdrawn,
        changes_at=None if calendar is None else calendar.next_change(at, override),
        varied=reading.hours_varied(here),
    )


class CentreDesk:
    """Records the director's declarations; every viewing that they touch is decided again."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def now(self) -> Centre | None:
        """Return the owner's room now, or None where no convention binds the owner."""
        convention = self._ports.convention_for(self._ports.owner)
        if convention is None:
            return None
        at, owner = self._ports.clock.now(), self._ports.owner
        return await self._ports.store.read(lambda reading: centre_now(reading, convention, owner=owner, at=at))

    async def foresee(self, *, inactive: bool | None = None, withdrawn: bool | None = None) -> list[Ended]:
        """Return what would end if the room, or the prefect's authorisation, were declared so; nothing is written."""

        def work(reading: LiveReading) -> list[Ended]:
            now = reading.centre()
            supposed = CentreState(
                inactive=now.inactive if inactive is None else inactive,
                authorisation_withdrawn=now.authorisation_withdrawn if withdrawn is None else withdrawn,
            )
            return self._review.would_end(Supposing(reading, supposed))

        return await self._ports.store.read(work)

    async def withdraw(self, asker: Asker, *, withdrawn: bool, act: str) -> CentreState | ActRefused:
        """Record that the prefect's authorisation is withdrawn, or given again (FACTS A25); raises `NotRecorded`."""

        def work(tx: LiveTransaction) -> CentreState:
            centre = replace(tx.centre(), authorisation_withdrawn=withdrawn)
            tx.put_centre(centre)
            cause = RecordedAct.AUTHORISATION_WITHDRAWN if withdrawn else RecordedAct.AUTHORISATION_RESTORED
            tx.append(self._record(asker, RecordKind.CONVENTION, cause, {"act": act}))
            return centre

        return await self._declare(asker, work)

    async def declare(self, asker: Asker, *, inactive: bool, reason: str) -> CentreState | ActRefused:
        """Record that the room is inactive (evacuated, unstaffed), or active again; raises `NotRecorded`."""

        def work(tx: LiveTransaction) -> CentreState:
            centre = replace(tx.centre(), inactive=inactive)
            tx.put_centre(centre)
            cause = RecordedAct.INACTIVE if inactive else RecordedAct.ACTIVE
            tx.append(self._record(asker, RecordKind.CENTRE, cause, {"reason": reason}))
            return centre

        return await self._declare(asker, work)

    async def vary_hours(
        self, asker: Asker, *, day: date, hours: tuple[time, time] | None, reason: str
    ) -> HoursVaried | FixedHours | PastDay | ActRefused | None:
        """Announce other hours for one day, or the usual ones again (None); raises `NotRecorded`.

        Only the hours that the text leaves to the owner can be varied by it alone (vda-etat, article 2).
        """
        convention = self._ports.convention_for(self._ports.owner)
        calendar = None if convention is None else convention.calendars.get(self._ports.owner)
        usual = None if calendar is None else calendar.hours_of(day)
        if convention is None:
            return FixedHours(())
        if usual is None or not usual.varied:
            carried_by = convention.cites_of(OpeningHours, lambda hours: hours.owner == self._ports.owner)
            return FixedHours(carried_by if usual is None else convention.citations.refs(usual.cites))
        if day < self._ports.clock.now().astimezone(convention.zone).date():
            return PastDay()

        def work(tx: LiveTransaction) -> HoursVaried | None:
            varied = None if hours is None else HoursVaried(day, hours[0], hours[1], reason)
            if varied is None:
                tx.remove_hours(day)
            else:
                tx.put_hours(varied)
            detail: dict[str, FactValue] = {"day": day.isoformat(), "reason": reason}
            if varied is not None:
                detail |= {"open": varied.open.isoformat("minutes"), "close": varied.close.isoformat("minutes")}
            cause = RecordedAct.HOURS_USUAL if varied is None else RecordedAct.HOURS_VARIED
            tx.append(self._record(asker, RecordKind.CENTRE, cause, detail))
            return varied

        return await self._declare(asker, work)

    async def confirm_order(self, asker: Asker, camera: CameraId, *, act: str) -> CameraId | CameraUnknown | ActRefused:
        """Record that the director confirms watching a camera whose order has ended (C1); raises `NotRecorded`."""
        if self._ports.cameras.watched(camera) is None:
            return CameraUnknown()

        def work(tx: LiveTransaction) -> CameraId:
            tx.confirm_order(camera)
            tx.append(
                replace(
                    self._record(asker, RecordKind.CENTRE, RecordedAct.ORDER_CONFIRMED, {"act": act}), camera=camera
                )
            )
            return camera

        return await self._declare(asker, work)

    async def _declare(self, asker: Asker, work: Callable[[LiveTransaction], T]) -> T | ActRefused:
        ended: list[Ended] = []

        def work_and_review(tx: LiveTransaction) -> T | ActRefused:
            if (refused := self._ports.act_refused(tx, asker, DIRECTING)) is not None:
                return refused
            outcome = work(tx)
            ended.extend(self._review.review_in(tx))
            return outcome

        def follow(outcome: T | ActRefused) -> None:
            if not isinstance(outcome, ActRefused):
                self._review.stop(ended)
                self._ports.announcer.centre_changed()

        outcome = await self._ports.store.transact(work_and_review, essential=True, on_late=follow)
        follow(outcome)
        return outcome

    def _record(self, asker: Asker, kind: RecordKind, cause: RecordedAct, detail: dict[str, FactValue]) -> Record:
        convention = self._ports.convention_for(self._ports.owner)
        return Record(
            kind=kind,
            at=self._ports.clock.now(),
            convention=None if convention is None else reference(convention),
            subject=subject_of(asker),
            cause=cause,
            detail=detail,
        )
