"""Steers cameras until it is killed: `python -m tests.flows.steering.killed_node PASSWORD PORT…`; says `moving` once all turn."""

import asyncio
import sys
from contextlib import AsyncExitStack

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.steering import DONE, Abilities, Velocity
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from tests.flows.steering.conftest import USERNAME


async def main(password: str, *ports: str) -> None:
    async with AsyncExitStack() as stack:
        cameras = [
            await stack.enter_async_context(
                OnvifSteering(
                    SteeringAddress(f"http://127.0.0.1:{port}", USERNAME, password),
                    clock=SystemClock(),
                    ids=SystemIds(),
                )
            )
            for port in ports
        ]
        for learnt in await asyncio.gather(*(camera.learn() for camera in cameras)):
            assert isinstance(learnt, Abilities)
        told = False
        while True:
            outcomes = await asyncio.gather(*(camera.move(Velocity(0.3, 0.1, 0.0)) for camera in cameras))
            assert all(outcome == DONE for outcome in outcomes), outcomes
            if not told:
                print("moving", flush=True)
                told = True
            await asyncio.sleep(0.15)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
