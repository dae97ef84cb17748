"""Looped clips: a camera's street encoded once, for loads that live encoding could not carry.

Owns the clip's file. Its hour stands still, wherever the demo's clock went. The band of a clip carries the frame's number in place of the time, counted
from 0 in every loop (api, The simulated picture).
"""

import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from simulator.city import Camera
from simulator.encoder import Encoder, Format
from simulator.picture import SHOWN, Picture, Showing

CLIP_1080P = Format(1920, 1080, Fraction(25), 4_000_000, constant=True)
_VERSION = 2
_STARTS_US = 1_774_408_320_000_000
"""What the clip's clock shows at frame 0: 2026-03-25, 04:12 in the city."""
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Clip:
    """Access units to be sent over and over, the first a key frame."""

    format: Format
    access_units: tuple[bytes, ...]


def clip_of(
    camera: Camera, directory: Path, *, stream: Format = CLIP_1080P, seconds: int = 8, showing: Showing = SHOWN
) -> Clip:
    """Return the camera's clip from `directory`, encoding and keeping it there at first use."""
    key = repr((_VERSION, camera, stream, seconds, showing.light, showing.bands))
    name = f"{camera.id}-{stream.width_px}x{stream.height_px}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.clip"
    path = directory / name
    if not path.exists():
        units = list(_encoded(camera, stream, seconds, Showing(showing.light, showing.bands)))
        directory.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(b"".join(_LENGTH.pack(len(unit)) + unit for unit in units))
        partial.replace(path)
    return Clip(format=stream, access_units=tuple(_read(path.read_bytes())))


def _encoded(camera: Camera, stream: Format, seconds: int, showing: Showing) -> Iterator[bytes]:
    picture = Picture(camera, width_px=stream.width_px, height_px=stream.height_px, showing=showing)
    encoder = Encoder(stream)
    for frame in range(int(seconds * stream.fps)):
        picture.paint(encoder.planes, _STARTS_US + frame * stream.period_us, stamp=frame)
        yield encoder.encode()


def _read(kept: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(kept):
        (length,) = _LENGTH.unpack_from(kept, at)
        at += _LENGTH.size
        yield kept[at : at + length]
        at += length
