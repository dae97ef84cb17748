"""`belvedere serve`: one node, until SIGINT or SIGTERM."""

import json
import resource
import signal
from pathlib import Path
from typing import Annotated

import typer

from belvedere.cli.failing import fail
from belvedere.cli.output_file import writable_place, write_whole


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def serve(
        config: Annotated[Path, typer.Option(help="The node's settings, node.toml.")],
        ready_file: Annotated[
            Path | None,
            typer.Option(help="Written once the node serves: its addresses, JSON.", callback=writable_place),
        ] = None,
        demo_clock: Annotated[
            Path | None,
            typer.Option(help="The file of the demo's clock, which /demo moves forward: for the demo alone."),
        ] = None,
        parent: Annotated[int | None, typer.Option(help="Stop when this process id is no longer the parent.")] = None,
    ) -> None:
        """Run one node."""
        import anyio

        from belvedere.cli.logs import log_to_stderr
        from belvedere.domain.failures import Unreadable
        from belvedere.ledger.keys import BadKeyFile
        from belvedere.media.relay import MediaFailure
        from belvedere.policy import ConventionError
        from belvedere.store.database import NotOpened
        from belvedere.store.ledger_log import ForeignLedger
        from belvedere.web.server import WebServerEnded

        log_to_stderr()
        # What a node holds in memory (camera credentials, sessions) has no place in a core file.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            anyio.run(_serve, config, ready_file, parent, demo_clock)
        except (Unreadable, ConventionError, BadKeyFile, NotOpened, ForeignLedger, MediaFailure, OSError) as error:
            fail(error)
        except BaseExceptionGroup as group:
            ended = group.subgroup(WebServerEnded)
            if ended is None:
                raise
            # The supervisor starts the node again: a process that answers nobody would look alive to it.
            typer.echo("belvedere: the web server ended by itself, and the node with it; see the log", err=True)
            raise typer.Exit(1) from group


async def _serve(config: Path, ready_file: Path | None, parent: int | None, demo_clock: Path | None) -> None:
    import os

    import anyio

    from belvedere.clock import MovedClock
    from belvedere.node.compose import run_node
    from belvedere.settings import read_settings

    settings = read_settings(config)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with run_node(settings, clock=None if demo_clock is None else MovedClock(demo_clock)) as node:
            typer.echo(f"{settings.node.party}: {node.app_url}")
            if ready_file is not None:
                write_whole(ready_file, json.dumps(node.addresses()))
            async with anyio.create_task_group() as tasks:

                async def until_signal() -> None:
                    async for _ in signals:
                        tasks.cancel_scope.cancel()

                async def until_orphaned() -> None:
                    while True:
                        if parent is not None and os.getppid() != parent:
                            tasks.cancel_scope.cancel()
                        await anyio.sleep(1)

                tasks.start_soon(until_signal)
                tasks.start_soon(until_orphaned)
