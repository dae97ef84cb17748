"""The keys that a convention pins, `keys.json`: who reads it, how it is spelt for its hash, and how one may follow another.

Each party has the key with which it signs texts and keys themselves, kept off its node, and, if it runs a node, the node's
four: for TLS, for messages, of its log, as a witness. Each has a current one and may have a next one, both accepted: so a key
is replaced without a moment in which nobody is known. Source: ledger-format 11; reliability 6.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import BadText, read_file, read_json, shown
from belvedere.ledger.canonical import Json, canonical_json
from belvedere.ledger.note import BadNote, SignatureType, VerifierKey
from belvedere.ledger.public_key import BadPublicKey, PublicKey

KEYS_BYTES_MAX = 64 * 1024
PARTIES_MAX = 16
K = TypeVar("K")


class KeyUse(StrEnum):
    """What a key is for; its name in `keys.json`."""

    AGREEMENT = "agreement"
    TLS = "tls"
    MESSAGES = "messages"
    LOG = "log"
    WITNESS = "witness"


NODE_USES = (KeyUse.TLS, KeyUse.MESSAGES, KeyUse.LOG, KeyUse.WITNESS)


class UnfitKeys(ValueError):
    """Keys that cannot be those of this convention: `told` states the fact and the remedy."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.told = told


@dataclass(frozen=True, slots=True)
class Pinned(Generic[K]):
    """The key of one use, and the one that is to follow it; both are accepted."""

    current: K
    next: K | None = None

    @property
    def accepted(self) -> tuple[K, ...]:
        """Return every key that counts, the current one first."""
        return (self.current,) if self.next is None else (self.current, self.next)


AnyPinned = Pinned[PublicKey] | Pinned[VerifierKey]


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """By which keys a party's node is known."""

    tls: Pinned[PublicKey]
    messages: Pinned[PublicKey]
    log: Pinned[VerifierKey]
    witness: Pinned[VerifierKey]

    def message_keys(self) -> Mapping[str, Ed25519PublicKey]:
        """Return the keys of the party's messages by the `kid` that names them, current and next."""
        return {key.kid: key.verifying() for key in self.messages.accepted}

    def of(self, use: KeyUse) -> AnyPinned:
        """Return the keys of one use."""
        pinned: AnyPinned = getattr(self, use.value)
        return pinned


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """All keys of one party; `node` is None for a party that runs none."""

    agreement: Pinned[VerifierKey]
    node: NodeKeys | None = None

    def uses(self) -> Iterator[tuple[KeyUse, AnyPinned]]:
        """Yield each use with its keys."""
        yield KeyUse.AGREEMENT, self.agreement
        if self.node is not None:
            for use in NODE_USES:
                yield use, self.node.of(use)


@dataclass(frozen=True, slots=True)
class ConventionKeys:
    """The keys of every party of a convention."""

    parties: Mapping[str, PartyKeys]

    def canonical(self) -> bytes:
        """Return the RFC 8785 bytes, over which the hash is."""
        return canonical_json({party: _spelt(keys) for party, keys in self.parties.items()})

    @property
    def sha256(self) -> str:
        """Return the hash that every party signs (hex)."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def node_of(self, party: str) -> NodeKeys | None:
        """Return the keys of a party's node, or None where it has none."""
        keys = self.parties.get(party)
        return None if keys is None else keys.node


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """The keys of a convention as they were put in force, with the note in which every party signed them."""

    convention: str
    keys: ConventionKeys
    note: str
    since: Instant


def parse_keys(content: bytes, *, parties: Sequence[str] | None) -> ConventionKeys:
    """Return the keys that `content` spells for exactly these parties, or for whom it names; raises `UnfitKeys`."""
    if len(content) > KEYS_BYTES_MAX:
        raise UnfitKeys(
            Text(
                f"{len(content)} octets de clés ; {KEYS_BYTES_MAX} au plus",
                f"{len(content)} bytes of keys; {KEYS_BYTES_MAX} at most",
            )
        )
    try:
        given = read_json(content, names_once=True)
    except BadText as failure:
        raise UnfitKeys(failure.told) from None
    if not isinstance(given, dict):
        raise UnfitKeys(Text("ce n'est pas un objet JSON", "not a JSON object"))
    _require_parties(given, tuple(given) if parties is None else parties)
    keys = ConventionKeys({str(party): _party(str(party), pinned) for party, pinned in given.items()})
    _require_each_once(keys)
    _require_one_name_each(keys)
    return keys


def spell_keys(keys: ConventionKeys) -> bytes:
    """Return `keys.json` as people read it; what `parse_keys` returns of it is `keys`."""
    shown_keys = {party: _spelt(each) for party, each in keys.parties.items()}
    return (json.dumps(shown_keys, indent=1, ensure_ascii=False) + "\n").encode()


def spell_node(keys: NodeKeys) -> str:
    """Return the members of a node as `keys.json` has them under its party, a line each."""
    lines = (f'"{use}": {json.dumps(_pair(keys.of(use)))}' for use in NODE_USES)
    return ",\n".join(lines)


def why_not_followed(before: ConventionKeys, after: ConventionKeys) -> Text | None:
    """Return why `after` cannot take the place of `before`; None where it can.

    A key becomes the current one only after it has been the next: else there would be a moment in which one side knows it
    and the other does not. A node joins by its keys; it goes when its party leaves the convention, not by losing them.
    """
    for party, keys in after.parties.items():
        known = before.parties.get(party)
        if known is None:
            return Text(f"« {party} » n'est pas une partie", f"`{party}` is no party")
        if known.node is not None and keys.node is None:
            return Text(
                f"les clés du nœud de « {party} » manquent ; une partie se retire par l'acte de retrait",
                f"the keys of the node of `{party}` are gone; a party leaves by the act of leaving",
            )
        held = dict(known.uses())
        for use, pinned in keys.uses():
            if use in held and pinned.current not in held[use].accepted:
                return Text(
                    f"« {party} », {use} : la clé courante n'était ni la courante ni la suivante ; "
                    "la signer d'abord comme suivante (`next`)",
                    f"`{party}`, {use}: the current key was neither the current nor the next one; "
                    "have it signed as the next one (`next`) first",
                )
    return None


def brought_back(after: ConventionKeys, *, before: ConventionKeys, earlier: Iterable[ConventionKeys]) -> Text | None:
    """Return which key `after` pins again that an earlier file did and the one before it no longer; None where it does not.

    A retired key may be in other hands.
    """
    retired = {key for keys in earlier for key in _keys_in(keys)} - _keys_in(before)
    for party, each in after.parties.items():
        for use, pinned in each.uses():
            if retired & {key_of(key) for key in pinned.accepted}:
                return Text(
                    f"« {party} », {use} : une clé retirée ne revient pas ; en faire une nouvelle",
                    f"`{party}`, {use}: a retired key does not come back; make a new one",
                )
    return None


def _keys_in(keys: ConventionKeys) -> set[PublicKey]:
    return {key_of(key) for each in keys.parties.values() for _, pinned in each.uses() for key in pinned.accepted}


def _require_parties(given: Mapping[str, object], parties: Sequence[str]) -> None:
    if set(given) == set(parties) and len(given) <= PARTIES_MAX:
        return
    without = sorted(set(parties) - set(given))
    strangers = sorted(shown(str(each))[:64] for each in set(given) - set(parties))[:3]
    named = ", ".join(parties)
    if without:
        missing = ", ".join(without)
        raise UnfitKeys(
            Text(f"sans clé de {missing} ; il en faut de {named}", f"no keys of {missing}; give those of {named}")
        )
    other = ", ".join(strangers)
    raise UnfitKeys(
        Text(
            f"clés de {other}, qui n'est pas partie ; n'en donner que de {named}",
            f"keys of {other}, no party of it; give those of {named} alone",
        )
    )


def _party(party: str, given: object) -> PartyKeys:
    if not isinstance(given, dict):
        raise UnfitKeys(Text(f"« {party} » : pas un objet JSON", f"`{party}`: not a JSON object"))
    unknown = sorted(shown(str(each))[:64] for each in set(given) - {use.value for use in KeyUse})
    if unknown:
        uses = ", ".join(KeyUse)
        raise UnfitKeys(
            Text(
                f"« {party} » : « {unknown[0]} » n'est pas un usage de clé ; {uses}",
                f"`{party}`: `{unknown[0]}` is no use of a key; {uses}",
            )
        )
    node_given = [use for use in NODE_USES if use in given]
    if node_given and len(node_given) != len(NODE_USES):
        lacks = ", ".join(use for use in NODE_USES if use not in given)
        raise UnfitKeys(
            Text(
                f"« {party} » : il manque {lacks} ; un nœud a ses quatre clés (`belvedere node keys` les imprime)",
                f"`{party}`: no {lacks}; a node has its four keys (`belvedere node keys` prints them)",
            )
        )
    if KeyUse.AGREEMENT not in given:
        raise UnfitKeys(
            Text(
                f"« {party} » : il manque agreement, la clé dont la partie signe (`belvedere convention sign` l'imprime)",
                f"`{party}`: no agreement, the key with which the party signs (`belvedere convention sign` prints it)",
            )
        )
    agreement = _pinned(party, KeyUse.AGREEMENT, given, _signing_key)
    if not node_given:
        return PartyKeys(agreement)
    return PartyKeys(
        agreement,
        NodeKeys(
            tls=_pinned(party, KeyUse.TLS, given, PublicKey.parse),
            messages=_pinned(party, KeyUse.MESSAGES, given, PublicKey.parse),
            log=_pinned(party, KeyUse.LOG, given, _signing_key),
            witness=_pinned(party, KeyUse.WITNESS, given, _witness_key),
        ),
    )


def _pinned(party: str, use: KeyUse, given: Mapping[str, object], parse: Callable[[str], K]) -> Pinned[K]:
    pair = given[use]
    if not isinstance(pair, dict) or set(pair) - {"current", "next"} or not isinstance(pair.get("current"), str):
        raise UnfitKeys(
            Text(
                f'« {party} », {use} : écrire {{"current": "<clé>", "next": "<clé>" ou null}}',
                f'`{party}`, {use}: write {{"current": "<key>", "next": "<key>" or null}}',
            )
        )
    found: list[K | None] = []
    for name in ("current", "next"):
        spelt = pair.get(name)
        if spelt is not None and not isinstance(spelt, str):
            raise UnfitKeys(Text(f"« {party} », {use}, {name} : pas un texte", f"`{party}`, {use}, {name}: not a text"))
        try:
            found.append(None if spelt is None else parse(spelt))
        except (BadNote, BadPublicKey) as failure:
            said = shown(str(failure))[:200]
            raise UnfitKeys(
                Text(f"« {party} », {use}, {name} : « {said} »", f"`{party}`, {use}, {name}: {said}")
            ) from None
    current, following = found
    assert current is not None
    return Pinned(current, following)


def _signing_key(spelt: str) -> VerifierKey:
    key = VerifierKey.parse(spelt)
    if key.type is not SignatureType.ED25519:
        raise BadNote("a key that signs notes has the algorithm 0x01; this is a witness's")
    key_of(key)
    return key


def _witness_key(spelt: str) -> VerifierKey:
    key = VerifierKey.parse(spelt)
    if key.type is not SignatureType.COSIGNATURE_V1:
        raise BadNote("a witness's key has the algorithm 0x04; this one signs as a node or a party does")
    key_of(key)
    return key


def key_of(key: PublicKey | VerifierKey) -> PublicKey:
    """Return the 32 bytes of a key, whatever it is for; raises `BadPublicKey` where they are none."""
    return key if isinstance(key, PublicKey) else PublicKey.parse(str(PublicKey(key.public_key)))


def _require_each_once(keys: ConventionKeys) -> None:
    """Raise `UnfitKeys` where one key stands in two places: a signature made for one use would count for the other."""
    seen: dict[PublicKey, str] = {}
    for party, each in keys.parties.items():
        for use, pinned in each.uses():
            for name, key in (("current", pinned.current), ("next", pinned.next)):
                if key is None:
                    continue
                place = f"{party}, {use}, {name}"
                first = seen.setdefault(key_of(key), place)
                if first != place:
                    raise UnfitKeys(
                        Text(
                            f"la même clé deux fois : {first} et {place} ; une clé par usage",
                            f"the same key twice: {first} and {place}; one key for each use",
                        )
                    )


def _require_one_name_each(keys: ConventionKeys) -> None:
    """Raise `UnfitKeys` where a log would change its origin with its key, or two logs share one."""
    origins: dict[str, str] = {}
    for party, each in keys.parties.items():
        if each.node is None:
            continue
        for use, pinned in ((KeyUse.LOG, each.node.log), (KeyUse.WITNESS, each.node.witness)):
            if len({key.name for key in pinned.accepted}) > 1:
                raise UnfitKeys(
                    Text(
                        f"« {party} », {use} : la clé suivante porte un autre nom ; garder celui de la courante",
                        f"`{party}`, {use}: the next key has another name; keep that of the current one",
                    )
                )
        other = origins.setdefault(each.node.log.current.name, party)
        if other != party:
            raise UnfitKeys(
                Text(
                    f"le journal de « {other} » et celui de « {party} » portent le même nom ; une origine par nœud",
                    f"the logs of `{other}` and `{party}` have the same name; one origin for each node",
                )
            )


def _spelt(keys: PartyKeys) -> dict[str, Json]:
    return {use.value: _pair(pinned) for use, pinned in keys.uses()}


def _pair(pinned: AnyPinned) -> dict[str, Json]:
    return {"current": str(pinned.current), "next": None if pinned.next is None else str(pinned.next)}


def read_keys(path: Path, parties: Sequence[str]) -> ConventionKeys:
    """Return the keys in a file, for exactly these parties; raises `Unreadable`."""
    try:
        return parse_keys(read_file(path, bytes_max=KEYS_BYTES_MAX), parties=parties)
    except OSError as failure:
        raise Unreadable(f"{path}: {failure.strerror}; it pins the keys of every party") from None
    except UnfitKeys as failure:
        raise Unreadable(f"{path}: {failure}") from None
