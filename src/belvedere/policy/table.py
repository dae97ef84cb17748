"""The whole decision table of a convention, and how two conventions differ, situation by situation.

Branches only on facts that are read: `decide` is asked with some facts given, and the first one that it read without
having been given it is the next to branch on. So a row's unread facts really play no part.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from belvedere.domain.causes import Cause
from belvedere.domain.decision import Decision, Granted, Refused
from belvedere.policy.answers import verdict_of
from belvedere.policy.convention import Convention
from belvedere.policy.deciding import decide
from belvedere.policy.requests import parse_request
from belvedere.policy.situations import IN_FORCE, Choice, Situations, situations_of

ROWS_MAX = 5000
"""No convention tells more situations apart; one that does is too large to be read by a person."""

COMPARED_MAX = 40_000
"""Two conventions together may tell more apart; only those that differ are shown."""

ALWAYS = "toujours"
"""The label of every instant together."""

UNREAD = "–"


class TableTooLarge(Exception):
    """A convention tells apart more situations than `ROWS_MAX`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer without its instants and sentences, as a table compares it."""

    verdict: str
    articles: tuple[str, ...]
    obligations: tuple[str, ...]
    preempts: int
    cause: Cause | None

    def __str__(self) -> str:
        """Return the answer in one line."""
        parts = [self.verdict, f"[{', '.join(self.articles)}]"]
        if self.cause is not None:
            parts.append(self.cause)
        if self.obligations:
            parts.append(f"+ {', '.join(self.obligations)}")
        if self.preempts:
            parts.append("+ libère une caméra")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One situation: the facts that were read, in order of reading, and the answers (one for each convention)."""

    facts: Mapping[str, str]
    answers: tuple[Answered, ...]
    request: Mapping[str, object]


def decision_table(convention: Convention) -> tuple[TableRow, ...]:
    """Return every situation that `convention` tells apart, and its answer.

    Raises:
        TableTooLarge: there are more than `ROWS_MAX`.
    """
    situations = situations_of(convention)
    return _joined(_rows((convention,), situations, ROWS_MAX), situations)


def differences(before: Convention, after: Convention) -> tuple[TableRow, ...]:
    """Return every situation that the two conventions answer otherwise: verdict, articles, obligations, pre-emption.

    Raises:
        TableTooLarge: together they tell apart more than `COMPARED_MAX` situations.
    """
    situations = situations_of(before, after)
    rows = _rows((before, after), situations, COMPARED_MAX)
    return _joined((each for each in rows if each.answers[0] != each.answers[1]), situations)


def columns_of(rows: tuple[TableRow, ...]) -> tuple[str, ...]:
    """Return the facts that any row read, in one order."""
    return tuple(dict.fromkeys(name for row in rows for name in row.facts))


def answered(decision: Decision) -> Answered:
    """Return what a table keeps of `decision`."""
    granted = decision if isinstance(decision, Granted) else None
    return Answered(
        verdict=verdict_of(decision).value,
        articles=tuple(decision.articles),
        obligations=tuple(each.kind.value for each in granted.obligations) if granted else (),
        preempts=len(granted.preempts) if granted else 0,
        cause=decision.cause if isinstance(decision, Refused) else None,
    )


def _joined(rows: Iterable[TableRow], situations: Situations) -> tuple[TableRow, ...]:
    """Return `rows` with those made one that differ in their instant alone, so that hours show only where they count."""
    alike: dict[tuple[object, ...], list[TableRow]] = {}
    for row in rows:
        facts = tuple((name, value) for name, value in row.facts.items() if name != "at")
        alike.setdefault((facts, row.answers), []).append(row)
    running = {choice.label for choice in situations.domains["at"] if choice.label.startswith(IN_FORCE)}
    joined: list[TableRow] = []
    for group in alike.values():
        first = group[0]
        instants = list(dict.fromkeys(row.facts["at"] for row in group if "at" in row.facts))
        if len(instants) > 1:
            label = " | ".join(instants)
            if set(instants) == running:
                label = IN_FORCE
            elif len(instants) == len(situations.domains["at"]):
                label = ALWAYS
            first = replace(first, facts={**first.facts, "at": label})
        joined.append(first)
    return tuple(joined)


def _rows(conventions: tuple[Convention, ...], situations: Situations, rows_max: int) -> Iterator[TableRow]:
    found = 0
    pending: list[dict[str, Choice]] = [{}]
    while pending:
        assigned = pending.pop()
        request = situations.request(assigned)
        parsed = parse_request(request)
        decisions = tuple(decide(each, parsed) for each in conventions)
        unread = next((name for each in decisions for name in each.facts if name not in assigned), None)
        if unread is not None:
            pending.extend({**assigned, unread: choice} for choice in reversed(situations.domains[unread]))
            continue
        found += 1
        if found > rows_max:
            raise TableTooLarge(f"more than {rows_max} situations")
        labels = {name: choice.label for name, choice in assigned.items()}
        yield TableRow(labels, tuple(answered(each) for each in decisions), request)
