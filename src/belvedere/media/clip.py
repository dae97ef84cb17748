"""A short checked-in CMAF clip, and its chunks told anew at any time. Two seconds, one group of pictures, 640×360.

The chunks are laid as the Rust relay lays them (crates/relay, engine/cmaf.rs): `prft` of 32 bytes first, then `moof`.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

TIMESCALE = 90_000
CODEC, WIDTH, HEIGHT = "avc1.42C01E", 640, 360
PICTURES_PER_S = 25
_CLIP = Path(__file__).with_name("clip.cmaf")
_NTP_AT, _MEDIA_TIME_AT, _SEQUENCE_AT, _DECODE_TIME_AT = 16, 24, 52, 92
_NTP_TO_UNIX_S = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Clip:
    """The initialisation segment and the chunks; the first chunk is the only key picture."""

    init: bytes
    chunks: tuple[bytes, ...]

    @classmethod
    def load(cls) -> "Clip":
        """Read the clip that stands beside this file."""
        whole = _CLIP.read_bytes()
        starts = [at for at, kind in _boxes(whole) if kind == b"prft"]
        chunks = tuple(whole[start:end] for start, end in zip(starts, [*starts[1:], len(whole)], strict=True))
        return cls(init=whole[: starts[0]], chunks=chunks)

    def is_key(self, number: int) -> bool:
        """Say whether the picture of that number, counted over all rounds, is a key picture."""
        return number % len(self.chunks) == 0

    def chunk(self, number: int, *, captured_unix_us: int) -> bytes:
        """Return picture `number`, counted over all rounds, captured at that time."""
        decode_time = number * TIMESCALE // PICTURES_PER_S
        seconds, micros = divmod(captured_unix_us, 1_000_000)
        ntp = (seconds + _NTP_TO_UNIX_S) << 32 | (micros << 32) // 1_000_000
        chunk = bytearray(self.chunks[number % len(self.chunks)])
        struct.pack_into(">Q", chunk, _NTP_AT, ntp)
        struct.pack_into(">Q", chunk, _MEDIA_TIME_AT, decode_time)
        struct.pack_into(">I", chunk, _SEQUENCE_AT, (number + 1) % 2**32)
        struct.pack_into(">Q", chunk, _DECODE_TIME_AT, decode_time)
        return bytes(chunk)


def _boxes(whole: bytes) -> list[tuple[int, bytes]]:
    """Return the place and kind of each top-level box."""
    found, at = [], 0
    while at < len(whole):
        size, kind = struct.unpack_from(">I4s", whole, at)
        found.append((at, kind))
        at += size
    return found
