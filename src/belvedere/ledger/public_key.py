"""A node's Ed25519 public key, as `keys.json` pins it for TLS and for messages. Source: ledger-format 11; RFC 8037.

Owns its spelling and its names for others: the `kid` of messages, the SubjectPublicKeyInfo of certificates.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SIZE_BYTES = 32
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the key's own bytes in its SubjectPublicKeyInfo (RFC 8410, 4)."""


class BadPublicKey(ValueError):
    """A text that spells no Ed25519 public key; the message states the fact."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The 32 bytes of an Ed25519 public key; spelt as the `x` of its JWK, base64url without padding."""

    raw: bytes

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Return the key that `text` spells; raises `BadPublicKey` for any other spelling of it too."""
        try:
            raw = base64.b64decode(f"{text}=".encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            raise BadPublicKey("no Ed25519 key in base64url") from None
        key = cls(raw)
        if len(raw) != _SIZE_BYTES or str(key) != text:
            raise BadPublicKey("no Ed25519 key: 43 characters of base64url, without padding")
        try:
            Ed25519PublicKey.from_public_bytes(raw)
        except (ValueError, UnsupportedAlgorithm):
            raise BadPublicKey("no Ed25519 key: these 32 bytes are no point of the curve") from None
        return key

    @classmethod
    def of(cls, key: Ed25519PrivateKey) -> "PublicKey":
        """Return the public half of `key`."""
        return cls(key.public_key().public_bytes_raw())

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self.raw).decode().rstrip("=")

    @property
    def spki(self) -> bytes:
        """Return the key's SubjectPublicKeyInfo (DER)."""
        return _SPKI_PREFIX + self.raw

    @property
    def kid(self) -> str:
        """Return the thumbprint of the key's JWK, by which messages name it (RFC 7638, RFC 8037)."""
        jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{self}"}}'
        return base64.urlsafe_b64encode(hashlib.sha256(jwk.encode()).digest()).decode().rstrip("=")

    def verifying(self) -> Ed25519PublicKey:
        """Return the key, to check signatures with."""
        return Ed25519PublicKey.from_public_bytes(self.raw)


def public_key_of_spki(der: bytes) -> PublicKey | None:
    """Return the Ed25519 key that a SubjectPublicKeyInfo holds, None where it is none."""
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return PublicKey(key.public_bytes_raw()) if isinstance(key, Ed25519PublicKey) else None
