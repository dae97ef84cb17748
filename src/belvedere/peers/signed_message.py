"""A message between two nodes, signed: a compact JWS (RFC 7515, 8037), its algorithm fixed by the key that it names.

Owns what is believed of one: who signed it, for whom, when, under which text, in answer to what. A message that is not
believed is a `Flaw`, a value. The order of the checks is that of their cost: nothing is decoded before its length is known,
and no signature is checked of what could not be believed anyway. Knows no connection and keeps nothing.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import BadText, read_json
from belvedere.ledger.canonical import Json, NotCanonical, canonical_json
from belvedere.peers.members import (
    BadMember,
    Member,
    digest,
    identifier,
    optional,
    read_members,
    spell_members,
    table,
    whole,
)
from belvedere.peers.messages import MEMBERS, TYPE_OF, TYPES, UNDER_ANY_TEXT, PeerMessage

MESSAGE_BYTES_MAX = 64 * 1024
HEADER_CHARACTERS_MAX = 512
LIFETIME_S = 30
"""How long a message holds at most, by its own word."""
SKEW_S = 10
"""By how much two nodes' clocks may differ."""
_ALGORITHM = "EdDSA"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*+")
_SIGNATURE_BYTES = 64
_UNIX_EPOCH_S_MAX = 253_402_300_799


class Flaw(Enum):
    """Why a message is not believed, in words."""

    def __init__(self, fr: str, en: str) -> None:
        self.said = Text(fr, en)

    TOO_LONG = (
        f"message de plus de {MESSAGE_BYTES_MAX // 1024} Kio",
        f"a message of more than {MESSAGE_BYTES_MAX // 1024} KiB",
    )
    NO_JWS = (
        "n'est pas un message signé : trois parties en base64url, séparées par des points",
        "no signed message: three parts in base64url, with dots between them",
    )
    UNSIGNED = ("message sans signature", "a message without a signature")
    ALGORITHM = (
        "l'en-tête annonce un autre algorithme que celui de sa clé (EdDSA) ou des membres inconnus",
        "its header names another algorithm than its key's (EdDSA), or members that are not known",
    )
    TYPE = (
        "type de message inconnu de ce nœud ; l'autre nœud parle peut-être une version plus récente",
        "a type of message that this node does not know; the other node may speak a newer version",
    )
    KEY = (
        "la clé qu'il nomme n'est pas, ou n'est plus, dans la convention signée",
        "the key that it names is not, or is no longer, in the signed convention",
    )
    SIGNATURE = (
        "signature fausse : message altéré, ou signé par un autre",
        "a false signature: altered, or signed by another",
    )
    SPELLING = (
        "contenu mal formé, hors limites ou écrit autrement que dans sa forme unique",
        "content that is malformed, out of bounds, or not in its one spelling",
    )
    ISSUER = ("signé par une autre organisation que celle qu'il dit", "signed by another party than it says")
    AUDIENCE = ("adressé à une autre organisation", "addressed to another party")
    LIFETIME = (
        f"valable plus de {LIFETIME_S} s, ou à rebours",
        f"valid for more than {LIFETIME_S} s, or backwards",
    )
    FUTURE = (
        f"daté de plus de {SKEW_S} s dans le futur ; comparer les horloges des deux nœuds",
        f"dated more than {SKEW_S} s ahead; compare the clocks of the two nodes",
    )
    EXPIRED = (
        "périmé ; s'il vient d'être émis, comparer les horloges des deux nœuds",
        "expired; if it was only just made, compare the clocks of the two nodes",
    )
    OTHER_TEXT = (
        "fait sous un autre texte de la convention que celui en vigueur ici ; rien ne s'ouvre avant que les deux l'aient",
        "made under another text of the convention than the one in force here; nothing opens before both have the same",
    )
    REPLAYED = ("déjà reçu : un message ne vaut qu'une fois", "already received: a message counts once")


@dataclass(frozen=True, slots=True)
class Claims:
    """What every message states. `answers` is the SHA-256 (hex) of the message that it answers."""

    iss: PartyId
    aud: PartyId
    iat: int
    exp: int
    jti: str
    epoch: int
    convention: ConventionRef
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that is believed, with its bytes: evidence, as it stands."""

    claims: Claims
    message: PeerMessage
    jws: str

    @property
    def sha256(self) -> str:
        """How an answer names it."""
        return sha256_of(self.jws)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key with which this node signs its messages, and what the convention calls it."""

    kid: str
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A key that the convention pins, and whose it is."""

    party: PartyId
    key: Ed25519PublicKey


_CLAIMS: Mapping[str, Member[Any]] = MappingProxyType(
    {
        "iss": identifier(PartyId),
        "aud": identifier(PartyId),
        "iat": whole(most=_UNIX_EPOCH_S_MAX),
        "exp": whole(most=_UNIX_EPOCH_S_MAX),
        "jti": identifier(str),
        "epoch": whole(),
        "convention": table(ConventionRef, {"id": identifier(str), "sha256": digest()}),
        "answers": optional(digest()),
    }
)


def sha256_of(jws: str) -> str:
    """Return the SHA-256 (hex) by which a message is named."""
    return hashlib.sha256(jws.encode()).hexdigest()


def sign(message: PeerMessage, claims: Claims, key: SigningKey) -> str:
    """Return the message, signed; raises `NotCanonical` for what has no spelling, `ValueError` where it is too long."""
    header = canonical_json({"alg": _ALGORITHM, "kid": key.kid, "typ": TYPE_OF[type(message)]})
    content = canonical_json(_members(message, claims))
    signed = f"{_base64url(header)}.{_base64url(content)}"
    jws = f"{signed}.{_base64url(key.key.sign(signed.encode()))}"
    if len(jws) > MESSAGE_BYTES_MAX:
        raise ValueError(f"a message of {len(jws)} bytes: more than {MESSAGE_BYTES_MAX}")
    return jws


def believe(
    jws: str, *, keys: Mapping[str, PinnedKey], own: PartyId, text: ConventionRef | None, now: Instant
) -> Signed | Flaw:
    """Return the message, or why it is not believed: signed by a pinned key of its issuer, for `own`, now, under `text`.

    `text` is what is in force here between the two, None where nothing is. That it was not received before, the caller sees to.
    """
    found = read_signed(jws, keys)
    if isinstance(found, Flaw):
        return found
    claims = found.claims
    flaw = _of_claims(claims, own=own, now=now)
    if flaw is None and claims.convention != text and type(found.message) not in UNDER_ANY_TEXT:
        flaw = Flaw.OTHER_TEXT
    return found if flaw is None else flaw


def read_signed(jws: str, keys: Mapping[str, PinnedKey]) -> Signed | Flaw:  # noqa: PLR0911 (one return a check, by cost)
    """Return a message that a pinned key of its issuer signed, whenever and for whomever: as evidence is read."""
    # 1. What costs nothing.
    if len(jws) > MESSAGE_BYTES_MAX:
        return Flaw.TOO_LONG
    parts = jws.split(".", 3)
    if len(parts) != 3 or not all(map(_BASE64URL.fullmatch, parts)) or len(parts[0]) > HEADER_CHARACTERS_MAX:
        return Flaw.NO_JWS
    # 2. The header: nothing but what this node would write for this key and this type.
    header = _header(parts[0], keys)
    if isinstance(header, Flaw):
        return header
    kind, pinned = header
    # 3. The signature.
    if not parts[2]:
        return Flaw.UNSIGNED
    if not _is_signed(f"{parts[0]}.{parts[1]}", parts[2], pinned.key):
        return Flaw.SIGNATURE
    # 4. What it says: in one spelling, of its issuer.
    read = _read(kind, parts[1])
    if read is None:
        return Flaw.SPELLING
    claims, message = read
    return Signed(claims, message, jws) if claims.iss == pinned.party else Flaw.ISSUER


def _header(part: str, keys: Mapping[str, PinnedKey]) -> tuple[type[PeerMessage], PinnedKey] | Flaw:
    header = _object(part)
    if header is None:
        return Flaw.SPELLING
    if header.keys() != {"alg", "kid", "typ"} or header["alg"] != _ALGORITHM:
        return Flaw.ALGORITHM
    kind, pinned = TYPES.get(str(header["typ"])), keys.get(str(header["kid"]))
    if pinned is None:
        return Flaw.KEY
    return Flaw.TYPE if kind is None else (kind, pinned)


def _is_signed(signed: str, part: str, key: Ed25519PublicKey) -> bool:
    signature = _decoded(part)
    if signature is None or len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        key.verify(signature, signed.encode())
    except InvalidSignature:
        return False
    return True


def _of_claims(claims: Claims, *, own: PartyId, now: Instant) -> Flaw | None:
    now_s = now.timestamp()
    for holds, flaw in (
        (claims.aud == own and claims.iss != own, Flaw.AUDIENCE),
        (0 < claims.exp - claims.iat <= LIFETIME_S, Flaw.LIFETIME),
        (claims.iat <= now_s + SKEW_S, Flaw.FUTURE),
        (now_s < claims.exp + SKEW_S, Flaw.EXPIRED),
    ):
        if not holds:
            return flaw
    return None


def kept_until_s(claims: Claims) -> int:
    """Return until when (seconds since the Unix epoch) a message's `jti` is kept: from then on it is refused as expired."""
    return claims.exp + SKEW_S


def _members(message: PeerMessage, claims: Claims) -> dict[str, Json]:
    return spell_members(claims, _CLAIMS) | spell_members(message, MEMBERS[type(message)])


def _read(kind: type[PeerMessage], part: str) -> tuple[Claims, PeerMessage] | None:
    given, members = _object(part), MEMBERS[kind]
    if given is None or given.keys() != _CLAIMS.keys() | members.keys():
        return None
    try:
        claims = Claims(**read_members(given, _CLAIMS))
        message = kind(**read_members(given, members))
    except BadMember:
        return None
    return claims, message


def _object(part: str) -> dict[str, Json] | None:
    """Return the JSON object that a part spells, in its one spelling; None for any other."""
    content = _decoded(part)
    if content is None:
        return None
    try:
        given = read_json(content)
        if isinstance(given, dict) and canonical_json(given) == content:
            return given
    except (BadText, NotCanonical):
        pass
    return None


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(part: str) -> bytes | None:
    """Return what a part spells, None where these are not the characters that spell it: bits beyond the last byte are 0."""
    try:
        content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        return None
    return content if _base64url(content) == part else None
