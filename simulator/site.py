"""The cameras of a simulated city as things that run, and the faults they can be told to have.

Owns which camera is served, watched, faulty, turned, and of what size. One asyncio task's: every method runs
on the loop that called `open`. Pictures are made by `studio`, packets by the extension's RTSP server, ONVIF by `onvif`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from belvedere_relay import RtspServer

from belvedere.clock import SystemIds
from belvedere.domain.clock import Clock
from simulator.band import Position
from simulator.city import Camera
from simulator.clip import clip_of
from simulator.encoder import Format, parameter_sets
from simulator.head import Head
from simulator.onvif.device import OnvifCamera
from simulator.onvif.doors import Doors
from simulator.onvif.login import Guard
from simulator.onvif.quirks import Quirk
from simulator.onvif.server import DeviceServer
from simulator.picture import SHOWN, Picture, Showing, home_of
from simulator.studio import ClipFeed, Feed, LiveFeed, Studio, now_us


class Condition(StrEnum):
    """What is wrong with a camera now."""

    OK = "ok"
    FROZEN = "frozen"
    DROPPED = "dropped"
    REBOOTING = "rebooting"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client must know to play a camera; the password is never printed."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Return a form without the password."""
        return f"Credentials({self.username!r})"


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera as it is now."""

    id: str
    number: int
    condition: Condition
    clients: int
    live: bool
    """Whether its frames are being made."""
    width_px: int
    height_px: int
    fps: float
    access_units: int
    lost: int
    ssrc: int
    position: Position | None
    """Where a camera that turns looks."""
    turning: bool
    quirks: tuple[str, ...]


@dataclass(slots=True)
class _Installed:
    camera: Camera
    stream: Format
    clip_directory: Path | None
    device: OnvifCamera | None = None
    """What turns it; None where it does not turn, or its pictures are looped."""
    condition: Condition = Condition.OK
    clients: int = 0
    recovery: asyncio.TimerHandle | None = None


class UnknownCamera(KeyError):
    """No camera of this id stands in this city."""


class DoesNotTurn(ValueError):
    """This camera has no head."""


class Site:
    """A city's cameras, served over RTSP on one port."""

    def __init__(
        self,
        clock: Clock,
        *,
        host: str,
        port: int,
        showing: Showing = SHOWN,
        any_name: str | None = None,
        threads: int = 2,
    ) -> None:
        """Bind; `any_name` is the path that answers for every other name, `showing` is how every picture is drawn."""
        self._server = RtspServer(host, port, any_name=any_name)
        self._clock, self._host, self._showing = clock, host, showing
        self._cameras: dict[str, _Installed] = {}
        self._parameters: dict[Format, bytes] = {}
        self._studio = Studio(clock, self._server.push, threads=threads)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._onvif = DeviceServer(Doors(self._device, any_name))
        self._onvif_port = 0

    @property
    def port(self) -> int:
        """Return the port that RTSP is served on."""
        return self._server.port

    def url(self, camera_id: str) -> str:
        """Return a camera's address, without credentials."""
        return f"rtsp://{self._host}:{self.port}/{camera_id}"

    def install(
        self,
        camera: Camera,
        stream: Format,
        *,
        credentials: Credentials | None = None,
        path: str | None = None,
        clip_directory: Path | None = None,
    ) -> None:
        """Serve a camera at `path` (its id unless given); from looped clips if it has a directory for them."""
        name = path or camera.id
        username, password = (credentials.username, credentials.password) if credentials else (None, None)
        self._server.add_path(name, self._parameters_of(stream), username=username, password=password)
        installed = self._cameras[name] = _Installed(camera, stream, clip_directory)
        if camera.ptz and clip_directory is None:
            installed.device = OnvifCamera(
                camera,
                lambda: installed.stream,
                Head(home_of(camera), self._clock.monotonic_s),
                Guard(username, password, SystemIds().secret),
                self._clock,
                address=lambda service: self.onvif_url(name, service),
                stream_address=lambda: self.url(name),
            )

    async def open_onvif(self, port: int) -> None:
        """Have every camera that turns speak ONVIF, all on one port."""
        self._onvif_port = await self._onvif.open(self._host, port)

    async def close_onvif(self) -> None:
        """End every ONVIF connection."""
        await self._onvif.close()

    def onvif_url(self, camera_id: str, service: str = "device") -> str:
        """Return the address of a camera's ONVIF service."""
        return f"http://{self._host}:{self._onvif_port}/{camera_id}/onvif/{service}_service"

    @property
    def turning(self) -> frozenset[str]:
        """Return the cameras that can be steered."""
        return frozenset(name for name, installed in self._cameras.items() if installed.device is not None)

    def misbehave(self, camera_id: str, quirks: frozenset[Quirk]) -> None:
        """Have a camera's ONVIF do otherwise than the standard says, in these ways and no others."""
        self._turning(camera_id).quirks = quirks

    def turn_by_hand(self, camera_id: str, *, pan: float, tilt: float, zoom: float, seconds: float) -> None:
        """Turn a camera as somebody else does, past its ONVIF; in shares of the greatest speeds."""
        head = self._turning(camera_id).head
        head.turn(pan, tilt, seconds)
        head.zoom(zoom, seconds)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to follow who plays what."""
        self._loop = loop
        loop.add_reader(self._server.fileno(), self._follow)

    def close(self) -> None:
        """End every stream and thread."""
        if self._loop is not None:
            self._loop.remove_reader(self._server.fileno())
        for installed in self._cameras.values():
            if installed.recovery is not None:
                installed.recovery.cancel()
        self._studio.close()
        self._server.close()

    def behave(self, camera_id: str, manner: str) -> None:
        """Have a camera do otherwise than the standards say (`RtspServer.manners`), until it is told `plain`."""
        self._installed(camera_id)
        self._server.behave(camera_id, manner)

    def freeze(self, camera_id: str, seconds: float | None = None) -> None:
        """Send no more RTP and leave TCP up, for so long or until thawed."""
        installed = self._installed(camera_id)
        self._server.freeze(camera_id, frozen=True)
        self._suffer(installed, Condition.FROZEN, seconds, lambda: self.thaw(camera_id))

    def thaw(self, camera_id: str) -> None:
        """Send RTP again, from a key frame."""
        installed = self._installed(camera_id)
        self._server.freeze(camera_id, frozen=False)
        self._recover(installed)

    def drop(self, camera_id: str, seconds: float) -> None:
        """Reset every connection, refuse new ones for `seconds`."""
        installed = self._installed(camera_id)
        self._server.drop_clients(camera_id, seconds)
        self._leave(installed, seconds)
        self._suffer(installed, Condition.DROPPED, seconds, lambda: self._recover(installed))

    def reboot(self, camera_id: str, seconds: float) -> None:
        """Go away for `seconds`, come back with another SSRC, sequence and timestamps."""
        installed = self._installed(camera_id)
        self._server.reboot(camera_id, seconds)
        self._leave(installed, seconds)
        self._suffer(installed, Condition.REBOOTING, seconds, lambda: self._recover(installed))

    def resize(self, camera_id: str, stream: Format) -> None:
        """Change the pictures' size, in flight where the camera is watched."""
        installed = self._installed(camera_id)
        if installed.clip_directory is not None:
            raise ValueError(f"camera `{camera_id}` is served from a clip, whose size is fixed")
        installed.stream = stream
        self._server.set_parameters(camera_id, self._parameters_of(stream))
        if camera_id in self._studio.watched:
            self._studio.start(camera_id, self._feed_of(installed))

    def state(self, camera_id: str) -> CameraState:
        """Return a camera as it is now."""
        installed = self._installed(camera_id)
        stats = self._server.stats(camera_id)
        return CameraState(
            id=camera_id,
            number=installed.camera.number,
            condition=installed.condition,
            clients=stats.clients,
            live=camera_id in self._studio.watched,
            width_px=installed.stream.width_px,
            height_px=installed.stream.height_px,
            fps=float(installed.stream.fps),
            access_units=stats.access_units,
            lost=stats.lost,
            ssrc=stats.ssrc,
            position=None if installed.device is None else installed.device.head.position,
            turning=installed.device is not None and installed.device.head.moves,
            quirks=() if installed.device is None else tuple(sorted(installed.device.quirks)),
        )

    @property
    def installed(self) -> int:
        """Return how many cameras are served."""
        return len(self._cameras)

    @property
    def watched(self) -> frozenset[str]:
        """Return the cameras whose frames are being made."""
        return self._studio.watched

    def _installed(self, camera_id: str) -> _Installed:
        try:
            return self._cameras[camera_id]
        except KeyError:
            raise UnknownCamera(camera_id) from None

    def _device(self, camera_id: str) -> OnvifCamera | None:
        installed = self._cameras.get(camera_id)
        return None if installed is None else installed.device

    def _turning(self, camera_id: str) -> OnvifCamera:
        device = self._installed(camera_id).device
        if device is None:
            raise DoesNotTurn(f"camera `{camera_id}` does not turn")
        return device

    @staticmethod
    def _leave(installed: _Installed, seconds: float) -> None:
        if installed.device is not None:
            installed.device.leave(seconds)

    def _parameters_of(self, stream: Format) -> bytes:
        if stream not in self._parameters:
            self._parameters[stream] = parameter_sets(stream)
        return self._parameters[stream]

    def _feed_of(self, installed: _Installed) -> Callable[[], Feed]:
        camera, stream, directory, showing = installed.camera, installed.stream, installed.clip_directory, self._showing
        head = None if installed.device is None else installed.device.head
        if directory is not None:
            return lambda: ClipFeed(clip_of(camera, directory, stream=stream, showing=showing))

        def live() -> Feed:
            picture = Picture(camera, width_px=stream.width_px, height_px=stream.height_px, showing=showing, head=head)
            return LiveFeed(picture, stream, now_us(self._clock))

        return live

    def _follow(self) -> None:
        """Start and stop encoders as clients come and go."""
        for change in self._server.take_changes():
            installed = self._cameras[change.path]
            before, installed.clients = installed.clients, change.clients
            if change.clients == 0:
                self._studio.stop(change.path)
            elif before == 0:
                self._studio.start(change.path, self._feed_of(installed))
            elif change.key_frame_wanted:
                self._studio.want_key_frame(change.path)

    def _suffer(
        self, installed: _Installed, condition: Condition, seconds: float | None, end: Callable[[], None]
    ) -> None:
        self._recover(installed)
        installed.condition = condition
        if seconds is not None and self._loop is not None:
            installed.recovery = self._loop.call_later(seconds, end)

    @staticmethod
    def _recover(installed: _Installed) -> None:
        if installed.recovery is not None:
            installed.recovery.cancel()
        installed.recovery, installed.condition = None, Condition.OK
