"""Members of a peer's message, read within bounds: each is of one type, of a bounded length, in one spelling.

Knows no message: what is read here is plain JSON that a signature vouched for, and that a peer may have signed in bad faith.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from belvedere.domain.clock import Instant
from belvedere.domain.untrusted_text import YEARS
from belvedere.ledger.canonical import INTEGER_MAX, Json, NotCanonical, instant_text

T = TypeVar("T")


class BadMember(ValueError):
    """A member that is missing, of another type, or out of bounds; the message names it and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Member(Generic[T]):
    """How a member is read, and how it is spelt: `spelt(read(value))` is `value`, or `read` raises `BadMember`."""

    read: Callable[[Json], T]
    spelt: Callable[[T], Json]


def _word(pattern: str, *, characters_max: int) -> Callable[[Json], str]:
    compiled = re.compile(pattern)

    def read(value: Json) -> str:
        if not isinstance(value, str) or len(value) > characters_max or compiled.fullmatch(value) is None:
            raise BadMember(f"not text of at most {characters_max} characters that fits {pattern}")
        return value

    return read


def identifier(made_of: Callable[[str], T]) -> Member[T]:
    """Return a member that is an identifier: of a party, a camera, a viewing, a station."""
    read = _word(r"[A-Za-z0-9][A-Za-z0-9._:-]*", characters_max=128)
    return Member(lambda value: made_of(read(value)), str)


def code(made_of: Callable[[str], T]) -> Member[T]:
    """Return a member that is a word of a closed set; a word that this node's set lacks is refused."""
    read = _word(r"[a-z0-9_-]+", characters_max=64)

    def known(value: Json) -> T:
        try:
            return made_of(read(value))
        except ValueError:
            raise BadMember("a word that this node does not know") from None

    return Member(known, str)


def digest() -> Member[str]:
    """Return a member that is a SHA-256 in hexadecimal, lower case."""
    return Member(_word(r"[0-9a-f]{64}", characters_max=64), str)


def path_segment() -> Member[str]:
    """Return a member that stands as one segment in a path, as it is."""
    return Member(_word(r"[A-Za-z0-9._~-]+", characters_max=256), str)


def words(*, characters_max: int) -> Member[str]:
    """Return a member that people read."""

    def read(value: Json) -> str:
        if not isinstance(value, str) or len(value) > characters_max:
            raise BadMember(f"not text of at most {characters_max} characters")
        return value

    return Member(read, str)


def whole(*, most: int = INTEGER_MAX) -> Member[int]:
    """Return a member that is a whole number from 0 to `most`."""

    def read(value: Json) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise BadMember(f"not a whole number from 0 to {most}")
        return value

    return Member(read, int)


def flag() -> Member[bool]:
    """Return a member that is true or false."""

    def read(value: Json) -> bool:
        if not isinstance(value, bool):
            raise BadMember("neither true nor false")
        return value

    return Member(read, bool)


def instant() -> Member[Instant]:
    """Return a member that is an instant as records spell it: UTC, six decimals, Z."""

    def read(value: Json) -> Instant:
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) == 27 else None
            if at is not None and instant_text(at) == value and at.year in YEARS:
                return at
        except (ValueError, NotCanonical):
            pass
        raise BadMember("not an instant in UTC with six decimals")

    return Member(read, instant_text)


def day() -> Member[date]:
    """Return a member that is a day: 2026-03-25."""

    def read(value: Json) -> date:
        try:
            found = date.fromisoformat(value) if isinstance(value, str) else None
            if found is not None and found.isoformat() == value and found.year in YEARS:
                return found
        except ValueError:
            pass
        raise BadMember("not a day")

    return Member(read, date.isoformat)


def optional(member: Member[T]) -> Member[T | None]:
    """Return a member that may be null."""
    return Member(
        lambda value: None if value is None else member.read(value),
        lambda value: None if value is None else member.spelt(value),
    )


def many(member: Member[T], *, most: int) -> Member[tuple[T, ...]]:
    """Return a member that is a list of at most so many."""

    def read(value: Json) -> tuple[T, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise BadMember(f"not a list of at most {most}")
        return tuple(member.read(each) for each in value)

    return Member(read, lambda value: [member.spelt(each) for each in value])


def table(made_of: Callable[..., T], members: Mapping[str, Member[Any]]) -> Member[T]:
    """Return a member that has exactly these members; `made_of` takes them by name."""

    def read(value: Json) -> T:
        if not isinstance(value, dict) or value.keys() != members.keys():
            raise BadMember(f"not exactly the members {', '.join(members)}")
        return made_of(**read_members(value, members))

    return Member(read, lambda value: spell_members(value, members))


def read_members(given: Mapping[str, Json], members: Mapping[str, Member[Any]]) -> dict[str, Any]:
    """Return each member, read; raises `BadMember` naming the first that is not."""
    found: dict[str, Any] = {}
    for name, member in members.items():
        if name not in given:
            raise BadMember(f"{name}: missing")
        try:
            found[name] = member.read(given[name])
        except BadMember as failure:
            raise BadMember(f"{name}: {failure}") from None
    return found


def spell_members(value: object, members: Mapping[str, Member[Any]]) -> dict[str, Json]:
    """Return the members of `value`, spelt."""
    return {name: member.spelt(getattr(value, name)) for name, member in members.items()}
