"""What a simulated camera answers, written by hand after ONVIF's schemas. Pure: values in, XML out."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simulator.head import TILT_DEG

PROFILE, PTZ_CONFIGURATION, NODE, VIDEO_SOURCE = "profile_1", "ptz_1", "node_1", "video_1"
_ROOT = (
    ' xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"'
)
_SPACES = "http://www.onvif.org/ver10/tptz"
PAN_TILT_POSITIONS = f"{_SPACES}/PanTiltSpaces/PositionGenericSpace"
ZOOM_POSITIONS = f"{_SPACES}/ZoomSpaces/PositionGenericSpace"
PAN_TILT_TRANSLATIONS = f"{_SPACES}/PanTiltSpaces/TranslationGenericSpace"
PAN_TILT_FIELD = f"{_SPACES}/PanTiltSpaces/TranslationSpaceFov"
ZOOM_TRANSLATIONS = f"{_SPACES}/ZoomSpaces/TranslationGenericSpace"
PAN_TILT_VELOCITIES = f"{_SPACES}/PanTiltSpaces/VelocityGenericSpace"
ZOOM_VELOCITIES = f"{_SPACES}/ZoomSpaces/VelocityGenericSpace"
PAN_TILT_SPEEDS = f"{_SPACES}/PanTiltSpaces/GenericSpeedSpace"
ZOOM_SPEEDS = f"{_SPACES}/ZoomSpaces/ZoomGenericSpeedSpace"
_TILT_RANGE = (TILT_DEG[0] / 90, round(TILT_DEG[1] / 90, 4))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a camera says of itself."""

    name: str
    width_px: int
    height_px: int
    fps: float
    zoom: bool
    presets_max: int
    timeout_s: tuple[int, int]


def envelope(body: str, *, declared: bool = True) -> bytes:
    """Return an answer; without declarations where the camera knows no better."""
    root = _ROOT if declared else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope{root}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def fault(code: str, subcodes: tuple[str, ...], reason: str) -> str:
    """Return a fault of SOAP 1.2 with ONVIF's subcodes."""
    inner = ""
    for subcode in reversed(subcodes):
        inner = f"<s:Subcode><s:Value>{subcode}</s:Value>{inner}</s:Subcode>"
    return (
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value>{inner}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{html.escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def empty(prefix: str, name: str) -> str:
    """Return the answer that only says yes."""
    return f"<{prefix}:{name}Response/>"


def system_time(at: datetime) -> str:
    """Return the camera's clock."""
    told = (
        f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date>"
    )
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime>{told}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def device_information(number: int) -> str:
    """Return who made the camera."""
    return (
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Simulated</tds:Manufacturer><tds:Model>Simulated</tds:Model>"
        f"<tds:FirmwareVersion>1</tds:FirmwareVersion><tds:SerialNumber>{number}</tds:SerialNumber>"
        "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def capabilities(addresses: Mapping[str, str]) -> str:
    """Return where the services are, the old way."""
    device, media, ptz = (html.escape(addresses[each]) for each in ("device", "media", "ptz"))
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{device}</tt:XAddr></tt:Device>"
        f"<tt:Media><tt:XAddr>{media}</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
        "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"
        f"<tt:PTZ><tt:XAddr>{ptz}</tt:XAddr></tt:PTZ>"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def services(addresses: Mapping[str, str]) -> str:
    """Return where the services are, the new way."""
    namespaces = {"device": "ver10/device", "media": "ver10/media", "ptz": "ver20/ptz"}
    listed = "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/{namespaces[name]}/wsdl</tds:Namespace>"
        f"<tds:XAddr>{html.escape(address)}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, address in addresses.items()
    )
    return f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>"


def video_sources(shape: Shape) -> str:
    """Return the one sensor."""
    return (
        f'<trt:GetVideoSourcesResponse><trt:VideoSources token="{VIDEO_SOURCE}"><tt:Framerate>{shape.fps:g}</tt:Framerate>'
        f"<tt:Resolution><tt:Width>{shape.width_px}</tt:Width><tt:Height>{shape.height_px}</tt:Height></tt:Resolution>"
        "</trt:VideoSources></trt:GetVideoSourcesResponse>"
    )


def profiles(shape: Shape) -> str:
    """Return the one profile, which turns."""
    return f"<trt:GetProfilesResponse>{_profile('trt:Profiles', shape)}</trt:GetProfilesResponse>"


def profile(shape: Shape) -> str:
    """Return the same by its token."""
    return f"<trt:GetProfileResponse>{_profile('trt:Profile', shape)}</trt:GetProfileResponse>"


def _profile(element: str, shape: Shape) -> str:
    size = f"<tt:Width>{shape.width_px}</tt:Width><tt:Height>{shape.height_px}</tt:Height>"
    return (
        f'<{element} token="{PROFILE}" fixed="true"><tt:Name>{html.escape(shape.name)}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="source_1"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:SourceToken>{VIDEO_SOURCE}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{shape.width_px}" height="{shape.height_px}"/></tt:VideoSourceConfiguration>'
        '<tt:VideoEncoderConfiguration token="encoder_1"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution>{size}</tt:Resolution><tt:Quality>5</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{round(shape.fps)}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>600</tt:BitrateLimit></tt:RateControl>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>"
        f"{_configuration('tt:PTZConfiguration', shape)}</{element}>"
    )


def stream_uri(address: str) -> str:
    """Return where the stream is."""
    return (
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{html.escape(address)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
        "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
    )


def ptz_capabilities() -> str:
    """Return what the PTZ service can do beyond turning: nothing."""
    return (
        "<tptz:GetServiceCapabilitiesResponse>"
        '<tptz:Capabilities EFlip="false" Reverse="false" GetCompatibleConfigurations="false" MoveStatus="true"'
        ' StatusPosition="true"/></tptz:GetServiceCapabilitiesResponse>'
    )


def nodes(shape: Shape) -> str:
    """Return the one node."""
    return f"<tptz:GetNodesResponse>{_node(shape)}</tptz:GetNodesResponse>"


def node(shape: Shape) -> str:
    """Return the same by its token."""
    return f"<tptz:GetNodeResponse>{_node(shape)}</tptz:GetNodeResponse>"


def _node(shape: Shape) -> str:
    return (
        f'<tptz:PTZNode token="{NODE}" FixedHomePosition="false"><tt:Name>head</tt:Name>'
        f"<tt:SupportedPTZSpaces>{_spaces(shape)}</tt:SupportedPTZSpaces>"
        f"<tt:MaximumNumberOfPresets>{shape.presets_max}</tt:MaximumNumberOfPresets>"
        "<tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode>"
    )


def configurations(shape: Shape) -> str:
    """Return the one configuration."""
    inner = _configuration("tptz:PTZConfiguration", shape)
    return f"<tptz:GetConfigurationsResponse>{inner}</tptz:GetConfigurationsResponse>"


def configuration(shape: Shape) -> str:
    """Return the same by its token."""
    inner = _configuration("tptz:PTZConfiguration", shape)
    return f"<tptz:GetConfigurationResponse>{inner}</tptz:GetConfigurationResponse>"


def configuration_options(shape: Shape) -> str:
    """Return the bounds."""
    least, most = shape.timeout_s
    return (
        "<tptz:GetConfigurationOptionsResponse><tptz:PTZConfigurationOptions>"
        f"<tt:Spaces>{_spaces(shape)}</tt:Spaces>"
        f"<tt:PTZTimeout><tt:Min>PT{least}S</tt:Min><tt:Max>PT{most}S</tt:Max></tt:PTZTimeout>"
        "</tptz:PTZConfigurationOptions></tptz:GetConfigurationOptionsResponse>"
    )


def status(position: tuple[float, float, float] | None, *, turns: bool, zooms: bool, zoom: bool, at: datetime) -> str:
    """Return where the camera looks, and whether it moves."""
    where = moving = ""
    if position is not None:
        pan, tilt, zoomed = position
        told = f'<tt:Zoom x="{zoomed:.6f}" space="{ZOOM_POSITIONS}"/>' if zoom else ""
        where = (
            f'<tt:Position><tt:PanTilt x="{pan:.6f}" y="{tilt:.6f}" space="{PAN_TILT_POSITIONS}"/>{told}</tt:Position>'
        )
        zoom_status = f"<tt:Zoom>{_moving(zooms)}</tt:Zoom>" if zoom else ""
        moving = f"<tt:MoveStatus><tt:PanTilt>{_moving(turns)}</tt:PanTilt>{zoom_status}</tt:MoveStatus>"
    return (
        f"<tptz:GetStatusResponse><tptz:PTZStatus>{where}{moving}"
        f"<tt:UtcTime>{at:%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
    )


def presets(kept: Mapping[str, tuple[str, tuple[float, float, float]]]) -> str:
    """Return every preset: token, name, place."""
    listed = "".join(
        f'<tptz:Preset token="{html.escape(token)}"><tt:Name>{html.escape(name)}</tt:Name><tt:PTZPosition>'
        f'<tt:PanTilt x="{pan:.6f}" y="{tilt:.6f}" space="{PAN_TILT_POSITIONS}"/>'
        f'<tt:Zoom x="{zoom:.6f}" space="{ZOOM_POSITIONS}"/></tt:PTZPosition></tptz:Preset>'
        for token, (name, (pan, tilt, zoom)) in kept.items()
    )
    return f"<tptz:GetPresetsResponse>{listed}</tptz:GetPresetsResponse>"


def made_preset(token: str) -> str:
    """Return the token of a preset that was kept."""
    return f"<tptz:SetPresetResponse><tptz:PresetToken>{html.escape(token)}</tptz:PresetToken></tptz:SetPresetResponse>"


def bomb() -> bytes:
    """Return a document that grows to 10^9 characters in a reader that expands what it is given."""
    entities = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 9))
    return (
        f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lolololololol">{entities}]>'
        f"<s:Envelope{_ROOT}><s:Body>&l8;</s:Body></s:Envelope>"
    ).encode()


def _moving(moves: bool) -> str:
    return "MOVING" if moves else "IDLE"


def _configuration(element: str, shape: Shape) -> str:
    zoom_spaces = (
        f"<tt:DefaultAbsoluteZoomPositionSpace>{ZOOM_POSITIONS}</tt:DefaultAbsoluteZoomPositionSpace>"
        if shape.zoom
        else ""
    )
    zoom_velocities = (
        f"<tt:DefaultContinuousZoomVelocitySpace>{ZOOM_VELOCITIES}</tt:DefaultContinuousZoomVelocitySpace>"
        if shape.zoom
        else ""
    )
    zoom_speed = f'<tt:Zoom x="1" space="{ZOOM_SPEEDS}"/>' if shape.zoom else ""
    return (
        f'<{element} token="{PTZ_CONFIGURATION}"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:NodeToken>{NODE}</tt:NodeToken>"
        f"<tt:DefaultAbsolutePantTiltPositionSpace>{PAN_TILT_POSITIONS}</tt:DefaultAbsolutePantTiltPositionSpace>"
        f"{zoom_spaces}"
        f"<tt:DefaultContinuousPanTiltVelocitySpace>{PAN_TILT_VELOCITIES}</tt:DefaultContinuousPanTiltVelocitySpace>"
        f"{zoom_velocities}"
        f'<tt:DefaultPTZSpeed><tt:PanTilt x="1" y="1" space="{PAN_TILT_SPEEDS}"/>{zoom_speed}</tt:DefaultPTZSpeed>'
        f"<tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout></{element}>"
    )


def _spaces(shape: Shape) -> str:
    pan, tilt, whole, share = (-1.0, 1.0), _TILT_RANGE, (-1.0, 1.0), (0.0, 1.0)
    zoomed: dict[str, str] = {}
    if shape.zoom:
        zoomed = {
            "AbsoluteZoomPositionSpace": _line("AbsoluteZoomPositionSpace", ZOOM_POSITIONS, share),
            "RelativeZoomTranslationSpace": _line("RelativeZoomTranslationSpace", ZOOM_TRANSLATIONS, whole),
            "ContinuousZoomVelocitySpace": _line("ContinuousZoomVelocitySpace", ZOOM_VELOCITIES, whole),
            "ZoomSpeedSpace": _line("ZoomSpeedSpace", ZOOM_SPEEDS, share),
        }
    return (
        _plane("AbsolutePanTiltPositionSpace", PAN_TILT_POSITIONS, pan, tilt)
        + zoomed.get("AbsoluteZoomPositionSpace", "")
        + _plane("RelativePanTiltTranslationSpace", PAN_TILT_TRANSLATIONS, whole, whole)
        + _plane("RelativePanTiltTranslationSpace", PAN_TILT_FIELD, whole, whole)
        + zoomed.get("RelativeZoomTranslationSpace", "")
        + _plane("ContinuousPanTiltVelocitySpace", PAN_TILT_VELOCITIES, whole, whole)
        + zoomed.get("ContinuousZoomVelocitySpace", "")
        + _line("PanTiltSpeedSpace", PAN_TILT_SPEEDS, share)
        + zoomed.get("ZoomSpeedSpace", "")
    )


def _range(element: str, bounds: tuple[float, float]) -> str:
    return f"<tt:{element}><tt:Min>{bounds[0]:g}</tt:Min><tt:Max>{bounds[1]:g}</tt:Max></tt:{element}>"


def _plane(element: str, uri: str, x: tuple[float, float], y: tuple[float, float]) -> str:
    return f"<tt:{element}><tt:URI>{uri}</tt:URI>{_range('XRange', x)}{_range('YRange', y)}</tt:{element}>"


def _line(element: str, uri: str, x: tuple[float, float]) -> str:
    return f"<tt:{element}><tt:URI>{uri}</tt:URI>{_range('XRange', x)}</tt:{element}>"
