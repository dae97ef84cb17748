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
    """Add one party's signature over the text's hash to signatures.note; print the key for keys.json."""
    from belvedere.ledger.agreed_text import SIGNATURES_FILE, agreed_text, read_signatures
    from belvedere.ledger.keys import BadKeyFile, load_or_create_key
    from belvedere.ledger.note import BadNote, NoteSignature, SignedNote, sign_note, verifier_key
    from belvedere.policy import ConventionError, load_convention

    file = directory / SIGNATURES_FILE
    try:
        convention = load_convention(directory)
        signing = load_or_create_key(key)
        text = agreed_text(convention.id, convention.sha256)
        others: tuple[NoteSignature, ...] = ()
        if file.exists():
            signed = SignedNote.parse(read_signatures(file))
            if signed.text == text:
                others = tuple(each for each in signed.signatures if each.name != name)
        note = SignedNote(text, (*others, sign_note(text, name=name, key=signing)))
    except (ConventionError, BadKeyFile, BadNote) as error:
        fail(error, code=1)
    file.write_text(str(note))
    typer.echo(f"{convention.id} {convention.sha256}")
    typer.echo(str(verifier_key(name, signing)))
