"""One simulated camera's ONVIF: its device, media and PTZ services, and what it does wrong.

Owns its presets and its quirks. Moves a `Head`; does not know pictures nor connections.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.untrusted_text import BadText, XmlElement, read_xml, real_number
from simulator.band import Position
from simulator.city import Camera
from simulator.encoder import Format
from simulator.head import Head, field_deg
from simulator.onvif import templates
from simulator.onvif.login import Guard
from simulator.onvif.quirks import Quirk
from simulator.onvif.server import Asked, Delivery, Reply
from simulator.onvif.templates import Shape, fault
from simulator.panorama import widest_deg

SLOW_S = 0.25
STATUS_WAITS_S_MAX = 30.0
DEFAULT_MOVE_S = 5.0
JOURNAL_MAX = 4096
_DURATION = re.compile(r"PT(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_OPEN_TO_ALL = {"GetSystemDateAndTime", "GetCapabilities", "GetServices"}
_HALF_A_YEAR = timedelta(days=183)
_DELIVERIES = {Quirk.ENDLESS: Delivery.ENDLESS, Quirk.TRICKLE: Delivery.TRICKLE}
_PRESETS = 300


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that reached the camera."""

    at_s: float
    """Monotonic, as its last byte came."""
    name: str
    addressed: bool
    logged_in: bool
    """Whether it carried a login, right or wrong."""
    inner: str
    """What of its members is told: their local names and texts, one after another."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request, read."""

    path: str
    host: str
    """What the client called the camera."""
    header: XmlElement | None
    body: XmlElement


class _Fault(Exception):
    """A SOAP fault: its code, its subcodes, its reason."""

    def __init__(self, code: str, subcodes: tuple[str, ...], reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.body, self.status = fault(code, subcodes, reason), status


class OnvifCamera:
    """One camera (implements `server.Device`)."""

    def __init__(
        self,
        camera: Camera,
        stream: Callable[[], Format],
        head: Head,
        guard: Guard,
        clock: Clock,
        *,
        address: Callable[[str], str],
        stream_address: Callable[[], str],
    ) -> None:
        """Take a camera; `address` gives the URL of a service of the name given."""
        self.head, self.quirks = head, frozenset[Quirk]()
        self.journal: deque[Heard] = deque(maxlen=JOURNAL_MAX)
        self._camera, self._stream, self._guard, self._clock = camera, stream, guard, clock
        self._address, self._stream_address = address, stream_address
        self._presets: dict[str, tuple[str, Position]] = {
            "1": ("Accueil", head.home),
            "2": ("Carrefour", Position((head.home.pan_deg + 90) % 360, -10.0, 0.3)),
        }
        self._made = len(self._presets)
        self._home = head.home
        self._away_until_s = 0.0
        self._one_at_a_time = asyncio.Lock()

    def leave(self, seconds: float) -> None:
        """Be away: whoever connects is hung up on; come back at rest where it was."""
        self._away_until_s = self._clock.monotonic_s() + seconds
        self.head.halt()

    async def answer(self, asked: Asked) -> Reply:
        """Answer one request, in the manner of its quirks."""
        if self._clock.monotonic_s() < self._away_until_s or Quirk.HANGS_UP in self.quirks:
            return Reply(503, b"", delivery=Delivery.CLOSE)
        if (odd := self._odd_answer()) is not None:
            return odd
        try:
            root = read_xml(asked.body)
            body = root.one("Body")
            if root.name != "Envelope" or body is None or not body.children:
                raise _Fault("Sender", ("ter:WellFormed",), "no envelope")
            message = Message(asked.path, asked.headers.get("host", ""), root.one("Header"), body.children[0])
            self._note(asked, message)
            if (refusal := self._refusal(asked, message)) is not None:
                return refusal
            if Quirk.SLOW in self.quirks:
                async with self._one_at_a_time:
                    told = await self._told(message)
                    await asyncio.sleep(SLOW_S)
            else:
                told = await self._told(message)
        except BadText as failure:
            return self._spoken(fault("Sender", ("ter:WellFormed",), str(failure)), 400)
        except _Fault as failure:
            return self._spoken(failure.body, failure.status)
        return self._spoken(told, 200)

    def _spoken(self, body: str, status: int) -> Reply:
        delivery = next((how for quirk, how in _DELIVERIES.items() if quirk in self.quirks), Delivery.PLAIN)
        declared = Quirk.UNDECLARED_PREFIXES not in self.quirks
        return Reply(status, templates.envelope(body, declared=declared), delivery=delivery)

    def _odd_answer(self) -> Reply | None:
        if Quirk.SILENT in self.quirks:
            return Reply(200, b"", delivery=Delivery.SILENT)
        if Quirk.XML_BOMB in self.quirks:
            return Reply(200, templates.bomb())
        if Quirk.REDIRECTS in self.quirks:
            return Reply(302, b"", headers=(("location", "http://127.0.0.1:9/onvif/device_service"),))
        if Quirk.NO_XML in self.quirks:
            return Reply(200, b"<!doctype html><title>Camera</title><p>Welcome", content_type="text/html")
        return None

    def _note(self, asked: Asked, message: Message) -> None:
        addressed = message.header is not None and message.header.one("Action") is not None
        token = message.header is not None and message.header.one("Security") is not None
        logged_in = token or "authorization" in asked.headers
        inner = " ".join(f"{each.name}={each.text}" if each.text else each.name for each in message.body.children)
        self.journal.append(Heard(self._clock.monotonic_s(), message.body.name, addressed, logged_in, inner[:500]))

    # Who asks

    def _refusal(self, asked: Asked, message: Message) -> Reply | None:
        if self._guard.open or message.body.name in _OPEN_TO_ALL:
            return None
        digest_alone = Quirk.DIGEST_FOR_PTZ in self.quirks and _service_of(asked.path) == "ptz"
        token_alone = Quirk.DIGEST_FOR_PTZ in self.quirks and not digest_alone
        if not token_alone and self._guard.knows_digest(asked):
            return None
        if not digest_alone and self._guard.knows_token(message.header, self._now()):
            return None
        body = templates.envelope(fault("Sender", ("ter:NotAuthorized",), "Sender not authorized"))
        if token_alone:
            return Reply(400, body)
        return Reply(401, body, headers=(("www-authenticate", self._guard.challenge()),))

    # What is answered

    async def _told(self, message: Message) -> str:
        service = _service_of(message.path)
        answers = {"device": self._device, "media": self._media}
        if service in answers:
            return answers[service](message)
        if message.body.name == "GetStatus" and Quirk.STATUS_WAITS in self.quirks:
            await self._until_still()
        return self._ptz(message)

    def _device(self, message: Message) -> str:
        match message.body.name:
            case "GetSystemDateAndTime":
                return templates.system_time(self._now())
            case "GetDeviceInformation":
                return templates.device_information(self._camera.number)
            case "GetCapabilities":
                return templates.capabilities(self._addresses(message.host))
            case "GetServices":
                return templates.services(self._addresses(message.host))
            case name:
                raise _unknown(name)

    def _media(self, message: Message) -> str:
        match message.body.name:
            case "GetProfiles":
                return templates.profiles(self._shape())
            case "GetProfile":
                return templates.profile(self._shape())
            case "GetVideoSources":
                return templates.video_sources(self._shape())
            case "GetStreamUri":
                return templates.stream_uri(self._elsewhere(self._stream_address()))
            case name:
                raise _unknown(name)

    def _ptz(self, message: Message) -> str:
        name = message.body.name
        asked = {
            "GetServiceCapabilities": templates.ptz_capabilities,
            "GetNodes": lambda: templates.nodes(self._shape()),
            "GetNode": lambda: templates.node(self._shape()),
            "GetConfigurations": lambda: templates.configurations(self._shape()),
            "GetConfiguration": lambda: templates.configuration(self._shape()),
            "GetConfigurationOptions": lambda: templates.configuration_options(self._shape()),
            "GetStatus": self._status,
            "GetPresets": self._listed_presets,
        }
        if name in asked:
            return asked[name]()
        told = {
            "ContinuousMove": self._continuous_move,
            "AbsoluteMove": self._absolute_move,
            "RelativeMove": self._relative_move,
            "Stop": self._stop,
            "GotoPreset": self._goto_preset,
            "SetPreset": self._set_preset,
            "RemovePreset": self._remove_preset,
            "GotoHomePosition": self._goto_home,
            "SetHomePosition": self._set_home,
        }
        if name not in told:
            raise _unknown(name)
        if message.body.words("ProfileToken") != templates.PROFILE:
            raise _Fault("Sender", ("ter:InvalidArgVal", "ter:NoProfile"), "no such profile")
        if Quirk.FAULT_UNDER_200 in self.quirks:
            raise _Fault("Receiver", ("ter:Action",), "the head does not answer", status=200)
        return told[name](message) or templates.empty("tptz", name)

    # Commands

    def _continuous_move(self, message: Message) -> str | None:
        pan_tilt, zoom = self._vectors(message, "Velocity")
        lasts_s = self._lasts_s(message.body.words("Timeout"))
        if pan_tilt == (0.0, 0.0) and not zoom and Quirk.UNSTOPPABLE in self.quirks:
            return None
        if pan_tilt is not None:
            pan, tilt = pan_tilt
            if Quirk.ONE_AXIS in self.quirks:
                pan, tilt = (_full(pan), 0.0) if abs(pan) >= abs(tilt) else (0.0, _full(tilt))
            sign = -1.0 if Quirk.UPSIDE_DOWN in self.quirks else 1.0
            self.head.turn(sign * pan, sign * tilt, lasts_s)
        if zoom is not None:
            self.head.zoom(zoom, lasts_s)
        return None

    def _lasts_s(self, timeout: str) -> float | None:
        """Return for how long a movement goes on by itself; None for ever."""
        if Quirk.REFUSES_TIMEOUT in self.quirks:
            if timeout:
                raise _Fault(
                    "Sender", ("ter:InvalidArgs",), "Validation constraint violation: unexpected element Timeout"
                )
            return None
        if Quirk.IGNORES_TIMEOUT in self.quirks or Quirk.UNSTOPPABLE in self.quirks:
            return None
        if not timeout:
            return DEFAULT_MOVE_S
        found = _DURATION.fullmatch(timeout)
        seconds = (
            None if found is None else 60 * (real_number(found[1] or "0") or 0) + (real_number(found[2] or "0") or 0)
        )
        least, most = self._shape().timeout_s
        if seconds is None or not least <= seconds <= most:
            raise _Fault("Sender", ("ter:InvalidArgVal", "ter:TimeoutNotSupported"), "timeout out of range")
        return seconds

    def _absolute_move(self, message: Message) -> str | None:
        pan_tilt, zoom = self._vectors(message, "Position")
        if Quirk.UNSTOPPABLE in self.quirks:
            return None
        if pan_tilt is not None:
            self.head.look(pan_deg=self._home.pan_deg + 180 * pan_tilt[0], tilt_deg=90 * pan_tilt[1])
        self.head.look(zoom=zoom)
        return None

    def _relative_move(self, message: Message) -> str | None:
        pan_tilt, zoom = self._vectors(message, "Translation")
        here = self.head.position
        if pan_tilt is not None:
            turned = message.body.one("Translation", "PanTilt")
            wide_deg = field_deg(widest_deg(self._camera.fov_deg), here.zoom)
            of_field = turned is not None and turned.attributes.get("space") == templates.PAN_TILT_FIELD
            right, up = (
                (wide_deg / 2, wide_deg * self._stream().height_px / self._stream().width_px / 2)
                if of_field
                else (180.0, 90.0)
            )
            self.head.look(pan_deg=here.pan_deg + right * pan_tilt[0], tilt_deg=here.tilt_deg + up * pan_tilt[1])
        if zoom is not None:
            self.head.look(zoom=here.zoom + zoom)
        return None

    def _stop(self, message: Message) -> str | None:
        addressed = message.header is not None and message.header.one("Action") is not None
        if Quirk.NO_STOP in self.quirks:
            raise _Fault("Receiver", ("ter:ActionNotSupported",), "the requested action is not supported", status=500)
        deaf = (
            Quirk.STOP_WITHOUT_EFFECT in self.quirks
            or Quirk.UNSTOPPABLE in self.quirks
            or (Quirk.STOPS_UNADDRESSED_ONLY in self.quirks and addressed)
            or (Quirk.STOPS_ADDRESSED_ONLY in self.quirks and not addressed)
        )
        if deaf:
            return None
        left_out = Quirk.STOP_NEEDS_FLAGS not in self.quirks  # by the standard, a flag that is absent means true
        self.head.halt(
            pan_tilt=_flag(message.body.words("PanTilt"), absent=left_out),
            zoom=_flag(message.body.words("Zoom"), absent=left_out),
        )
        return None

    # Presets

    def _listed_presets(self) -> str:
        if Quirk.NO_ZOOM in self.quirks:
            raise _Fault("Receiver", ("ter:ActionNotSupported",), "no presets", status=500)
        return templates.presets(
            {token: (name, self._generic(place)) for token, (name, place) in self._presets.items()}
        )

    def _goto_preset(self, message: Message) -> str | None:
        kept = self._presets.get(message.body.words("PresetToken"))
        if kept is None:
            raise _Fault("Sender", ("ter:InvalidArgVal", "ter:NoToken"), "no such preset")
        self._look_at(kept[1])
        return None

    def _set_preset(self, message: Message) -> str | None:
        token = message.body.words("PresetToken")
        if token and token not in self._presets:
            raise _Fault("Sender", ("ter:InvalidArgVal", "ter:NoToken"), "no such preset")
        if not token and len(self._presets) >= _PRESETS:
            raise _Fault("Receiver", ("ter:Action", "ter:TooManyPresets"), "no more presets", status=500)
        if not token:
            self._made += 1
            token = str(self._made)
        self._presets[token] = (message.body.words("PresetName")[:64], self.head.position)
        return templates.made_preset(token)

    def _remove_preset(self, message: Message) -> str | None:
        if self._presets.pop(message.body.words("PresetToken"), None) is None:
            raise _Fault("Sender", ("ter:InvalidArgVal", "ter:NoToken"), "no such preset")
        return None

    def _goto_home(self, _message: Message) -> str | None:
        self._look_at(self._home)
        return None

    def _set_home(self, _message: Message) -> str | None:
        self._home = self.head.position
        return None

    # Words

    def _status(self) -> str:
        told = Quirk.NO_POSITION not in self.quirks
        return templates.status(
            self._generic(self.head.position) if told else None,
            turns=self.head.turns,
            zooms=self.head.zooms,
            zoom=Quirk.NO_ZOOM not in self.quirks,
            at=self._now(),
        )

    async def _until_still(self) -> None:
        for _ in range(round(STATUS_WAITS_S_MAX / 0.05)):
            if not self.head.moves:
                return
            await asyncio.sleep(0.05)

    def _look_at(self, place: Position) -> None:
        if Quirk.UNSTOPPABLE not in self.quirks:
            self.head.look(pan_deg=place.pan_deg, tilt_deg=place.tilt_deg, zoom=place.zoom)

    def _generic(self, place: Position) -> tuple[float, float, float]:
        """Return a place in ONVIF's generic spaces: the pan's 0 is the direction in which the camera was put up."""
        return ((place.pan_deg - self.head.home.pan_deg + 180) % 360 - 180) / 180, place.tilt_deg / 90, place.zoom

    def _vectors(self, message: Message, element: str) -> tuple[tuple[float, float] | None, float | None]:
        """Return the axes that a command names; raises the fault of an axis that is none, or out of range."""
        turned, zoomed = message.body.one(element, "PanTilt"), message.body.one(element, "Zoom")
        pan_tilt = zoom = None
        if turned is not None:
            pan_tilt = (_share(turned.attributes.get("x")), _share(turned.attributes.get("y")))
        if zoomed is not None:
            if Quirk.NO_ZOOM in self.quirks:
                raise _Fault("Sender", ("ter:InvalidArgVal", "ter:SpaceNotSupported"), "no zoom")
            zoom = _share(zoomed.attributes.get("x"))
        if turned is zoomed is None:
            raise _Fault("Sender", ("ter:InvalidArgVal",), f"no {element}")
        return pan_tilt, zoom

    def _shape(self) -> Shape:
        timeout_s = (0, 60)
        if Quirk.TIMEOUT_RANGE in self.quirks:
            timeout_s = (1, 10)
        if Quirk.NO_TIMEOUT_RANGE in self.quirks:
            timeout_s = (0, 0)
        bare = Quirk.NO_ZOOM in self.quirks
        return Shape(
            name=self._camera.name,
            width_px=self._stream().width_px,
            height_px=self._stream().height_px,
            fps=float(self._stream().fps),
            zoom=not bare,
            presets_max=0 if bare else _PRESETS,
            timeout_s=timeout_s,
        )

    def _addresses(self, host: str) -> dict[str, str]:
        """Return where the services are, on the host by which the client came."""
        here = {name: self._address(name) for name in ("device", "media", "ptz")}
        if re.fullmatch(r"[\w.:\[\]-]{1,255}", host):
            here = {name: re.sub(r"//[^/]+", f"//{host}", address, count=1) for name, address in here.items()}
        return {name: self._elsewhere(address) for name, address in here.items()}

    def _elsewhere(self, address: str) -> str:
        if Quirk.OTHER_HOST not in self.quirks:
            return address
        return re.sub(r"//[^/]+", "//127.0.0.1:9", address, count=1)

    def _now(self) -> Instant:
        return self._clock.now() - (_HALF_A_YEAR if Quirk.WRONG_CLOCK in self.quirks else timedelta())


def _service_of(path: str) -> str:
    name = path.partition("?")[0].rpartition("/")[2].removesuffix("_service")
    return name if name in {"media", "ptz"} else "device"


def _share(text: str | None) -> float:
    number = None if text is None else real_number(text)
    if number is None or not -1 <= number <= 1:
        raise _Fault("Sender", ("ter:InvalidArgVal", "ter:InvalidPosition"), "out of range")
    return number


def _full(share: float) -> float:
    return (share > 0) - (share < 0) + 0.0


def _flag(text: str, *, absent: bool) -> bool:
    return absent if not text else text in {"true", "1"}


def _unknown(name: str) -> _Fault:
    return _Fault("Sender", ("ter:ActionNotSupported",), f"no {name[:60]}", status=400)
