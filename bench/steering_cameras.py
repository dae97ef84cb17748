"""Simulated cameras that turn, without pictures, in a process of their own: what reached them, and when they rested.

`python -m bench.steering_cameras N PASSWORD [QUIRK…]` writes N ports, then lines: `heard` answers for each camera the monotonic
microseconds of its movements, newest last, and forgets them; `rested` answers since when each camera rests; `cpu` answers the
process's seconds of CPU.
"""

import asyncio
import json
import sys
import time

from belvedere.clock import SystemClock, SystemIds
from simulator.band import Position
from simulator.city import lone_camera
from simulator.encoder import Format
from simulator.head import Head
from simulator.onvif.device import OnvifCamera
from simulator.onvif.login import Guard
from simulator.onvif.quirks import quirks_of
from simulator.onvif.server import DeviceServer

USERNAME = "steering"


def made(clock: SystemClock, password: str, quirks: list[str]) -> OnvifCamera:
    """Return one camera."""
    head = Head(Position(0.0, -12.0, 0.0), clock.monotonic_s)
    camera = OnvifCamera(
        lone_camera(1, 1, ptz=True),
        Format,
        head,
        Guard(USERNAME, password, SystemIds().secret),
        clock,
        address=lambda service: f"http://127.0.0.1/onvif/{service}_service",
        stream_address=lambda: "rtsp://127.0.0.1/cam",
    )
    camera.quirks = quirks_of(quirks)
    return camera


async def main() -> None:
    """Serve until standard input closes."""
    count, password, *quirks = sys.argv[1:]
    clock = SystemClock()
    cameras = [made(clock, password, quirks) for _ in range(int(count))]
    servers = [DeviceServer(camera) for camera in cameras]
    print(json.dumps([await server.open("127.0.0.1", 0) for server in servers]), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match line.strip():
            case "heard":
                moves = [[each for each in camera.journal if each.name == "ContinuousMove"] for camera in cameras]
                print(json.dumps([[round(each.at_s * 1e6) for each in heard] for heard in moves]), flush=True)
                for camera in cameras:
                    camera.journal.clear()
            case "rested":
                print(json.dumps([round(camera.head.rested_s * 1e6) for camera in cameras]), flush=True)
            case "cpu":
                print(time.process_time(), flush=True)
    for server in servers:
        await server.close()


if __name__ == "__main__":
    asyncio.run(main())
