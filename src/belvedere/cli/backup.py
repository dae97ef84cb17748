"""`belvedere backup` and `belvedere restore`: a copy while the node runs, and its way back without a fork.

Exit codes: 0 done, 1 refused (the backup may not take this place), 2 the command cannot be carried out as asked.
"""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail

_Config = Annotated[Path, typer.Option(help="The node's settings, node.toml.")]

CHECKPOINT_BYTES_MAX = 64 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    config: _Config,
    output: Annotated[Path, typer.Option("--output", "-o", help="The backup; a file that is there is not replaced.")],
) -> None:
    """Copy the node's database, whole and checked, while the node runs; the signing key is backed up apart."""
    from belvedere.domain.failures import Unreadable
    from belvedere.settings import read_settings
    from belvedere.store.backup import back_up
    from belvedere.store.database import DATABASE_FILE

    try:
        made = back_up(read_settings(config).node.data_dir / DATABASE_FILE, output)
    except (Unreadable, OSError) as failure:
        fail(failure)
    head = made.copy.head
    typer.echo(f"{output} : {head.size} enregistrements, {made.size_bytes} octets, vérifiée")
    typer.echo(f"{output}: {head.size} records, {made.size_bytes} bytes, checked")
    typer.echo(head.note, nl=False)


def restore(
    config: _Config,
    file: Annotated[Path, typer.Argument(help="A backup that `belvedere backup` made.")],
    peer_checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="The newest signed head of this node's log that another party holds; repeat."),
    ] = None,
    attest_unseen: Annotated[
        str | None, typer.Option(help="Why nobody was shown more than the backup holds; written to the journal.")
    ] = None,
    begin_anew: Annotated[
        str | None,
        typer.Option(help="Close the old log and begin another, under the new origin of node.toml; why."),
    ] = None,
) -> None:
    """Check a backup whole and put it in the place of the stopped node's database; what stood there is kept aside."""
    import anyio

    from belvedere.cli.logs import log_to_stderr
    from belvedere.domain.failures import NotRecorded, Unreadable
    from belvedere.ledger.keys import BadKeyFile
    from belvedere.store.database import NotOpened
    from belvedere.store.ledger_log import ForeignLedger
    from belvedere.store.restore import NotRestored

    log_to_stderr(level=40)
    try:
        anyio.run(_restore, config, file, list(peer_checkpoint or ()), attest_unseen, begin_anew)
    except NotRestored as refusal:
        typer.echo(f"REFUSÉ : {refusal.said.fr}")
        typer.echo(f"REFUSED: {refusal.said.en}")
        raise typer.Exit(1) from None
    except (Unreadable, NotRecorded, NotOpened, ForeignLedger, BadKeyFile, OSError) as failure:
        fail(failure)


async def _restore(
    config: Path, file: Path, peer_checkpoints: list[Path], unseen: str | None, anew: str | None
) -> None:
    from belvedere.clock import SystemClock, SystemIds
    from belvedere.domain.failures import Unreadable
    from belvedere.domain.untrusted_text import read_file
    from belvedere.node.database import KEY_FILE, identity_of
    from belvedere.settings import read_settings
    from belvedere.store.restore import Intent, restore

    settings = read_settings(config)
    data_dir = settings.node.data_dir
    if not (data_dir / KEY_FILE).exists():
        raise Unreadable(f"{data_dir / KEY_FILE}: put the node's key back first, from its own backup (chmod 600)")
    done = await restore(
        data_dir,
        file,
        identity=identity_of(settings),
        clock=SystemClock(),
        ids=SystemIds(),
        peer_checkpoints=[
            (str(path), read_file(path, bytes_max=CHECKPOINT_BYTES_MAX).decode(errors="replace"))
            for path in peer_checkpoints
        ],
        intent=Intent(unseen=unseen, anew=anew),
    )
    if done.resumed:
        typer.echo("La restauration interrompue est terminée ; rien d'autre n'a été fait.")
        typer.echo("The restore that was cut short is finished; nothing else was done.")
    typer.echo(f"{data_dir} : restauré, {done.size} enregistrements ; le nœud peut démarrer")
    typer.echo(f"{data_dir}: restored, {done.size} records; the node may start")
    if done.kept_aside is not None:
        typer.echo(f"{done.kept_aside} : ce qui était là, à effacer ensuite · what stood there, to be erased later")
    if done.closed_log is not None:
        typer.echo(f"{done.closed_log} : le journal clos, à conserver · the closed log, to be kept")
