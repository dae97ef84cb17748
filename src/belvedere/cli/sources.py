"""`belvedere sources`: the cameras' addresses and credentials, sealed at rest with a key that stands elsewhere."""

import os
from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail

_Key = Annotated[Path | None, typer.Option("--key", help="The key's file; made with mode 0600 if it is absent.")]
_Config = Annotated[Path | None, typer.Option("--config", help="The node's settings, whose [secrets] name the key.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    sources = typer.Typer(help="Adresses des caméras : sceller, desceller · seal, unseal", no_args_is_help=True)
    app.add_typer(sources, name="sources")
    sources.command("seal")(seal)
    sources.command("unseal")(unseal)


def seal(
    file: Annotated[Path, typer.Argument(help="sources.json, in clear.")],
    key: _Key = None,
    config: _Config = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; without, the file itself is replaced.")
    ] = None,
) -> None:
    """Seal the cameras' addresses and credentials; without the key nobody reads them, nor changes them unseen."""
    from belvedere.clock import SystemIds
    from belvedere.domain.failures import Unreadable
    from belvedere.domain.untrusted_text import read_file
    from belvedere.inventory.cameras import FILE_BYTES_MAX, parse_sources
    from belvedere.inventory.sealed import CAMERA_SOURCES, create_secret_key, is_sealed, load_secret_key
    from belvedere.inventory.sealed import seal as sealed_with

    ids = SystemIds()
    try:
        content = read_file(file, bytes_max=FILE_BYTES_MAX)
        if is_sealed(content):
            raise Unreadable(f"{file} is sealed already")
        cameras = parse_sources(content, name=str(file))
        place = _key_place(key, config)
        made = not place.exists()
        secret = create_secret_key(place, ids) if made else load_secret_key(place)
        _replace(output or file, sealed_with(content, secret, what=CAMERA_SOURCES, ids=ids))
    except (Unreadable, OSError) as failure:
        fail(failure)
    if made:
        typer.echo(f"{place} : clé faite ; la sauvegarder à part · key made; back it up apart")
    typer.echo(f"{output or file} : {len(cameras)} caméras scellées, clé · cameras sealed, key {secret.id}")


def unseal(
    file: Annotated[Path, typer.Argument(help="The sealed file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write them in clear, mode 0600.")],
    key: _Key = None,
    config: _Config = None,
) -> None:
    """Write the cameras' addresses and credentials in clear, for a change; seal them again afterwards."""
    from belvedere.domain.failures import Unreadable
    from belvedere.domain.untrusted_text import read_file
    from belvedere.inventory.cameras import FILE_BYTES_MAX
    from belvedere.inventory.sealed import CAMERA_SOURCES, load_secret_key, open_sealed

    try:
        content = open_sealed(
            read_file(file, bytes_max=FILE_BYTES_MAX), load_secret_key(_key_place(key, config)), what=CAMERA_SOURCES
        )
        _replace(output, content)
    except (Unreadable, OSError) as failure:
        fail(failure)
    typer.echo(f"{output} : en clair, à effacer ensuite · in clear, to be erased afterwards")


def _key_place(key: Path | None, config: Path | None) -> Path:
    from belvedere.domain.failures import Unreadable
    from belvedere.settings import read_settings

    place = key if config is None else key or read_settings(config).secrets.key_file
    if place is None:
        raise Unreadable("give --key FILE, or --config with a [secrets] key_file")
    return place


def _replace(path: Path, content: bytes) -> None:
    """Put `content` at `path` as one thing, for its owner alone, and have it on the disk."""
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
