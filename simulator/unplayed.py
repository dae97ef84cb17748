"""`python -m simulator.unplayed`: a city whose cameras are known and never played, for the fake relay. Needs no Rust."""

import argparse
import asyncio
from pathlib import Path

from simulator.city import CAMERAS_DEFAULT, City, build_city
from simulator.lifetime import LOOPBACK, ending, write_ready_file

DISCARD_PORT = 9
"""Nobody dials the cameras' addresses; should anybody, nothing answers there."""


async def _run(city: City, ready_file: Path, parent_pid: int | None) -> None:
    end = ending(asyncio.get_running_loop(), parent_pid)
    write_ready_file(
        ready_file,
        {
            "rtsp_port": DISCARD_PORT,
            "control_url": "",
            "inventory": city.inventory(),
            "ground": city.ground.geojson(),
            "sources": {
                camera.id: {
                    "url": f"rtsp://{LOOPBACK}:{DISCARD_PORT}/{camera.id}",
                    "username": "none",
                    "password": "none",
                }
                for camera in city.cameras
            },
        },
    )
    await end.wait()


def main() -> None:
    """Write the ready file, then wait for the end."""
    parser = argparse.ArgumentParser(prog="python -m simulator.unplayed", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cameras", type=int, default=CAMERAS_DEFAULT)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--parent-pid", type=int)
    arguments, _ = parser.parse_known_args()
    city = build_city(arguments.seed, arguments.cameras)
    asyncio.run(_run(city, arguments.ready_file, arguments.parent_pid))


if __name__ == "__main__":
    main()
