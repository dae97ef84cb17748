"""A convention's term: what a party told about it, and takes effect on its day. Rules A24, B11."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from belvedere.acts.direction import DIRECTING
from belvedere.changes import TermAnnounced, ViewingEnded
from belvedere.changes.records import reference, subject_of
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.convention_texts import LEFT, TermTold, TermWord
from belvedere.domain.record import Subject
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.policy import Convention
from belvedere.rights.review import endings_of, review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from belvedere.spine.texts import told_of, told_with


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
    ended: tuple[ViewingEnded, ...]


@dataclass(frozen=True, slots=True)
class TellTerm:
    """The command: a party told this about a convention's term, on a day, by an act."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    told: TermTold


def tell_term(
    snapshot: Snapshot, command: TellTerm, now: Instant
) -> Step[Convention | UnknownConvention | ImpossibleDay]:
    """Keep what was told, or take it back; every viewing is decided again under it.

    A non-renewal takes effect on its day, with cause and article; never on a day that has passed, so that a mistyped
    date blacks nobody out.
    """
    before = _possible(snapshot, command.told, told_at=now)
    if not isinstance(before, Convention):
        return Step(before)
    changed = _under(snapshot, command.told, before, now)
    if isinstance(changed, ImpossibleDay):
        return Step(changed)
    told = TermAnnounced(command.told, reference(before), changed.ends_at, subject_of(command.requester), now)
    return Step(changed, (told, *review(After(snapshot, (told,)), now)))


def foresee_term(snapshot: Snapshot, told: TermTold, now: Instant) -> ForeseenTerm | UnknownConvention | ImpossibleDay:
    """Return what the step would do, not committed; the day told of may be one to come, as for a letter to be sent."""
    before = _possible(snapshot, told, told_at=None)
    if not isinstance(before, Convention):
        return before
    changed = _under(snapshot, told, before, now)
    if isinstance(changed, ImpossibleDay):
        return changed
    nobody = Subject(snapshot.place.party, None, None, None)
    change = TermAnnounced(told, reference(before), changed.ends_at, nobody, now)
    ended = endings_of(review(After(snapshot, (change,)), now))
    return ForeseenTerm(changed.ends_at, before.ends_at, tuple(ended))


def _possible(
    snapshot: Snapshot, told: TermTold, *, told_at: Instant | None
) -> Convention | UnknownConvention | ImpossibleDay:
    standing = next((each for each in snapshot.conventions() if each.id == told.convention), None)
    if standing is None:
        return UnknownConvention()
    since = standing.in_force_from
    last = date.max if told_at is None else told_at.astimezone(standing.zone).date()
    if not since <= told.on <= last:
        return _never_told_then(since)
    said = snapshot.terms_told(told.convention)
    # What is taken back was told; else nothing is there to take back.
    if told.kind == TermWord.CORRECTION and not any(each.on == told.on and each.kind != LEFT for each in said):
        return _NOTHING_TOLD
    return standing


def _under(snapshot: Snapshot, told: TermTold, before: Convention, now: Instant) -> Convention | ImpossibleDay:
    """Return the convention under what would be told; it never ends in the past."""
    text = snapshot.convention_text(told.convention)
    if text is None:
        return _NOTHING_TOLD
    said = told_with(snapshot.terms_told(told.convention), told)
    changed = snapshot.place.texts.of(text, told_of(said))
    ends_at = changed.ends_at
    if ends_at is not None and ends_at <= now and ends_at != before.ends_at:
        return _in_the_past(ends_at.astimezone(before.zone))
    return changed


class TermDesk:
    """Keeps what is told about terms; every viewing is decided again under it."""

    def __init__(self, spine: Spine, clock: Clock) -> None:
        self._spine = spine
        self._clock = clock

    async def tell(
        self, requester: Requester, *, convention: str, word: TermWord, on: date, act: str
    ) -> Convention | UnknownConvention | ImpossibleDay | ActRefused:
        """Keep what was told about the term on a day, or take it back; raises `NotRecorded`."""
        return await self._spine.act(tell_term, TellTerm(requester, TermTold(convention, word, on, act)))

    async def foresee(
        self, *, convention: str, word: TermWord, on: date
    ) -> ForeseenTerm | UnknownConvention | ImpossibleDay:
        """Return when the convention would end if this were told, and what would end at once; nothing is written."""
        told = TermTold(convention, word, on, "")
        return await self._spine.read(lambda snapshot: foresee_term(snapshot, told, self._clock.now()))


_NOTHING_TOLD = ImpossibleDay(Text("Rien n'a été dit ce jour-là.", "Nothing was told on that day."))


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
