"""Whether an exported file continues a head that was kept elsewhere: the other party's, an inspector's, a backup's.

Owns what makes a kept head usable and the sentence for each way in which a file fails to continue it. Does no reading.
"""

from typing import NoReturn

from belvedere.domain.text import Text
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey

CHECKPOINT_BYTES_MAX = 64 * 1024
"""A head with the signatures of every party and witness has a few kilobytes."""


class NotContinued(Exception):
    """The file does not continue the kept head, or the head is none; the message says which."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def read_kept_head(content: bytes, key: VerifierKey) -> Checkpoint:
    """Return the head that `key` signed; raises `NotContinued` where it is no checkpoint, another log's, or unsigned."""
    try:
        note = SignedNote.parse(content.decode())
        checkpoint = Checkpoint.parse(note.text)
    except (BadNote, UnicodeDecodeError) as failure:
        _refuse(f"ce n'est pas un point de contrôle signé ({failure})", f"it is not a signed checkpoint ({failure})")
    if checkpoint.origin != key.name:
        _refuse(
            f"c'est le point de contrôle d'un autre journal, `{checkpoint.origin}`, non de `{key.name}`",
            f"it is the checkpoint of another log, `{checkpoint.origin}`, not of `{key.name}`",
        )
    if not note.signed_by(key):
        _refuse(
            f"`{key.name}` ne l'a pas signé de la clé donnée (clé {key.key_id.hex()})",
            f"`{key.name}` did not sign it with the key that was given (key {key.key_id.hex()})",
        )
    return checkpoint


def require_continuation(kept: Checkpoint, *, size: int, root_then: bytes | None) -> None:
    """Raise `NotContinued` unless a file of `size` entries, whose first `kept.size` give `root_then`, continues it."""
    if root_then is None:
        _refuse(
            f"il atteste {kept.size} inscriptions, le fichier n'en a que {size} : "
            "le fichier est plus ancien, ou des inscriptions lui manquent",
            f"it states {kept.size} entries, the file has only {size}: the file is older, or entries are missing from it",
        )
    if root_then != kept.root:
        _refuse(
            f"les {kept.size} premières inscriptions du fichier ne sont pas celles qu'il atteste : "
            "le journal a été réécrit, ou c'en est un autre",
            f"the first {kept.size} entries of the file are not those that it states: "
            "the ledger was rewritten, or it is another one",
        )


def _refuse(fr: str, en: str) -> NoReturn:
    raise NotContinued(Text(fr=fr, en=en))
