"""`belvedere convention sign`: a party signs a convention's text, beside it."""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail


def sign(
    directory: Annotated[Path, typer.Argument(help="The convention's directory.")],
    key: Annotated[Path, typer.Option(help="The party's signing key (PEM, PKCS 8); made if absent.")],
    name: Annotated[str, typer.Option(help="The key's name, for instance belvedere.example/etat.")],
) -> None:
    """Add one party's signature over the text to signatures.note, and over keys.json to keys.note; print the key for keys.json."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.agreed_text import (
        KEYS_FILE,
        KEYS_SIGNATURES_FILE,
        SIGNATURES_FILE,
        agreed_keys,
        agreed_text,
        with_signature,
    )
    from belvedere.ledger.keys import BadKeyFile, load_or_create_key
    from belvedere.ledger.note import BadNote, verifier_key
    from belvedere.ledger.pinned_keys import read_keys
    from belvedere.policy import ConventionError, load_convention

    try:
        convention = load_convention(directory)
        signing = load_or_create_key(key)
        texts = {SIGNATURES_FILE: agreed_text(convention.id, convention.sha256)}
        keys = None
        if (directory / KEYS_FILE).exists():
            keys = read_keys(directory / KEYS_FILE, [party.id for party in convention.parties])
            texts[KEYS_SIGNATURES_FILE] = agreed_keys(convention.id, keys.sha256)
        notes = {file: with_signature(text, directory / file, name=name, key=signing) for file, text in texts.items()}
    except (ConventionError, BadKeyFile, BadNote, Unreadable) as error:
        fail(error, code=1)
    for file, note in notes.items():
        (directory / file).write_text(note)
    typer.echo(f"{convention.id} {convention.sha256}")
    typer.echo(str(verifier_key(name, signing)))
    if keys is None:
        typer.echo("sans keys.json : le texte seul est signé ; recommencer une fois keys.json écrit", err=True)
        typer.echo("no keys.json: the text alone is signed; run this again once keys.json is written", err=True)
