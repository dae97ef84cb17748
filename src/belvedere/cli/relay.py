"""`belvedere relay`: the relay alone, without policy, on the loopback; for measuring (api, Commands)."""

import asyncio
import ipaddress
import signal
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(help="Le relais seul, sans convention, sur la boucle locale · the relay alone, loopback only")
    def relay(
        source: Annotated[str, typer.Option(help="rtsp://[user:password@]host[:port]/path")],
        listen: Annotated[str, typer.Option(help="HOST:PORT, on the loopback; port 0 is any free one")],
    ) -> None:
        host, port = _listening(listen)
        raise typer.Exit(asyncio.run(_serve(source, host, port)))


def _listening(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    host = {"localhost": "127.0.0.1"}.get(host, host.strip("[]"))
    try:
        loopback = ipaddress.ip_address(host).is_loopback
        number = int(port)
    except ValueError:
        raise typer.BadParameter(f"`{listen}` n'est pas HOTE:PORT · is not HOST:PORT", param_hint="--listen") from None
    if not 0 <= number < 65_536:
        raise typer.BadParameter(f"`{port}` : un port va de 0 à 65535 · a port is 0 to 65535", param_hint="--listen")
    if not loopback:
        raise typer.BadParameter(
            f"`{listen}` : sans billets, la boucle locale seulement · without tickets, the loopback only",
            param_hint="--listen",
        )
    return host, number


async def _serve(source: str, host: str, port: int) -> int:
    from belvedere.clock import SystemClock, SystemIds
    from belvedere.domain.ids import CameraId
    from belvedere.media.relay import (
        CameraBack,
        CameraLost,
        MediaFailure,
        MediaSource,
        RelayConfig,
        open_relay,
    )

    config = RelayConfig(
        host=host,
        port=port,
        cookie_name="",
        source_networks=("0.0.0.0/0", "::/0"),
        connections_of_address_max=8_192,
        gated=False,
    )
    relay = open_relay(config, clock=SystemClock(), ids=SystemIds())
    try:
        await relay.start()
        relay.add_camera(CameraId("cam"), MediaSource(source), warm=True)
    except MediaFailure as failure:
        typer.echo(f"belvedere relay: {failure}", err=True)
        await relay.aclose()
        return 2
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"ws://{shown}:{relay.port}/media/cam")

    async def tell() -> None:
        async for event in relay.events():
            match event:
                case CameraLost(_, cause, detail):
                    typer.echo(f"source lost: {cause}: {detail}", err=True)
                case CameraBack():
                    typer.echo("source back", err=True)
                case _:
                    pass

    telling = asyncio.create_task(tell())
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await relay.aclose()
    await telling
    return 0
