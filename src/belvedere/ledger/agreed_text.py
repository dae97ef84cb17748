"""Which parties signed a convention's text, and the keys that it pins (reliability 6).

Each is a C2SP signed note over three lines: the format, the convention's id, a hash. Text and keys are signed apart: a key is
replaced without touching the text, a text without touching the keys. Which keys count, `pinned_keys` says.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.failures import Unreadable
from belvedere.domain.untrusted_text import read_file
from belvedere.ledger.note import BadNote, NoteSignature, SignedNote, sign_note
from belvedere.ledger.pinned_keys import ConventionKeys

KEYS_FILE = "keys.json"
SIGNATURES_FILE = "signatures.note"
KEYS_SIGNATURES_FILE = "keys.note"
_TEXT_FORMAT = "belvedere.convention/v1"
_KEYS_FORMAT = "belvedere.convention-keys/v1"
NOTE_BYTES_MAX = 64 * 1024


def agreed_text(convention: str, sha256: str) -> str:
    """Return the text that every party signs to put the convention of this hash (hex) in force."""
    return f"{_TEXT_FORMAT}\n{convention}\n{sha256}\n"


def agreed_keys(convention: str, sha256: str) -> str:
    """Return the text that every party signs to have the keys of this hash (hex) pinned by the convention."""
    return f"{_KEYS_FORMAT}\n{convention}\n{sha256}\n"


def not_signed_by(text: str, *, note: str, keys: ConventionKeys) -> list[str]:
    """Return the parties that have not signed `text` in `note` with a key that `keys` accept of them; sorted."""
    try:
        signed = SignedNote.parse(note)
    except BadNote:
        return sorted(keys.parties)
    if signed.text != text:
        return sorted(keys.parties)
    return sorted(
        party
        for party, each in keys.parties.items()
        if not any(signed.signed_by(key) for key in each.agreement.accepted)
    )


def with_signature(text: str, file: Path, *, name: str, key: Ed25519PrivateKey) -> str:
    """Return the note over `text` with the signature of `name` beside those of others that already stand in `file`.

    Raises `BadNote` where the file holds no note, `Unreadable` where it cannot be read.
    """
    others: tuple[NoteSignature, ...] = ()
    if file.exists():
        signed = SignedNote.parse(read_signatures(file))
        if signed.text == text:
            others = tuple(each for each in signed.signatures if each.name != name)
    return str(SignedNote(text, (*others, sign_note(text, name=name, key=key))))


def read_signatures(path: Path) -> str:
    """Return the signed note in a file beside a convention; raises `Unreadable`."""
    try:
        return read_file(path, bytes_max=NOTE_BYTES_MAX).decode("utf-8", errors="replace")
    except OSError as failure:
        raise Unreadable(
            f"{path}: {failure.strerror}; have each party run `belvedere convention sign`, which signs text and keys"
        ) from None
