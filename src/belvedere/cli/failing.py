"""How a command ends that cannot do what it was asked: one line on standard error, and an exit code."""

from typing import NoReturn

import typer


def fail(message: object, *, code: int = 2) -> NoReturn:
    """Say what is wrong, in the words of whoever found it, and end with `code`."""
    typer.echo(f"belvedere: {message}", err=True)
    raise typer.Exit(code) from None
