"""The demo's convention, signed by every party: the city with its node's key, the State with one made here."""

import hashlib
import json
import shutil
from pathlib import Path

from belvedere.demo.accounts import CITY, STATE
from belvedere.ledger.agreed_text import KEYS_FILE, SIGNATURES_FILE, agreed_text
from belvedere.ledger.keys import load_or_create_key
from belvedere.ledger.note import SignedNote, sign_note, verifier_key

STATE_KEY_FILE = "etat-key.pem"


def key_name(party: str) -> str:
    """Return the name under which a party of the demo signs."""
    return f"belvedere.example/{party}"


def sign_for_all(source: Path, directory: Path, *, node_key: Path) -> None:
    """Copy the convention in `source` to `directory`, with both parties' keys and signatures beside it."""
    shutil.copytree(source, directory, ignore=shutil.ignore_patterns("*.csv", "*.html"))
    keys = {CITY: load_or_create_key(node_key), STATE: load_or_create_key(directory / STATE_KEY_FILE)}
    pinned = {party: {"current": str(verifier_key(key_name(party), key)), "next": None} for party, key in keys.items()}
    (directory / KEYS_FILE).write_text(json.dumps(pinned, indent=1))
    (directory / SIGNATURES_FILE).write_text(
        signed_by_all((directory / "convention.md").read_bytes(), directory, node_key)
    )


def signed_by_all(markdown: bytes, directory: Path, node_key: Path) -> str:
    """Return the note in which both parties of the demo sign the text `markdown`."""
    text = agreed_text("vda-etat", hashlib.sha256(markdown).hexdigest())
    keys = {CITY: load_or_create_key(node_key), STATE: load_or_create_key(directory / STATE_KEY_FILE)}
    signatures = tuple(sign_note(text, name=key_name(party), key=key) for party, key in keys.items())
    return str(SignedNote(text, signatures))
