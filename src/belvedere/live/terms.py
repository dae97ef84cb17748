"""A convention's term: what a party told about it, and takes effect on its day. FACTS A24, B11."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Role
from belvedere.live.centre import NotForThisRole
from belvedere.live.in_force import TextInForce
from belvedere.live.model import TermTold
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview
from belvedere.live.swap_text import swap_text
from belvedere.policy import Convention, read_convention
from belvedere.policy.lifecycle import Told


class TermWord(StrEnum):
    """What a party tells about the term."""

    NON_RENEWAL = "non-renewal"
    RENEWAL = "renewal"
    CORRECTION = "correction"
    """What was told on that day was told by mistake."""


@dataclass(frozen=True, slots=True)
class ImpossibleDay:
    """Nothing can have been told on that day, or it would end what has already run; `reason` says which."""

    reason: Text


@dataclass(frozen=True, slots=True)
class UnknownConvention:
    """No convention of this id is in force here."""


def told_of(reading: LiveReading, convention: str) -> Told:
    """Return what was told about a convention's term, as policy reads it."""
    said = reading.terms_told(convention)
    refusals = [each.on for each in said if each.kind == TermWord.NON_RENEWAL]
    return Told(
        non_renewal_on=min(refusals) if refusals else None,
        renewed_on=tuple(each.on for each in said if each.kind == TermWord.RENEWAL),
    )


class TermDesk:
    """Keeps what is told about terms; every viewing is decided again under it."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def tell(
        self, asker: Asker, *, convention: str, word: TermWord, on: date, act: str
    ) -> Convention | UnknownConvention | ImpossibleDay | NotForThisRole:
        """Keep what was told about the term on a day, or take it back; raises `NotRecorded`.

        A non-renewal takes effect on its day, with cause and article; never on a day that has passed, so that a
        mistyped date blacks nobody out.
        """
        if asker.party != self._ports.owner or asker.role is not Role.POLICE_DIRECTOR:
            return NotForThisRole()
        standing = self._ports.in_force.text(convention)
        if standing is None:
            return UnknownConvention()
        before, markdown = standing.convention, standing.markdown
        at = self._ports.clock.now()
        today = at.astimezone(before.zone).date()
        if not before.in_force_from <= on <= today:
            return _never_told_then(before)
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Convention | ImpossibleDay:
            if not _keep_told(tx, TermTold(convention, word, on, act)):
                return ImpossibleDay(Text("Rien n'a été dit ce jour-là.", "Nothing was told on that day."))
            changed = read_convention(markdown, path=before.path, told=told_of(tx, convention))
            if changed.ends_at is not None and changed.ends_at <= at and changed.ends_at != before.ends_at:
                raise _InThePast(changed.ends_at)
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(before),
                    subject=subject_of(asker),
                    cause=word,
                    detail={"on": on.isoformat(), "act": act, "ends_at": _iso(changed.ends_at)},
                )
            )
            ended.extend(self._review.review_in(tx, under=changed))
            return changed

        def follow(changed: Convention | ImpossibleDay) -> None:
            if isinstance(changed, Convention):
                swap_text(self._ports, self._review, TextInForce(changed, markdown), ended)

        try:
            changed = await self._ports.store.transact(work, essential=True, on_late=follow)
        except _InThePast as past:
            return _in_the_past(past.ends_at.astimezone(before.zone))
        follow(changed)
        await self._review.catch_up()
        return changed


def _keep_told(tx: LiveTransaction, told: TermTold) -> bool:
    """Keep what was told, or take back what was told on that day; False where there is nothing to take back."""
    if told.kind == TermWord.CORRECTION:
        return tx.take_term_back(told.convention, told.on)
    tx.put_term_told(told)
    return True


class _InThePast(Exception):
    """What was told would have ended the convention already: the transaction leaves nothing behind."""

    def __init__(self, ends_at: Instant) -> None:
        super().__init__(ends_at)
        self.ends_at = ends_at


def _never_told_then(convention: Convention) -> ImpossibleDay:
    since = convention.in_force_from
    return ImpossibleDay(
        Text(
            f"Entre l'entrée en vigueur ({since:%d/%m/%Y}) et aujourd'hui.",
            f"Between the entry into force ({since}) and today.",
        )
    )


def _in_the_past(day: datetime) -> ImpossibleDay:
    return ImpossibleDay(
        Text(
            f"La convention aurait pris fin le {day:%d/%m/%Y} : rien ne s'arrête dans le passé.",
            f"The convention would have ended on {day:%Y-%m-%d}: nothing ends in the past.",
        )
    )


def _iso(at: Instant | None) -> str | None:
    return None if at is None else at.isoformat()
