"""What cameras answer, made into our words. Pure; what is missing is None or empty, and nothing here raises.

The text has been read within its bounds (`untrusted_text.read_xml`); every name is a local one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from belvedere.domain.clock import Instant
from belvedere.domain.steering import Position, Preset
from belvedere.domain.untrusted_text import YEARS, XmlElement, real_number, shown, whole_number
from belvedere.steering.onvif.messages import FOV_SPACE
from belvedere.steering.profile import MoveTime, Service

PRESETS_MAX = 1_024
TOKEN_CHARACTERS_MAX = 256
_PATH = re.compile(r"/[!-~]{0,1023}")
_DURATION = re.compile(r"PT(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_SERVICES = {
    "http://www.onvif.org/ver10/device/wsdl": Service.DEVICE,
    "http://www.onvif.org/ver10/media/wsdl": Service.MEDIA,
    "http://www.onvif.org/ver20/ptz/wsdl": Service.PTZ,
}


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where a service is said to be: path and query, and the host that is never followed."""

    path: str
    named_host: str


@dataclass(frozen=True, slots=True)
class MediaProfile:
    """A profile whose camera turns."""

    token: str
    configuration: str
    node: str


@dataclass(frozen=True, slots=True)
class Node:
    """What turns: its axes, what it keeps."""

    pan_tilt: bool
    zoom: bool
    pan_tilt_positions: bool
    zoom_positions: bool
    picture_points: bool
    presets_max: int
    has_home: bool


def body_of(root: XmlElement) -> XmlElement | None:
    """Return what an envelope's body holds; None where it is no envelope, or holds nothing."""
    if root.name != "Envelope":
        return None
    body = root.one("Body")
    return body.children[0] if body is not None and body.children else None


def fault_of(element: XmlElement) -> str | None:
    """Return what a SOAP fault says (1.2 or 1.1), for the log; None where it is none."""
    if element.name != "Fault":
        return None
    codes = [each.text for each in _within(element) if each.name in {"Value", "faultcode"}]
    reason = element.words("Reason", "Text") or element.words("faultstring")
    return shown(" ".join([*codes[:4], reason]).strip()[:300]) or "Fault"


def refuses_login(fault: str) -> bool:
    """Tell whether a fault is about who asks."""
    return (
        re.search(r"NotAuthorized|FailedAuthentication|FailedCheck|InvalidSecurity|[Uu]nauthori[sz]ed", fault)
        is not None
    )


def time_of(answer: XmlElement) -> Instant | None:
    """Return the camera's time in UTC."""
    at = answer.one("SystemDateAndTime", "UTCDateTime")
    if at is None:
        return None
    parts = [
        whole_number(at.words(*path), most=9999)
        for path in (
            ("Date", "Year"),
            ("Date", "Month"),
            ("Date", "Day"),
            ("Time", "Hour"),
            ("Time", "Minute"),
            ("Time", "Second"),
        )
    ]
    year, month, day, hour, minute, second = (each if each is not None else -1 for each in parts)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) if year in YEARS else None
    except ValueError:
        return None


def services_of(answer: XmlElement) -> Mapping[Service, ServiceAddress]:
    """Return where the services are, by GetCapabilities or by GetServices."""
    named = {
        Service.DEVICE: answer.words("Capabilities", "Device", "XAddr"),
        Service.MEDIA: answer.words("Capabilities", "Media", "XAddr"),
        Service.PTZ: answer.words("Capabilities", "PTZ", "XAddr"),
    }
    for each in answer.all("Service"):
        if (service := _SERVICES.get(each.words("Namespace"))) is not None:
            named[service] = each.words("XAddr")
    found = {service: _service_address(address) for service, address in named.items()}
    return {service: address for service, address in found.items() if address is not None}


def turning_profiles(answer: XmlElement) -> tuple[MediaProfile, ...]:
    """Return the media profiles that have a PTZ configuration."""
    found = []
    for each in answer.all("Profiles"):
        configuration = each.one("PTZConfiguration")
        token = each.attributes.get("token", "")
        if configuration is not None and _is_token(token):
            found.append(
                MediaProfile(token, configuration.attributes.get("token", ""), configuration.words("NodeToken"))
            )
    return tuple(found)


def node_of(answer: XmlElement, token: str) -> Node | None:
    """Return the node of a token, or the only one that there is."""
    nodes = answer.all("PTZNode")
    node = next(
        (each for each in nodes if each.attributes.get("token") == token), nodes[0] if len(nodes) == 1 else None
    )
    if node is None:
        return None
    spaces = node.one("SupportedPTZSpaces")
    names = {each.name for each in spaces.children} if spaces is not None else set()
    fov = node.all("SupportedPTZSpaces", "RelativePanTiltTranslationSpace")
    return Node(
        pan_tilt="ContinuousPanTiltVelocitySpace" in names,
        zoom="ContinuousZoomVelocitySpace" in names,
        pan_tilt_positions="AbsolutePanTiltPositionSpace" in names,
        zoom_positions="AbsoluteZoomPositionSpace" in names,
        picture_points=any(each.words("URI") == FOV_SPACE for each in fov),
        presets_max=whole_number(node.words("MaximumNumberOfPresets"), most=1_000_000) or 0,
        has_home=node.words("HomeSupported") in {"true", "1"},
    )


def move_time_of(answer: XmlElement) -> MoveTime:
    """Return within which bounds a movement's time is taken."""
    return MoveTime(
        least_s=_seconds(answer.words("PTZConfigurationOptions", "PTZTimeout", "Min")),
        most_s=_seconds(answer.words("PTZConfigurationOptions", "PTZTimeout", "Max")),
    )


def position_of(answer: XmlElement) -> Position | None:
    """Return where the camera looks; None where it does not tell."""
    turned = answer.one("PTZStatus", "Position", "PanTilt")
    zoomed = answer.one("PTZStatus", "Position", "Zoom")
    pan = tilt = None
    if turned is not None:
        pan, tilt = real_number(turned.attributes.get("x", "")), real_number(turned.attributes.get("y", ""))
    zoom = None if zoomed is None else real_number(zoomed.attributes.get("x", ""))
    return None if pan is tilt is zoom is None else Position(pan, tilt, zoom)


def presets_of(answer: XmlElement) -> tuple[Preset, ...]:
    """Return the presets, of which each has a token."""
    return tuple(
        Preset(each.attributes["token"], shown(each.words("Name")[:TOKEN_CHARACTERS_MAX]))
        for each in answer.all("Preset")[:PRESETS_MAX]
        if _is_token(each.attributes.get("token", ""))
    )


def made_preset(answer: XmlElement) -> str | None:
    """Return the token of the preset that was kept."""
    token = answer.words("PresetToken")
    return token if _is_token(token) else None


def _is_token(text: str) -> bool:
    return 0 < len(text) <= TOKEN_CHARACTERS_MAX and text.isprintable()


def _service_address(named: str) -> ServiceAddress | None:
    try:
        parts = urlsplit(named)
    except ValueError:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Two slashes would begin a host in the eyes of whoever joins the path to an address.
    if parts.scheme not in {"http", "https"} or not _PATH.fullmatch(path) or path.startswith("//"):
        return None
    return ServiceAddress(path, shown(parts.netloc.rpartition("@")[2][:TOKEN_CHARACTERS_MAX]))


def _seconds(duration: str) -> float | None:
    found = _DURATION.fullmatch(duration)
    if found is None or not duration.removeprefix("PT"):
        return None
    minutes, seconds = real_number(found[1] or "0"), real_number(found[2] or "0")
    return None if minutes is None or seconds is None else minutes * 60 + seconds


def _within(element: XmlElement) -> Iterator[XmlElement]:
    for child in element.children:
        yield child
        yield from _within(child)
