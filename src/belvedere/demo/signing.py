"""The demo's convention, signed by every party: each with a key made beside the text."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.demo.accounts import CITY, STATE
from belvedere.ledger.agreed_text import (
    KEYS_FILE,
    KEYS_SIGNATURES_FILE,
    SIGNATURES_FILE,
    agreed_keys,
    agreed_text,
)
from belvedere.ledger.keys import load_or_create_key
from belvedere.ledger.note import SignedNote, sign_note, verifier_key
from belvedere.ledger.pinned_keys import ConventionKeys, NodeKeys, PartyKeys, Pinned, spell_keys

CONVENTION_ID = "vda-etat"


def key_name(party: str) -> str:
    """Return the name under which a party of the demo signs."""
    return f"belvedere.example/{party}"


def sign_for_all(source: Path, directory: Path, nodes: Mapping[str, NodeKeys] | None = None) -> None:
    """Copy the convention in `source` to `directory`, with both parties' keys, those of their `nodes`, and signatures beside it."""
    shutil.copytree(source, directory, ignore=shutil.ignore_patterns("*.csv", "*.html"))
    (directory / SIGNATURES_FILE).write_text(signed_by_all((directory / "convention.md").read_bytes(), directory))
    pin_for_all(directory, nodes or {})


def pin_for_all(directory: Path, nodes: Mapping[str, NodeKeys]) -> ConventionKeys:
    """Have both parties of the demo sign the keys of their `nodes`, beside their own."""
    keys = keys_for_all(directory, nodes)
    (directory / KEYS_FILE).write_bytes(spell_keys(keys))
    (directory / KEYS_SIGNATURES_FILE).write_text(keys_signed_by_all(keys, directory))
    return keys


def keys_for_all(directory: Path, nodes: Mapping[str, NodeKeys]) -> ConventionKeys:
    """Return what the convention in `directory` would pin: both parties' own keys, and those of their `nodes`."""
    return ConventionKeys(
        {
            party: PartyKeys(Pinned(verifier_key(key_name(party), _key(directory, party))), nodes.get(party))
            for party in (CITY, STATE)
        }
    )


def signed_by_all(markdown: bytes, directory: Path) -> str:
    """Return the note in which both parties of the demo sign the text `markdown`."""
    return _signed(agreed_text(CONVENTION_ID, hashlib.sha256(markdown).hexdigest()), directory)


def keys_signed_by_all(keys: ConventionKeys, directory: Path) -> str:
    """Return the note in which both parties of the demo sign `keys`."""
    return _signed(agreed_keys(CONVENTION_ID, keys.sha256), directory)


def _signed(text: str, directory: Path) -> str:
    signs = {party: _key(directory, party) for party in (CITY, STATE)}
    return str(SignedNote(text, tuple(sign_note(text, name=key_name(party), key=key) for party, key in signs.items())))


def _key(directory: Path, party: str) -> Ed25519PrivateKey:
    return load_or_create_key(directory / f"{party}-key.pem")
