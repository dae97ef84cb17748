"""A camera that we did not write: GStreamer's RTSP server. Run by the system's Python, which has `gi`.

Prints its port on one line, then serves until its standard input closes.
Arguments: width height frames_per_second key_every_frames bit_rate_kbps port [user password]
Paths: `/cam` (H.264), `/hevc` (H.265 where the system has an encoder).
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
width, height, rate, key_every, kbps, port = (int(argument) for argument in sys.argv[1:7])
# Noise is the only pattern that fills a high bit rate.
pattern = "snow" if kbps > 4_000 else "ball"
source = (
    f"videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate={rate}/1 ! "
)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(port))
if len(sys.argv) > 8:
    user, password = sys.argv[7:9]
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)


def add(path: str, pipeline: str) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {pipeline} )")
    factory.set_shared(True)
    if len(sys.argv) > 8:
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
