"""Two ledgers compared, viewing by viewing: what only one holds, and what the two tell otherwise.

Pure. A viewing has one id on both nodes; what each ledger holds of it is its account. Source: reliability 11, 28; peers, Two
ledgers compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, PartyId, Pseudonym, ViewingId
from belvedere.domain.vocabulary import Verdict

SETTLES_WITHIN = timedelta(seconds=30)
"""An answer takes 3 s at most and a lost end is found within 10; clocks of two nodes may be 10 s apart."""


@dataclass(frozen=True, slots=True)
class ViewingAccount:
    """What one ledger holds of a viewing. `verdict` is the owner's, as it decided or as it was answered; None for neither."""

    viewing: ViewingId
    camera: CameraId
    agent: Pseudonym
    verdict: Verdict | None = None
    asked_at: Instant | None = None
    opened_at: Instant | None = None
    ended_at: Instant | None = None
    cause: str | None = None
    """Of its end."""

    @property
    def last_at(self) -> Instant | None:
        """When the ledger last told of it."""
        return max((at for at in (self.asked_at, self.opened_at, self.ended_at) if at is not None), default=None)

    @property
    def first_at(self) -> Instant | None:
        """When the ledger first told of it."""
        return self.asked_at or self.opened_at or self.ended_at

    @property
    def granted(self) -> bool:
        """Whether pictures may have flowed."""
        return self.opened_at is not None or self.verdict is Verdict.GRANTED


class DifferenceKind(StrEnum):
    """What is different, the gravest first."""

    SUBJECT = "subject"
    """Another camera, or another agent: two viewings under one id."""
    VERDICT = "verdict"
    """The owner decided otherwise than the other node was answered."""
    RUNS = "runs"
    """Over by one ledger, and not by the other."""
    MISSING = "missing"
    """One ledger holds nothing of it, although a node asks, and answers, only once that is written down."""
    OPENED = "opened"
    """Opened by one ledger alone: granted, and never watched; or lost in a cut."""
    CAUSE = "cause"
    """Over by both, for causes of which each saw one."""

    @property
    def is_disagreement(self) -> bool:
        """Whether a cut, a kill or a late answer does not explain it."""
        return self not in (DifferenceKind.OPENED, DifferenceKind.CAUSE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A viewing that the two ledgers tell otherwise; None for the one that holds nothing of it."""

    viewing: ViewingId
    kind: DifferenceKind
    here: ViewingAccount | None
    there: ViewingAccount | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What two nodes' ledgers tell of the viewings between them since an instant, compared. `whole`: none was left out."""

    party: PartyId
    at: Instant
    since: Instant
    compared: int
    differences: tuple[Difference, ...]
    whole: bool

    @property
    def disagreements(self) -> tuple[Difference, ...]:
        """Those that no cut explains."""
        return tuple(each for each in self.differences if each.kind.is_disagreement)


def by_viewing(accounts: Iterable[ViewingAccount]) -> Mapping[ViewingId, ViewingAccount]:
    """Return accounts by their viewing."""
    return {each.viewing: each for each in accounts}


def compare(
    here: Mapping[ViewingId, ViewingAccount],
    there: Mapping[ViewingId, ViewingAccount],
    *,
    since: Instant,
    now: Instant,
) -> tuple[Difference, ...]:
    """Return what differs, by viewing.

    What either ledger told of within `SETTLES_WITHIN` is left for the next time; what began as shortly after `since` may
    have begun before it by the other's clock.
    """
    found = []
    for viewing in sorted(here.keys() | there.keys()):
        ours, theirs = here.get(viewing), there.get(viewing)
        told = [each for each in (ours, theirs) if each is not None]
        if any(_is_under_way(each, now) or _began_before(each, since) for each in told):
            continue
        kind = _kind(ours, theirs)
        if kind is not None:
            found.append(Difference(viewing, kind, ours, theirs))
    return tuple(found)


def _is_under_way(account: ViewingAccount, now: Instant) -> bool:
    return account.last_at is not None and account.last_at > now - SETTLES_WITHIN


def _began_before(account: ViewingAccount, since: Instant) -> bool:
    return account.first_at is not None and account.first_at < since + SETTLES_WITHIN


def _kind_of_one(known: ViewingAccount) -> DifferenceKind | None:
    if known.verdict is None and known.opened_at is not None:
        # Joined: shown before the owner was asked, and the cut was faster than the question.
        return DifferenceKind.RUNS if known.ended_at is None else DifferenceKind.OPENED
    # A refusal that was repeated within a minute is counted, not written down again (ledger-format 2).
    return DifferenceKind.MISSING if known.granted else None


def _kind(ours: ViewingAccount | None, theirs: ViewingAccount | None) -> DifferenceKind | None:
    if ours is None or theirs is None:
        return None if (known := ours or theirs) is None else _kind_of_one(known)
    if (ours.camera, ours.agent) != (theirs.camera, theirs.agent):
        return DifferenceKind.SUBJECT
    if None not in (ours.verdict, theirs.verdict) and ours.verdict is not theirs.verdict:
        return DifferenceKind.VERDICT
    if (ours.opened_at is None) != (theirs.opened_at is None):
        over = ours.ended_at or theirs.ended_at
        # Opened by one alone, and not over there either: it runs for one of the two.
        return DifferenceKind.OPENED if over is not None else DifferenceKind.RUNS
    if (ours.ended_at is None) != (theirs.ended_at is None):
        return DifferenceKind.RUNS
    return DifferenceKind.CAUSE if ours.cause != theirs.cause else None
