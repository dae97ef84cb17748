"""What each ledger holds of the viewings between two nodes, asked and told over the link, a page at a time.

Owns how often a peer is answered, and how long its answer is waited for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import anyio
import structlog

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import PartyId, ViewingId
from belvedere.domain.link_state import LinkState
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.text import Text
from belvedere.peers.account_messages import ACCOUNTS_MAX, AccountsAsked, AccountsTold
from belvedere.peers.messages import PeerMessage

ANSWER_WITHIN_S = 5.0
LINK_LOOKED_AT_EVERY_S = 0.2
ALL_WITHIN_S = 30.0
"""A peer that answers page after page as slowly as it may holds up no comparison with another."""
KEPT_S = 10.0
"""How long what was read for a peer is told page by page."""
READ_EVERY_S = 1.0
"""A peer that asks for another time sooner is not answered: each answer is a search of the ledger."""
ASK_EVERY_S = READ_EVERY_S + 0.2
"""On the way a question may gain on the one before."""
TOLD_MAX = 2_000
log = structlog.get_logger(__name__)


class Accounts(Protocol):
    """What this node's ledger holds; raises `NotRead`."""

    async def between(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount]:
        """Return the account of each viewing that began at `since` or later, by its id."""


class Linked(Protocol):
    """The link to one peer."""

    state: LinkState
    """How it stands."""

    def say(self, message: PeerMessage) -> None:
        """Tell, if the link is up."""


@dataclass(slots=True)
class _Question:
    """A page that was asked for, and what came."""

    asked: AccountsAsked
    answered: anyio.Event
    told: AccountsTold | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a peer, and when."""

    since: Instant
    at_s: float
    accounts: Sequence[ViewingAccount]


class AccountExchange:
    """One for all peers (implements `acts.reconcile.OthersAccounts`). Used on the event loop."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._links: Mapping[PartyId, Linked] = {}
        self._questions: dict[PartyId, _Question] = {}
        self._asking: set[PartyId] = set()
        self._asked_s: dict[PartyId, float] = {}
        self._read: dict[PartyId, _Read] = {}

    def speak_over(self, links: Mapping[PartyId, Linked]) -> None:
        """Ask over these links from now on."""
        self._links = links

    # Asked here.

    async def of(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount] | Text:
        """Ask the node of `party`, page after page; return why it did not answer, where it did not."""
        link = self._links.get(party)
        if link is None or not link.state.up:
            return _NO_LINK
        if party in self._asking:
            return _ASKED_ALREADY
        self._asking.add(party)
        try:
            with anyio.move_on_after(ALL_WITHIN_S):
                await self._not_too_soon(party)
                return await self._all(party, link, since=since, most=most)
            return _NO_ANSWER
        finally:
            self._asking.remove(party)

    async def _not_too_soon(self, party: PartyId) -> None:
        """Leave the peer the time between two readings: sooner it would keep silent, and be waited for."""
        last_s, now_s = self._asked_s.get(party), self._clock.monotonic_s()
        self._asked_s[party] = now_s
        if last_s is not None and now_s - last_s < ASK_EVERY_S:
            self._asked_s[party] = last_s + ASK_EVERY_S
            await anyio.sleep(last_s + ASK_EVERY_S - now_s)

    async def _all(self, party: PartyId, link: Linked, *, since: Instant, most: int) -> Sequence[ViewingAccount] | Text:
        found: list[ViewingAccount] = []
        after: ViewingId | None = None
        while len(found) < most:
            told = await self._ask(party, link, AccountsAsked(since, after))
            if told is None:
                return _NO_ANSWER
            found += told.entries
            # Each page goes on after the one before: a peer that turns in a circle is left.
            after = told.entries[-1].viewing if told.entries else None
            if not told.more or after is None:
                break
        return found[:most]

    async def _ask(self, party: PartyId, link: Linked, asked: AccountsAsked) -> AccountsTold | None:
        question = self._questions[party] = _Question(asked, anyio.Event())
        try:
            stood = link.state
            link.say(asked)
            with anyio.move_on_after(ANSWER_WITHIN_S):
                # What was asked over a link that is gone since is answered by nobody.
                while not question.answered.is_set() and link.state == stood:
                    with anyio.move_on_after(LINK_LOOKED_AT_EVERY_S):
                        await question.answered.wait()
        finally:
            del self._questions[party]
        return question.told

    def told(self, party: PartyId, told: AccountsTold) -> None:
        """Give a page to whoever waits for it; one that nobody asked for is nobody's."""
        question = self._questions.get(party)
        if question is None or (told.since, told.after) != (question.asked.since, question.asked.after):
            log.warning("peer_accounts_unexpected", party=party)
            return
        ids = [each.viewing for each in told.entries]
        if ids != sorted(set(ids)) or (told.after is not None and ids and ids[0] <= told.after):
            log.error("peer_accounts_refused", party=party, said="a page that is out of order")
            return
        question.told = told
        question.answered.set()

    # Asked there.

    async def page(self, party: PartyId, asked: AccountsAsked) -> AccountsTold | None:
        """Return a page of what this ledger holds; None where the peer asks for another time too soon. Raises `NotRead`."""
        kept, now_s = self._read.get(party), self._clock.monotonic_s()
        age_s = None if kept is None else now_s - kept.at_s
        if kept is None or age_s is None or age_s > (KEPT_S if kept.since == asked.since else READ_EVERY_S):
            accounts = await self._accounts.between(party, since=asked.since, most=TOLD_MAX)
            kept = self._read[party] = _Read(asked.since, now_s, accounts)
        if kept.since != asked.since:
            return None
        rest = [each for each in kept.accounts if asked.after is None or each.viewing > asked.after]
        return AccountsTold(asked.since, asked.after, tuple(rest[:ACCOUNTS_MAX]), more=len(rest) > ACCOUNTS_MAX)


_NO_LINK = Text("la liaison avec son nœud est coupée", "the link to its node is down")
_NO_ANSWER = Text("son nœud n'a pas répondu dans les temps", "its node did not answer in time")
_ASKED_ALREADY = Text("un rapprochement est déjà en cours", "a comparison is under way already")
