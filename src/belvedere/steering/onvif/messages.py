"""The messages that are sent, whole: every prefix is declared at the root, every axis is named. Pure.

Source: ONVIF Core, Media and PTZ service specifications; SOAP 1.2; WS-Security UsernameToken Profile 1.0.
"""

import base64
import hashlib
import html
from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.steering import PicturePoint, Position, Velocity

_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"'
    ' xmlns:wsa="http://www.w3.org/2005/08/addressing"'
    ' xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
    ' xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">'
)
_DIGEST_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_BASE64_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_NAMESPACES = {
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
}
FOV_SPACE = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov"


@dataclass(frozen=True, slots=True)
class Message:
    """One request: its body, and the name of its answer."""

    prefix: str
    name: str
    inner: str = ""
    addressed: bool = False
    """Whether its header carries a WS-Addressing action."""
    repeatable: bool = True
    """Whether twice does what once does: sent again where a kept connection turns out to be dead."""

    @property
    def action(self) -> str:
        """Return the action, for the content type and for WS-Addressing."""
        return f"{_NAMESPACES[self.prefix]}/{self.name}"

    @property
    def answer(self) -> str:
        """Return the local name of the answer's element."""
        return f"{self.name}Response"

    def envelope(self, security: str = "") -> bytes:
        """Return the SOAP envelope, with a security header where one is given."""
        addressing = f"<wsa:Action>{self.action}</wsa:Action>" if self.addressed else ""
        header = f"<s:Header>{addressing}{security}</s:Header>" if addressing or security else ""
        body = f"<{self.prefix}:{self.name}>{self.inner}</{self.prefix}:{self.name}>"
        return f"{_ROOT}{header}<s:Body>{body}</s:Body></s:Envelope>".encode()


def username_token(*, username: str, password: str, nonce: bytes, created: Instant) -> str:
    """Return the security header of a login; the password itself is not in it."""
    at = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha1(nonce + at.encode() + password.encode(), usedforsecurity=False).digest()  # the profile's own
    return (
        f"<wsse:Security><wsse:UsernameToken><wsse:Username>{_said(username)}</wsse:Username>"
        f'<wsse:Password Type="{_DIGEST_TYPE}">{base64.b64encode(digest).decode()}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{_BASE64_TYPE}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{at}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )


GET_TIME = Message("tds", "GetSystemDateAndTime")
GET_CAPABILITIES = Message("tds", "GetCapabilities", "<tds:Category>All</tds:Category>")
GET_SERVICES = Message("tds", "GetServices", "<tds:IncludeCapability>false</tds:IncludeCapability>")
GET_PROFILES = Message("trt", "GetProfiles")
GET_NODES = Message("tptz", "GetNodes")


def get_configuration_options(configuration: str) -> Message:
    """Ask within which bounds a camera takes the time of a movement."""
    return Message(
        "tptz", "GetConfigurationOptions", f"<tptz:ConfigurationToken>{_said(configuration)}</tptz:ConfigurationToken>"
    )


def get_status(profile: str) -> Message:
    """Ask where the camera looks."""
    return Message("tptz", "GetStatus", _profile(profile))


def get_presets(profile: str) -> Message:
    """Ask which places the camera keeps."""
    return Message("tptz", "GetPresets", _profile(profile))


def continuous_move(profile: str, velocity: Velocity, *, pan_tilt: bool, zoom: bool, lasts_s: float | None) -> Message:
    """Have the camera turn; of the axes, those alone that it has."""
    time = "" if lasts_s is None else f"<tptz:Timeout>PT{_number(lasts_s)}S</tptz:Timeout>"
    turned = _axes(
        (velocity.pan, velocity.tilt) if pan_tilt else None, velocity.zoom if zoom else None, "tptz:Velocity"
    )
    return Message("tptz", "ContinuousMove", f"{_profile(profile)}{turned}{time}")


def stop(profile: str, *, addressed: bool = False) -> Message:
    """Stop both axes, each of them named: some cameras do nothing where a flag is left out."""
    inner = f"{_profile(profile)}<tptz:PanTilt>true</tptz:PanTilt><tptz:Zoom>true</tptz:Zoom>"
    return Message("tptz", "Stop", inner, addressed=addressed)


def absolute_move(profile: str, place: Position) -> Message:
    """Have the camera go to a position; an axis of None stays."""
    pan_tilt = None if place.pan is None or place.tilt is None else (place.pan, place.tilt)
    return Message("tptz", "AbsoluteMove", _profile(profile) + _axes(pan_tilt, place.zoom, "tptz:Position"))


def centre_on(profile: str, point: PicturePoint) -> Message:
    """Have a point of the picture come to its centre."""
    translation = f'<tptz:Translation><tt:PanTilt x="{_number(point.x)}" y="{_number(point.y)}" space="{FOV_SPACE}"/></tptz:Translation>'
    return Message("tptz", "RelativeMove", _profile(profile) + translation, repeatable=False)


def goto_preset(profile: str, preset: str) -> Message:
    """Have the camera go to a place that it keeps."""
    return Message("tptz", "GotoPreset", f"{_profile(profile)}<tptz:PresetToken>{_said(preset)}</tptz:PresetToken>")


def goto_home(profile: str) -> Message:
    """Have the camera go to its home position."""
    return Message("tptz", "GotoHomePosition", _profile(profile))


def set_preset(profile: str, name: str, preset: str | None) -> Message:
    """Have the camera keep where it looks; without a preset it makes one."""
    token = "" if preset is None else f"<tptz:PresetToken>{_said(preset)}</tptz:PresetToken>"
    inner = f"{_profile(profile)}<tptz:PresetName>{_said(name)}</tptz:PresetName>{token}"
    return Message("tptz", "SetPreset", inner, repeatable=preset is not None)


def _profile(token: str) -> str:
    return f"<tptz:ProfileToken>{_said(token)}</tptz:ProfileToken>"


def _axes(pan_tilt: tuple[float, float] | None, zoom: float | None, within: str) -> str:
    turned = "" if pan_tilt is None else f'<tt:PanTilt x="{_number(pan_tilt[0])}" y="{_number(pan_tilt[1])}"/>'
    zoomed = "" if zoom is None else f'<tt:Zoom x="{_number(zoom)}"/>'
    return f"<{within}>{turned}{zoomed}</{within}>"


def _number(number: float) -> str:
    """Return a number as cameras read it: no exponent, no minus before zero."""
    spelt = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if spelt in {"-0", ""} else spelt


def _said(text: str) -> str:
    """Return a text as XML has it; what XML cannot hold is left out."""
    return html.escape("".join(character for character in text if character.isprintable()))
