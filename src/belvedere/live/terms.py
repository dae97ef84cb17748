"""A convention's term: what a party told about it, and takes effect on its day. FACTS A24, B11."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Text
from belvedere.live.direction import DIRECTING
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


@dataclass(frozen=True, slots=True)
class ForeseenTerm:
    """What telling this would do: when the convention ends then (None: never by itself), and what would end now."""

    ends_at: Instant | None
    ends_at_before: Instant | None
    ended: tuple[Ended, ...]


def told_of(reading: LiveReading, convention: str) -> Told:
    """Return what was told about a convention's term, as policy reads it."""
    return _told(reading.terms_told(convention))


def _told(said: Sequence[TermTold]) -> Told:
    refusals = [each.on for each in said if each.kind == TermWord.NON_RENEWAL]
    return Told(
        non_renewal_on=min(refusals) if refusals else None,
        renewed_on=tuple(each.on for each in said if each.kind == TermWord.RENEWAL),
    )


_RECORDED = {
    TermWord.NON_RENEWAL: RecordedAct.NON_RENEWAL,
    TermWord.RENEWAL: RecordedAct.RENEWAL,
    TermWord.CORRECTION: RecordedAct.CORRECTION,
}


class TermDesk:
    """Keeps what is told about terms; every viewing is decided again under it."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def tell(
        self, asker: Asker, *, convention: str, word: TermWord, on: date, act: str
    ) -> Convention | UnknownConvention | ImpossibleDay | ActRefused:
        """Keep what was told about the term on a day, or take it back; raises `NotRecorded`.

        A non-renewal takes effect on its day, with cause and article; never on a day that has passed, so that a
        mistyped date blacks nobody out.
        """
        at = self._ports.clock.now()
        standing = self._standing(convention, on, told_at=at)
        if not isinstance(standing, TextInForce):
            return standing
        before, markdown = standing.convention, standing.markdown
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Convention | ImpossibleDay | ActRefused:
            if (refused := self._ports.act_refused(tx, asker, DIRECTING)) is not None:
                return refused
            if not _keep_told(tx, TermTold(convention, word, on, act)):
                return _NOTHING_TOLD
            changed = self._under(standing, tx.terms_told(convention))
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(before),
                    subject=subject_of(asker),
                    cause=_RECORDED[word],
                    detail={"on": on.isoformat(), "act": act, "ends_at": _iso(changed.ends_at)},
                )
            )
            ended.extend(self._review.review_in(tx, under=changed))
            return changed

        def follow(changed: Convention | ImpossibleDay | ActRefused) -> None:
            if isinstance(changed, Convention):
                swap_text(self._ports, self._review, TextInForce(changed, markdown), ended)

        try:
            changed = await self._ports.store.transact(work, essential=True, on_late=follow)
        except _InThePast as past:
            return _in_the_past(past.ends_at.astimezone(before.zone))
        follow(changed)
        await self._review.catch_up()
        return changed

    async def foresee(
        self, *, convention: str, word: TermWord, on: date
    ) -> ForeseenTerm | UnknownConvention | ImpossibleDay:
        """Return when the convention would end if this were told, and what would end at once; nothing is written.

        `on` may be a day to come, as for a letter that is to be sent.
        """
        standing = self._standing(convention, on)
        if not isinstance(standing, TextInForce):
            return standing
        before = standing.convention

        def work(reading: LiveReading) -> ForeseenTerm | ImpossibleDay:
            said = _with(reading.terms_told(convention), TermTold(convention, word, on, ""))
            if said is None:
                return _NOTHING_TOLD
            changed = self._under(standing, said)
            return ForeseenTerm(changed.ends_at, before.ends_at, tuple(self._review.would_end(reading, under=changed)))

        try:
            return await self._ports.store.read(work)
        except _InThePast as past:
            return _in_the_past(past.ends_at.astimezone(before.zone))

    def _standing(
        self, convention: str, on: date, *, told_at: Instant | None = None
    ) -> TextInForce | UnknownConvention | ImpossibleDay:
        standing = self._ports.in_force.text(convention)
        if standing is None:
            return UnknownConvention()
        since = standing.convention.in_force_from
        last = date.max if told_at is None else told_at.astimezone(standing.convention.zone).date()
        return standing if since <= on <= last else _never_told_then(since)

    def _under(self, standing: TextInForce, said: Sequence[TermTold]) -> Convention:
        """Return the convention under what was told; raises `_InThePast` where that would have ended it already."""
        before = standing.convention
        changed = read_convention(standing.markdown, path=before.path, told=_told(said))
        ends_at = changed.ends_at
        if ends_at is not None and ends_at <= self._ports.clock.now() and ends_at != before.ends_at:
            raise _InThePast(ends_at)
        return changed


_NOTHING_TOLD = ImpossibleDay(Text("Rien n'a été dit ce jour-là.", "Nothing was told on that day."))


def _with(said: Sequence[TermTold], told: TermTold) -> list[TermTold] | None:
    """Return what would have been told then; None where there is nothing to take back."""
    others = [each for each in said if each.on != told.on]
    if told.kind != TermWord.CORRECTION:
        return [*others, told]
    return others if len(others) < len(said) else None


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


def _never_told_then(since: date) -> ImpossibleDay:
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
