"""The cameras of a simulated city as things that run, and the faults they can be told to have.

Owns which camera is served, watched, faulty, and of what size. One asyncio task's: every method runs
on the loop that called `open`. Pictures are made by `studio`, packets by the extension's RTSP server.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from belvedere_relay import RtspServer

from belvedere.domain.clock import Clock
from simulator.city import Camera
from simulator.clip import clip_of
from simulator.encoder import Format, parameter_sets
from simulator.picture import SHOWN, Picture, Showing
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


@dataclass(slots=True)
class _Installed:
    camera: Camera
    stream: Format
    clip_directory: Path | None
    condition: Condition = Condition.OK
    clients: int = 0
    recovery: asyncio.TimerHandle | None = None


class UnknownCamera(KeyError):
    """No camera of this id stands in this city."""


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
        self._cameras[name] = _Installed(camera, stream, clip_directory)

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
        self._suffer(installed, Condition.DROPPED, seconds, lambda: self._recover(installed))

    def reboot(self, camera_id: str, seconds: float) -> None:
        """Go away for `seconds`, come back with another SSRC, sequence and timestamps."""
        installed = self._installed(camera_id)
        self._server.reboot(camera_id, seconds)
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

    def _parameters_of(self, stream: Format) -> bytes:
        if stream not in self._parameters:
            self._parameters[stream] = parameter_sets(stream)
        return self._parameters[stream]

    def _feed_of(self, installed: _Installed) -> Callable[[], Feed]:
        camera, stream, directory, showing = installed.camera, installed.stream, installed.clip_directory, self._showing
        if directory is not None:
            return lambda: ClipFeed(clip_of(camera, directory, stream=stream, showing=showing))

        def live() -> Feed:
            picture = Picture(camera, width_px=stream.width_px, height_px=stream.height_px, showing=showing)
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
