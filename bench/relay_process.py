"""The relay as a node runs it, in a process of its own: tickets, origins, deadlines that are extended, events drained.

`python -m bench.relay_process SOURCE_URL [CAMERAS]`, then lines: `admit N FILE` writes N ticket paths and answers `done`;
`revoke` ends every viewing and answers the monotonic microseconds before the first and at each call;
`figures` answers the cameras that are live, the bytes of pictures kept, the pictures read since the start;
`flow` answers the path at which another relay reads the camera: with `ws://127.0.0.1:PORT` before it, it is a SOURCE_URL.
"""

import asyncio
import hashlib
import itertools
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.media.native import NativeRelay
from belvedere.media.relay import MediaSource, PeerSource, RelayConfig
from bench.viewers import COOKIE, ORIGIN, SESSION

HOLD_MS = 10_000
EXTEND_EVERY_S = 2.0
CAMERA = CameraId("cam")


async def main() -> None:
    """Serve until standard input closes."""
    config = RelayConfig(
        host="127.0.0.1",
        allowed_origins=(ORIGIN,),
        cookie_name=COOKIE,
        source_networks=("127.0.0.0/8",),
        connections_of_address_max=8_000,
    )
    relay = NativeRelay(config)
    await relay.start()
    cameras = [CAMERA, *(CameraId(f"cam-{number}") for number in range(1, int((sys.argv[2:] or ["1"])[0])))]
    for camera in cameras:
        add(relay, camera, sys.argv[1])
    while relay.stats().cameras_live < len(cameras):  # noqa: ASYNC110  (the relay tells of loss and return only)
        await asyncio.sleep(0.02)
    print(relay.port, flush=True)
    viewings: list[ViewingId] = []
    numbers = itertools.count()
    tasks = [asyncio.create_task(extend(relay, viewings)), asyncio.create_task(drain(relay))]
    session = hashlib.sha256(SESSION.encode()).digest()
    while line := await asyncio.to_thread(sys.stdin.readline):
        word, *rest = line.split()
        if word == "admit":
            paths = []
            for _ in range(int(rest[0])):
                viewing = ViewingId(f"viewing-{next(numbers)}")
                relay.admit(viewing, camera=CAMERA, hold_ms=HOLD_MS)
                paths.append(relay.issue_ticket(viewing, session_sha256=session, ttl_ms=30_000))
                viewings.append(viewing)
            await asyncio.to_thread(Path(rest[1]).write_text, "\n".join(paths) + "\n")
            print("done", flush=True)
        elif word == "flow":
            viewing = ViewingId(f"viewing-{next(numbers)}")
            relay.admit(viewing, camera=CAMERA, hold_ms=HOLD_MS)
            viewings.append(viewing)
            print(relay.issue_peer_ticket(viewing, party=None, ttl_ms=30_000), flush=True)
        elif word == "figures":
            stats = relay.stats()
            print(stats.cameras_live, stats.kept_bytes, stats.pictures_read, flush=True)
        elif word == "revoke":
            print(json.dumps(revoke(relay, viewings)), flush=True)
    for task in tasks:
        task.cancel()
    await relay.aclose()


def revoke(relay: NativeRelay, viewings: list[ViewingId]) -> list[int]:
    """End every viewing; return the monotonic microseconds before the first and at each call."""
    called = [time.monotonic_ns() // 1000]
    for viewing in viewings:
        relay.revoke(viewing, code=4403, cause=Cause.SUSPENDED, article="vda-etat:art-3")
        called.append(time.monotonic_ns() // 1000)
    viewings.clear()
    return called


def add(relay: NativeRelay, camera: CameraId, url: str) -> None:
    """Read a camera, or another relay's."""
    parts = urlsplit(url)
    if parts.scheme == "ws":
        relay.add_peer_camera(camera, PeerSource(f"ws://{parts.netloc}", PartyId("owner")))
        relay.give_ticket(camera, parts.path)
    else:
        relay.add_camera(camera, MediaSource(url), warm=True)


async def extend(relay: NativeRelay, viewings: list[ViewingId]) -> None:
    """Confirm every viewing, as the node's watch does."""
    while True:
        await asyncio.sleep(EXTEND_EVERY_S)
        for viewing in viewings:
            relay.extend(viewing, hold_ms=HOLD_MS)


async def drain(relay: NativeRelay) -> None:
    """Take events as they come."""
    async for _ in relay.events():
        pass


if __name__ == "__main__":
    asyncio.run(main())
