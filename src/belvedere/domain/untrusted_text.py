"""Text that others wrote, read within bounds: files, lines, JSON, TOML, XML, numbers. Nothing else calls their parsers.

One pass, linear in the text, looks at every bound before a parser sees it: Python's TOML reader is quadratic in the parts
of a dotted key, its JSON reader recurses, and `int` refuses more than 4,300 digits with a failure of its own. What is
refused is refused with its line and column. Does not know what the text means.
"""

import json
import math
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from belvedere.domain.failures import Unreadable
from belvedere.domain.text import Text

DEPTH_MAX = 32
"""How deep lists and tables may nest; nothing of ours nests deeper than eight."""
KEY_PARTS_MAX = 16
"""How many parts a dotted key of TOML may have."""
WORD_CHARACTERS_MAX = 100
"""How long a number, a date or a bare key may be."""
MEMBERS_MAX = 10_000
"""How many members a request's JSON may have: its reader finds fault with each that it does not know."""
TOML_BYTES_MAX = 256 * 1024
XML_BYTES_MAX = 256 * 1024
LINE_BYTES_MAX = 8 * 1024 * 1024
YEARS = range(1900, 3000)
"""The years in which days and instants are: what is reckoned from them (terms, orders, retention) still is a day."""
QUOTED_CHARACTERS_MAX = 1_500
"""How much of what was typed a message repeats, all told."""

_JSON_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])|(-?\d[\d.eE+-]*+)', re.DOTALL)
_LONG_NUMBER = re.compile(r"(?<![\d.eE+-])-?\d[\d.eE+-]{100}")
"""Looked for from the first sign of a number alone: a search holds every other thread up while it lasts."""
_NAME = re.compile(r'"\s*+:')
_REAL_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TOML_PLACE = re.compile(r" \(at line (\d{1,9}), column (\d{1,9})\)$")
_TOML_TOKEN = re.compile(
    r"#[^\n]*+"
    r'|"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""(?:"{0,2}+))?'
    r"|'''(?:[^']++|'(?!''))*+(?:'''(?:'{0,2}+))?"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|([\[{])|([\]}])|(\.)|([=,\n])|([^\s#\"'\[\]{}.=,]++)",
    re.DOTALL,
)


class BadText(ValueError):
    """A text that is not read: where (from 1), and what is wrong with it, in both languages."""

    def __init__(self, message: Text, *, line: int | None = None, column: int | None = None) -> None:
        place = Text("", "")
        if line is not None:
            place = Text(f"ligne {line}, colonne {column} : ", f"line {line}, column {column}: ")
        self.line = line
        self.message = message
        """Without the place."""
        self.told = Text(place.fr + message.fr, place.en + message.en)
        super().__init__(self.told.en)


def shown(text: str) -> str:
    """Return what a message repeats of what was typed: on one line, without control characters, of bounded length."""
    plain = "".join(
        character
        if character.isprintable() or character in "\u00a0\u202f"
        else character.encode("unicode_escape").decode()
        for character in text[:QUOTED_CHARACTERS_MAX]
    )
    return plain if len(text) <= QUOTED_CHARACTERS_MAX else f"{plain}…"


def read_file(path: Path, *, bytes_max: int) -> bytes:
    """Return a file's bytes; raises `Unreadable` for what is no file or is larger, `OSError` where it cannot be read."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{path}: not a file; give the file itself")
    if found.st_size > bytes_max:
        raise Unreadable(f"{path}: {found.st_size} bytes, more than {bytes_max}; split the file")
    with path.open("rb") as file:
        content = file.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise Unreadable(f"{path}: more than {bytes_max} bytes; split the file")
    return content


def read_stream(stream: BinaryIO, *, bytes_max: int) -> bytes:
    """Return what a stream holds; raises `BadText` when it is more than `bytes_max`."""
    content = stream.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise _too_long(bytes_max)
    return content


def read_lines(stream: BinaryIO, *, bytes_max: int = LINE_BYTES_MAX) -> Iterator[bytes | BadText]:
    """Yield each line of a stream; in the place of one longer than `bytes_max`, which is passed over, what is wrong."""
    while line := stream.readline(bytes_max + 1):
        if len(line) <= bytes_max:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(bytes_max)
        yield _too_long(bytes_max)


def read_json(content: str | bytes, *, names_once: bool = False) -> object:
    """Return the value that a JSON text spells; raises `BadText`.

    What JSON does not have is refused (NaN), and numbers that no float holds; of a repeated name the last counts, unless
    each name of an object is to stand there once.
    """
    text = _decoded(content)
    if text.count("[") + text.count("{") > DEPTH_MAX:  # most texts have fewer brackets than may nest
        _check_json(text)
    try:
        return (_DECODER_OF_NAMES_ONCE if names_once else _DECODER).decode(text)
    except BadText:
        raise
    except _NoNumber as error:
        _refuse_number(text, error)
    except json.JSONDecodeError as error:
        raise BadText(
            Text("n'est pas du JSON", f"is not JSON: {error.msg}"), line=error.lineno, column=error.colno
        ) from None
    except (ValueError, RecursionError) as error:
        raise BadText(Text("n'est pas du JSON", f"is not JSON: {shown(str(error))}")) from None


def check_json(content: bytes) -> None:
    """Refuse a JSON text that nests too deep, holds a number too long or too many members; whether it is JSON, its reader tells.

    Raises:
        BadText: names line and column.
    """
    text = _decoded(content)
    if "\0" in text:  # UTF-16 too, which Python's reader finds out by itself: its bounds were not counted
        raise BadText(Text("n'est pas du JSON", "is not JSON"))
    if text.count("[") + text.count("{") > DEPTH_MAX or _LONG_NUMBER.search(text) is not None:
        _check_json(text)
    if text.count('"') > 2 * MEMBERS_MAX and sum(1 for _ in _NAME.finditer(text)) > MEMBERS_MAX:
        raise BadText(Text(f"plus de {MEMBERS_MAX} membres", f"more than {MEMBERS_MAX} members"))


def read_toml(text: str, *, bytes_max: int = TOML_BYTES_MAX) -> dict[str, object]:
    """Return the table that a TOML text spells; raises `BadText`."""
    if len(text) > bytes_max:
        raise _too_long(bytes_max)
    _check_toml(text.replace("\r\n", "\n"))
    try:
        table = tomllib.loads(text, parse_float=_finite)
    except _NoNumber as error:
        _refuse_number(text, error)
    except tomllib.TOMLDecodeError as error:
        told, at = str(error), _TOML_PLACE.search(str(error))
        raise BadText(
            Text("n'est pas du TOML", f"is not TOML: {shown(told if at is None else told[: at.start()])}"),
            line=None if at is None else int(at[1]),
            column=None if at is None else int(at[2]),
        ) from None
    except (ValueError, RecursionError) as error:
        raise BadText(Text("n'est pas du TOML", f"is not TOML: {shown(str(error))}")) from None
    _check_depth(table)
    return table


@dataclass(frozen=True, slots=True)
class XmlElement:
    """An element of an XML text. Names are local ones: what stands before a colon is left out, declared or not."""

    name: str
    text: str
    """Its own characters, without white space at both ends."""
    attributes: Mapping[str, str]
    children: tuple["XmlElement", ...]

    def all(self, *path: str) -> tuple["XmlElement", ...]:
        """Return every element that is reached by these names, one level each."""
        layer: tuple[XmlElement, ...] = (self,)
        for name in path:
            layer = tuple(child for each in layer for child in each.children if child.name == name)
        return layer

    def one(self, *path: str) -> "XmlElement | None":
        """Return the first element that is reached by these names, or None."""
        return next(iter(self.all(*path)), None)

    def words(self, *path: str) -> str:
        """Return the text of the first element that is reached by these names; empty where there is none."""
        found = self.one(*path)
        return "" if found is None else found.text


def read_xml(content: bytes, *, bytes_max: int = XML_BYTES_MAX) -> XmlElement:
    """Return the root of an XML text; raises `BadText`.

    Prefixes need no declaration: what devices send often lacks them. A DOCTYPE is refused, and with it every entity of
    its own; nothing outside of the text is ever read.
    """
    if len(content) > bytes_max:
        raise _too_long(bytes_max)
    reader = _XmlReader()
    try:
        # White space before the declaration, zeros behind the end: sent by devices, meant by nobody.
        reader.parser.Parse(content.lstrip(b" \t\r\n").rstrip(b" \t\r\n\0"), True)
    except expat.ExpatError as error:
        raise BadText(
            Text("n'est pas du XML", f"is not XML: {shown(str(error))}"), line=error.lineno, column=error.offset + 1
        ) from None
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        if isinstance(error, BadText):
            raise
        raise BadText(Text("n'est pas du XML", f"is not XML: {shown(str(error))}")) from None
    assert reader.root is not None, "expat refuses a text without a root"
    return reader.root


@dataclass(slots=True)
class _OpenElement:
    name: str
    attributes: dict[str, str]
    characters: list[str] = field(default_factory=list)
    children: list[XmlElement] = field(default_factory=list)


class _XmlReader:
    def __init__(self) -> None:
        self.root: XmlElement | None = None
        self.parser = expat.ParserCreate()  # without namespaces: an undeclared prefix is a part of the name
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._open: list[_OpenElement] = []

    def _refuse(self, message: Text) -> NoReturn:
        raise BadText(message, line=self.parser.CurrentLineNumber, column=self.parser.CurrentColumnNumber + 1)

    def _doctype(self, *_: object) -> None:
        self._refuse(Text("porte un DOCTYPE, qui n'est pas lu", "has a DOCTYPE, which is not read"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MAX:
            self._refuse(_TOO_DEEP)
        known = {_local(key): value for key, value in attributes.items()}
        self._open.append(_OpenElement(_local(name), known))

    def _end(self, _name: str) -> None:
        ended = self._open.pop()
        text = "".join(ended.characters).strip()
        element = XmlElement(ended.name, text, ended.attributes, tuple(ended.children))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def _characters(self, characters: str) -> None:
        self._open[-1].characters.append(characters)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def real_number(text: str) -> float | None:
    """Return the finite number that a short text spells in decimal, or None where it is none."""
    if len(text) > WORD_CHARACTERS_MAX or _REAL_NUMBER.fullmatch(text) is None:
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def whole_number(text: str, *, most: int) -> int | None:
    """Return the number that plain digits spell, or None where it is none or exceeds `most`."""
    if not (text.isascii() and text.isdecimal()) or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or "0")
    return number if number <= most else None


_TOO_DEEP = Text(f"imbriqué sur plus de {DEPTH_MAX} niveaux", f"nested deeper than {DEPTH_MAX} levels")
_TOO_LONG_A_WORD = Text(
    f"un nombre ou un nom de plus de {WORD_CHARACTERS_MAX} caractères",
    f"a number or a name of more than {WORD_CHARACTERS_MAX} characters",
)
_TOO_MANY_PARTS = Text(f"une clé de plus de {KEY_PARTS_MAX} parties", f"a key of more than {KEY_PARTS_MAX} parts")


def _too_long(bytes_max: int) -> BadText:
    return BadText(Text(f"plus de {bytes_max} octets", f"more than {bytes_max} bytes"))


def _decoded(content: str | bytes) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadText(
            Text("n'est pas de l'UTF-8", "is not UTF-8"),
            line=line,
            column=error.start - content.rfind(b"\n", 0, error.start),
        ) from None


def _refuse(text: str, position: int, message: Text) -> NoReturn:
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    raise BadText(message, line=line, column=column)


def _check_json(text: str) -> None:
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        if token[1] is not None:
            depth += 1
            if depth > DEPTH_MAX:
                _refuse(text, token.start(), _TOO_DEEP)
        elif token[2] is not None:
            depth -= 1
        elif token[3] is not None and len(token[3]) > WORD_CHARACTERS_MAX:
            _refuse(text, token.start(), _TOO_LONG_A_WORD)


def _check_toml(text: str) -> None:
    depth = dots = 0
    for token in _TOML_TOKEN.finditer(text):
        opens, closes, dot, ends, word = token.groups()
        if dot is not None:
            dots += 1
            if dots >= KEY_PARTS_MAX:
                _refuse(text, token.start(), _TOO_MANY_PARTS)
        elif word is not None:
            if len(word) > WORD_CHARACTERS_MAX:
                _refuse(text, token.start(), _TOO_LONG_A_WORD)
        elif opens is not None:
            dots = 0
            depth += 1
            if depth > DEPTH_MAX:
                _refuse(text, token.start(), _TOO_DEEP)
        elif closes is not None:
            dots = 0
            depth = max(0, depth - 1)
        elif ends is not None:
            dots = 0


def _check_depth(table: dict[str, object]) -> None:
    """Refuse what dotted keys, headers and inline tables nest too deep together."""
    layer: list[object] = [table]
    for _ in range(DEPTH_MAX):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return
    raise BadText(_TOO_DEEP)


class _NoNumber(Exception):
    """A number that is none, or too long; its arguments are how it is spelt, and what is wrong."""


def _finite(digits: str) -> float:
    if len(digits) > WORD_CHARACTERS_MAX:
        raise _NoNumber(digits, _TOO_LONG_A_WORD)
    number = float(digits)
    if not math.isfinite(number):
        _no_number(digits)
    return number


def _whole(digits: str) -> int:
    if len(digits) > WORD_CHARACTERS_MAX:
        raise _NoNumber(digits, _TOO_LONG_A_WORD)
    return int(digits)


def _no_number(digits: str) -> NoReturn:
    raise _NoNumber(digits, Text(f"« {shown(digits)} » n'est pas un nombre", f"`{shown(digits)}` is no number"))


def _refuse_number(text: str, error: _NoNumber) -> NoReturn:
    digits, message = error.args
    found = re.search(rf"(?<![\w.]){re.escape(digits)}(?![\w.])", text)
    if found is None:
        raise BadText(message) from None
    _refuse(text, found.start(), message)


_DECODER = json.JSONDecoder(parse_float=_finite, parse_int=_whole, parse_constant=_no_number)
"""Made once: a ledger has a line for each decision."""


def _names_once(members: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in members:
        if name in found:
            raise BadText(Text(f"« {shown(name)} » y est deux fois", f"`{shown(name)}` stands there twice"))
        found[name] = value
    return found


_DECODER_OF_NAMES_ONCE = json.JSONDecoder(
    parse_float=_finite, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=_names_once
)
