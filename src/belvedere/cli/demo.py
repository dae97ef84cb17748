"""`belvedere demo`: a simulated city and its node, from nothing, until Ctrl-C; leaves nothing behind."""

import json
import logging
import signal
import sys
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.output_file import writable_place, write_whole

CAMERAS = 252
NODES = 2
SEED = 59009
"""The commune's INSEE number: any seed will do, the same one draws the same city."""


STARTS = (datetime.fromisoformat("2022-10-01T00:00:00+02:00"), datetime.fromisoformat("2031-12-02T00:00:00+01:00"))
"""The convention is in force from the one; the orders of the cameras end with the other."""


def _starts_at(typed: str | None) -> str | None:
    if typed is not None:
        _instant(typed)
    return typed


def _instant(typed: str) -> datetime:
    """Return when the demo starts; in its city's zone where none is given."""
    from belvedere.demo.town import ZONE

    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise typer.BadParameter(
            "un jour et une heure, comme 2026-03-28T23:30 · a date and a time, such as 2026-03-28T23:30"
        ) from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=ZONE)
    if not STARTS[0] <= at < STARTS[1]:
        first, last = STARTS[0].date(), STARTS[1].date()
        raise typer.BadParameter(
            f"du {first:%d/%m/%Y}, où la convention entre en vigueur, au {last:%d/%m/%Y}, où les autorisations finissent · "
            f"from {first}, when the convention comes into force, to {last}, when the orders end"
        )
    return at


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def demo(
        *,
        ready_file: Annotated[
            Path | None,
            typer.Option(help="Written once the main job works: nodes, accounts, JSON.", callback=writable_place),
        ] = None,
        cameras: Annotated[int, typer.Option(min=1, max=25_200)] = CAMERAS,
        seed: Annotated[int, typer.Option(min=0, max=2**63 - 1)] = SEED,
        port_base: Annotated[
            int, typer.Option(min=0, max=65_000, help="First of ten ports, four with one node; 0 takes free ones.")
        ] = 0,
        nodes: Annotated[
            int,
            typer.Option(
                min=1, max=2, help="2: each party its own node. 1: the cameras' owner's alone, with all accounts."
            ),
        ] = NODES,
        app_url: Annotated[
            str | None, typer.Option(help="The origin that browsers see, where Vite stands in front (make dev).")
        ] = None,
        bands: Annotated[
            bool, typer.Option("--bands", help="Draw what machines read: camera, capture time, position.")
        ] = False,
        clock: Annotated[
            str | None,
            typer.Option(
                metavar="ISO",
                help="When the demo starts, everywhere in it, such as 2026-03-28T23:30 (in its convention's zone).",
                callback=_starts_at,
            ),
        ] = None,
    ) -> None:
        """Start the simulated city and every node; print addresses and accounts; stay until Ctrl-C."""
        import anyio

        from belvedere.cli.logs import log_to_stderr
        from belvedere.demo.waiting import DemoFailed

        log_to_stderr(level=logging.ERROR)
        try:
            anyio.run(
                partial(
                    _demo,
                    ready_file,
                    cameras=cameras,
                    seed=seed,
                    port_base=port_base,
                    app_url=app_url,
                    bands=bands,
                    starts_at=None if clock is None else _instant(clock),
                    nodes=nodes,
                )
            )
        except DemoFailed as failure:
            typer.echo(f"belvedere demo: {failure}", err=True)
            raise typer.Exit(1) from None


async def _demo(
    ready_file: Path | None,
    *,
    cameras: int,
    seed: int,
    port_base: int,
    app_url: str | None,
    bands: bool,
    starts_at: datetime | None,
    nodes: int,
) -> None:
    import anyio

    from belvedere.clock import SystemClock
    from belvedere.demo.town import open_town
    from belvedere.demo.waiting import DemoFailed, Progress

    progress = Progress(SystemClock(), say=lambda told: typer.echo(f"{told.fr} · {told.en}", err=True))
    with (
        tempfile.TemporaryDirectory(prefix="belvedere-demo-") as folder,
        anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals,
    ):
        failed: DemoFailed | None = None
        async with anyio.create_task_group() as tasks:

            async def until_signal() -> None:
                async for _ in signals:
                    tasks.cancel_scope.cancel()

            tasks.start_soon(until_signal)
            try:
                async with open_town(
                    Path(folder),
                    cameras=cameras,
                    seed=seed,
                    port_base=port_base,
                    progress=progress,
                    app_url=app_url,
                    bands=bands,
                    starts_at=starts_at,
                    nodes=nodes,
                ) as town:
                    if ready_file is not None:
                        write_whole(ready_file, json.dumps(town.ready(), ensure_ascii=False, indent=1))
                    _print_town(town.ready())
                    await town.until_a_process_ends()
            except DemoFailed as failure:
                failed = failure
            tasks.cancel_scope.cancel()
        if ready_file is not None:
            await anyio.Path(ready_file).unlink(missing_ok=True)
        if failed is not None:
            raise failed


def _print_town(ready: dict[str, object]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140)
    for node in ready["nodes"]:  # type: ignore[attr-defined]
        console.print(f"\n[bold]{node['party']}[/bold]  {node['app_url']}", highlight=False)
        table = Table(box=None, pad_edge=False)
        for column in (
            "rôle · role",
            "partie · party",
            "identifiant · login",
            "mot de passe · password",
            "poste · station",
        ):
            table.add_column(column, no_wrap=True)
        for account in node["accounts"]:
            table.add_row(
                account["role"],
                account["party"],
                account["login"],
                account["password"],
                account["station"],
            )
        console.print(table)
    console.print(
        f"\n{ready['cameras']} caméras simulées · simulated cameras. Ctrl-C arrête tout · stops everything.\n",
        highlight=False,
    )
