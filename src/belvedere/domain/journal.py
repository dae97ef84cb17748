"""What the journal answers: which viewings ran in a time, and which records tell of it. Source: CSI R253-5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef

COUNTED_MAX = 10_000
"""No answer is counted further: whoever reads it narrows the time first."""


@dataclass(frozen=True, slots=True)
class JournalQuestion:
    """Of which camera (None: of every one), from when, until when; [since, until), None where it is not bounded."""

    camera: str | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """Where a page of an answer ends: the next one begins with what is older."""

    at_us: int
    index: int

    def __str__(self) -> str:
        """Return it as an address carries it."""
        return f"{self.at_us}.{self.index}"

    @classmethod
    def read(cls, text: str) -> "JournalPlace | None":
        """Return the place that `text` spells, None where it spells none."""
        at_us, dot, index = text.partition(".")
        if not (dot and at_us.isascii() and at_us.isdigit() and index.isascii() and index.isdigit()):
            return None
        if len(at_us) > 18 or len(index) > 18:
            return None
        return cls(int(at_us), int(index))


@dataclass(frozen=True, slots=True)
class Watcher:
    """An agent that watched, from when on. `name` is given for the reader's own agents alone; other parties keep theirs."""

    agent: str
    service: str
    name: str | None
    since: Instant


@dataclass(frozen=True, slots=True)
class MotiveGiven:
    """A motive as it was given: its words, who gave them and when. `name` as a watcher's."""

    words: str
    agent: str | None
    service: str | None
    name: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """The event that a viewing was for, with its words by the event's own records.

    `motives` are in order: the last one holds, those before were replaced. `erased` where no record of it is left.
    `to_come` where its party's node told nothing of it yet; `of_its_party` where what is told is another node's word.
    """

    id: str
    kind: str
    motives: tuple[MotiveGiven, ...]
    dispatch_number: str | None
    erased: bool
    to_come: bool = False
    of_its_party: bool = False

    @property
    def motive(self) -> str | None:
        """Return the motive that holds."""
        return self.motives[-1].words if self.motives else None


@dataclass(frozen=True, slots=True)
class JournalViewing:
    """One viewing from its first to its last second; `ended_at` is None while it runs.

    `watchers` are in order: each relief adds one. `cause` and `ended_articles` say why it ended.
    """

    index: int
    viewing: str
    camera: str
    party: str
    watchers: tuple[Watcher, ...]
    station: str
    station_label: str | None
    event: JournalEvent | None
    purpose: str | None
    opened_at: Instant
    ended_at: Instant | None
    articles: tuple[ArticleRef, ...]
    cause: Cause | None
    ended_articles: tuple[ArticleRef, ...]


class JournalState(StrEnum):
    """Whether the journal's tables say what its records say."""

    COMPARING = "comparing"
    """The first comparison since the start runs: a viewing may be missing."""
    COMPARED = "compared"
    DIFFERS = "differs"
    """A difference was found; the tables are being mended from the records."""
    UNSOUND = "unsound"
    """A record itself is not the one that was entered: nothing can be mended from it."""


@dataclass(frozen=True, slots=True)
class Mended:
    """When the tables were last mended, and how many of their rows."""

    at: Instant
    rows: int


@dataclass(frozen=True, slots=True)
class Compared:
    """How the tables stand to the records. `at`: until when all of them were compared, None before the first time."""

    state: JournalState
    at: Instant | None = None
    mended: Mended | None = None

    @property
    def partners_wait(self) -> bool:
        """Whether no other party is served until the tables are compared, or mended.

        Where records are unsound nothing can be written, which refuses them by itself.
        """
        return self.state in (JournalState.COMPARING, JournalState.DIFFERS)


@dataclass(frozen=True, slots=True)
class ViewingsPage:
    """A page of viewings, newest first. `total` stops at `COUNTED_MAX`, which then means that many or more."""

    items: Sequence[JournalViewing]
    total: int
    after: JournalPlace | None
    compared: Compared


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """A page of records as they stand in the ledger, newest first, and how the reader's stations in them are called.

    `words` are the texts that they name, by their SHA-256 in hex, as far as the reader may read them.
    """

    items: Sequence[Mapping[str, object]]
    stations: Mapping[str, str]
    words: Mapping[str, str]
    total: int
    after: JournalPlace | None
    compared: Compared
