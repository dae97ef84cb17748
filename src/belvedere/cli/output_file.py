"""The file that a command is to write: its place looked at before the work begins, and put there as one thing."""

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


def write_whole(path: Path, text: str) -> None:
    """Put `text` at `path` as one thing, for its owner alone to read: who waits for the file never reads half of it."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.rename(path)
