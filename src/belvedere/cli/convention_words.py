"""`belvedere convention words`: what two people read to each other before their parties sign."""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail
from belvedere.domain.text import Language

_A_LINE = 4


def words(
    directory: Annotated[Path, typer.Argument(help="The convention's directory.")],
    language: Annotated[Language, typer.Option(help="The words' language: the same on both sides.")] = Language.FR,
) -> None:
    """Print the twelve words of the text and of keys.json: the other party's must be the same, in the same order."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.agreed_text import KEYS_FILE
    from belvedere.ledger.pinned_keys import read_keys
    from belvedere.ledger.twelve_words import twelve_words
    from belvedere.policy import ConventionError, load_convention

    try:
        convention = load_convention(directory)
        keys = read_keys(directory / KEYS_FILE, [party.id for party in convention.parties])
    except (ConventionError, Unreadable) as error:
        fail(error, code=1)
    found = twelve_words(text_sha256=convention.sha256, keys_sha256=keys.sha256, language=language)
    for first in range(0, len(found), _A_LINE):
        typer.echo(" ".join(found[first : first + _A_LINE]))
