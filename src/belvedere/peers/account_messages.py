"""What a node asks and tells of the viewings that its ledger holds (see `messages`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from belvedere.domain.clock import Instant
from belvedere.domain.ids import CameraId, Pseudonym, ViewingId
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.vocabulary import Verdict
from belvedere.peers.members import Member, code, flag, identifier, instant, many, optional, table

ACCOUNTS_MAX = 60
"""So many, each at its longest, fit into one message."""


@dataclass(frozen=True, slots=True)
class AccountsAsked:
    """What does your ledger hold of the viewings between us that began at `since` or later, whose ids follow `after`?"""

    since: Instant
    after: ViewingId | None


@dataclass(frozen=True, slots=True)
class AccountsTold:
    """The answer, by the viewings' ids; `more` where it does not end here."""

    since: Instant
    after: ViewingId | None
    entries: tuple[ViewingAccount, ...]
    more: bool


_ACCOUNT = table(
    ViewingAccount,
    {
        "viewing": identifier(ViewingId),
        "camera": identifier(CameraId),
        "agent": identifier(Pseudonym),
        "verdict": optional(code(Verdict)),
        "asked_at": optional(instant()),
        "opened_at": optional(instant()),
        "ended_at": optional(instant()),
        "cause": optional(code(str)),
    },
)
ACCOUNT_MEMBERS: Mapping[type[Any], Mapping[str, Member[Any]]] = MappingProxyType(
    {
        AccountsAsked: {"since": instant(), "after": optional(identifier(ViewingId))},
        AccountsTold: {
            "since": instant(),
            "after": optional(identifier(ViewingId)),
            "entries": many(_ACCOUNT, most=ACCOUNTS_MAX),
            "more": flag(),
        },
    }
)
