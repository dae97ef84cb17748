"""Decides every recorded decision of an exported file again, from its own facts and the text of its hash.

A ledger that verifies was not changed after the fact; this tells whether it was honest before. Source:
ledger-format 12. Does not know: signatures, how a convention decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from belvedere.domain.untrusted_text import read_json
from belvedere.ledger.reading import read_entries
from belvedere.policy import Convention
from belvedere.policy.replay import Replayed, is_the_nodes_own, replay

TOLD_MAX = 1000
"""How many differing decisions are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Redecision:
    """What deciding again gave.

    `without_text` decisions were made under a text that was not given; `by_the_node` ones are refusals of the node
    itself, whatever the text would answer.
    """

    decided: int
    differing: int
    without_text: int
    by_the_node: int
    told: tuple[Replayed, ...]
    """The first of the differing ones: answered otherwise, or not answerable from their facts."""


def redecide_file(file: BinaryIO, conventions: Sequence[Convention]) -> Redecision:
    """Decide again the decisions of a file that `verify_ledger` has accepted; erased ones are passed over."""
    texts = {(convention.id, convention.sha256): convention for convention in conventions}
    decided = differing = without_text = by_the_node = 0
    told: list[Replayed] = []
    for entry in read_entries(file):
        record = {} if entry.record is None else read_json(entry.record)
        assert isinstance(record, dict), "the verification reads objects alone"
        if record.get("kind") != "decision":
            continue
        if is_the_nodes_own(record):
            by_the_node += 1
            continue
        made_under = record["convention"] or {}
        convention = texts.get((str(made_under.get("id")), str(made_under.get("sha256"))))
        if convention is None:
            without_text += 1
            continue
        for again in replay(convention, [(entry.index, record)], own_hash_only=True):
            decided += 1
            if again.redecided is None or again.redecided.otherwise:
                differing += 1
                told.extend([again] if len(told) < TOLD_MAX else [])
    return Redecision(
        decided=decided,
        differing=differing,
        without_text=without_text,
        by_the_node=by_the_node,
        told=tuple(told),
    )
