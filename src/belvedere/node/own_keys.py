"""The keys that this node itself signs with: one file a use in the data folder, made once, and the next one beside it.

A node signs with what stands in `<use>-key.pem`; `<use>-key.next.pem` takes its place while the node is stopped, once every
party accepts it. Which keys the others accept, the conventions say; no backup of the database holds a private key.
"""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.ledger.keys import load_key, load_or_create_key
from belvedere.ledger.note import SignatureType, VerifierKey, verifier_key
from belvedere.ledger.pinned_keys import NODE_USES, KeyUse, NodeKeys, Pinned
from belvedere.ledger.public_key import PublicKey
from belvedere.node.conventions import load_conventions
from belvedere.node.database import KEY_FILE, WITNESS_KEY_FILE
from belvedere.peers.pinned_tls import certificate_of
from belvedere.settings import Settings
from belvedere.spine.in_force import KeysInForce

TLS_CERTIFICATE_FILE = "tls-certificate.pem"
FILES = {
    KeyUse.TLS: "tls-key.pem",
    KeyUse.MESSAGES: "message-key.pem",
    KeyUse.LOG: KEY_FILE,
    KeyUse.WITNESS: WITNESS_KEY_FILE,
}


def next_file(data_dir: Path, use: KeyUse) -> Path:
    """Return where the key of a use stands that is to follow."""
    return (data_dir / FILES[use]).with_suffix(".next.pem")


def former_file(data_dir: Path, use: KeyUse) -> Path:
    """Return where the key of a use stands that was followed: its log still begins with what it signed."""
    return (data_dir / FILES[use]).with_suffix(".former.pem")


def own_keys(settings: Settings) -> NodeKeys:
    """Return the keys by which the other parties know this node; makes the current ones at the first start."""
    data_dir, origin = settings.node.data_dir, settings.node.origin

    def keys(use: KeyUse) -> tuple[Ed25519PrivateKey, Ed25519PrivateKey | None]:
        following = next_file(data_dir, use)
        return load_or_create_key(data_dir / FILES[use]), load_key(following) if following.exists() else None

    def public(use: KeyUse) -> Pinned[PublicKey]:
        current, following = keys(use)
        return Pinned(PublicKey.of(current), None if following is None else PublicKey.of(following))

    log, next_log = keys(KeyUse.LOG)
    witness, next_witness = keys(KeyUse.WITNESS)
    cosigns = SignatureType.COSIGNATURE_V1
    return NodeKeys(
        tls=public(KeyUse.TLS),
        messages=public(KeyUse.MESSAGES),
        log=Pinned(verifier_key(origin, log), None if next_log is None else verifier_key(origin, next_log)),
        witness=Pinned(
            verifier_key(origin, witness, cosigns),
            None if next_witness is None else verifier_key(origin, next_witness, cosigns),
        ),
    )


def make_next_keys(settings: Settings) -> NodeKeys:
    """Make the key that is to follow for each use that has none, and return all; nothing is signed with them yet."""
    for use in NODE_USES:
        load_or_create_key(next_file(settings.node.data_dir, use))
    return own_keys(settings)


def take_next_keys(settings: Settings) -> tuple[KeyUse, ...]:
    """Put each key that was to follow in the place of the current one; return which.

    Raises `Unreadable` where none waits, or the conventions in the node's folder do not pin it: the others would not know it.
    """
    data_dir = settings.node.data_dir
    waiting = tuple(use for use in NODE_USES if next_file(data_dir, use).exists())
    if not waiting:
        raise Unreadable(f"{data_dir}: no key waits to follow; make them with `belvedere node next-keys`")
    _, keys = load_conventions(settings, owner=PartyId(settings.node.party))
    made = own_keys(settings)
    _require_pinned(settings, keys, [(use, made.of(use).next) for use in waiting])
    for use in waiting:
        current, former = data_dir / FILES[use], former_file(data_dir, use)
        former.unlink(missing_ok=True)
        # A link and then one renaming: whenever it is killed, a current key stands there.
        former.hardlink_to(current)
        next_file(data_dir, use).replace(current)
    return waiting


def message_key_of(settings: Settings) -> Ed25519PrivateKey:
    """Return the key with which this node signs messages to other nodes; made at the first start."""
    return load_or_create_key(settings.node.data_dir / FILES[KeyUse.MESSAGES])


def tls_files_of(settings: Settings) -> tuple[Path, Path]:
    """Return where the certificate and the key stand with which this node speaks to others; makes what is absent.

    The certificate is made of the key at each start: it says nothing that the key does not.
    """
    data_dir = settings.node.data_dir
    key, certificate = data_dir / FILES[KeyUse.TLS], data_dir / TLS_CERTIFICATE_FILE
    certificate.write_bytes(certificate_of(load_or_create_key(key)))
    return certificate, key


def require_own_keys_pinned(settings: Settings, keys: KeysInForce) -> None:
    """Raise `Unreadable` unless the conventions pin this node's keys: else nothing that it signs would count."""
    made = own_keys(settings)
    _require_pinned(settings, keys, [(use, made.of(use).current) for use in NODE_USES])


def _require_pinned(
    settings: Settings, keys: KeysInForce, own: Sequence[tuple[KeyUse, PublicKey | VerifierKey | None]]
) -> None:
    party = PartyId(settings.node.party)
    pinned = keys.nodes_of(party)
    for use, key in own:
        if not any(key in each.of(use).accepted for each in pinned):
            raise Unreadable(
                f"the conventions do not pin this node's key for {use}: {key}; have {KEYS_FILE} name it under `{party}` as "
                "`belvedere node keys` prints it, and both parties sign"
            )
