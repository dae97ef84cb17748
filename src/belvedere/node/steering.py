"""Cameras that are steered from here, and who knows who steers them, put together."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import anyio
import structlog

from belvedere.clock import SystemClock
from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import CameraId, IdSource
from belvedere.domain.steering import NotAtRest, Position
from belvedere.followers.steering import CameraCommands, SteeringFollower
from belvedere.inventory.cameras import Camera, CameraSource, SteeringSource
from belvedere.settings import Settings
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.onvif.wire import SteeringAddress
from belvedere.steering.turning_cameras import LEAVE_WITHIN_S, TurningCameras

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_steering(
    settings: Settings,
    inventory: Iterable[Camera],
    sources: Mapping[CameraId, CameraSource],
    given: CameraCommands | None,
    *,
    clock: Clock,
    ids: IdSource,
    told: Callable[[], None],
    positions_told: Callable[[], None],
) -> AsyncIterator[SteeringFollower | None]:
    """Keep who steers, and the cameras that turn, until the block ends; yield None where no camera is steered from here.

    `given` takes the place of the cameras that the sources name: a test's. Cameras that may move are stopped at the end. `told` and
    `positions_told` are called where what screens are shown of them changes by itself.
    Raises `Unreadable` where the authorities of the cameras cannot be read.
    """
    if given is not None:
        yield SteeringFollower(given, clock=clock, told=told, positions_told=positions_told)
        return
    addresses = _addresses(inventory, sources)
    if not addresses:
        yield None
        return
    networks = [ip_network(each, strict=False) for each in settings.media.source_networks]
    trust = _trust(settings.media.source_authorities) if any(_is_tls(each) for each in addresses.values()) else None

    def tell_hands(camera: CameraId) -> None:
        hands.turned_by_others(camera)

    def tell_position(camera: CameraId, position: Position) -> None:
        hands.seen(camera, position)

    def alarm_hands(camera: CameraId, alarm: NotAtRest | None) -> None:
        hands.alarm(camera, alarm)

    machine = SystemClock()  # a camera turns by the machine's time, whatever a demo's clock shows
    turning = TurningCameras(
        {
            camera: partial(
                OnvifSteering,
                SteeringAddress(source.url, source.username or "", source.password or ""),
                clock=machine,
                ids=ids,
                networks=networks,
                trust=trust,
            )
            for camera, source in addresses.items()
        },
        clock=machine,
        alarm=alarm_hands,
        turned_by_others=tell_hands,
        seen=tell_position,
    )
    hands = SteeringFollower(turning, clock=clock, told=told, positions_told=positions_told)
    # In no group of the node: cancelled with it, the cameras' own tasks would end before they brought them to rest.
    task = asyncio.create_task(turning.run())
    try:
        async with anyio.create_task_group() as beside:
            beside.start_soon(_until_it_ends, task)
            await turning.started.wait()
            yield hands
            beside.cancel_scope.cancel()
    finally:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task}, timeout=LEAVE_WITHIN_S + 1)


async def _until_it_ends(task: asyncio.Task[None]) -> None:
    """Raise what ended the cameras' task; nothing but the end of the node may."""
    await asyncio.wait({task})
    task.result()


def _addresses(inventory: Iterable[Camera], sources: Mapping[CameraId, CameraSource]) -> dict[CameraId, SteeringSource]:
    """Return where each camera is steered; one with an address that the inventory calls fixed is named in the log."""
    found: dict[CameraId, SteeringSource] = {}
    for camera in inventory:
        source = sources.get(camera.id)
        if source is None or source.steering is None:
            continue
        if camera.ptz:
            found[camera.id] = source.steering
        else:
            log.warning("steering_address_of_a_fixed_camera", camera=camera.id)
    return found


def _is_tls(source: SteeringSource) -> bool:
    return source.url.startswith("https:")


def _trust(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as failure:
        raise Unreadable(f"{authorities}: {failure.strerror or failure}; see [media] source_authorities") from None
