"""`belvedere node`: a new node, and the keys by which the other parties know it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from belvedere.cli.failing import fail

if TYPE_CHECKING:
    from belvedere.ledger.pinned_keys import NodeKeys

_Config = Annotated[Path, typer.Option(help="The node's settings.")]


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    commands = typer.Typer(name="node", help="Begin a node, and tell its keys.", no_args_is_help=True)
    commands.command("init")(init)
    commands.command("keys")(keys)
    commands.command("next-keys")(next_keys)
    commands.command("use-next-keys")(use_next_keys)
    app.add_typer(commands)


def init(
    party: Annotated[str, typer.Option(help="The party whose node it is, as the convention calls it.")],
    data_dir: Annotated[Path, typer.Option(help="Where keys and ledger are to stand; made, mode 0700.")],
    config: Annotated[Path, typer.Option(help="Where the settings are written, to be filled in.")] = Path("node.toml"),
    origin: Annotated[str | None, typer.Option(help="The ledger's name for ever; ends in the party's.")] = None,
) -> None:
    """Make what a new node needs: its folder, its keys, settings with comments. Touches nothing that is there."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.keys import BadKeyFile
    from belvedere.node.beginning import begin_node

    try:
        made = begin_node(party=party, data_dir=data_dir, origin=origin or f"belvedere/{party}", config=config)
    except (Unreadable, BadKeyFile, OSError) as failure:
        fail(failure, code=1)
    typer.echo(f"{config} : réglages à compléter · settings to fill in")
    typer.echo(f"{data_dir} : clés faites (0600), à sauvegarder à part · keys made (0600), to be backed up apart")
    _print_keys(party, made)
    for line in _NEXT:
        typer.echo(line)


_NEXT = (
    "1. La clé de la partie, gardée hors du nœud · The party's key, kept off the node:",
    "   belvedere convention sign DIR --key party.pem --name NAME",
    "2. Mettre ces lignes, et cette clé sous agreement, dans keys.json · Put these lines, and that key under agreement, into it",
    "3. Se lire les douze mots d'une partie à l'autre · Read the twelve words to each other, one party to the other:",
    "   belvedere convention words DIR",
    "4. Signer de nouveau, texte et clés, chaque partie · Sign again, text and keys, each party",
    "5. belvedere check-config --config node.toml",
)


def keys(config: _Config) -> None:
    """Print the keys by which other parties know this node, as keys.json has them; they are made if they are absent."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.keys import BadKeyFile
    from belvedere.node.own_keys import own_keys
    from belvedere.settings import read_settings

    try:
        settings = read_settings(config)
        _print_keys(settings.node.party, own_keys(settings))
    except (Unreadable, BadKeyFile, OSError) as failure:
        fail(failure)


def next_keys(config: _Config) -> None:
    """Make the keys that are to follow this node's, where none wait, and print all for keys.json. Nothing changes yet."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.keys import BadKeyFile
    from belvedere.node.own_keys import make_next_keys
    from belvedere.settings import read_settings

    try:
        settings = read_settings(config)
        made = make_next_keys(settings)
    except (Unreadable, BadKeyFile, OSError) as failure:
        fail(failure)
    _print_keys(settings.node.party, made)


def use_next_keys(config: _Config) -> None:
    """Have the stopped node sign with the keys that were to follow; the others must accept them already."""
    from belvedere.domain.failures import Unreadable
    from belvedere.ledger.keys import BadKeyFile
    from belvedere.node.own_keys import take_next_keys
    from belvedere.settings import read_settings

    try:
        settings = read_settings(config)
        taken = take_next_keys(settings)
    except (Unreadable, BadKeyFile, OSError) as failure:
        fail(failure, code=1)
    named = ", ".join(taken)
    typer.echo(f"clés suivantes en usage dès le prochain démarrage : {named}")
    typer.echo(f"next keys in use from the next start on: {named}")


def _print_keys(party: str, made: "NodeKeys") -> None:
    from belvedere.ledger.pinned_keys import spell_node

    typer.echo(f"keys.json, « {party} » :")
    typer.echo(spell_node(made))
