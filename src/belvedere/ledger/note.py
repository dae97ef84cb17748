"""C2SP signed notes, verifier keys and co-signatures (c2sp.org/signed-note, /tlog-cosignature).

Owns the text of notes and the two kinds of Ed25519 signature under them. Does not know any tree.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_LINES_MAX = 100
NOTE_SIZE_MAX_BYTES = 1_000_000
_SIGNATURE_SIZE_BYTES = 64
_KEY_ID_SIZE_BYTES = 4
_TIMESTAMP_SIZE_BYTES = 8
_DASH = "\N{EM DASH} "


class BadNote(ValueError):
    """A note, key or signature that is not what the formats say; the message names the place."""


class SignatureType(IntEnum):
    """The algorithm byte of a verifier key."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name with a public key, as `<name>+<key id>+<key>`. Source: C2SP signed-note."""

    name: str
    type: SignatureType
    public_key: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Return the key that `text` spells; raise `BadNote` where its own key id belies it."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise BadNote(f"verifier key `{text}`: it is not <name>+<key id>+<key>")
        name, key_id, encoded = parts
        _check_name(name)
        material = strict_base64(encoded)
        if len(material) != 33:
            raise BadNote(f"verifier key `{name}`: {len(material)} bytes of key, not 33")
        try:
            kind = SignatureType(material[0])
        except ValueError:
            raise BadNote(f"verifier key `{name}`: unknown algorithm {material[0]:#04x}") from None
        key = cls(name, kind, material[1:])
        if key.key_id.hex() != key_id:
            raise BadNote(f"verifier key `{name}`: its key id is {key.key_id.hex()}, not {key_id}")
        return key

    @property
    def key_id(self) -> bytes:
        """Return the first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        material = self.name.encode() + b"\n" + bytes([self.type]) + self.public_key
        return hashlib.sha256(material).digest()[:_KEY_ID_SIZE_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.type]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line under a note: who says to have signed, and the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text (ending in a newline) with its signatures, none of them checked yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: str) -> "SignedNote":
        """Return the parts of `note`; raise `BadNote` where a byte is out of place."""
        if len(note.encode()) > NOTE_SIZE_MAX_BYTES:
            raise BadNote(f"the note is longer than {NOTE_SIZE_MAX_BYTES} bytes")
        if any(ord(character) < 0x20 and character != "\n" for character in note):
            raise BadNote("the note has a control character")
        text, separator, tail = note.rpartition("\n\n")
        if not separator or not tail.endswith("\n"):
            raise BadNote("the note has no signature below a blank line")
        lines = tail[:-1].split("\n")
        if len(lines) > SIGNATURE_LINES_MAX:
            raise BadNote(f"the note has more than {SIGNATURE_LINES_MAX} signatures")
        return cls(text + "\n", tuple(_signature_of(line) for line in lines))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"

    def with_signature(self, signature: NoteSignature) -> "SignedNote":
        """Return the note with one more signature at its end."""
        return SignedNote(self.text, (*self.signatures, signature))

    def signed_by(self, key: VerifierKey) -> bool:
        """Tell whether `key` signed the text; a wrong signature by a known key makes it False at once.

        For a co-signature the time it states is part of what is signed (`cosigned_at_s` gives it).
        """
        candidates = self._by(key)
        return bool(candidates) and all(_verifies(key, self.text, c.signature) for c in candidates)

    def cosigned_at_s(self, key: VerifierKey) -> int | None:
        """Return the Unix time, in seconds, that a co-signature of `key` states; None without one."""
        candidates = self._by(key)
        if key.type is not SignatureType.COSIGNATURE_V1 or not candidates:
            return None
        return int.from_bytes(candidates[0].signature[:_TIMESTAMP_SIZE_BYTES])

    def _by(self, key: VerifierKey) -> list[NoteSignature]:
        return [s for s in self.signatures if s.name == key.name and s.key_id == key.key_id]


def verifier_key(name: str, key: Ed25519PrivateKey, kind: SignatureType = SignatureType.ED25519) -> VerifierKey:
    """Return the verifier key of `key` under `name`."""
    _check_name(name)
    return VerifierKey(name, kind, key.public_key().public_bytes_raw())


def sign_note(text: str, *, name: str, key: Ed25519PrivateKey) -> NoteSignature:
    """Return the Ed25519 signature of `text` (which must end in a newline) by `name`."""
    _check_text(text)
    return NoteSignature(name, verifier_key(name, key).key_id, key.sign(text.encode()))


def cosign_note(text: str, *, name: str, key: Ed25519PrivateKey, at_s: int) -> NoteSignature:
    """Return a cosignature/v1 of `text` by `name`, stating Unix time `at_s`. Source: C2SP tlog-cosignature."""
    _check_text(text)
    signature = key.sign(_cosigned_message(text, at_s))
    key_id = verifier_key(name, key, SignatureType.COSIGNATURE_V1).key_id
    return NoteSignature(name, key_id, at_s.to_bytes(_TIMESTAMP_SIZE_BYTES) + signature)


def strict_base64(text: str) -> bytes:
    """Return the bytes of standard padded base64; anything but its one canonical spelling is a `BadNote`."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise BadNote("not standard base64") from None
    if base64.b64encode(decoded).decode() != text:
        raise BadNote("not the canonical spelling of its base64")
    return decoded


def _signature_of(line: str) -> NoteSignature:
    if not line.startswith(_DASH):
        raise BadNote("a signature line does not start with an em dash and a space")
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not separator:
        raise BadNote("a signature line has no signature")
    _check_name(name)
    material = strict_base64(encoded)
    if len(material) <= _KEY_ID_SIZE_BYTES:
        raise BadNote(f"the signature of `{name}` is too short")
    return NoteSignature(name, material[:_KEY_ID_SIZE_BYTES], material[_KEY_ID_SIZE_BYTES:])


def _verifies(key: VerifierKey, text: str, signature: bytes) -> bool:
    message = text.encode()
    if key.type is SignatureType.COSIGNATURE_V1:
        if len(signature) != _TIMESTAMP_SIZE_BYTES + _SIGNATURE_SIZE_BYTES:
            return False
        message = _cosigned_message(text, int.from_bytes(signature[:_TIMESTAMP_SIZE_BYTES]))
        signature = signature[_TIMESTAMP_SIZE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cosigned_message(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n") or "\n\n" in text:
        raise BadNote("a note's text ends in one newline and has no blank line")


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise BadNote(f"`{name}` cannot name a key: empty, or with a space or a plus sign")


def all_signed(note: SignedNote, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Return those of `keys` that did *not* validly sign `note`."""
    return [key for key in keys if not note.signed_by(key)]
