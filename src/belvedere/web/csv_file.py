"""Lines of a file for a table program: no cell of it is ever taken for a formula. Pure."""

from collections.abc import Iterable

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"
"""Tells table programs that the file is UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object, *, separator: str) -> str:
    """Return one cell: figures as they are, words never a formula, quoted where they must be."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    words = str(value)
    harmless = f"'{words}" if words.startswith(_FORMULA) else words
    if any(sign in harmless for sign in (separator, '"', "\r", "\n")):
        return '"' + harmless.replace('"', '""') + '"'
    return harmless


def line(cells: Iterable[object], *, separator: str = ",") -> str:
    """Return one line of the file (RFC 4180)."""
    return separator.join(cell(each, separator=separator) for each in cells) + "\r\n"
