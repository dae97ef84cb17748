"""`belvedere`: the table of contents of the command line."""

from importlib import import_module
from importlib.util import find_spec

import typer

app = typer.Typer(
    name="belvedere",
    help="Partage de caméras sous convention · cameras shared under a convention",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_COMMANDS = (
    "demo",
    "node",
    "serve",
    "agents",
    "sources",
    "local_authority",
    "backup",
    "check_config",
    "decide",
    "convention",
    "ledger",
    "relay",
    "simulate",
)

for _command in _COMMANDS:
    if find_spec(f"belvedere.cli.{_command}") is None:
        continue
    import_module(f"belvedere.cli.{_command}").register(app)
