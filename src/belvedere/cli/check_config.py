"""`belvedere check-config`: would this node start, and do its work? Nothing is started.

Exit codes: 0 it would (notes aside), 1 a check found a fault, 2 the settings cannot be read.
"""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.domain.text import Language


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command("check-config")
    def check_config(
        config: Annotated[Path, typer.Option(help="The node's settings, node.toml.")],
        lang: Annotated[Language, typer.Option(help="The report's language.")] = Language.FR,
    ) -> None:
        """Check settings, conventions, inventory, keys, ports and disk: one line a check; nothing is started."""
        from belvedere.cli.checks_of_files import Look, check_files
        from belvedere.cli.checks_of_machine import check_machine, runs_already
        from belvedere.cli.finding import Weight, as_said, fault, good
        from belvedere.cli.logs import log_to_stderr
        from belvedere.clock import SystemClock
        from belvedere.domain.failures import Unreadable
        from belvedere.domain.text import Text
        from belvedere.settings import read_settings

        log_to_stderr(level=40)
        subject = Text("réglages", "settings")
        try:
            settings = read_settings(config)
        except Unreadable as failure:
            unread = fault(
                subject,
                Text(f"{config} ne se lit pas", f"{config} cannot be read"),
                Text("corriger la clé nommée ; docs/guide/install.md", "mend the key named; docs/guide/install.md"),
                cause=as_said(failure),
            )
            typer.echo(unread.line(lang))
            raise typer.Exit(2) from None
        typer.echo(good(subject, Text(f"{config} lu", f"{config} read")).line(lang))
        look = Look(settings, SystemClock().now(), runs_already(settings.node.data_dir))
        faults = 0
        for check in (check_files, check_machine):
            for finding in check(look):
                faults += finding.weight is Weight.FAULT
                typer.echo(finding.line(lang))
        raise typer.Exit(1 if faults else 0)
