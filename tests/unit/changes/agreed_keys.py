"""Keys of the small city's two parties, made of their names, and notes in which they sign them."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.changes.joining import JointProposal
from belvedere.domain.vocabulary import Role
from belvedere.ledger.agreed_text import agreed_keys, agreed_text
from belvedere.ledger.note import SignatureType, SignedNote, VerifierKey, sign_note, verifier_key
from belvedere.ledger.pinned_keys import ConventionKeys, KeptKeys, NodeKeys, PartyKeys, Pinned
from belvedere.ledger.public_key import PublicKey
from tests.unit.changes.small_city import AT, CITY, CONVENTION, MARKDOWN, STATE, account, sha256, subject

BOTH = (CITY, STATE)


def secret(party: str, use: str, number: int = 1) -> Ed25519PrivateKey:
    """Return the `number`th private key of a party for a use."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{party} {use} {number}".encode()).digest())


def signing(party: str, use: str, number: int) -> VerifierKey:
    kind = SignatureType.COSIGNATURE_V1 if use == "witness" else SignatureType.ED25519
    return verifier_key(f"belvedere.example/{party}", secret(party, use, number), kind)


def node(party: str, numbers: Mapping[str, tuple[int, ...]] | None = None) -> NodeKeys:
    """Return a node's keys: of each use the first, unless `numbers` names others, the current one first."""
    numbers = numbers or {}

    def public(use: str) -> Pinned[PublicKey]:
        return Pinned(*(PublicKey.of(secret(party, use, number)) for number in numbers.get(use, (1,))))

    def verifying(use: str) -> Pinned[VerifierKey]:
        return Pinned(*(signing(party, use, number) for number in numbers.get(use, (1,))))

    return NodeKeys(public("tls"), public("messages"), verifying("log"), verifying("witness"))


def keys(
    *,
    nodes: Collection[str] = BOTH,
    numbers: Mapping[str, tuple[int, ...]] | None = None,
    agreement: tuple[int, ...] = (1,),
) -> ConventionKeys:
    """Return the keys of both parties; `numbers` are the city's node's, `agreement` those with which the city signs."""
    return ConventionKeys(
        {
            party: PartyKeys(
                Pinned(*(signing(party, "agreement", each) for each in (agreement if party == CITY else (1,)))),
                node(party, numbers if party == CITY else None) if party in nodes else None,
            )
            for party in BOTH
        }
    )


def note(text: str, *, by: Collection[str] = BOTH, city: int = 1) -> str:
    """Return the note in which these parties sign; the city with its `city`th key."""
    return str(
        SignedNote(
            text,
            tuple(
                sign_note(
                    text,
                    name=f"belvedere.example/{party}",
                    key=secret(party, "agreement", city if party == CITY else 1),
                )
                for party in by
            ),
        )
    )


def keys_note(found: ConventionKeys, *, by: Collection[str] = BOTH, city: int = 1) -> str:
    return note(agreed_keys(CONVENTION, found.sha256), by=by, city=city)


def text_note(*, by: Collection[str] = BOTH, city: int = 1) -> str:
    return note(agreed_text(CONVENTION, sha256(MARKDOWN)), by=by, city=city)


def kept(found: ConventionKeys, *, city: int = 1) -> KeptKeys:
    """Return keys as they are kept, signed by both."""
    return KeptKeys(CONVENTION, found, keys_note(found, city=city), AT)


FIRST = kept(keys(nodes=()))
JOINED = kept(keys())
ANNOUNCED = kept(keys(numbers={"log": (1, 2), "tls": (1, 2)}))
TAKEN = kept(keys(numbers={"log": (2,), "tls": (2,)}))


def proposal(found: KeptKeys | None = JOINED, **changed: object) -> JointProposal:
    """Return what the director proposed: keys, or to leave."""
    made = JointProposal(
        "p-1",
        CONVENTION,
        account("police-director").agent,
        Role.POLICE_DIRECTOR,
        subject("police-director"),
        AT,
        found,
        None,
        "" if found is not None else "délibération 12",
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # a test says which members are other
