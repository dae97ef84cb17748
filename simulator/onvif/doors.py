"""The one port behind which all cameras of a site speak ONVIF, each under its own path."""

import re
from collections.abc import Callable

from simulator.onvif.server import Asked, Device, Reply

SERVICES = ("device", "media", "ptz")
_PATH = re.compile(rf"(?:/([\w-]{{1,64}}))?/onvif/(?:{'|'.join(SERVICES)})_service(?:\?.{{0,1000}})?")


class Doors:
    """Every camera by the first part of the path; `alone` also without one (implements `server.Device`)."""

    def __init__(self, find: Callable[[str], Device | None], alone: str | None) -> None:
        self._find, self._alone = find, alone

    async def answer(self, asked: Asked) -> Reply:
        """Have the camera that the path names answer; 404 where there is none."""
        found = _PATH.fullmatch(asked.path)
        name = None if found is None else found[1] or self._alone
        device = None if name is None else self._find(name)
        return Reply(404, b"") if device is None else await device.answer(asked)
