"""What moves in a street: vehicles and passers-by, drawn once per size and kept.

Owns their looks. Sizes go in steps, so that a street needs few drawings; what is drawn least lately
is forgotten first.
"""

from enum import StrEnum
from functools import lru_cache

from simulator.canvas import Canvas, Colour, Sprite

_STEP = 1.12
_SMALL_MAX, _LARGE_MAX = 2048, 64
"""Sprites kept: of up to 80 pixels' width (some 20 kB each), and above (up to some MB in 1080p)."""
_LARGE_FROM_STEP = 30
PHASES = 4
"""Positions of the legs in one double step."""


class Kind(StrEnum):
    """What a sprite shows."""

    CAR = "car"
    VAN = "van"
    BUS = "bus"
    WALKER = "walker"


SIZES_M: dict[Kind, tuple[float, float]] = {
    Kind.CAR: (1.8, 1.5),
    Kind.VAN: (2.0, 2.3),
    Kind.BUS: (2.5, 3.1),
    Kind.WALKER: (0.7, 1.75),
}
"""Width and height."""

PAINTS: tuple[Colour, ...] = (
    (196, 200, 204),
    (60, 64, 72),
    (120, 34, 36),
    (44, 74, 122),
    (92, 60, 108),
    (52, 92, 78),
)
COATS: tuple[Colour, ...] = (
    (150, 96, 92),
    (72, 88, 134),
    (96, 116, 84),
    (134, 92, 142),
    (58, 62, 70),
    (176, 154, 110),
    (64, 118, 126),
    (168, 166, 160),
)
LOOKS: dict[Kind, int] = {Kind.CAR: len(PAINTS), Kind.VAN: len(PAINTS), Kind.BUS: 1, Kind.WALKER: 8}
"""How many different ones of a kind there are."""
_BUS_PAINT: Colour = (206, 58, 52)
_SKIN: tuple[Colour, ...] = ((214, 186, 160), (160, 118, 88), (112, 78, 56), (226, 200, 178))
_WARM: Colour = (255, 240, 200)
_RED: Colour = (226, 44, 36)


def shaded(colour: Colour, light: float, floor: float = 0.2) -> Colour:
    """Return a colour as daylight `light` (0…1) shows it; by night a bluish rest of it."""
    share = floor + (1 - floor) * light
    night = 1 - light
    return (colour[0] * share + 6 * night, colour[1] * share + 9 * night, colour[2] * share + 14 * night)


def step_of(size_px: float) -> int:
    """Return the step of sizes that `size_px` falls in."""
    step = 0
    size = 3.0
    while size * _STEP <= size_px:
        size *= _STEP
        step += 1
    return step


Footed = tuple[Sprite, int, int]
"""A sprite, and where its foot is from its corner (x, y in pixels)."""


def sprite(kind: Kind, look: int, phase: int, step: int, light_percent: int) -> Footed:
    """Return what moves, drawn once.

    `look` chooses colours; `phase` is a walker's step, or 0 for a vehicle that comes and 1 for one
    that goes away.
    """
    kept = _small if step < _LARGE_FROM_STEP else _large
    return kept(kind, look, phase, step, light_percent)


def _drawn(kind: Kind, look: int, phase: int, step: int, light_percent: int) -> Footed:
    width_px = 3.0 * _STEP**step
    light = light_percent / 100
    scale = width_px / SIZES_M[kind][0]
    height_px = SIZES_M[kind][1] * scale
    margin = width_px * (0.55 if kind is not Kind.WALKER and light < 0.6 else 0.12)
    canvas = Canvas(_even(width_px + 2 * margin), _even(height_px + margin + 0.16 * width_px + 2))
    foot_x, foot_y = canvas.width_px / 2, canvas.height_px - 0.1 * width_px - 1
    if kind is Kind.WALKER:
        _walker(canvas, (foot_x, foot_y), scale, look=look, phase=phase, light=light)
    else:
        _vehicle(canvas, (foot_x, foot_y), kind, look=look, leaving=phase == 1, light=light, scale=scale)
    return canvas.sprite(), round(foot_x), round(foot_y)


def _vehicle(
    canvas: Canvas, foot: tuple[float, float], kind: Kind, *, look: int, leaving: bool, light: float, scale: float
) -> None:
    x, y = foot
    width, height = (size * scale for size in SIZES_M[kind])
    half = width / 2
    paint = shaded(_BUS_PAINT if kind is Kind.BUS else PAINTS[look % len(PAINTS)], light, 0.34)
    dark = tuple(channel * 0.72 for channel in paint)
    glass = shaded((70, 86, 102), light, 0.22)
    tyre = shaded((26, 27, 30), light, 0.5)
    canvas.disc(x, y, half * 1.12, (6, 7, 9), 0.42, flat=0.16)
    for side in (-1, 1):
        canvas.rect(
            (x + side * half * 0.74 - half * 0.17, y - height * 0.2, x + side * half * 0.74 + half * 0.17, y), tyre
        )
    waist = height * (0.56 if kind is Kind.CAR else 0.5)
    top = half * (0.66 if kind is Kind.CAR else 0.96)
    canvas.polygon(((x - half, y - waist), (x + half, y - waist), (x + top, y - height), (x - top, y - height)), paint)
    inner = half * (0.56 if kind is Kind.CAR else 0.86)
    canvas.polygon(
        (
            (x - half * 0.86, y - waist),
            (x + half * 0.86, y - waist),
            (x + inner, y - height * 0.93),
            (x - inner, y - height * 0.93),
        ),
        glass,
    )
    bevel = half * 0.12
    bottom = y - height * 0.1
    canvas.polygon(
        (
            (x - half + bevel, y - waist - 1),
            (x + half - bevel, y - waist - 1),
            (x + half, y - waist + bevel),
            (x + half, bottom),
            (x - half, bottom),
            (x - half, y - waist + bevel),
        ),
        paint,
    )
    canvas.rect((x - half, bottom - height * 0.1, x + half, bottom), (dark[0], dark[1], dark[2]))
    plate = shaded((226, 226, 214), light, 0.45)
    canvas.rect((x - half * 0.28, bottom - height * 0.11, x + half * 0.28, bottom - height * 0.02), plate)
    _lamps(canvas, (x, y - waist * 0.62), half, leaving=leaving, light=light)


def _lamps(canvas: Canvas, centre: tuple[float, float], half: float, *, leaving: bool, light: float) -> None:
    colour = _RED if leaving else _WARM
    dimmed = shaded(colour, max(light, 0.62))
    for side in (-1, 1):
        x = centre[0] + side * half * 0.72
        if light < 0.6:
            canvas.glow(x, centre[1], half * (0.5 if leaving else 0.95), colour, 0.85 * (1 - light))
            canvas.disc(x, centre[1], half * 0.14, colour if leaving else (255, 250, 232))
        else:
            canvas.rect((x - half * 0.18, centre[1] - half * 0.1, x + half * 0.18, centre[1] + half * 0.08), dimmed)


def _walker(canvas: Canvas, foot: tuple[float, float], scale: float, *, look: int, phase: int, light: float) -> None:
    x, y = foot
    coat = shaded(COATS[look % len(COATS)], light, 0.42)
    trousers = shaded(((44, 48, 60), (70, 62, 54), (38, 40, 44))[look % 3], light, 0.4)
    skin = shaded(_SKIN[look % len(_SKIN)], light, 0.5)
    swing = (0.0, 0.15, 0.0, -0.15)[phase % PHASES] * scale
    canvas.disc(x, y, 0.34 * scale, (6, 7, 9), 0.35, flat=0.28)
    hip, shoulder = y - 0.82 * scale, y - 1.42 * scale
    leg = 0.085 * scale
    for side in (-1, 1):
        reach = side * swing
        canvas.polygon(
            ((x + side * leg - leg, hip), (x + side * leg + leg, hip), (x + reach + leg, y), (x + reach - leg, y)),
            trousers,
        )
    arm = tuple(channel * 0.86 for channel in coat)
    for side in (-1, 1):
        near, reach = x + side * 0.23 * scale, -side * swing * 0.8
        canvas.polygon(
            (
                (near - 0.06 * scale, shoulder),
                (near + 0.06 * scale, shoulder),
                (near + reach + 0.05 * scale, hip + 0.02 * scale),
                (near + reach - 0.05 * scale, hip + 0.02 * scale),
            ),
            (arm[0], arm[1], arm[2]),
        )
    canvas.polygon(
        (
            (x - 0.2 * scale, shoulder),
            (x + 0.2 * scale, shoulder),
            (x + 0.23 * scale, hip + 0.06 * scale),
            (x - 0.23 * scale, hip + 0.06 * scale),
        ),
        coat,
    )
    canvas.disc(x, shoulder - 0.16 * scale, 0.135 * scale, skin)


def _even(size: float) -> int:
    return max(2, 2 * round(size / 2 + 0.5))


_small = lru_cache(maxsize=_SMALL_MAX)(_drawn)
_large = lru_cache(maxsize=_LARGE_MAX)(_drawn)
