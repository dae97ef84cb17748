"""Who saw this camera? The journal is read by those whose office it is, and reading it is recorded too (CSI R253-5)."""

from collections.abc import AsyncIterator
from typing import Protocol

from belvedere.changes import JournalConsulted
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef, PartyId
from belvedere.domain.journal import (
    Compared,
    JournalPlace,
    JournalQuestion,
    JournalViewing,
    RecordsPage,
    ViewingsPage,
)
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.rights.sight import Sight
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

READING = Needs(owner=frozenset({Role.INSPECTOR, Role.POLICE_DIRECTOR, Role.CSU_ROOM_CHIEF}))
"""The owner's: an inspection, the director, the room chief for the cameras of the room. Operators see what runs now."""
PAGE_MAX = 200
FILE_PAGE = 500
TRACE = (ArticleRef("csi:R253-5"),)


class Journal(Protocol):
    """What the ledger answers, a page at a time."""

    @property
    def compared(self) -> Compared:
        """How the journal's tables stand to its records."""

    async def records_page(
        self, question: JournalQuestion, *, sight: Sight, after: JournalPlace | None, most: int
    ) -> RecordsPage:
        """Return at most `most` records of the question's time, as far as they are seen, newest first."""

    async def viewings_page(
        self, question: JournalQuestion, *, sight: Sight, after: JournalPlace | None, most: int
    ) -> ViewingsPage:
        """Return at most `most` of the viewings that ran in the question's time, newest first."""


class JournalDesk:
    """Answers the journal's readers, once it is written down what they asked for."""

    def __init__(self, spine: Spine, journal: Journal, *, owner: PartyId) -> None:
        self._spine = spine
        self._journal = journal
        self._owner = owner

    @property
    def compared(self) -> Compared:
        """Return how the journal's tables stand to its records: other parties may have to wait."""
        return self._journal.compared

    async def viewings(
        self, requester: Requester, question: JournalQuestion, *, after: JournalPlace | None, most: int
    ) -> ViewingsPage:
        """Return a page of the viewings that ran in the question's time; raises `NotRecorded`."""
        await self._note(requester, question, what="viewings")
        return await self._viewings(requester, question, after=after, most=min(most, PAGE_MAX))

    async def records(
        self, requester: Requester, question: JournalQuestion, *, after: JournalPlace | None, most: int
    ) -> RecordsPage:
        """Return a page of records as they stand in the ledger; raises `NotRecorded`."""
        await self._note(requester, question, what="records")
        return await self._journal.records_page(question, sight=self._sight(requester), after=after, most=most)

    async def whole(self, requester: Requester, question: JournalQuestion) -> AsyncIterator[JournalViewing]:
        """Return every viewing of the answer, newest first, read as it is taken; raises `NotRecorded`."""
        await self._note(requester, question, what="file")
        return self._each(requester, question)

    async def _each(self, requester: Requester, question: JournalQuestion) -> AsyncIterator[JournalViewing]:
        after: JournalPlace | None = None
        while True:
            page = await self._viewings(requester, question, after=after, most=FILE_PAGE)
            for viewing in page.items:
                yield viewing
            after = page.after
            if after is None:
                return

    async def _viewings(
        self, requester: Requester, question: JournalQuestion, *, after: JournalPlace | None, most: int
    ) -> ViewingsPage:
        return await self._journal.viewings_page(question, sight=self._sight(requester), after=after, most=most)

    def _sight(self, requester: Requester) -> Sight:
        return Sight(requester.party, self._owner)

    async def _note(self, requester: Requester, question: JournalQuestion, *, what: str) -> None:
        """Write down who asked what; raises `NotRecorded`."""

        def step(_: Snapshot, now: Instant) -> Step[None]:
            return Step(None, (JournalConsulted(question, what, subject_of(requester), now),))

        await self._spine.commit(step)
