"""A file of secrets at rest: sealed with a key that stands in a file of its own, elsewhere.

Owns the envelope (v1) and the key's file. Does not know what is sealed, nor where from chance comes.
AES-256-GCM with a fresh nonce for each sealing; what the envelope says of itself is authenticated with the content.
"""

import base64
import binascii
import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import IdSource
from belvedere.domain.untrusted_text import BadText, read_json, shown

VERSION = "belvedere.sealed/v1"
ALGORITHM = "AES-256-GCM"
CAMERA_SOURCES = "camera-sources"
"""What is sealed: an envelope of one content does not open as another."""
_KEY_FORMAT = "belvedere.secret-key/v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_FILE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The key that opens what the node keeps sealed; never in a repr, a log or a backup of the data folder."""

    octets: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Return what names the key without telling it: 16 hex digits of its SHA-256."""
        return hashlib.sha256(_KEY_FORMAT.encode() + b"\n" + self.octets).hexdigest()[:16]


def is_sealed(content: bytes) -> bool:
    """Tell whether `content` says of itself that it is an envelope."""
    return _members(content).get("format") == VERSION


def seal(content: bytes, key: SecretKey, *, what: str, ids: IdSource) -> bytes:
    """Return `content` in an envelope that only `key` opens."""
    nonce = ids.secret(_NONCE_BYTES)
    sealed = AESGCM(key.octets).encrypt(nonce, content, _said(what, key.id))
    members = {
        "format": VERSION,
        "algorithm": ALGORITHM,
        "what": what,
        "key": key.id,
        "nonce": base64.b64encode(nonce).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }
    return json.dumps(members, indent=1).encode() + b"\n"


def open_sealed(envelope: bytes, key: SecretKey, *, what: str) -> bytes:
    """Return the content of `envelope`; raises `Unreadable` on another key, another content or one changed bit."""
    members = _members(envelope)
    if members.get("format") != VERSION or members.get("algorithm") != ALGORITHM:
        raise Unreadable(f"the envelope is no {VERSION} with {ALGORITHM}; seal the file again with this program")
    if members.get("what") != what:
        raise Unreadable(f"the envelope holds `{shown(str(members.get('what')))}`, not `{what}`; give the right file")
    if members.get("key") != key.id:
        raise Unreadable(
            f"sealed with key {shown(str(members.get('key')))}, while the key file holds {key.id}; "
            "give the key that it was sealed with, or seal it again"
        )
    try:
        nonce = base64.b64decode(str(members.get("nonce")), validate=True)
        sealed = base64.b64decode(str(members.get("sealed")), validate=True)
        return AESGCM(key.octets).decrypt(nonce, sealed, _said(what, key.id))
    except (binascii.Error, ValueError, InvalidTag):
        raise Unreadable("the envelope has been changed since it was sealed; put the sealed file back") from None


def load_secret_key(path: Path) -> SecretKey:
    """Return the key in `path`; raises `Unreadable` if it is absent, malformed, or others may read it."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_KEY_FILE_BYTES_MAX)
    except OSError as failure:
        raise Unreadable(f"{path}: {failure.strerror}; put the key back from its own backup") from None
    if mode & 0o077:
        raise Unreadable(f"{path}: may be read by others (mode {mode:04o}); run chmod 600 on it")
    try:
        word, encoded = content.decode("ascii").split()
        octets = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        word, octets = "", b""
    if word != _KEY_FORMAT or len(octets) != _KEY_BYTES:
        raise Unreadable(f"{path}: no {_KEY_FORMAT}; put the key back from its own backup")
    return SecretKey(octets)


def create_secret_key(path: Path, ids: IdSource) -> SecretKey:
    """Return a fresh key, made at `path` with mode 0600; whole or not at all, and never in the place of another."""
    key = SecretKey(ids.secret(_KEY_BYTES))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{_KEY_FORMAT} {base64.b64encode(key.octets).decode()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise Unreadable(f"{path} holds a key already; it is never replaced") from None
    finally:
        draft.unlink(missing_ok=True)
    return key


def _said(what: str, key_id: str) -> bytes:
    """Return what is authenticated beside the content."""
    return f"{VERSION}\n{ALGORITHM}\n{what}\n{key_id}\n".encode()


def _members(envelope: bytes) -> dict[str, object]:
    try:
        members = read_json(envelope)
    except BadText:
        return {}
    return members if isinstance(members, dict) else {}
