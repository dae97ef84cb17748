"""TLS between nodes: version 1.3, a certificate from both sides, and no authority but the keys that `keys.json` pins.

Promises: a handshake succeeds only with whoever holds a pinned key, current or next, at the moment of the handshake; no
session outlives it, so a retired key is refused at the next one. A certificate is but the form in which TLS carries a key: it
names nobody, never ends, and is made of the key again at any time. Which party speaks, the signatures of messages tell.
Source: reliability 6; RFC 8446; RFC 8410.
"""

import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from belvedere.ledger.public_key import PublicKey, public_key_of_spki

_STARTS = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""A certificate without an end (RFC 5280, 4.1.2.5): the pin ends it, and no wrong clock does."""
_NOT_SIGNED = Ed25519PrivateKey.from_private_bytes(bytes(32))
"""Under an anchor stands some signature, which nobody checks: it is trusted because it is pinned."""
_LEAF = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "belvedere node")])

PinnedBy = Callable[[], Iterable[PublicKey]]
"""Asked at each handshake for the keys that are accepted now."""


class NotPinned(ssl.SSLCertVerificationError):
    """The other side showed a certificate of a key that is not pinned, or none."""


def certificate_of(key: Ed25519PrivateKey) -> bytes:
    """Return the certificate in which TLS carries `key` (PEM): the same bytes each time."""
    made = _certificate(key.public_key(), subject=_LEAF, issuer=_named(PublicKey.of(key)), signs=key, is_anchor=False)
    return made.public_bytes(serialization.Encoding.PEM)


def pinned_key(certificate: bytes | None, pins: Iterable[PublicKey]) -> PublicKey:
    """Return the pinned key that a certificate (DER) carries; raises `NotPinned`."""
    if certificate is None:
        raise NotPinned("no certificate was shown; each side shows one of the key that keys.json pins for its TLS")
    try:
        key = public_key_of_spki(
            x509.load_der_x509_certificate(certificate)
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    except (ValueError, TypeError) as failure:
        raise NotPinned(f"an unreadable certificate was shown: {failure}") from None
    if key is None:
        raise NotPinned("the certificate shown carries no Ed25519 key; make it of the key that keys.json pins")
    if key not in set(pins):
        raise NotPinned(f"the certificate shown carries key {key}, which keys.json does not pin for TLS")
    return key


class PinnedContext(ssl.SSLContext):
    """A context that accepts pinned keys alone; made by `server_context` and `client_context`."""

    def __init__(self, protocol: int, pins: PinnedBy) -> None:
        assert self.protocol == protocol, "taken where the context is made, before this"
        self.pins = pins
        self._anchored: set[PublicKey] = set()
        self.minimum_version = ssl.TLSVersion.TLSv1_3
        self.check_hostname = False
        self.verify_mode = ssl.CERT_REQUIRED
        self.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # A session taken up again would not be looked at again.
        self.options |= ssl.OP_NO_TICKET
        self.sslobject_class = _CheckedObject
        self.sslsocket_class = _CheckedSocket
        self.anchor()

    def anchor(self) -> None:
        """Have OpenSSL accept the keys that are pinned now: one anchor each, named after it."""
        for key in set(self.pins()) - self._anchored:
            anchor = _certificate(
                key.verifying(), subject=_named(key), issuer=_named(key), signs=_NOT_SIGNED, is_anchor=True
            )
            self.load_verify_locations(cadata=anchor.public_bytes(serialization.Encoding.DER))
            self._anchored.add(key)


class _CheckedObject(ssl.SSLObject):
    """OpenSSL knows keys that were pinned once; the handshake ends here by those that are pinned now."""

    def do_handshake(self) -> None:
        context = self.context
        assert isinstance(context, PinnedContext)
        context.anchor()
        super().do_handshake()
        pinned_key(self.getpeercert(binary_form=True), context.pins())


class _CheckedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        context = self.context
        assert isinstance(context, PinnedContext)
        context.anchor()
        super().do_handshake(block)
        pinned_key(self.getpeercert(binary_form=True), context.pins())


def server_context(*, certificate: Path, key: Path, pins: PinnedBy) -> ssl.SSLContext:
    """Return the context of a listener for peers; `pins` are the TLS keys of all parties that may connect."""
    context = PinnedContext(ssl.PROTOCOL_TLS_SERVER, pins)
    context.num_tickets = 0
    context.load_cert_chain(certificate, key)
    return context


def client_context(*, certificate: Path, key: Path, pins: PinnedBy) -> ssl.SSLContext:
    """Return the context with which one peer is dialled; `pins` are that party's TLS keys alone. Its address counts for nothing."""
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT, pins)
    context.load_cert_chain(certificate, key)
    return context


def _named(key: PublicKey) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, key.kid)])


def _certificate(
    key: Ed25519PublicKey, *, subject: x509.Name, issuer: x509.Name, signs: Ed25519PrivateKey, is_anchor: bool
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(_STARTS)
        .not_valid_after(_NEVER)
        .add_extension(x509.BasicConstraints(ca=is_anchor, path_length=0 if is_anchor else None), critical=True)
        .sign(signs, None)
    )
