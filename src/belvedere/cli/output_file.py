"""The file that a command is to write, looked at before the work begins: nothing is done in vain."""

import os
from pathlib import Path

import typer


def writable_place(path: Path | None) -> Path | None:
    """Return `path`, where a file can be written; raises `typer.BadParameter` that says what lacks."""
    if path is None:
        return None
    folder = path.absolute().parent
    if path.is_dir():
        raise typer.BadParameter(f"`{path}` est un dossier, nommer un fichier · is a folder, name a file")
    if not folder.is_dir():
        raise typer.BadParameter(f"le dossier `{folder}` n'existe pas, le créer · does not exist, make it")
    if not os.access(folder, os.W_OK):
        raise typer.BadParameter(f"on ne peut pas écrire dans `{folder}` · cannot be written to")
    return path
