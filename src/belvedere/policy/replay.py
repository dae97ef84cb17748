"""Deciding past decisions again: the same convention must answer the same; a changed one shows what it would change.

Reads records as `ledger export` writes them (ledger-format 8, 12). Does not know: files, signatures, the tree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from belvedere.domain.causes import BY_NODE
from belvedere.domain.decision import Decision, FactValue
from belvedere.domain.vocabulary import Verdict
from belvedere.policy.answers import verdict_of
from belvedere.policy.convention import Convention
from belvedere.policy.deciding import decide
from belvedere.policy.failures import BadRequest
from belvedere.policy.requests import request_from_facts


@dataclass(frozen=True, slots=True)
class Redecided:
    """One recorded decision, decided again. `unrecorded` are facts that the new answer rests on and nobody recorded."""

    recorded: tuple[str, tuple[str, ...]]
    """The verdict and the articles of the record."""
    answer: tuple[str, tuple[str, ...]]
    unrecorded: tuple[str, ...]

    @property
    def otherwise(self) -> bool:
        """Whether the answer differs from the record."""
        return self.recorded != self.answer


@dataclass(frozen=True, slots=True)
class Replayed:
    """A record of a ledger file and what became of it; `fault` tells why it could not be decided again."""

    index: int
    at: str
    action: str
    camera: str
    redecided: Redecided | None
    fault: str | None = None


def redecide(
    convention: Convention, facts: Mapping[str, FactValue], *, verdict: str, articles: Iterable[str]
) -> Redecided:
    """Return what `convention` answers to the facts that a recorded decision read.

    Raises:
        BadRequest: the facts lack what every decision reads.
    """
    decision: Decision = decide(convention, request_from_facts(facts))
    return Redecided(
        recorded=(verdict, tuple(articles)),
        answer=(verdict_of(decision).value, tuple(decision.articles)),
        unrecorded=tuple(name for name in decision.facts if name not in facts),
    )


def replay(
    convention: Convention, records: Iterable[tuple[int, Mapping[str, object]]], *, own_hash_only: bool = False
) -> Iterator[Replayed]:
    """Decide again every recorded decision of `convention`'s id, in order; not what the node itself refused.

    With `own_hash_only` only those that were made under this very text: each must be answered the same.
    """
    for index, record in records:
        made_under = record.get("convention")
        if record.get("kind") != "decision" or not isinstance(made_under, Mapping):
            continue
        if made_under.get("id") != convention.id or is_the_nodes_own(record):
            continue
        if own_hash_only and made_under.get("sha256") != convention.sha256:
            continue
        yield _replayed(convention, index, record)


def is_the_nodes_own(record: Mapping[str, object]) -> bool:
    """Return whether a decision's record tells a refusal of the node itself, which no text answers for."""
    return record.get("verdict") == Verdict.REFUSED and record.get("cause") in BY_NODE


def _replayed(convention: Convention, index: int, record: Mapping[str, object]) -> Replayed:
    facts, articles = record.get("facts"), record.get("articles")
    redecided: Redecided | None = None
    fault: str | None = None
    if isinstance(facts, Mapping) and isinstance(articles, list):
        try:
            redecided = redecide(
                convention,
                facts,
                verdict=str(record.get("verdict")),
                articles=[str(each) for each in articles],
            )
        except BadRequest as error:
            fault = str(error)
    else:
        fault = "the record has no facts or no articles"
    return Replayed(
        index=index,
        at=str(record.get("at")),
        action=str(record.get("action")),
        camera=str(record.get("camera")),
        redecided=redecided,
        fault=fault,
    )
