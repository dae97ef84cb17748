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
    onvif_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="ONVIF ; 0 : un port libre · ONVIF; 0: any free port")
    ] = None,
    ptz: Annotated[bool, typer.Option("--ptz", help="orientable, par ONVIF · turns, over ONVIF")] = False,
    quirk: Annotated[
        list[str] | None, typer.Option(help="écart à la norme ONVIF, par exemple P03 · departure from ONVIF, say P03")
    ] = None,
    username: Annotated[str | None, typer.Option(help="compte demandé · account asked for")] = None,
    password: Annotated[str | None, typer.Option(help="son mot de passe · its password")] = None,
) -> None:
    """Serve one camera until Ctrl-C; the first line printed is its address, the second its ONVIF address."""
    if ptz != (onvif_port is not None) or (quirk and not ptz) or (ptz and clip_1080p):
        raise typer.BadParameter(
            "ensemble, ONVIF et orientable ; --quirk avec elles, --clip-1080p sans elles · together, ONVIF and turning; "
            "--quirk with them, --clip-1080p without them",
            param_hint="--onvif-port, --ptz",
        )
    if (username is None) != (password is None):
        raise typer.BadParameter("ensemble · together", param_hint="--username, --password")
    if find_spec("av") is None or find_spec("numpy") is None:
        raise typer.BadParameter("il manque « belvedere[demo] » · `belvedere[demo]` is not installed")
    from belvedere.cli.logs import log_to_stderr
    from belvedere.clock import SystemClock
    from simulator.city import lone_camera
    from simulator.clip import CLIP_1080P
    from simulator.encoder import sized
    from simulator.onvif.quirks import quirks_of
    from simulator.picture import Showing
    from simulator.site import Credentials, Site

    try:
        quirks = quirks_of(quirk or [])
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--quirk") from None
    try:
        stream = CLIP_1080P if clip_1080p else sized(width, height, Fraction(fps).limit_denominator(1001))
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--width, --height") from None
    try:
        site = Site(SystemClock(), host=host, port=rtsp_port, showing=Showing(light=light, bands=bands), any_name=PATH)
    except (OSError, ValueError) as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--host, --rtsp-port") from None
    site.install(
        lone_camera(number, seed, ptz=ptz),
        stream,
        credentials=None if username is None or password is None else Credentials(username, password),
        path=PATH,
        clip_directory=clip_directory if clip_1080p else None,
    )
    if ptz:
        site.misbehave(PATH, quirks)
    log_to_stderr()
    asyncio.run(_serve(site, onvif_port))


async def _serve(site: "Site", onvif_port: int | None) -> None:
    from simulator.lifetime import ending

    loop = asyncio.get_running_loop()
    end = ending(loop)
    site.open(loop)
    if onvif_port is not None:
        try:
            await site.open_onvif(onvif_port)
        except OSError as refusal:
            site.close()
            raise typer.BadParameter(str(refusal), param_hint="--onvif-port") from None
    typer.echo(site.url(PATH))
    if onvif_port is not None:
        typer.echo(site.onvif_url(PATH))
    await end.wait()
    await site.close_onvif()
    site.close()
