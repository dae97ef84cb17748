"""Two nodes' ledgers are compared, viewing by viewing; a disagreement that no cut explains is recorded, once.

Source: reliability 11, 28; peers, Two ledgers compared.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from belvedere.changes import DisagreementFound, JournalConsulted
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.ids import PartyId, ViewingId
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.reconciliation import Reconciled, ViewingAccount, by_viewing, compare
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Role
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

RECONCILING = Needs(
    owner=frozenset({Role.INSPECTOR, Role.ADMIN, Role.POLICE_DIRECTOR, Role.CSU_ROOM_CHIEF, Role.CIC_SUPERVISOR})
)
"""Who answers for a node, its room or its journal, on their own node."""
LOOKS_BACK = timedelta(hours=24)
COMPARED_MAX = 2_000
NAMED_MAX = 20
"""How many viewings a record of a disagreement names."""


class Accounts(Protocol):
    """What this node's ledger holds of the viewings between two nodes; raises `NotRead`."""

    async def between(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount]:
        """Return the account of each viewing that began at `since` or later, by its id."""


class OthersAccounts(Protocol):
    """What another node's ledger holds of them."""

    async def of(self, party: PartyId, *, since: Instant, most: int) -> Sequence[ViewingAccount] | Text:
        """Ask the node of `party`; return why it did not answer, where it did not."""


class ReconciliationDesk:
    """Compares, and writes down what no cut explains. Raises `NotRead`, `NotRecorded`."""

    def __init__(self, spine: Spine, accounts: Accounts, others: OthersAccounts, clock: Clock) -> None:
        self._spine = spine
        self._accounts = accounts
        self._others = others
        self._clock = clock
        self._told: dict[PartyId, set[ViewingId]] = {}

    async def compare(self, party: PartyId) -> Reconciled | Text:
        """Compare the last day with the node of `party`; return why that cannot be done, where it cannot."""
        since = self._clock.now() - LOOKS_BACK
        theirs = await self._others.of(party, since=since, most=COMPARED_MAX)
        if isinstance(theirs, Text):
            return theirs
        ours = await self._accounts.between(party, since=since, most=COMPARED_MAX)
        whole = max(len(ours), len(theirs)) < COMPARED_MAX
        if not whole:
            # As far as both lists reach: what comes after is in one of them only because the other is full.
            last = min(each[-1].viewing for each in (ours, theirs) if len(each) >= COMPARED_MAX)
            ours, theirs = ([each for each in told if each.viewing <= last] for told in (ours, theirs))
        found = compare(by_viewing(ours), by_viewing(theirs), since=since, now=self._clock.now())
        viewings = {each.viewing for each in (*ours, *theirs)}
        compared = Reconciled(party, self._clock.now(), since, len(viewings), found, whole)
        await self._tell(compared)
        return compared

    async def note(self, requester: Requester) -> None:
        """Write down who reads it; raises `NotRecorded`."""

        def step(_: Snapshot, now: Instant) -> Step[None]:
            return Step(None, (JournalConsulted(JournalQuestion(), "reconciliation", subject_of(requester), now),))

        await self._spine.commit(step)

    async def _tell(self, compared: Reconciled) -> None:
        """Record each disagreement once a run of the node; one that is among the last day's no more is forgotten."""
        told = self._told.setdefault(compared.party, set())
        told &= {each.viewing for each in compared.disagreements}
        news = [each.viewing for each in compared.disagreements if each.viewing not in told]
        if not news:
            return
        await self._spine.commit(
            lambda _, now: Step(None, (DisagreementFound(compared.party, tuple(news[:NAMED_MAX]), len(news), now),))
        )
        told.update(news)
