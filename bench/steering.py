"""A movement taken → its last byte at the camera, beside nine others; release → the camera at rest, where answers are slow.

The adapter alone: what decides and who may is not in these figures. Both processes read the same monotonic clock.
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.steering import DONE, Abilities, AtRest, Velocity
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from bench import results
from bench.programs import Program, module, running
from bench.steering_cameras import USERNAME

LEASES, MOVES, EVERY_S = 10, 200, 0.15
RELEASES, COMMANDS, COMMAND_EVERY_S = 20, 11, 0.09
ROUND_TRIP_MS = 250
"""What the slow camera takes for an answer (quirk P20)."""
PASSWORD = "bench"


async def run() -> None:
    """Measure both once and append the figures."""
    line: dict[str, object] = {"leases": LEASES, "moves": LEASES * MOVES, "releases": RELEASES}
    async with running(*module("bench.steering_cameras", str(LEASES), PASSWORD)) as cameras:
        ports = json.loads(await cameras.line())
        line |= await _first_bytes(cameras, ports)
    async with running(*module("bench.steering_cameras", "1", PASSWORD, "P01", "P20")) as cameras:
        (port,) = json.loads(await cameras.line())
        line |= await _releases(cameras, port)
    print(results.append("steering", line))


async def _steered(stack: AsyncExitStack, port: int) -> OnvifSteering:
    address = SteeringAddress(f"http://127.0.0.1:{port}", USERNAME, PASSWORD)
    steering = await stack.enter_async_context(OnvifSteering(address, clock=SystemClock(), ids=SystemIds()))
    assert isinstance(await steering.learn(), Abilities)
    return steering


async def _first_bytes(cameras: Program, ports: list[int]) -> dict[str, object]:
    async with AsyncExitStack() as stack:
        steered = [await _steered(stack, port) for port in ports]
        own_s, began_s = time.process_time(), time.monotonic()
        await cameras.ask("cpu")
        theirs_s = float(await cameras.line())
        taken = await asyncio.gather(*(_held(steering, number) for number, steering in enumerate(steered)))
        passed_s = time.monotonic() - began_s
        own_cores = (time.process_time() - own_s) / passed_s
        await cameras.ask("cpu")
        their_cores = (float(await cameras.line()) - theirs_s) / passed_s
        await cameras.ask("heard")
        heard = json.loads(await cameras.line())
        for steering in steered:
            await steering.stop()
    waits_ms = [
        (arrived_us - taken_us) / 1000
        for own, theirs in zip(taken, heard, strict=True)
        for taken_us, arrived_us in zip(own, theirs, strict=True)
    ]
    return {
        "first_byte_p50_ms": round(results.percentile(waits_ms, 50), 2),
        "first_byte_p99_ms": round(results.percentile(waits_ms, 99), 2),
        "first_byte_max_ms": round(max(waits_ms), 2),
        "own_cores": round(own_cores, 3),
        "simulator_cores": round(their_cores, 3),
    }


async def _held(steering: OnvifSteering, number: int) -> list[int]:
    """Steer as a hand does that never rests; return when each movement was taken, in monotonic µs."""
    taken = []
    await asyncio.sleep(number * EVERY_S / LEASES)
    for move in range(MOVES):
        taken.append(time.monotonic_ns() // 1000)
        assert await steering.move(Velocity(0.1 if move % 2 else -0.1, 0.0, 0.0)) == DONE
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic_ns() // 1000 - taken[-1]) / 1e6))
    return taken


async def _releases(cameras: Program, port: int) -> dict[str, object]:
    waits_ms = []
    async with AsyncExitStack() as stack:
        steering = await _steered(stack, port)
        for release in range(RELEASES):
            sent = []
            for command in range(COMMANDS):
                sent.append(asyncio.create_task(steering.move(Velocity(0.2 + 0.01 * command, 0.0, 0.0))))
                await asyncio.sleep(COMMAND_EVERY_S)
            await asyncio.sleep(0.013 * release)  # so that releases fall anywhere in a round trip
            released_us = time.monotonic_ns() // 1000
            assert isinstance(await steering.stop(), AtRest)
            await asyncio.gather(*sent)
            await cameras.ask("rested")
            (rested_us,) = json.loads(await cameras.line())
            waits_ms.append((rested_us - released_us) / 1000)
    return {
        "round_trip_ms": ROUND_TRIP_MS,
        "release_to_rest_p50_ms": round(results.percentile(waits_ms, 50), 1),
        "release_to_rest_max_ms": round(max(waits_ms), 1),
        "release_to_rest_beyond_round_trip_max_ms": round(max(waits_ms) - ROUND_TRIP_MS, 1),
    }
