"""`belvedere local-authority`: https on a site without internet."""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command("local-authority")
    def local_authority(
        folder: Annotated[Path, typer.Argument(help="Where the certificates and keys are made.")],
        host: Annotated[list[str], typer.Option(help="A name or address under which browsers reach the node; repeat.")],
        days: Annotated[int, typer.Option(min=1, max=825, help="How long the server's certificate lasts.")] = 397,
    ) -> None:
        """Make a certificate authority for this site, or use the one in the folder, and a server's certificate."""
        from belvedere.clock import SystemClock
        from belvedere.domain.failures import Unreadable
        from belvedere.web.local_authority import certify

        try:
            files = certify(folder, host, at=SystemClock().now(), days=days)
        except (Unreadable, OSError) as failure:
            fail(failure)
        typer.echo(f"{files.authority} : à installer sur les postes · to be trusted by the workstations")
        typer.echo(f"{files.authority_key} : à garder hors du nœud · to be kept off the node")
        typer.echo(f'[web]\ntls_certificate = "{files.certificate}"\ntls_key = "{files.key}"')
