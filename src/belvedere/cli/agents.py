"""`belvedere agents import`: accounts and stations enter a node by a file; none exist by default."""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    agents = typer.Typer(help="Accounts and viewing stations.", no_args_is_help=True)
    app.add_typer(agents, name="agents")

    @agents.callback()
    def _group() -> None:
        """Accounts and viewing stations."""

    @agents.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="JSON: {accounts: […], stations: […]}.")],
        config: Annotated[Path, typer.Option(help="The node's settings; the node must be stopped.")],
    ) -> None:
        """Enrol accounts and stations, or change those known, all or nothing; passwords are hashed and forgotten.

        What an entry leaves out of a known account or station (password, PIN, habilitation, secret) stays as it is.
        """
        import anyio

        from belvedere.agents.enrolment import NotEnrolled
        from belvedere.agents.enrolment_file import FILE_BYTES_MAX, read_enrolment
        from belvedere.domain.failures import Unreadable
        from belvedere.domain.untrusted_text import read_file
        from belvedere.node.enrolment import enrol
        from belvedere.settings import read_settings
        from belvedere.store.database import NotOpened

        try:
            accounts, stations = read_enrolment(read_file(file, bytes_max=FILE_BYTES_MAX), name=str(file))
            enrolled = anyio.run(enrol, read_settings(config), accounts, stations)
        except NotEnrolled as error:
            fail(f"{file}: {error}; nothing was changed")
        except (Unreadable, NotOpened) as error:
            fail(error)
        except OSError as error:
            fail(f"{file}: {error.strerror}; give a file that can be read")
        typer.echo(
            f"{len(accounts)} accounts, {len(stations)} stations: {enrolled.new} new, {enrolled.changed} changed, "
            f"{enrolled.unchanged} as they were"
        )
