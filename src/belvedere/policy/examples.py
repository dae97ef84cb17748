"""The examples of a literate file, run: what each says, what the convention answers, and whether they agree."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted
from belvedere.domain.ids import ArticleRef
from belvedere.domain.untrusted_text import KEY_PARTS_MAX, YEARS
from belvedere.policy.answers import verdict_of
from belvedere.policy.clauses.duties import Occurrence
from belvedere.policy.clauses.hours import OpeningHours
from belvedere.policy.convention import Convention, Example, Section
from belvedere.policy.deciding import decide
from belvedere.policy.duties import Kept, duties_on, kept_until, letter_in_time, order_last_day, shown_of_agent
from belvedere.policy.failures import BadRequest, ConventionError
from belvedere.policy.openings import first_instant
from belvedere.policy.requests import parse_request

_DAYS = {
    "lun.": 0,
    "mar.": 1,
    "mer.": 2,
    "jeu.": 3,
    "ven.": 4,
    "sam.": 5,
    "dim.": 6,
}
_AT = re.compile(r"(\S+)\s+(\d\d):(\d\d)")

POSITIVE = {"granted", "pending", "open", "due", "kept", "name", "in-time", "valid"}
"""Words of answers that let something pass; every section with a clause shows one such example, and one other."""

_WORDS = {
    "accordé": "granted",
    "refusé": "refused",
    "en attente": "pending",
    "ouvert": "open",
    "fermé": "closed",
    "dû": "due",
    "rien": "nothing",
    "gardé": "kept",
    "effacé": "erased",
    "nom": "name",
    "pseudonyme": "pseudonym",
    "valable": "valid",
    "expirée": "over",
    "à temps": "in-time",
    "trop tard": "too-late",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example, run. `complaint` says how the answer differs, or is None."""

    section: Section
    example: Example
    decision: Decision | None
    complaint: str | None


@dataclass(frozen=True, slots=True)
class _Answered:
    """What the convention answers to one example."""

    verdict: str
    articles: frozenset[ArticleRef]
    decision: Decision | None = None


def run_examples(convention: Convention) -> tuple[Outcome, ...]:
    """Run every example of the file.

    Raises:
        ConventionError: an example cannot be read (an unknown phrase, no instant); names file, line and article.
    """
    return tuple(outcomes(convention))


def outcomes(convention: Convention) -> Iterator[Outcome]:
    """Run the examples of the file one by one, in order."""
    for section in convention.sections:
        for example in section.examples:
            yield _run(convention, section, example)


def lacks_of(convention: Convention) -> tuple[str, ...]:
    """Return the sections that have a clause but not both an example that passes and one that does not."""
    lacks: list[str] = []
    for section in convention.sections:
        if not section.clauses:
            continue
        words = {expected_word(each) in POSITIVE for each in section.examples}
        for wanted, name in ((True, "that passes"), (False, "that does not")):
            if wanted not in words:
                lacks.append(f"{convention.path}:{section.line} (#{section.anchor}): no example {name}")
    return tuple(lacks)


def expected_word(example: Example) -> str:
    """Return the answer that an example expects, in the words of the API."""
    word = example.verdict.lower()
    return _WORDS.get(word, word)


def facts_of(convention: Convention, example: Example, article: str) -> dict[str, object]:
    """Return the request that the phrases of a situation spell, in the API's form."""
    assert convention.setting is not None
    body = _copied(convention.setting.base)
    question: dict[str, object] = {}
    for phrase in example.situation.split(","):
        patch = convention.setting.phrases.get(phrase.strip())
        if patch is None:
            raise ConventionError(
                f"the phrase « {phrase.strip()} » is not among those of the examples",
                path=convention.path,
                line=example.line,
                article=article,
            )
        if "question" in patch:
            question = dict(patch)
            continue
        _apply(body, patch)
    return {**body, **({"question": question} if question else {})}


def instant_of(convention: Convention, words: str) -> Instant | None:
    """Return the instant of `mer. 10:00` (in the examples' week) or `2026-03-28 23:30`, or None for other words."""
    found = _AT.fullmatch(words.strip())
    if found is None or convention.setting is None:
        return None
    name, hour, minute = found[1].lower(), int(found[2]), int(found[3])
    try:
        day = convention.setting.week + timedelta(days=_DAYS[name]) if name in _DAYS else _day(name)
        return first_instant(datetime(day.year, day.month, day.day, hour, minute), convention.zone)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def _day(words: str) -> date:
    day = date.fromisoformat(words)
    if day.year not in YEARS:
        raise ValueError(f"{words} is not from {YEARS[0]} to {YEARS[-1]}")
    return day


def _run(convention: Convention, section: Section, example: Example) -> Outcome:
    def fault(message: str) -> ConventionError:
        return ConventionError(message, path=convention.path, line=example.line, article=section.article)

    if convention.setting is None:
        raise fault("examples need a ```toml examples block")
    at = instant_of(convention, example.at)
    if at is None:
        raise fault(f"« {example.at} » is no instant: `mer. 10:00` or `2026-03-28 23:30`")
    body = facts_of(convention, example, section.article)
    question = body.pop("question", None)
    try:
        if isinstance(question, dict):
            answered = _QUESTIONS[str(question.get("question"))](convention, question, at, body)
        else:
            answered = _decided(convention, body, at)
    except (KeyError, ValueError, OverflowError, BadRequest) as error:
        raise fault(f"cannot be asked: {error}") from error
    return Outcome(section, example, answered.decision, _compared(convention, example, answered))


def _compared(convention: Convention, example: Example, answered: _Answered) -> str | None:
    expected = expected_word(example)
    if answered.verdict != expected:
        return f"answers {answered.verdict}, not {expected}"
    cited = frozenset(convention.citations.ref(each) for each in example.because)
    if answered.decision is None:
        return None if cited and cited <= answered.articles else f"cites {sorted(answered.articles)}"
    if cited != answered.articles:
        return f"cites {sorted(answered.articles)}, not {sorted(cited)}"
    return _compared_further(convention, example, answered.decision)


def _compared_further(convention: Convention, example: Example, decision: Decision) -> str | None:
    granted = decision if isinstance(decision, Granted) else None
    if example.obligations is not None:
        owed = ", ".join(
            f"{each.kind}{'' if each.due is None else f' {_wall(convention, each.due)}'}"
            for each in (granted.obligations if granted else ())
        )
        if owed != example.obligations:
            return f"makes due « {owed} », not « {example.obligations} »"
    if example.until:
        until = "" if decision.valid_until is None else _wall(convention, decision.valid_until)
        if until != example.until:
            return f"may change at « {until} », not « {example.until} »"
    if example.preempts is not None:
        preempts = ", ".join(granted.preempts if granted else ())
        if preempts != example.preempts:
            return f"releases « {preempts} », not « {example.preempts} »"
    return None


def _wall(convention: Convention, instant: Instant) -> str:
    return instant.astimezone(convention.zone).strftime("%Y-%m-%d %H:%M")


def _decided(convention: Convention, body: dict[str, object], at: Instant) -> _Answered:
    request = parse_request({**body, "at": at.astimezone(convention.zone).isoformat()})
    decision = decide(convention, request)
    return _Answered(verdict_of(decision).value, frozenset(decision.articles), decision)


def _room(convention: Convention, question: Mapping[str, object], at: Instant, body: dict[str, object]) -> _Answered:
    owner = str(question["owner"])
    override = parse_request({**body, "at": at.isoformat()}).state.hours_override
    opening = convention.calendars[owner].opening_at(at, override)
    cites = tuple(cite for each in convention.of(OpeningHours) if each.owner == owner for cite in each.cites)
    return _answered(convention, "closed" if opening is None else "open", cites)


def _duty(convention: Convention, question: Mapping[str, object], _: Instant, __: dict[str, object]) -> _Answered:
    occurrence = Occurrence(str(question["on"]))
    found = duties_on(convention, occurrence, by=str(question["by"]))
    every = [each for party in convention.parties for each in duties_on(convention, occurrence, by=party.id)]
    return _answered(convention, "due" if found else "nothing", tuple(cite for each in every for cite in each.cites))


def _names(convention: Convention, question: Mapping[str, object], _: Instant, __: dict[str, object]) -> _Answered:
    shown, clause = shown_of_agent(convention, agent_party=str(question["party"]), ledger_party=str(question["ledger"]))
    return _answered(convention, shown.value, () if clause is None else clause.cites)


def _kept(convention: Convention, question: Mapping[str, object], at: Instant, _: dict[str, object]) -> _Answered:
    made = _day(str(question["made"]))
    found = kept_until(convention, what=Kept(str(question["question"])), owner=str(question["owner"]), made=made)
    if found is None:
        return _answered(convention, "unlimited", ())
    until, clause = found
    return _answered(convention, "kept" if at < until else "erased", clause.cites)


def _letter(convention: Convention, _: Mapping[str, object], at: Instant, __: dict[str, object]) -> _Answered:
    found = letter_in_time(convention, on=at.astimezone(convention.zone).date())
    if found is None:
        return _answered(convention, "no-term", ())
    in_time, term = found
    return _answered(convention, "in-time" if in_time else "too-late", term.cites)


def _order(convention: Convention, question: Mapping[str, object], at: Instant, _: dict[str, object]) -> _Answered:
    published = _day(str(question["published"]))
    found = order_last_day(convention, owner=str(question["owner"]), published=published)
    if found is None:
        return _answered(convention, "unlimited", ())
    last_day, clause = found
    valid = at.astimezone(convention.zone).date() <= last_day
    return _answered(convention, "valid" if valid else "over", clause.cites)


_Question = Callable[[Convention, Mapping[str, object], Instant, dict[str, object]], _Answered]

_QUESTIONS: dict[str, _Question] = {
    "room": _room,
    "duty": _duty,
    "names": _names,
    "recording": _kept,
    "journal": _kept,
    "letter": _letter,
    "order": _order,
}


def _answered(convention: Convention, word: str, cites: tuple[str, ...]) -> _Answered:
    return _Answered(word, frozenset(convention.citations.refs(cites)))


def _copied(table: Mapping[str, object]) -> dict[str, object]:
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in table.items()}


def _apply(body: dict[str, object], patch: Mapping[str, object]) -> None:
    for name, value in patch.items():
        if name == "absent" and isinstance(value, list):
            for absent in value:
                table, last = _inner(body, str(absent))
                table[last] = None
            continue
        table, last = _inner(body, name)
        table[last] = _copied(value) if isinstance(value, Mapping) else value


def _inner(body: dict[str, object], name: str) -> tuple[dict[str, object], str]:
    *path, last = name.split(".", KEY_PARTS_MAX)
    table = body
    for step in path:
        inner = table.get(step)
        if not isinstance(inner, dict):
            inner = table[step] = {}
        table = inner
    return table, last


__all__ = ["POSITIVE", "Outcome", "expected_word", "facts_of", "instant_of", "lacks_of", "outcomes", "run_examples"]
