"""A literate file, read into sections with their line numbers.

Owns: headings with anchors, fenced `toml` blocks, tables, `non-executable:` paragraphs. Does not know: what any of
them means.
"""

import re
from dataclasses import dataclass, field

# Each is matched against what is stripped and stands in one place: no white space or text is looked at twice.
_MARKS = re.compile(r"(#{1,6})\s")
_ANCHOR = re.compile(r"\{#([\w.-]++)((?:\s++\w++=\"[^\"]*+\")*+)\s*+\}")
_ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")
_FENCE = re.compile(r"`{3,}")
_ROWS = re.compile(r"\[([A-C]\d+(?:\s*,\s*[A-C]\d+)*)\]\s*$")
_HIDING = re.compile(r"```|~~~|<!--|^[\s>*+-]*kind\s*=", re.IGNORECASE)
"""Outside a block: what looks like a rule to a person and is none, or hides a rule from whoever reads the page."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
"""Characters that end a line, or move or hide text, for one reader and not for another."""
_NON_EXECUTABLE = "non-executable:"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `info` is what follows the fence, `line` that of its first line of text (from 1)."""

    info: str
    text: str
    line: int
    closed: bool = True

    def line_of(self, key: str) -> int:
        """Return the line on which `key` is set, or the block's first line."""
        pattern = re.compile(rf"^\s*(?:\[+)?\"?{re.escape(key)}\"?\s*(?:=|\.|\])")
        for offset, text in enumerate(self.text.splitlines()):
            if pattern.match(text):
                return self.line + offset
        return self.line

    def line_of_text(self, value: str) -> int:
        """Return the first line on which `value` stands between quotes, or the block's first line."""
        lines = self.text.splitlines()
        return next((self.line + at for at, text in enumerate(lines) if f'"{value}"' in text), self.line)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, its cells by column title in lower case."""

    cells: dict[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a section has no executable effect, and the rows of the rules that it answers for."""

    text: str
    rows: tuple[str, ...]
    line: int


@dataclass(slots=True)
class RawSection:
    """A heading and what stands under it, up to the next heading of any level."""

    level: int
    title: str
    anchor: str | None
    attributes: dict[str, str]
    line: int
    prose: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    """Lines that look like a block or a comment and are read as neither, or hold what a person does not see."""


def scan(text: str) -> list[RawSection]:
    """Return the sections of `text` in order; what precedes the first heading is a section of level 0."""
    lines = text.removesuffix("\n").replace("\r\n", "\n").split("\n")
    section = RawSection(level=0, title="", anchor=None, attributes={}, line=1)
    sections = [section]
    columns: list[str] | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if fence := _FENCE.match(line):
            first = number
            while number < len(lines) and lines[number].strip() != fence[0]:
                number += 1
            section.hidden += _looked_at(lines, first - 1, number, _UNSEEN)
            info = line[fence.end() :].strip()
            section.blocks.append(Block(info, "\n".join(lines[first:number]), first + 1, number < len(lines)))
            number += 1
            columns = None
        elif heading := _read_heading(line, number):
            section = heading
            sections.append(section)
            section.hidden += _looked_at(lines, number - 1, number, _UNSEEN, _HIDING)
            columns = None
        elif line.startswith("|"):
            columns = _read_row(section, columns, line, number)
            section.hidden += _looked_at(lines, number - 1, number, _UNSEEN, _HIDING)
        elif line.lower().startswith(_NON_EXECUTABLE):
            paragraph = [line]
            first = number
            while number < len(lines) and lines[number].strip() and not lines[number].startswith(("```", "#", "|")):
                paragraph.append(lines[number])
                number += 1
            section.reasons.append(_read_reason(" ".join(part.strip() for part in paragraph), first))
            section.hidden += _looked_at(lines, first - 1, number, _UNSEEN, _HIDING)
            columns = None
        else:
            section.prose.append(line)
            columns = None
            section.hidden += _looked_at(lines, number - 1, number, _UNSEEN, _HIDING)
    return sections


def _looked_at(lines: list[str], first: int, end: int, *signs: re.Pattern[str]) -> list[int]:
    """Return the numbers (from 1) of `lines[first:end]` that hold one of `signs`."""
    return [at + 1 for at in range(first, end) if any(sign.search(lines[at]) for sign in signs)]


def _read_heading(line: str, number: int) -> RawSection | None:
    """Return the section that a line begins, `## Title {#anchor name="value"}`, or None where it is no heading."""
    marks = _MARKS.match(line)
    if marks is None:
        return None
    title, anchor, attributes = line[marks.end() :].strip(), None, {}
    opens = title.find("{#") if title.endswith("}") else -1
    while opens >= 0:
        if found := _ANCHOR.fullmatch(title, opens):
            title, anchor, attributes = title[:opens].rstrip(), found[1], dict(_ATTRIBUTE.findall(found[2]))
            break
        opens = title.find("{#", opens + 1)
    return RawSection(len(marks[1]), title, anchor, attributes, number)


def _read_row(section: RawSection, columns: list[str] | None, line: str, number: int) -> list[str]:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if columns is None:
        return [cell.lower() for cell in cells]
    if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
        padded = cells + [""] * (len(columns) - len(cells))
        section.rows.append(Row(dict(zip(columns, padded, strict=False)), number))
    return columns


def _read_reason(paragraph: str, line: int) -> Reason:
    text = paragraph[len(_NON_EXECUTABLE) :].strip()
    rows = _ROWS.search(text)
    if rows is None:
        return Reason(text, (), line)
    return Reason(text[: rows.start()].strip(), tuple(part.strip() for part in rows[1].split(",")), line)
