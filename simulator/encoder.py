"""H.264 as the simulated cameras make it: no B-frames, no delay, a key frame at once and when asked.

Owns the encoder's settings, so that the bands of `simulator.band` survive at this bit rate. Knows
neither time nor network: planes in, Annex B access units out.
"""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType

from simulator.canvas import Planes

_MATRIX_BT709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"


FPS_LIVE = Fraction(15)


@dataclass(frozen=True, slots=True)
class Format:
    """The size, pace and weight of a stream; widths and heights are even."""

    width_px: int = 640
    height_px: int = 360
    fps: Fraction = FPS_LIVE
    bits_per_s: int = 600_000
    """The most, averaged over a second; a quiet street takes less unless `constant`."""
    constant: bool = False

    def __post_init__(self) -> None:
        """Refuse what an encoder or a person could not use."""
        if not (64 <= self.width_px <= 3840 and 64 <= self.height_px <= 2160):
            raise ValueError(f"a picture of {self.width_px}×{self.height_px} is not between 64×64 and 3840×2160")
        if self.width_px % 2 or self.height_px % 2:
            raise ValueError(f"a picture of {self.width_px}×{self.height_px} has an odd side")
        if not 1 <= self.fps <= 60:
            raise ValueError(f"{self.fps} frames a second are not between 1 and 60")

    @property
    def period_us(self) -> int:
        """Return the time from one frame to the next."""
        return round(1_000_000 / self.fps)

    @property
    def group_frames(self) -> int:
        """Return the frames from one key frame to the next: two seconds at most."""
        return max(1, int(2 * self.fps))


def sized(width_px: int, height_px: int, fps: Fraction = FPS_LIVE) -> Format:
    """Return the format of a live stream of this size, with bits in proportion."""
    pixels_share = width_px * height_px / (640 * 360)
    return Format(width_px, height_px, fps, max(200_000, round(600_000 * pixels_share**0.75 * float(fps / FPS_LIVE))))


class Encoder:
    """One stream's encoder; paint into `planes`, then `encode`. Not shared between threads."""

    def __init__(self, stream: Format) -> None:
        self.format = stream
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = stream.width_px, stream.height_px
        context.pix_fmt = "yuv420p"
        context.framerate = stream.fps
        context.time_base = 1 / stream.fps
        context.gop_size = stream.group_frames
        context.max_b_frames = 0
        context.thread_count = 1
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "forced-idr": "1",
            "maxrate": str(stream.bits_per_s),
            "bufsize": str(stream.bits_per_s),
            "x264-params": f"scenecut=0:{_MATRIX_BT709}",
        }
        if stream.constant:
            context.bit_rate = stream.bits_per_s
            context.options |= {"nal-hrd": "cbr"}  # filler where the street has nothing more to say
        else:
            context.options |= {"crf": "24"}
        self._context = context
        self._frame = av.VideoFrame(stream.width_px, stream.height_px, "yuv420p")
        self._frame.time_base = 1 / stream.fps
        self._count = 0
        luma, blue, red = (
            np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]  # type: ignore[call-overload]
            for plane in self._frame.planes
        )
        self.planes = Planes(luma=luma, blue=blue, red=red)

    def encode(self, *, key_frame: bool = False) -> bytes:
        """Return the access unit of what `planes` hold now; the first is always a key frame."""
        self._frame.pts = self._count
        self._frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        self._count += 1
        return b"".join(bytes(packet) for packet in self._context.encode(self._frame))


def parameter_sets(stream: Format) -> bytes:
    """Return what a decoder must know of `stream`: the start of its first access unit, Annex B."""
    encoder = Encoder(stream)
    for plane in (encoder.planes.luma, encoder.planes.blue, encoder.planes.red):
        plane[:] = 128
    return encoder.encode(key_frame=True)
