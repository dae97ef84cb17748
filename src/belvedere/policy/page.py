"""The page that a jurist reads: article | what the program does | examples with their results. Accessible, printable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum

from jinja2 import Environment
from markdown_it import MarkdownIt
from markupsafe import Markup

from belvedere.domain.ids import ArticleRef
from belvedere.domain.text import Language, Text
from belvedere.policy.clauses import Basis, Clause, Source
from belvedere.policy.clauses.clause import Clause as ClauseType
from belvedere.policy.convention import Convention, Example, Section
from belvedere.policy.dates import day_in_words, instants_in_words, unbroken
from belvedere.policy.examples import POSITIVE, Outcome, expected_word, run_examples
from belvedere.policy.names import names_of
from belvedere.policy.page_template import PAGE
from belvedere.policy.wording import KEY_WORDS, KIND_WORDS, VALUE_WORDS

_NBSP = "\N{NO-BREAK SPACE}"
_COMMON = frozenset(each.name for each in fields(ClauseType))


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _ClauseView:
    title: str
    parameters: tuple[_Parameter, ...]
    cites: str
    sources: str
    rows: str
    reading: bool
    alternative: str | None
    approved_by: str | None
    left_to: str | None
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class _ExampleView:
    situation: str
    at: str
    verdict: str
    mark: str
    because: str
    more: tuple[str, ...]
    agrees: bool
    complaint: str


@dataclass(frozen=True, slots=True)
class _DocumentView:
    title: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class _SectionView:
    anchor: str
    title: str
    prose: Markup
    clauses: tuple[_ClauseView, ...]
    reasons: tuple[str, ...]
    examples: tuple[_ExampleView, ...]


def convention_page(convention: Convention, language: Language = Language.FR) -> str:
    """Return one HTML page of the whole convention, with every example run.

    Raises:
        ConventionError: an example cannot be read.
    """
    outcomes: dict[str, list[Outcome]] = {}
    for outcome in run_examples(convention):
        outcomes.setdefault(outcome.section.anchor, []).append(outcome)
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [_section(convention, each, outcomes.get(each.anchor, []), language) for each in convention.sections]
    readings = sum(clause.reading for section in sections for clause in section.clauses)
    return environment.from_string(PAGE).render(
        convention=convention,
        language=language.value,
        title=convention.title.in_language(language),
        short_title=_for_a_style_sheet(convention.title.in_language(language)),
        words={name: text.in_language(language) for name, text in _WORDS.items()},
        sections=sections,
        in_force_from=day_in_words(convention.in_force_from, language),
        parties=", ".join(party.name for party in convention.parties),
        colon=f"{_NBSP}:" if language is Language.FR else ":",
        semicolon=f"{_NBSP};" if language is Language.FR else ";",
        foreign=language is not Language.FR,
        documents=[_DocumentView(each.title, each.sha256) for each in convention.documents],
        readings=readings,
        regime=None if convention.regime is None else _spelt(convention.regime, language),
        agree=sum(example.agrees for section in sections for example in section.examples),
        examples=sum(len(section.examples) for section in sections),
    )


def _for_a_style_sheet(words: str) -> Markup:
    """Return words for a string of the style sheet: no sign in them can end that string, or the element."""
    return Markup(re.sub(r"[^\w '’.,:()-]", "", words))  # noqa: S704  nothing but letters, figures and these signs


def _section(convention: Convention, section: Section, outcomes: list[Outcome], language: Language) -> _SectionView:
    markdown = MarkdownIt("commonmark", {"html": False})
    return _SectionView(
        anchor=section.anchor,
        title=section.title.in_language(language),
        prose=Markup(markdown.render(section.prose)),  # noqa: S704  commonmark without HTML: markdown-it escapes it
        clauses=tuple(_clause(convention, each.clause, each.line, language) for each in section.clauses),
        reasons=tuple(each.text for each in section.reasons),
        examples=tuple(_example(convention, each, language) for each in outcomes),
    )


def _clause(convention: Convention, clause: Clause, line: int, language: Language) -> _ClauseView:
    refs = convention.citations.refs(clause.cites)
    left_to = None if clause.left_to is None else convention.party(clause.left_to)
    return _ClauseView(
        title=KIND_WORDS[clause.KIND].in_language(language),
        parameters=tuple(_parameters(convention, clause, language)),
        cites=_cited(convention, refs, language),
        sources=", ".join(_SOURCES[source].in_language(language) for source in clause.sources),
        rows=", ".join(clause.rows),
        reading=clause.basis is Basis.READING,
        alternative=clause.alternative,
        approved_by=clause.approved_by,
        left_to=None if left_to is None else left_to.name,
        kind=clause.KIND,
        line=line,
    )


def _parameters(convention: Convention, clause: Clause, language: Language) -> Iterator[_Parameter]:
    names = names_of(convention, language)
    for each in fields(clause):
        value = getattr(clause, each.name)
        if each.name in _COMMON or value in (None, ()):
            continue
        key = str(each.metadata.get("key", each.name))
        parts = value if isinstance(value, tuple) else (value,)
        if key.endswith("_cites"):
            refs = convention.citations.refs(tuple(str(part) for part in parts))
            parts = (_cited(convention, refs, language),)
        written = ", ".join(names.get(str(part), _spelt(part, language)) for part in parts)
        yield _Parameter(KEY_WORDS.get(key, Text(key, key)).in_language(language), written)


def _spelt(value: object, language: Language) -> str:
    match value:
        case bool():
            return _WORDS["yes" if value else "no"].in_language(language)
        case time():
            return value.strftime("%H:%M")
        case date():
            return day_in_words(value, language)
        case StrEnum() | str():
            return VALUE_WORDS.get(str(value), Text(str(value), str(value))).in_language(language)
        case _:
            return str(value)


def _example(convention: Convention, outcome: Outcome, language: Language) -> _ExampleView:
    example = outcome.example
    word = expected_word(example)
    return _ExampleView(
        situation=example.situation,
        at=instants_in_words(example.at, language),
        verdict=VALUE_WORDS[word].in_language(language),
        mark="…" if word == "pending" else "✓" if word in POSITIVE else "✗",
        because=_cited(convention, convention.citations.refs(example.because), language),
        more=tuple(_further(example, language)),
        agrees=outcome.complaint is None,
        complaint=outcome.complaint or "",
    )


def _further(example: Example, language: Language) -> Iterator[str]:
    if example.until:
        yield f"{_WORDS['until'].in_language(language)} {instants_in_words(example.until, language)}"
    for owed in (example.obligations or "").split(","):
        kind, _, due = owed.strip().partition(" ")
        if kind:
            words = _OWED[kind].in_language(language)
            yield f"{_WORDS['due'].in_language(language)} {words} {instants_in_words(due, language)}".strip()
    if example.preempts:
        yield f"{_WORDS['releases'].in_language(language)} {example.preempts}"


def _cited(convention: Convention, refs: tuple[ArticleRef, ...], language: Language) -> str:
    """Return the texts as people cite them; no line breaks inside one."""
    words = convention.citations.in_words(refs).in_language(language)
    return ", ".join(unbroken(each) for each in words.split(", "))


_OWED = {
    "motive": Text("le motif", "the motive"),
    "notification": Text("une information", "a notification"),
    "notice-after": Text("un avis", "a notice"),
}

_SOURCES = {
    Source.LAW: Text("loi", "law"),
    Source.DELIBERATION: Text("délibération", "deliberation"),
    Source.CONVENTION: Text("convention", "convention"),
}

_WORDS = {
    "yes": Text("oui", "yes"),
    "no": Text("non", "no"),
    "until": Text("jusqu'au", "until"),
    "due": Text("dû :", "owed:"),
    "releases": Text("libère", "releases"),
    "article": Text("L'article", "The article"),
    "program": Text("Ce qui s'applique", "What applies"),
    "examples": Text("Exemples vérifiés", "Checked examples"),
    "situation": Text("Situation", "Situation"),
    "when": Text("Quand", "When"),
    "answer": Text("Réponse", "Answer"),
    "because": Text("Parce que", "Because"),
    "text": Text("Texte", "Text"),
    "reading": Text("Lecture", "Reading"),
    "alternative": Text("Autre lecture possible", "Other possible reading"),
    "approved_by": Text("Retenue par", "Approved by"),
    "left_to": Text("Laissé à", "Left to"),
    "left_to_end": Text("qui change seul et l'annonce", "which changes it alone and announces it"),
    "no_effect": Text("Rien ne s'applique de soi-même", "Nothing applies by itself"),
    "in_force_from": Text("En vigueur depuis le", "In force since"),
    "parties": Text("Parties", "Parties"),
    "documents": Text("Documents signés", "Signed documents"),
    "not_attached": Text("empreinte à joindre par les parties", "hash to be attached by the parties"),
    "fingerprint": Text("Empreinte de ce texte (SHA-256)", "This text's hash (SHA-256)"),
    "page": Text("page", "page"),
    "original": Text(
        "Les textes et les situations sont donnés dans la langue du texte.",
        "Texts and situations are given in the text's own language.",
    ),
    "regime": Text("Régime de prise en main, salle active", "Takeover regime, room active"),
    "summary": Text("exemples vérifiés, tous conformes", "examples checked, all agree"),
    "summary_bad": Text("exemples conformes sur", "examples agree out of"),
    "readings": Text("lectures, marquées comme telles", "readings, marked as such"),
    "contents": Text("Articles", "Articles"),
    "carried_by": Text("Porté par", "Carried by"),
    "differs": Text("diffère", "differs"),
}
