"""What a change of convention changes, told so that a person reads it in a minute: situations answered alike are one.

A comparison may name a thousand situations; what a director signs for is which answers become which, and when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from belvedere.domain.vocabulary import Verdict
from belvedere.policy.clauses.access import Scope
from belvedere.policy.convention import Convention
from belvedere.policy.situations import IN_FORCE, situations_of
from belvedere.policy.table import ALWAYS, Answered, TableRow, differences

CHANGES_MAX = 60
"""No changed text is read through beyond so many lines; the most common come first."""

USUAL: Mapping[str, frozenset[str]] = {
    "at": frozenset({IN_FORCE, ALWAYS}),
    "agent.habilitated": frozenset({"oui"}),
    "agent.station_registered": frozenset({"oui"}),
    "camera.authorised_until": frozenset({"en cours"}),
    "camera.ptz": frozenset({"oui"}),
    "event.open": frozenset({"oui"}),
    "event.motive": frozenset({"donné", "à venir"}),
    "state.authorisation_withdrawn": frozenset({"non"}),
    "state.suspended": frozenset({"non"}),
    "state.camera_in_use": frozenset({"non"}),
    "state.lease": frozenset({"aucune"}),
    "state.hours_override": frozenset({"aucune"}),
    "state.centre_inactive": frozenset({"non"}),
    "state.owner_is_steering": frozenset({"non|inconnu"}),
}
"""What is so on an ordinary day: not told, unless it is otherwise."""
NONE = frozenset({"aucun", "aucune"})
MOTIVE = "motive"


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that becomes another: in `situations` situations, which all share `facts`, by dotted name."""

    action: str
    facts: Mapping[str, tuple[str, ...]]
    before: Answered
    after: Answered
    situations: int


def changes(before: Convention, after: Convention) -> tuple[Change, ...]:
    """Return which answers become which, the most common first; what was refused and stays so comes last.

    Raises:
        TableTooLarge: together the two tell apart more situations than a table may.
    """
    domains = situations_of(before, after).domains
    alike: dict[tuple[str, Answered, Answered], list[TableRow]] = {}
    for row in differences(before, after):
        was, becomes = _beside_the_motive(*row.answers)
        alike.setdefault((row.facts["action"], was, becomes), []).append(row)
    every = {name: {choice.label for choice in domain} for name, domain in domains.items()}
    owners = {str(scope.owner) for each in (before, after) for scope in each.of(Scope)}
    if len(owners) == 1:
        every["camera.owner"] = owners
    found = [
        Change(action, _shared(rows, every), was, becomes, len(rows)) for (action, was, becomes), rows in alike.items()
    ]
    order = [choice.label for choice in domains["action"]]
    found.sort(key=lambda each: (_stays_refused(each), order.index(each.action), -each.situations))
    return tuple(found[:CHANGES_MAX])


def _shared(rows: Sequence[TableRow], every: Mapping[str, set[str]]) -> Mapping[str, tuple[str, ...]]:
    """Return the facts that hold in all of `rows` and tell them from others, each with its values."""
    first, *others = rows
    names = [name for name in first.facts if name != "action" and all(name in row.facts for row in others)]
    values = {name: tuple(dict.fromkeys(row.facts[name] for row in rows)) for name in names}
    return {name: labels for name, labels in values.items() if not _goes_without_saying(name, set(labels), every[name])}


def _goes_without_saying(name: str, labels: set[str], every: set[str]) -> bool:
    """Return whether the fact tells nothing: it is of no matter, or the ordinary day is among its values."""
    return labels >= every - NONE or bool(labels & USUAL.get(name, frozenset()))


def _stays_refused(change: Change) -> bool:
    return change.before.verdict == change.after.verdict == Verdict.REFUSED


def _beside_the_motive(was: Answered, becomes: Answered) -> tuple[Answered, Answered]:
    """Return the answers without a motive that is owed in both, or in the one that grants: it tells no change."""
    both = was.verdict == becomes.verdict == Verdict.GRANTED
    if both and (MOTIVE in was.obligations) != (MOTIVE in becomes.obligations):
        return was, becomes
    return _without_motive(was), _without_motive(becomes)


def _without_motive(answer: Answered) -> Answered:
    return replace(answer, obligations=tuple(each for each in answer.obligations if each != MOTIVE))
