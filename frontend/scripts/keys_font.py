"""Draws src/theme/keys.woff2: the signs of keys and states that IBM Plex lacks, so that no workstation borrows illegible ones.

Run once after a change, with fonttools and brotli at hand (they are no part of the build):

    uv run --with fonttools --with brotli frontend/scripts/keys_font.py
"""

# ruff: noqa: INP001  stands beside the screens, and nothing imports it

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

UNITS = 1000
TO = Path(__file__).parents[1] / "src/theme/keys.woff2"

Polygon = list[tuple[int, int]]

LEFT: Polygon = [(60, 350), (340, 590), (340, 405), (780, 405), (780, 295), (340, 295), (340, 110)]


def turned(polygon: Polygon, quarters: int) -> Polygon:
    """Return a polygon turned clockwise about the middle of its 840 × 700 field."""
    for _ in range(quarters):
        polygon = [(y - 350 + 420, 420 - x + 350) for x, y in polygon]
    return polygon


SIGNS: dict[int, tuple[str, int, list[Polygon]]] = {
    0x23CE: (
        "enter",
        860,
        [[(640, 740), (760, 740), (760, 165), (360, 165), (360, 0), (60, 225), (360, 450), (360, 285), (640, 285)]],
    ),
    0x2190: ("left", 840, [LEFT]),
    0x2191: ("up", 840, [turned(LEFT, 1)]),
    0x2192: ("right", 840, [turned(LEFT, 2)]),
    0x2193: ("down", 840, [turned(LEFT, 3)]),
    0x25A0: ("square", 760, [[(60, 640), (700, 640), (700, 0), (60, 0)]]),
    0x25B2: ("triangle", 800, [[(400, 700), (780, 0), (20, 0)]]),
    0x2715: (
        "cross",
        700,
        [
            [
                (150, 640),
                (350, 440),
                (550, 640),
                (640, 550),
                (440, 350),
                (640, 150),
                (550, 60),
                (350, 260),
                (150, 60),
                (60, 150),
                (260, 350),
                (60, 550),
            ]
        ],
    ),
}


def main() -> None:
    """Write the font."""
    names = [".notdef", *(name for name, _, _ in SIGNS.values())]
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({code: name for code, (name, _, _) in SIGNS.items()})
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for name, _, polygons in SIGNS.values():
        pen = TTGlyphPen(None)
        for first, *rest in polygons:
            pen.moveTo(first)
            for point in rest:
                pen.lineTo(point)
            pen.closePath()
        glyphs[name] = pen.glyph()
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics({".notdef": (500, 0), **{name: (width, 0) for name, width, _ in SIGNS.values()}})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Belvedere Keys", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    font.setupPost()
    # The same bytes at every run.
    font.font["head"].created = font.font["head"].modified = 0
    font.font.recalcTimestamp = False
    font.font.flavor = "woff2"
    font.save(TO)


if __name__ == "__main__":
    main()
