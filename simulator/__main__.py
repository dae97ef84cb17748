"""`python -m simulator`: a whole city's cameras, until it is told to end."""

import argparse
import asyncio
import base64
from dataclasses import replace
from pathlib import Path

from belvedere.cli.logs import log_to_stderr
from belvedere.clock import MovedClock, SystemClock, SystemIds
from simulator.city import CAMERAS_DEFAULT, City, build_city
from simulator.clip import CLIP_1080P
from simulator.encoder import Format
from simulator.lifetime import LOOPBACK, ending, write_ready_file
from simulator.picture import Showing
from simulator.running import controlled
from simulator.site import Credentials, Site


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A simulated city's cameras, over RTSP.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cameras", type=int, default=CAMERAS_DEFAULT)
    parser.add_argument("--rtsp-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--onvif-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--control-port", type=int, default=0, help="0 for any free port; on loopback only")
    parser.add_argument("--ready-file", type=Path, help="written, as JSON, once every camera can be played")
    parser.add_argument("--parent-pid", type=int, help="end when this process does")
    parser.add_argument("--light", type=float, help="0 night … 1 day; the sun's over the city unless given")
    parser.add_argument("--bands", action="store_true", help="draw what machines read: number, capture time, position")
    parser.add_argument("--demo-clock", type=Path, help="the file of the demo's clock: hours and daylight follow it")
    parser.add_argument(
        "--clips-1080p", type=int, default=0, metavar="N", help="serve cameras 1 to N from looped clips"
    )
    parser.add_argument("--clip-directory", type=Path, default=Path(".cache/clips"))
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, city: City) -> None:
    # 1. Who may end us, before anything can be left behind.
    end = ending(asyncio.get_running_loop(), arguments.parent_pid)
    # 2. The cameras, each with a password of its own.
    showing = Showing(light=arguments.light, bands=arguments.bands)
    if arguments.demo_clock is not None:
        moved = MovedClock(arguments.demo_clock)
        showing = replace(showing, ahead_s=lambda: moved.ahead_s)
    site = Site(SystemClock(), host=LOOPBACK, port=arguments.rtsp_port, showing=showing)
    sources = {camera.id: _fresh_credentials(camera.id) for camera in city.cameras}
    for camera in city.cameras:
        looped = camera.number <= arguments.clips_1080p
        site.install(
            camera,
            CLIP_1080P if looped else Format(),
            credentials=sources[camera.id],
            clip_directory=arguments.clip_directory if looped else None,
        )
    site.open(asyncio.get_running_loop())
    await site.open_onvif(arguments.onvif_port)
    # 3. What tells them what to suffer, then the word that all is ready.
    try:
        async with controlled(site, arguments.control_port) as control_url:
            if arguments.ready_file is not None:
                turning = site.turning
                ready = {
                    "rtsp_port": site.port,
                    "control_url": control_url,
                    "inventory": city.inventory(),
                    "ground": city.ground.geojson(),
                    "sources": {
                        camera_id: {
                            "url": site.url(camera_id),
                            "username": known.username,
                            "password": known.password,
                            "steering": {"url": site.onvif_url(camera_id)} if camera_id in turning else None,
                        }
                        for camera_id, known in sources.items()
                    },
                }
                write_ready_file(arguments.ready_file, ready)
            await end.wait()
    finally:
        await site.close_onvif()
        site.close()


def _fresh_credentials(camera_id: str) -> Credentials:
    secret = SystemIds().secret(15)
    return Credentials(username=f"live-{camera_id}", password=base64.urlsafe_b64encode(secret).decode())


def main() -> None:
    """Run the simulator."""
    arguments = _arguments()
    log_to_stderr()
    city = build_city(arguments.seed, arguments.cameras)
    asyncio.run(_run(arguments, city))


if __name__ == "__main__":
    main()
