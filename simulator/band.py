"""The part of a simulated picture that machines read: camera number, capture time, position.

Owns the bits and their place (api, The simulated picture). Does not know encoders: what it
draws survives them, which tests/unit/simulator shows at the simulator's own bit rate.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

CELLS = 64
BLACK, WHITE = 16, 235
"""Luma of 0 and of 1, in the limited range that cameras send."""
STAMP_UNIT_US = 10_000
STAMP_MODULO = 1 << 40
_PREAMBLE = 0b1010
_CONTRAST_MIN = 60


class BandUnreadable(ValueError):
    """A picture without a band that holds together."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a camera that turns looks: degrees, and zoom from 0 to 1."""

    pan_deg: float
    tilt_deg: float
    zoom: float


@dataclass(frozen=True, slots=True)
class BandReading:
    """What a picture says of itself; `stamp` is 10 ms units modulo 2**40, or a clip's frame number."""

    number: int
    stamp: int
    position: Position | None

    def captured_us(self, near_us: int) -> int:
        """Return the capture time in µs since the Unix epoch, taking the one nearest to `near_us`."""
        near = near_us // STAMP_UNIT_US
        ahead = (self.stamp - near + STAMP_MODULO // 2) % STAMP_MODULO - STAMP_MODULO // 2
        return (near + ahead) * STAMP_UNIT_US


def stamp_of(captured_us: int) -> int:
    """Return the 40 bits that stand for an instant in µs since the Unix epoch."""
    return captured_us // STAMP_UNIT_US % STAMP_MODULO


def height_px(picture_height_px: int) -> int:
    """Return the height of one band: a thirtieth of the picture's, at least two rows."""
    return max(2, round(picture_height_px / 30))


def draw(luma: Plane, *, number: int, stamp: int, position: Position | None = None) -> None:
    """Draw the band over the bottom of `luma` (height × width), and the position's above it."""
    rows = height_px(luma.shape[0])
    _draw_word(luma[-rows:], _word(number << 40 | stamp))
    if position is not None:
        _draw_word(luma[-2 * rows : -rows], _word(_position_bits(position)))


def decode(frame: NDArray[np.uint8]) -> BandReading:
    """Read the bands of a luma plane (height × width) or an RGB picture (height × width × 3).

    Raises `BandUnreadable` where the preamble, the contrast or the check do not hold.
    """
    luma = frame if frame.ndim == 2 else frame.mean(axis=2).astype(np.uint8)
    rows = height_px(luma.shape[0])
    word = _read_word(luma[-rows:])
    if word is None:
        raise BandUnreadable("no band at the bottom of this picture")
    above = _read_word(luma[-2 * rows : -rows])
    position = None if above is None or above & 0xFF else _position_of(above)
    return BandReading(number=word >> 40, stamp=word % STAMP_MODULO, position=position)


def _position_bits(position: Position) -> int:
    pan = round(position.pan_deg % 360 / 360 * 65_535)
    tilt = round((min(max(position.tilt_deg, -90.0), 90.0) + 90) / 180 * 65_535)
    zoom = round(min(max(position.zoom, 0.0), 1.0) * 65_535)
    return (pan << 32 | tilt << 16 | zoom) << 8


def _position_of(bits: int) -> Position:
    return Position(
        pan_deg=(bits >> 40) / 65_535 * 360,
        tilt_deg=(bits >> 24 & 0xFFFF) / 65_535 * 180 - 90,
        zoom=(bits >> 8 & 0xFFFF) / 65_535,
    )


def _word(bits: int) -> int:
    """Return the 64 cells of 56 `bits`: preamble before, XOR of the nibbles behind."""
    return _PREAMBLE << 60 | bits << 4 | _check(bits)


def _check(bits: int) -> int:
    check = 0
    for shift in range(0, 56, 4):
        check ^= bits >> shift & 0xF
    return check


def _draw_word(strip: Plane, word: int) -> None:
    cells = np.unpackbits(np.frombuffer(word.to_bytes(8, "big"), np.uint8))
    strip[:] = (BLACK + cells * (WHITE - BLACK))[_cell_of_column(strip.shape[1])]


def _read_word(strip: Plane) -> int | None:
    """Return the 56 bits between preamble and check, or None where they do not hold together."""
    height, width = strip.shape
    centres = ((np.arange(CELLS) + 0.5) * width / CELLS).astype(int)
    reach = width // CELLS // 4
    middle = strip[height // 4 : max(height // 4 + 1, height * 3 // 4)].astype(np.int32)
    columns = [middle[:, at - reach : at + reach + 1].mean() for at in centres]
    levels = np.array(columns)
    if np.abs(levels - (BLACK + WHITE) / 2).min() < _CONTRAST_MIN / 2:
        return None
    word = int.from_bytes(np.packbits(levels > (BLACK + WHITE) / 2).tobytes(), "big")
    bits = word >> 4 & (1 << 56) - 1
    return bits if word >> 60 == _PREAMBLE and _check(bits) == word & 0xF else None


@lru_cache(maxsize=16)
def _cell_of_column(width: int) -> NDArray[np.intp]:
    return np.arange(width) * CELLS // width
