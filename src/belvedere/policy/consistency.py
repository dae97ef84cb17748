"""What must hold between clauses before a convention is put in force: no contradiction, nothing looser than the law."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from belvedere.policy.citations import Citations
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.access import (
    Agents,
    Extraction,
    NoRecording,
    OrderValidity,
    OwnerRoom,
    Priority,
    Purposes,
    Scope,
)
from belvedere.policy.clauses.duties import Retention
from belvedere.policy.clauses.hours import OnHolidays, OpeningHours
from belvedere.policy.clauses.steering import OwnerPriority, PartnerSteering, PtzTakeover
from belvedere.policy.completeness import Surroundings
from belvedere.policy.convention import Party, PlacedClause, Section
from belvedere.policy.failures import ConventionError
from belvedere.policy.law import Law

_PARTY_FIELDS = ("owner", "party", "to", "over", "by", "left_to", "names_in", "registered_by")


def merged(sections: Sequence[Section], citations: Citations) -> tuple[Clause, ...]:
    """Return every clause once, in one order; one rule carried by two texts becomes one clause that cites both."""
    by_rule: dict[tuple[object, ...], Clause] = {}
    for section in sections:
        for placed in section.clauses:
            clause = placed.clause
            key = (clause.KIND, *clause.rule)
            found = by_rule.get(key)
            if found is None:
                by_rule[key] = clause
                continue
            cites = tuple(sorted({*found.cites, *clause.cites}, key=citations.place))
            rows = tuple(sorted({*found.rows, *clause.rows}, key=lambda row: (row[0], int(row[1:]))))
            by_rule[key] = replace(found, cites=cites, rows=rows)
    return tuple(sorted(by_rule.values(), key=lambda each: (each.KIND, repr(each.rule))))


def check_clauses(
    sections: Sequence[Section], *, parties: Sequence[Party], party_lines: Mapping[str, int], law: Law, path: str
) -> None:
    """Refuse clauses that name strangers, contradict or lack each other, or are looser than the law.

    Raises:
        ConventionError: the first fault, with file, line and article.
    """
    placed = [(section.article, each) for section in sections for each in section.clauses]
    for article, each in placed:
        for message in (*_strangers(each.clause, [party.id for party in parties]), *_looser(each.clause, law)):
            raise ConventionError(message, path=path, line=each.line, article=article)
    for (first_article, first), (article, second) in _pairs(placed):
        contradiction = _contradiction(first.clause, second.clause)
        if contradiction is not None:
            raise ConventionError(
                f"contradicts the clause of line {first.line} ({first_article}): {contradiction}",
                path=path,
                line=second.line,
                article=article,
            )
    clauses = [each.clause for _, each in placed]
    surroundings = Surroundings(clauses, parties)
    for article, each in placed:
        lack = _lack(each.clause, clauses) or next(surroundings.lacks(each.clause), None)
        if lack is not None:
            raise ConventionError(lack, path=path, line=each.line, article=article)
    designated = {each.party for each in clauses if isinstance(each, Agents)}
    for party in parties:
        if party.id not in designated:
            raise ConventionError(
                f"is looser than the law: no `agents` clause says that those of `{party.id}` are designated and "
                "habilitated (CSI L252-3, R253-3)",
                path=path,
                line=party_lines[party.id],
                article="law",
            )


def _pairs(
    placed: Sequence[tuple[str, PlacedClause]],
) -> Iterator[tuple[tuple[str, PlacedClause], tuple[str, PlacedClause]]]:
    for number, first in enumerate(placed):
        for second in placed[number + 1 :]:
            yield first, second


def _strangers(clause: Clause, parties: Sequence[str]) -> Iterator[str]:
    for each in fields(clause):
        if each.name not in _PARTY_FIELDS:
            continue
        value = getattr(clause, each.name)
        for party in value if isinstance(value, tuple) else (value,):
            if party is not None and party not in parties:
                yield f"`{each.metadata.get('key', each.name)}` names `{party}`, which is no party of the convention"


def _looser(clause: Clause, law: Law) -> Iterator[str]:
    match clause:
        case Agents(habilitated=False):
            yield "is looser than the law: recipients are designated and habilitated (CSI L252-3, R253-3)"
        case OrderValidity(order_years=years) if years > law.order_years_max:
            yield f"is looser than the law: an order runs {law.order_years_max} years at most (CSI L252-4)"
        case Retention(recordings_months=months) if months > law.recordings_months_max:
            yield (
                f"is looser than the law: recordings are kept {law.recordings_months_max} month at most "
                "(CSI L252-5, R253-4)"
            )
        case Retention(journal_years=years) if years > law.journal_years_max:
            yield f"is looser than the law: the journal is kept {law.journal_years_max} years at most (CSI R253-5)"
        case Extraction(requisition_kinds=kinds) if not set(kinds) <= set(law.requisition_kinds):
            known = ", ".join(law.requisition_kinds)
            yield f"is looser than the law: the kinds of judicial requisition are {known} (CPP)"
        case _:
            return


def _lack(clause: Clause, clauses: Sequence[Clause]) -> str | None:
    """Return what `clause` needs beside it and does not find: silence is written down, never left out."""
    match clause:
        case Scope(owner=owner, to=to):
            told = (
                isinstance(each, PtzTakeover | PartnerSteering) and (each.owner, each.party) == (owner, to)
                for each in clauses
            )
            if not any(told):
                shared_by = ", ".join(clause.cites)
                return f"nothing in {shared_by} says whether `{to}` may steer these cameras: write `partner-steering`"
        case PtzTakeover(owner=owner, party=party) | PartnerSteering(owner=owner, party=party):
            if not any(isinstance(each, OwnerPriority) and each.subject == (owner, party) for each in clauses):
                return f"steering by `{party}` needs an `owner-priority` clause: the owner comes first"
        case _:
            pass
    return None


def _contradiction(first: Clause, second: Clause) -> str | None:
    if type(first) is type(second):
        return _same_kind(first, second)
    for one, other in ((first, second), (second, first)):
        match one, other:
            case NoRecording(party=party), OwnerRoom(owner=owner) if party == owner:
                return f"`{party}` may not record, and is an owner that does"
            case PartnerSteering(), PtzTakeover() if one.subject == other.subject[:2]:
                return "steering is left silent and granted at once"
            case Purposes(owner=owner, to=to, camera_class=kind), Scope(camera_class=None) if (
                owner,
                to,
            ) == other.subject[:2]:
                return f"purposes are listed for the class `{kind}`, and every class is shared without one"
            case Priority(party=party), OwnerRoom(owner=owner) if party == owner:
                return f"`{party}` owns the cameras and takes no slots"
            case _:
                continue
    return None


def _same_kind(first: Clause, second: Clause) -> str | None:
    if first.rule == second.rule:
        return None
    if first.subject == second.subject:
        ruled = [each.name for each in fields(first) if getattr(first, each.name) != getattr(second, each.name)]
        return f"`{first.KIND}` says otherwise about the same subject ({', '.join(ruled)})"
    match first, second:
        case Scope(), Scope() if first.subject[:2] == second.subject[:2] and None in {
            first.camera_class,
            second.camera_class,
        }:
            return "every class is shared, and one class on other terms"
        case OpeningHours(), OpeningHours() if first.owner == second.owner:
            if set(first.days) & set(second.days):
                return "a day of the week has two opening hours"
            if first.holidays is OnHolidays.INSTEAD and second.holidays is OnHolidays.INSTEAD:
                return "public holidays have two opening hours"
        case _:
            pass
    return None
