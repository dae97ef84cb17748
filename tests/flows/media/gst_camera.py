"""A camera that we did not write: GStreamer's RTSP server. Run by the system's Python, which has `gi`.

Prints its port on one line, then serves until its standard input closes.
Paths: `/cam` (H.264), `/hevc` (H.265 where the system has an encoder).
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
parser = argparse.ArgumentParser()
for name in ("width", "height", "rate", "key_every", "kbps", "port"):
    parser.add_argument(name, type=int)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
parser.add_argument("--basic", action="store_true", help="ask for the login in clear, not by digest")
parser.add_argument("--udp", action="store_true", help="refuse TCP")
parser.add_argument("--certificate", nargs=2, metavar=("PEM", "KEY"), help="serve over TLS")
told = parser.parse_args()
width, height, rate, key_every, kbps = told.width, told.height, told.rate, told.key_every, told.kbps
# Noise is the only pattern that fills a high bit rate.
pattern = "snow" if kbps > 4_000 else "ball"
source = (
    f"videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate={rate}/1 ! "
)

server = GstRtspServer.RTSPServer()
server.set_address(told.host)
server.set_service(str(told.port))
if told.login or told.certificate:
    auth = GstRtspServer.RTSPAuth()
    if told.certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(*told.certificate))
    if told.login:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC if told.basic else GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
        if told.basic:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(*told.login), token)
        else:
            auth.add_digest(*told.login, token)
    server.set_auth(auth)


def add(path: str, pipeline: str) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {pipeline} )")
    factory.set_shared(True)
    if told.udp:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if told.login:
        structure = Gst.Structure.new_empty("viewer")
        structure.set_value("media.factory.access", True)
        structure.set_value("media.factory.construct", True)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role_from_structure(structure)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)


add(
    "/cam",
    f"{source}x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} key-int-max={key_every} ! "
    "video/x-h264,profile=constrained-baseline ! rtph264pay name=pay0 pt=96 config-interval=-1",
)
add(
    "/hevc",
    f"{source}x265enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} key-int-max={key_every} ! "
    "rtph265pay name=pay0 pt=96 config-interval=-1",
)
server.attach(None)
print(server.get_bound_port(), flush=True)

loop = GLib.MainLoop()
channel = GLib.IOChannel.unix_new(0)
GLib.io_add_watch(channel, GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
loop.run()
