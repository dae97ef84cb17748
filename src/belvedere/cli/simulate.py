"""`belvedere simulate camera`: one simulated camera that any RTSP client may play (api, Commands)."""

import asyncio
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simulator.site import Site

PATH = "cam"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    simulate = typer.Typer(name="simulate", no_args_is_help=True, add_completion=False)
    simulate.callback(help="Matériel simulé · simulated equipment")(lambda: None)
    simulate.command(help="Une caméra simulée, sans mot de passe · one simulated camera, without password")(camera)
    app.add_typer(simulate)


def camera(
    *,
    rtsp_port: Annotated[int, typer.Option(min=0, max=65_535, help="0 : un port libre · 0: any free port")],
    number: Annotated[int, typer.Option(min=1, max=65_535, help="numéro dans l'image · number in the picture")] = 1,
    width: Annotated[int, typer.Option(min=64, max=3840, help="pixels")] = 640,
    height: Annotated[int, typer.Option(min=64, max=2160, help="pixels")] = 360,
    fps: Annotated[float, typer.Option(min=1, max=60, help="images par seconde · frames a second")] = 15.0,
    seed: Annotated[int, typer.Option(max=2**63 - 1, help="choisit la rue · chooses the street")] = 1,
    light: Annotated[float | None, typer.Option(min=0, max=1, help="0 nuit … 1 jour · 0 night … 1 day")] = None,
    bands: Annotated[
        bool, typer.Option("--bands", help="bandes que lisent les machines · bands for machines to read")
    ] = False,
    clip_1080p: Annotated[
        bool, typer.Option("--clip-1080p", help="boucle 1080p à compteur d'images · a 1080p loop that counts frames")
    ] = False,
    clip_directory: Annotated[Path, typer.Option(help="où garder la boucle · where the loop is kept")] = Path(
        ".cache/clips"
    ),
    host: Annotated[str, typer.Option(help="adresse d'écoute · address to listen on")] = "127.0.0.1",
    onvif_port: Annotated[int | None, typer.Option(hidden=True)] = None,
    ptz: Annotated[bool, typer.Option("--ptz", hidden=True)] = False,
) -> None:
    """Serve one camera until Ctrl-C; its address is the first line printed."""
    if onvif_port is not None or ptz:
        raise typer.BadParameter(
            "le pilotage ONVIF n'est pas encore simulé · steering over ONVIF is not simulated yet",
            param_hint="--onvif-port, --ptz",
        )
    if find_spec("av") is None or find_spec("numpy") is None:
        raise typer.BadParameter("il manque « belvedere[demo] » · `belvedere[demo]` is not installed")
    from belvedere.cli.logs import log_to_stderr
    from belvedere.clock import SystemClock
    from simulator.city import lone_camera
    from simulator.clip import CLIP_1080P
    from simulator.encoder import sized
    from simulator.picture import Showing
    from simulator.site import Site

    try:
        stream = CLIP_1080P if clip_1080p else sized(width, height, Fraction(fps).limit_denominator(1001))
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--width, --height") from None
    try:
        site = Site(SystemClock(), host=host, port=rtsp_port, showing=Showing(light=light, bands=bands), any_name=PATH)
    except (OSError, ValueError) as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--host, --rtsp-port") from None
    site.install(lone_camera(number, seed), stream, path=PATH, clip_directory=clip_directory if clip_1080p else None)
    log_to_stderr()
    asyncio.run(_serve(site))


async def _serve(site: "Site") -> None:
    from simulator.lifetime import ending

    loop = asyncio.get_running_loop()
    end = ending(loop)
    site.open(loop)
    typer.echo(site.url(PATH))
    await end.wait()
    site.close()
