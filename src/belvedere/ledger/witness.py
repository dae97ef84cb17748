"""What a witness decides of a head that another node's log shows: co-sign it, or not, and why (C2SP tlog-witness).

Owns the order in which a head is looked at, and the sentence for each way in which it is refused. Does no reading and no
keeping: whoever asks keeps what was decided before the co-signature leaves. Source: ledger-format 6, 7; reliability 7, 28.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.text import Text
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey, cosign_note
from belvedere.ledger.proofs import consistency_holds


class Doubt(StrEnum):
    """Why a head is not co-signed: a code for logs and tests; the refusal says it in words."""

    UNREADABLE = "unreadable"
    OTHER_ORIGIN = "other-origin"
    UNSIGNED = "unsigned"
    ROLLED_BACK = "rolled-back"
    FORKED = "forked"
    ENTRIES_MISSING = "entries-missing"
    UNPROVED = "unproved"

    @property
    def is_proof(self) -> bool:
        """Whether two signed heads prove it for good: nothing that the log shows later takes it back."""
        return self is Doubt.FORKED


@dataclass(frozen=True, slots=True)
class ShownHead:
    """A head that its log's key signed; `note` carries that signature alone, whoever else signed beside it."""

    checkpoint: Checkpoint
    note: SignedNote


@dataclass(frozen=True, slots=True)
class WitnessedHead:
    """The newest head of a log that this witness co-signed; `note` carries the log's signature and the witness's.

    `forked` is a later head of the same log, signed by it, that does not continue this one: once there is one, no head of
    that log is co-signed any more.
    """

    checkpoint: Checkpoint
    note: str
    cosigned_at_s: int
    forked: str | None = None


@dataclass(frozen=True, slots=True)
class Continuity:
    """What the log's own tiles say: the root over the witnessed entries, and the proof that the shown tree extends it."""

    old_root: bytes
    proof: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A head that is not co-signed, beside the one that was; `said` is the whole sentence."""

    doubt: Doubt
    said: Text
    shown: ShownHead | None = None


@dataclass(frozen=True, slots=True)
class UnknownLog:
    """No pinned log has this origin: this node is no witness of it."""


@dataclass(frozen=True, slots=True)
class OtherSize:
    """The proof begins at another size than the one at which this witness knows the log: `size`."""

    size: int


def read_shown(note: str, *keys: VerifierKey) -> ShownHead | Refusal:
    """Return the head in `note` if one of the log's pinned keys signed it; they have one name, which is the origin.

    Without a key (its party left while it was being read) nothing counts.
    """
    if not keys:
        return Refusal(
            Doubt.UNSIGNED,
            Text(
                "Aucune convention ne nomme plus la clé de ce journal.",
                "No convention names a key of this log any more.",
            ),
        )
    origin = keys[0].name
    try:
        signed = SignedNote.parse(note)
        checkpoint = Checkpoint.parse(signed.text)
    except BadNote as failure:
        return Refusal(
            Doubt.UNREADABLE,
            Text(
                f"Ce qui est montré comme tête du journal `{origin}` n'en est pas une.",
                f"What is shown as the head of log `{origin}` is none: {failure}.",
            ),
        )
    if checkpoint.origin != origin:
        return Refusal(
            Doubt.OTHER_ORIGIN,
            Text(
                f"La tête montrée est celle du journal `{checkpoint.origin}`, non de `{origin}`.",
                f"The head that is shown is that of log `{checkpoint.origin}`, not of `{origin}`.",
            ),
        )
    by = next((key for key in keys if signed.signed_by(key)), None)
    if by is None:
        known = ", ".join(key.key_id.hex() for key in keys)
        return Refusal(
            Doubt.UNSIGNED,
            Text(
                f"La tête du journal `{origin}` n'est pas signée de la clé convenue ({known}).",
                f"The head of log `{origin}` is not signed with the agreed key ({known}).",
            ),
        )
    own = tuple(each for each in signed.signatures if each.name == by.name and each.key_id == by.key_id)
    return ShownHead(checkpoint, SignedNote(signed.text, own))


def needs_proof(known: WitnessedHead | None, shown: ShownHead) -> bool:
    """Whether the log has to prove that `shown` continues what was co-signed."""
    return known is not None and known.forked is None and 0 < known.checkpoint.size < shown.checkpoint.size


def judge(known: WitnessedHead | None, shown: ShownHead, continuity: Continuity | None = None) -> Refusal | None:
    """Return why `shown` is not co-signed after `known`; None where it is.

    The first head of a log is taken as it is. `continuity` is None where none is needed, or the log has not the tiles.
    """
    if known is None or known.checkpoint.size == 0:
        return None
    before, now = known.checkpoint, shown.checkpoint
    if known.forked is not None or (now.size == before.size and now.root != before.root):
        return _forked(known, shown)
    if now.size < before.size:
        return _rolled_back(known, shown)
    if now.size == before.size:
        return None
    return _entries_missing(shown) if continuity is None else _continues(known, shown, continuity)


def _continues(known: WitnessedHead, shown: ShownHead, continuity: Continuity) -> Refusal | None:
    before, now = known.checkpoint, shown.checkpoint

    def extends(old_root: bytes) -> bool:
        return consistency_holds(
            old_size=before.size, old_root=old_root, size=now.size, root=now.root, proof=continuity.proof
        )

    if extends(before.root):
        return None
    # The tiles make the signed tree, and the entries under it are others than those that were co-signed.
    return _forked(known, shown) if extends(continuity.old_root) else _unproved(shown)


def cosigned(shown: ShownHead, *, name: str, key: Ed25519PrivateKey, at_s: int) -> WitnessedHead:
    """Return `shown` with the co-signature of `name`, which states Unix time `at_s`; to be kept before anybody has it."""
    note = shown.note.with_signature(cosign_note(shown.note.text, name=name, key=key, at_s=at_s))
    return WitnessedHead(shown.checkpoint, str(note), at_s)


def _rolled_back(known: WitnessedHead, shown: ShownHead) -> Refusal:
    before, now = known.checkpoint, shown.checkpoint
    return Refusal(
        Doubt.ROLLED_BACK,
        Text(
            f"Le journal `{now.origin}` montre {now.size} inscriptions ; il en avait signé {before.size}, contresignées "
            "ici. Il est revenu en arrière : peut-être une sauvegarde trop ancienne.",
            f"Log `{now.origin}` shows {now.size} entries; it had signed {before.size}, which were co-signed here. It was "
            "rolled back: perhaps too old a backup.",
        ),
        shown,
    )


def _entries_missing(shown: ShownHead) -> Refusal:
    now = shown.checkpoint
    return Refusal(
        Doubt.ENTRIES_MISSING,
        Text(
            f"Le journal `{now.origin}` signe {now.size} inscriptions et ne les montre pas toutes.",
            f"Log `{now.origin}` signs {now.size} entries and does not show all of them.",
        ),
        shown,
    )


def _unproved(shown: ShownHead) -> Refusal:
    now = shown.checkpoint
    return Refusal(
        Doubt.UNPROVED,
        Text(
            f"Ce que montre le journal `{now.origin}` ne forme pas l'arbre de {now.size} inscriptions qu'il signe.",
            f"What log `{now.origin}` shows does not make the tree of {now.size} entries that it signs.",
        ),
        shown,
    )


def _forked(known: WitnessedHead, shown: ShownHead) -> Refusal:
    before, now = known.checkpoint, shown.checkpoint
    return Refusal(
        Doubt.FORKED,
        Text(
            f"Le journal `{now.origin}` a été réécrit : les {before.size} inscriptions contresignées ici n'en sont plus "
            "le début. Ses deux têtes signées le prouvent. Il doit être clos, et un autre commencé.",
            f"Log `{now.origin}` was rewritten: the {before.size} entries that were co-signed here are no longer its "
            "beginning. Its two signed heads prove it. It has to be closed, and another one begun.",
        ),
        shown,
    )
