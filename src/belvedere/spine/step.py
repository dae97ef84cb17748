"""What a pure use case returns: an answer, and the changes that make it true."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from belvedere.changes import Change

A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Step(Generic[A_co]):
    """The answer to a command, true once `changes` are made; without any, nothing is written."""

    answer: A_co
    changes: tuple[Change, ...] = ()
