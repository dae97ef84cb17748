"""A convention as it was read: parties, articles, clauses, examples. Frozen; `decide` reads nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef
from belvedere.domain.text import Text
from belvedere.policy.citations import Citations
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.access import OwnerRoom, Quota
from belvedere.policy.clauses.steering import PtzTakeover, Regime, While
from belvedere.policy.law import Law
from belvedere.policy.literate import Reason
from belvedere.policy.openings import OpeningCalendar
from belvedere.policy.plans import Plan

C = TypeVar("C", bound=Clause)


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What a service is called; its id stays when its name changes."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation bound by the convention, and what people call it, its room, its services and who directs it.

    `room` is its room's name (masculine in French), for instance CSU. What is called with an article carries it.
    """

    id: str
    name: str
    room: str
    services: tuple[str, ...] = field(metadata={"may_be_empty": True})
    """Those that take part: agents of another service are refused. A party that only signs names none."""
    other_services: bool = False
    """Whether any other service of the party takes part too."""
    service_name: tuple[ServiceName, ...] = ()
    """Services that are not called by their id in capital letters."""
    short_fr: str | None = None
    short_en: str | None = None
    """As a heading names the party."""
    called_fr: str | None = None
    called_en: str | None = None
    """As a sentence names it, with its article."""
    director_fr: str | None = None
    director_en: str | None = None
    """The title of whoever directs its room, with its article."""
    direction_fr: str | None = None
    direction_en: str | None = None
    """Who acts when the director does, with its article."""

    def has(self, service: str) -> bool:
        """Tell whether `service` takes part."""
        return self.other_services or service in self.services

    def service(self, service: str) -> str:
        """Return what one of its services is called."""
        return next((each.name for each in self.service_name if each.id == service), service.upper())

    @property
    def short(self) -> Text:
        """As a heading names the party."""
        return Text(self.short_fr or self.name, self.short_en or self.name)

    @property
    def called(self) -> Text:
        """As a sentence names the party, with its article where it has one."""
        return Text(self.called_fr or self.short.fr, self.called_en or self.short.en)

    @property
    def director(self) -> Text:
        """Whoever directs its room, with the article."""
        return Text(
            self.director_fr or f"le directeur du {self.room}", self.director_en or f"the director of the {self.room}"
        )

    @property
    def direction(self) -> Text:
        """Who acts when the director does, with the article."""
        return Text(self.direction_fr or self.director.fr, self.direction_en or self.director.en)


@dataclass(frozen=True, slots=True)
class Document:
    """A signed document that the parties keep; `sha256` is None until they attach it."""

    title: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A situation, when it is, and what the convention answers; run as a test."""

    situation: str
    at: str
    verdict: str
    because: tuple[str, ...]
    obligations: str | None
    until: str | None
    preempts: str | None
    line: int


@dataclass(frozen=True, slots=True)
class PlacedClause:
    """A clause, and the line on which its block starts."""

    clause: Clause
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """An article, or a part of one: its meaning in our words, its clauses or the reason for none, its examples."""

    anchor: str
    article: str
    title: Text
    prose: str
    clauses: tuple[PlacedClause, ...]
    reasons: tuple[Reason, ...]
    examples: tuple[Example, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ExampleSetting:
    """What the words of the examples mean: a base request, patches by phrase, and the week of `mer. 10:00`."""

    week: date
    base: Mapping[str, object]
    phrases: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, eq=False)
class Convention:
    """A convention in executable form. `sha256` is over the bytes of convention.md; units: dates in `zone`."""

    id: str
    sha256: str
    title: Text
    zone: ZoneInfo
    in_force_from: date
    parties: tuple[Party, ...]
    articles: Mapping[str, Text]
    documents: tuple[Document, ...]
    sections: tuple[Section, ...]
    clauses: tuple[Clause, ...]
    """Every clause once, in one order; the same rule carried by two texts is one clause citing both."""
    setting: ExampleSetting | None
    law: Law
    path: str
    plans: Mapping[tuple[str, str, str], Plan] = field(repr=False)
    calendars: Mapping[str, OpeningCalendar] = field(repr=False)
    """By owner: the openings of its room."""
    stranger: Plan = field(repr=False)
    unknown_owner: Plan = field(repr=False)
    silence: Plan = field(repr=False)
    failure: Plan = field(repr=False)
    ends_at: Instant | None = None
    """The end of a term that is not renewed by itself, or of one whose end was told; else None."""

    def of(self, kind: type[C]) -> tuple[C, ...]:
        """Return the clauses of one kind."""
        return tuple(each for each in self.clauses if isinstance(each, kind))

    def cites_of(self, kind: type[C], which: Callable[[C], bool] = lambda _: True) -> tuple[ArticleRef, ...]:
        """Return the texts that carry the clauses of one kind (of those that `which` picks), law first, by article.

        So whoever refuses on a clause's account cites it, whatever the convention calls its articles; nothing where no
        clause carries it.
        """
        return self.citations.refs(*(each.cites for each in self.of(kind) if which(each)))

    def quota(self, party: str) -> int | None:
        """Return how many cameras may flow to `party` at once, or None where no text limits them."""
        return next((each.cameras for each in self.of(Quota) if each.party == party), None)

    @property
    def regime(self) -> Regime | None:
        """The regime of takeover while the owner's room is active, or None where the convention offers none."""
        found = (each.regime for each in self.of(PtzTakeover) if each.while_ is While.CENTRE_ACTIVE)
        return next(found, None)

    @property
    def owners(self) -> tuple[str, ...]:
        """The parties whose cameras the convention is about."""
        found = {each.owner for each in self.of(OwnerRoom)}
        return tuple(each.id for each in self.parties if each.id in found)

    def party(self, party: str) -> Party | None:
        """Return the party of that id, or None for a stranger."""
        return next((each for each in self.parties if each.id == party), None)

    def named(self, party: str) -> Party:
        """Return the party of that id; a stranger's names are its id."""
        return self.party(party) or Party(id=party, name=party, room=party.upper(), services=())

    @property
    def citations(self) -> Citations:
        """How this convention's articles are cited, in order and in words."""
        return Citations(self.id, self.articles)
