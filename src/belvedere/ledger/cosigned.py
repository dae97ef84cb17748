"""What a log makes of a head of its own that a witness brings back: kept, or the proof that this log is not the one seen.

Owns what a brought note must carry, and the words where it contradicts the log. Source: ledger-format 6, 7; reliability 7, 23.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from belvedere.domain.text import Text
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import SignedNote, VerifierKey
from belvedere.ledger.witness import Refusal, read_shown


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A head that this log's key signed and `witness` co-signed at the time it states; `note` has those two signatures."""

    witness: VerifierKey
    checkpoint: Checkpoint
    note: str
    at_s: int

    def is_newer_than(self, held: "Cosigned | None") -> bool:
        """Whether it tells more than the one that is held: more entries, or the same ones later."""
        return held is None or (self.checkpoint.size, self.at_s) > (held.checkpoint.size, held.at_s)


@dataclass(frozen=True, slots=True)
class OwnProof:
    """This log's newest signed head, and the proof that it continues an earlier size; empty from none on."""

    note: str
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class NoWitness:
    """None of the pinned witnesses signed it: it proves nothing that the log does not say itself."""

    said = Text(
        "Aucun témoin convenu n'a signé cette tête de journal.", "No agreed witness signed this head of the log."
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """The log contains it: it is kept where it is newer than what was held."""


@dataclass(frozen=True, slots=True)
class Contradicted:
    """The log does not contain it, although its own key signed it; `said` says how."""

    said: Text


def read_cosigned(note: str, *, log: VerifierKey, witnesses: Iterable[VerifierKey]) -> Cosigned | Refusal | NoWitness:
    """Return what a witness brings, once both signatures are checked: the log's own first, so that nobody can invent a head."""
    shown = read_shown(note, log)
    if isinstance(shown, Refusal):
        return shown
    signed = SignedNote.parse(note)
    for witness in witnesses:
        at_s = signed.cosigned_at_s(witness)
        if at_s is not None and signed.signed_by(witness):
            (first, *_) = (
                each for each in signed.signatures if (each.name, each.key_id) == (witness.name, witness.key_id)
            )
            return Cosigned(witness, shown.checkpoint, str(shown.note.with_signature(first)), at_s)
    return NoWitness()


def contradiction(seen: Checkpoint, *, size: int, root_then: bytes | None) -> Text | None:
    """Return why a log of `size` entries, whose first `seen.size` give `root_then`, is not the one seen; None where it is."""
    if root_then is None:
        return Text(
            f"Un témoin a contresigné {seen.size} inscriptions de ce journal ; il n'en a que {size}. Ce nœud repart d'une "
            "sauvegarde trop ancienne : en restaurer une plus récente, ou clore ce journal et en commencer un autre.",
            f"A witness co-signed {seen.size} entries of this log; it has only {size}. This node goes on from too old a "
            "backup: restore a newer one, or close this log and begin another.",
        )
    if root_then != seen.root:
        return Text(
            f"Un témoin a contresigné d'autres inscriptions que les {seen.size} premières de ce journal : c'est une autre "
            "histoire. Restaurer la sauvegarde qui les contient, ou clore ce journal et en commencer un autre.",
            f"A witness co-signed other entries than the first {seen.size} of this log: it is another history. Restore the "
            "backup that has them, or close this log and begin another.",
        )
    return None
