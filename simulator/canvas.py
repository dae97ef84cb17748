"""Drawing with soft edges: shapes laid on a premultiplied RGBA picture, then YUV planes of it.

Owns coverage, blending and the colour matrix (BT.709, limited range). Does not know streets.
Coordinates are pixels from the top left corner, colours are 0…255 per channel, alphas 0…1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
Point = tuple[float, float]
Sides = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_Coverage = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as YUV 4:2:0: luma (h × w) and two chroma planes (h/2 × w/2)."""

    luma: NDArray[np.uint8]
    blue: NDArray[np.uint8]
    red: NDArray[np.uint8]


class Canvas:
    """A picture being drawn; transparent at first, or opaque on a ground of one colour."""

    def __init__(self, width_px: int, height_px: int, ground: Colour | None = None) -> None:
        self.width_px, self.height_px = width_px, height_px
        # Red, green, blue and, where the picture has transparency, alpha; planes are faster than pixels.
        self._planes: NDArray[np.float32] = np.zeros((4 if ground is None else 3, height_px, width_px), np.float32)
        if ground is not None:
            self._planes[:] = np.array(ground, np.float32)[:, None, None]

    def rect(self, sides: Sides, colour: Colour, alpha: float = 1.0) -> None:
        """Lay an upright rectangle."""
        left, top, right, bottom = sides
        box = self._box(left, top, right, bottom)
        if box is None:
            return
        x0, y0, x1, y1 = box
        xs, ys = np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
        across = np.minimum(xs + 1, right) - np.maximum(xs, left)
        down = np.minimum(ys + 1, bottom) - np.maximum(ys, top)
        self._lay(box, np.outer(down, across).astype(np.float32), colour, alpha)

    def polygon(self, corners: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """Lay a convex polygon, its corners in either turning sense."""
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        box = self._box(min(xs), min(ys), max(xs), max(ys))
        if box is None:
            return
        area = sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(corners)))
        if abs(area) < 1e-6:
            return
        column, row = self._centres(box)
        coverage: _Coverage | None = None
        for i in range(len(corners)):
            dx, dy = xs[i] - xs[i - 1], ys[i] - ys[i - 1]
            length = (dx * dx + dy * dy) ** 0.5
            if length < 1e-6:
                continue
            scale = (1.0 if area > 0 else -1.0) / length
            edge = ((row - ys[i - 1]) * (dx * scale) + 0.5) - (column - xs[i - 1]) * (dy * scale)
            coverage = edge if coverage is None else np.minimum(coverage, edge, out=coverage)
        if coverage is not None:
            self._lay(box, _clipped(coverage), colour, alpha)

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0, *, flat: float = 1.0) -> None:
        """Lay a disc; `flat` below 1 squeezes it into an ellipse."""
        box = self._box(x - radius - 1, y - radius * flat - 1, x + radius + 1, y + radius * flat + 1)
        if box is None:
            return
        column, row = self._centres(box)
        distance = np.hypot(column - x, (row - y) / flat)
        self._lay(box, _clipped((radius - distance) * min(1.0, flat) + 0.5), colour, alpha)

    def glow(self, x: float, y: float, radius: float, colour: Colour, alpha: float, *, flat: float = 1.0) -> None:
        """Lay a light that fades from its centre to nothing at `radius`."""
        box = self._box(x - radius, y - radius * flat, x + radius, y + radius * flat)
        if box is None:
            return
        column, row = self._centres(box)
        distance = np.hypot(column - x, (row - y) / flat) / radius
        self._lay(box, _clipped(1 - distance) ** 2, colour, alpha)

    def fade(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fill rows from `top` to `bottom` with colours from `upper` to `lower`."""
        y0, y1 = max(0, int(top)), min(self.height_px, int(bottom))
        if y1 <= y0:
            return
        share = (np.arange(y0, y1, dtype=np.float32) + 0.5 - top) / (bottom - top)
        for plane, above, below in zip(self._planes, upper, lower, strict=False):
            plane[y0:y1] = (above * (1 - share) + below * share)[:, None]

    def planes(self) -> Planes:
        """Return the picture in YUV; what is transparent counts as black."""
        return _to_planes(self._planes)

    def sprite(self) -> "Sprite":
        """Return the picture with its transparency, ready to be laid on planes."""
        return Sprite.of(self._planes)

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int] | None:
        x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
        x1, y1 = min(self.width_px, int(np.ceil(right))), min(self.height_px, int(np.ceil(bottom)))
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    @staticmethod
    def _centres(box: tuple[int, int, int, int]) -> tuple[_Coverage, _Coverage]:
        x0, y0, x1, y1 = box
        column = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(0.5)
        return column, np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)

    def _lay(self, box: tuple[int, int, int, int], coverage: _Coverage, colour: Colour, alpha: float) -> None:
        x0, y0, x1, y1 = box
        share = coverage if alpha == 1 else coverage * np.float32(alpha)
        for plane, channel in zip(self._planes, (*colour, 1.0), strict=False):
            target = plane[y0:y1, x0:x1]
            target += share * (np.float32(channel) - target)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small picture with transparency, premultiplied: luma and chroma with their own shares left."""

    luma: NDArray[np.uint16]
    luma_left: NDArray[np.uint16]
    blue: NDArray[np.uint16]
    red: NDArray[np.uint16]
    chroma_left: NDArray[np.uint16]

    @classmethod
    def of(cls, rgba: NDArray[np.float32]) -> "Sprite":
        """Return the sprite of premultiplied red, green, blue and alpha planes with even sides."""
        alpha = _clipped(rgba[3].copy())
        half = _halved(alpha)
        y, u, v = _matrix(rgba)
        # Premultiplied already; only the offsets of black and grey need the share.
        luma = np.rint((y + 16 * alpha) * 256)
        blue = np.rint((_halved(u) + 128 * half) * 256)
        red = np.rint((_halved(v) + 128 * half) * 256)
        return cls(
            luma=np.minimum(luma, 65_280).astype(np.uint16),
            luma_left=np.rint((1 - alpha) * 256).astype(np.uint16),
            blue=np.clip(blue, 0, 65_280).astype(np.uint16),
            red=np.clip(red, 0, 65_280).astype(np.uint16),
            chroma_left=np.rint((1 - half) * 256).astype(np.uint16),
        )

    def lay(self, planes: Planes, left: int, top: int) -> None:
        """Lay the sprite with its corner at (`left`, `top`), both even; what is outside is cut off."""
        _blend(planes.luma, self.luma, self.luma_left, left, top)
        _blend(planes.blue, self.blue, self.chroma_left, left // 2, top // 2)
        _blend(planes.red, self.red, self.chroma_left, left // 2, top // 2)


def _blend(
    plane: NDArray[np.uint8], paint: NDArray[np.uint16], left_share: NDArray[np.uint16], left: int, top: int
) -> None:
    height, width = paint.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, plane.shape[1]), min(top + height, plane.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    target = plane[y0:y1, x0:x1]
    mixed = target * left_share[part]
    mixed += paint[part]
    mixed >>= 8
    target[:] = mixed


def _to_planes(rgb: NDArray[np.float32]) -> Planes:
    y, u, v = _matrix(rgb)
    return Planes(
        luma=np.clip(np.rint(y + 16), 16, 235).astype(np.uint8),
        blue=np.clip(np.rint(_halved(u) + 128), 16, 240).astype(np.uint8),
        red=np.clip(np.rint(_halved(v) + 128), 16, 240).astype(np.uint8),
    )


def _matrix(rgb: NDArray[np.float32]) -> tuple[_Coverage, _Coverage, _Coverage]:
    """Return BT.709 luma and chroma without their offsets."""
    red, green, blue = rgb[0], rgb[1], rgb[2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return luma * (219 / 255), (blue - luma) * (224 / 255 / 1.8556), (red - luma) * (224 / 255 / 1.5748)


def _clipped(plane: _Coverage) -> _Coverage:
    np.maximum(plane, 0, out=plane)
    return np.minimum(plane, 1, out=plane)


def _halved(plane: _Coverage) -> _Coverage:
    wide = plane[:, 0::2] + plane[:, 1::2]
    halved: _Coverage = (wide[0::2] + wide[1::2]) * np.float32(0.25)
    return halved
