"""One simulated camera that turns, behind its ONVIF services on loopback, and the adapter that steers it. No pictures."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest

from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.steering import Abilities, Velocity
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from belvedere.steering.profile import CameraProfile
from simulator.band import Position
from simulator.city import lone_camera
from simulator.encoder import Format
from simulator.head import Head
from simulator.onvif.device import Heard, OnvifCamera
from simulator.onvif.login import Guard
from simulator.onvif.quirks import Quirk
from simulator.onvif.server import DeviceServer

HOME = Position(0.0, -12.0, 0.0)
RIGHT = Velocity(0.5, 0.0, 0.0)
CLOCK = SystemClock()
USERNAME, PASSWORD = "steering", "fountain"


@dataclass
class Turning:
    """The camera, its server, and where it is reached."""

    device: OnvifCamera
    server: DeviceServer
    port: int

    @property
    def head(self) -> Head:
        return self.device.head

    def lock(self) -> None:
        """Have the camera refuse every login, as it does with a locked account."""
        self.device._guard = Guard(USERNAME, "locked", SystemIds().secret)

    def unlock(self) -> None:
        self.device._guard = Guard(USERNAME, PASSWORD, SystemIds().secret)

    def is_moving(self) -> bool:
        return self.head.moves

    def heard(self, *names: str) -> list[Heard]:
        return [each for each in self.device.journal if not names or each.name in names]

    def address(self, username: str = USERNAME, password: str = PASSWORD) -> SteeringAddress:
        return SteeringAddress(f"http://127.0.0.1:{self.port}/onvif/device_service", username, password)

    async def at_rest_after_s(self, since_s: float, within_s: float) -> float:
        """Return when the camera came to rest, seen from within."""
        while self.is_moving():
            assert CLOCK.monotonic_s() - since_s < within_s, "it still turns"
            await asyncio.sleep(0.002)
        return CLOCK.monotonic_s() - since_s

    @contextmanager
    def quirks(self, *quirks: Quirk) -> Iterator[None]:
        before, self.device.quirks = self.device.quirks, frozenset(quirks)
        try:
            yield
        finally:
            self.device.quirks = before


@asynccontextmanager
async def turning(
    *quirks: Quirk, password: str | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Turning]:
    """Serve one camera."""
    head = Head(HOME, CLOCK.monotonic_s)
    port = 0
    device = OnvifCamera(
        lone_camera(1, 1, ptz=True),
        Format,
        head,
        Guard(USERNAME if password else None, password, SystemIds().secret),
        CLOCK,
        address=lambda name: f"http://127.0.0.1:{port}/onvif/{name}_service",
        stream_address=lambda: "rtsp://127.0.0.1:554/cam",
    )
    device.quirks = frozenset(quirks)
    server = DeviceServer(device)
    port = await server.open("127.0.0.1", 0, tls)
    try:
        yield Turning(device, server, port)
    finally:
        await server.close()


@asynccontextmanager
async def steered(camera: Turning, profile: CameraProfile | None = None) -> AsyncIterator[OnvifSteering]:
    """Steer it; learnt unless a profile is given."""
    async with OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds(), profile=profile) as steering:
        if profile is None:
            learnt = await steering.learn()
            assert isinstance(learnt, Abilities), learnt
        yield steering


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
