"""Clauses on steering: takeover while the owner's room is active or closed, priority, notices."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from belvedere.domain.vocabulary import EventKind, Role
from belvedere.policy.clauses.clause import Clause


class While(StrEnum):
    """In which state of the owner's room a takeover clause applies."""

    CENTRE_ACTIVE = "centre-active"
    CENTRE_CLOSED = "centre-closed"


class Regime(StrEnum):
    """Which of the readings of an article on takeover is in force."""

    AUTHORISATION = "authorisation"
    NOTIFICATION = "notification"
    NOTICE_AFTER = "notice-after"


class OwedFor(StrEnum):
    """After what a notice is owed."""

    CONTROL = "control"
    """A takeover (the convention's word)."""
    USE = "use"
    """Any viewing too (the deliberation's word)."""


class Due(StrEnum):
    """By when a notice is owed."""

    NEXT_OPENING = "next-opening"


_REGIMES = {
    While.CENTRE_ACTIVE: {Regime.AUTHORISATION, Regime.NOTIFICATION},
    While.CENTRE_CLOSED: {Regime.NOTICE_AFTER},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PtzTakeover(Clause):
    """On what terms `party` may steer `owner`'s cameras (rules A10, A11, A13). `regime` has no default.

    `authorised_by` and `event_kinds` belong to the regime `authorisation`; under `notification` only
    `notification_cites` are cited, and every kind of event will do.
    """

    KIND: ClassVar[str] = "ptz-takeover"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "party", "while_")
    owner: str
    party: str
    while_: While = field(metadata={"key": "while"})
    regime: Regime
    authorised_by: tuple[Role, ...] = ()
    event_kinds: tuple[EventKind, ...] = ()
    notification_cites: tuple[str, ...] = ()

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong within this clause alone."""
        own: tuple[tuple[str, str], ...] = ()
        if self.regime not in _REGIMES[self.while_]:
            known = " or ".join(f'"{regime}"' for regime in sorted(_REGIMES[self.while_]))
            own = (("regime", f'while = "{self.while_}" has the regime {known}'),)
        elif self.regime is Regime.NOTICE_AFTER and (self.authorised_by or self.event_kinds):
            key = "authorised_by" if self.authorised_by else "event_kinds"
            own = ((key, f"the regime `notice-after` reads no `{key}`: nothing would limit it so"),)
        elif self.regime is Regime.AUTHORISATION and not self.authorised_by:
            own = (("authorised_by", "the regime `authorisation` says by whom"),)
        return Clause.faults(self) + own


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseContinuation(Clause):
    """A lease granted while the room was closed goes on when it opens, with a notification (a reading of rules A12, A13)."""

    KIND: ClassVar[str] = "lease-continuation"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "party")
    owner: str
    party: str
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPriority(Clause):
    """Nobody steers `owner`'s camera while its own room does (rules A12, B7)."""

    KIND: ClassVar[str] = "owner-priority"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "over")
    owner: str
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSteering(Clause):
    """Whether `party` may steer `owner`'s cameras where the text is silent; both parties switch it on (rules B7)."""

    KIND: ClassVar[str] = "partner-steering"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "party")
    owner: str
    party: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Clause):
    """What is told to `owner` after a use outside its room's activity (rules A13)."""

    KIND: ClassVar[str] = "notice"
    SUBJECT: ClassVar[tuple[str, ...]] = ("owner", "party")
    owner: str
    party: str
    owed_for: OwedFor
    due: Due
    tells: tuple[str, ...]
    by: str
