"""`belvedere agents import`: accounts and stations enter a node by a file; none exist by default."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from belvedere.domain.vocabulary import Role


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(pattern=r"^[a-z0-9._-]{3,64}$")]
    password: Annotated[str, Field(min_length=12, max_length=1024)]
    label: Annotated[str, Field(min_length=1, max_length=100)]
    party: str
    service: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    role: Role
    habilitated_by: str | None = None
    habilitated_since: date | None = None
    habilitated_until: date | None = None
    pin: Annotated[str, Field(pattern=r"^[0-9]{6,12}$")] | None = None


class _Station(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    party: str
    label: Annotated[str, Field(min_length=1, max_length=100)]
    secret: Annotated[str, Field(min_length=16, max_length=200)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    accounts: list[_Account]
    stations: list[_Station]


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
        """Enrol accounts and stations, all or nothing; passwords are hashed and forgotten."""
        import anyio

        from belvedere.domain.failures import Unreadable

        try:
            given = _File.model_validate_json(file.read_bytes())
        except ValidationError as error:
            for found in error.errors(include_input=False):
                place = ".".join(str(part) for part in found["loc"])
                typer.echo(f"belvedere: {file}: {place}: {found['msg']}", err=True)
            raise typer.Exit(2) from None
        try:
            anyio.run(_enrol, given, config)
        except Unreadable as error:
            typer.echo(f"belvedere: {error}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"{len(given.accounts)} accounts, {len(given.stations)} stations")


async def _enrol(given: _File, config: Path) -> None:
    from belvedere.agents.enrolment import AccountToEnrol, StationToEnrol
    from belvedere.node import enrol
    from belvedere.settings import read_settings

    await enrol(
        read_settings(config),
        [AccountToEnrol(**account.model_dump()) for account in given.accounts],
        [StationToEnrol(**station.model_dump()) for station in given.stations],
    )
