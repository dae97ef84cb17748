"""Reads a convention's literate file and puts it in executable form. The only module of policy that reads a file.

Strict: what is not understood, contradicts itself or is looser than the law is an error that names file, line and
article; nothing is ever skipped.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from belvedere.domain.failures import Unreadable
from belvedere.domain.text import Text
from belvedere.domain.untrusted_text import BadText, read_file, read_toml
from belvedere.policy.citations import Citations
from belvedere.policy.clauses import CLAUSE_TYPES, Clause
from belvedere.policy.clauses.clause import is_row_of_rules
from belvedere.policy.compiling import Compiler
from belvedere.policy.consistency import check_clauses, merged
from belvedere.policy.convention import (
    Convention,
    Document,
    Example,
    ExampleSetting,
    Party,
    PlacedClause,
    Section,
)
from belvedere.policy.decoding import CONVENTION_YEARS, Complain, decode
from belvedere.policy.failures import ConventionError
from belvedere.policy.law import FRENCH_LAW, Law
from belvedere.policy.lifecycle import NOTHING_TOLD, Told, term_of
from belvedere.policy.literate import Block, RawSection, Row, scan

FILE_NAME = "convention.md"
_BLOCKS = frozenset({"toml convention", "toml clause", "toml examples"})
_LEVEL_MIN = 2
"""Sections begin with `##`; `#` is the title of the page."""
_ID = re.compile(r"[a-z0-9][\w.-]*", re.ASCII | re.IGNORECASE)
"""ASCII alone: two ids that look alike are one to whoever reads the page."""
_FIRST_YEAR, _LAST_YEAR = 1995, 2199
"""No convention on these cameras is older than the law of 1995, nor reaches past what calendars can work out."""
BYTES_MAX = 1_000_000
"""The longest we know of has 45 kB."""
PARTIES_MAX = 16
ARTICLES_MAX = 500
SECTIONS_MAX = 500
CLAUSES_MAX = 500
EXAMPLES_MAX = 5_000
PHRASES_MAX = 2_000
PROSE_CHARACTERS_MAX = 20_000
"""In one section: the reader of Markdown takes its time over brackets that nothing closes."""
_REMEMBERED_CHARACTERS_MAX = 8_192
_COLUMNS = {
    "situation": "situation",
    "quand": "at",
    "at": "at",
    "réponse": "verdict",
    "verdict": "verdict",
    "parce que": "because",
    "because": "because",
    "dû": "obligations",
    "due": "obligations",
    "jusqu'à": "until",
    "until": "until",
    "libère": "preempts",
    "preempts": "preempts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The `toml convention` block: what is required of every convention."""

    id: str
    title_fr: str
    title_en: str
    zone: str
    in_force_from: date
    party: tuple[Party, ...]
    document: tuple[Document, ...] = ()
    article: tuple["_Article", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Article:
    """An article of the texts, in their order."""

    id: str
    fr: str
    en: str


def load_convention(directory: Path, *, law: Law = FRENCH_LAW, told: Told = NOTHING_TOLD) -> Convention:
    """Return the convention of `directory`/convention.md, ready for `decide`.

    `told` is what the parties have since said about its term (a non-renewal, express renewals).

    Raises:
        ConventionError: the file is missing or cannot be put in force; names file, line and article.
    """
    path = directory / FILE_NAME
    try:
        content = read_file(path, bytes_max=BYTES_MAX)
    except OSError as error:
        raise ConventionError(f"cannot be read: {error.strerror}", path=str(path)) from error
    except Unreadable as error:
        raise ConventionError(f"cannot be read: {error}", path=str(path)) from None
    return read_convention(content, path=str(path), law=law, told=told)


def read_convention(
    content: bytes, *, path: str = FILE_NAME, law: Law = FRENCH_LAW, told: Told = NOTHING_TOLD
) -> Convention:
    """Return the convention that the bytes of a convention.md spell; `path` only names it in errors."""
    if len(content) > BYTES_MAX:
        raise ConventionError(f"has {len(content)} bytes, more than {BYTES_MAX}", path=path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConventionError("is not UTF-8", path=path, line=line) from error
    return _Reading(text, path, law).convention(hashlib.sha256(content).hexdigest(), told)


@lru_cache(maxsize=256)
def _remembered(text: str) -> dict[str, object]:
    """Return the table that `text` spells; two versions of a file share most of their blocks."""
    return read_toml(text)


class _Reading:
    """One reading of one file."""

    def __init__(self, text: str, path: str, law: Law) -> None:
        self._path = path
        self._law = law
        self._raw = scan(text)
        self._check_size()

    def _check_size(self) -> None:
        """Refuse a text that holds more than is worked out in seconds, or than a person reads."""
        counts = {"sections": 0, "clauses": 0, "examples": 0}
        most = {"sections": SECTIONS_MAX, "clauses": CLAUSES_MAX, "examples": EXAMPLES_MAX}
        for section in self._raw:
            counts["sections"] += 1
            counts["clauses"] += sum(block.info.startswith("toml") for block in section.blocks)
            counts["examples"] += len(section.rows)
            if sum(map(len, section.prose)) > PROSE_CHARACTERS_MAX:
                raise self._error(f"prose of more than {PROSE_CHARACTERS_MAX} characters in one section", section.line)
            for name, count in counts.items():
                if count > most[name]:
                    raise self._error(f"more than {most[name]} {name}", section.line)

    def convention(self, sha256: str, told: Told) -> Convention:
        header_block = self._only_block("toml convention")
        header = decode(_Header, self._toml(header_block, None), self._complain(header_block, None))
        zone = self._zone(header, header_block)
        articles = {each.id: Text(each.fr, each.en) for each in header.article}
        citations = Citations(header.id, articles)
        self._check_header(header, header_block)
        self._check_all_is_read(citations)
        sections = tuple(
            self._section(each, citations) for each in self._raw if each.anchor is not None and each.level >= _LEVEL_MIN
        )
        self._check_sections(sections, header, header_block)
        lines = {each.id: header_block.line_of_text(each.id) for each in header.party}
        check_clauses(sections, parties=header.party, party_lines=lines, law=self._law, path=self._path)
        clauses = merged(sections, citations)
        ends_at = term_of(clauses, header.in_force_from, zone, told).ends_at
        plans = Compiler(
            citations,
            zone=zone,
            in_force_from=header.in_force_from,
            ends_at=ends_at,
            parties=header.party,
            clauses=clauses,
        ).plans()
        return Convention(
            id=header.id,
            sha256=sha256,
            title=Text(header.title_fr, header.title_en),
            zone=zone,
            in_force_from=header.in_force_from,
            parties=header.party,
            articles=articles,
            documents=header.document,
            sections=sections,
            clauses=clauses,
            setting=self._setting(),
            law=self._law,
            path=self._path,
            plans=plans.by_request,
            calendars=plans.calendars,
            stranger=plans.stranger,
            unknown_owner=plans.unknown_owner,
            silence=plans.silence,
            failure=plans.failure,
            ends_at=ends_at,
        )

    # --- blocks

    def _error(self, message: str, line: int | None = None, article: str | None = None) -> ConventionError:
        return ConventionError(message, path=self._path, line=line, article=article)

    def _complain(self, block: Block, article: str | None) -> Complain:
        def complain(key: str, message: str) -> ConventionError:
            return self._error(message, block.line_of(key), article)

        return complain

    def _only_block(self, info: str) -> Block:
        found = [block for section in self._raw for block in section.blocks if block.info == info]
        if len(found) != 1:
            line = found[1].line if found else None
            raise self._error(f"needs exactly one ```{info} block, and has {len(found)}", line)
        return found[0]

    def _toml(self, block: Block, article: str | None) -> dict[str, object]:
        try:
            short = len(block.text) <= _REMEMBERED_CHARACTERS_MAX
            return dict(_remembered(block.text) if short else read_toml(block.text))
        except BadText as error:
            raise self._error(error.message.en, block.line + (error.line or 1) - 1, article) from None

    def _zone(self, header: _Header, block: Block) -> ZoneInfo:
        try:
            return ZoneInfo(header.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self._error(f"unknown time zone `{header.zone}`", block.line_of("zone")) from error

    # --- sections

    def _check_header(self, header: _Header, block: Block) -> None:
        for name, ids in (
            ("party", [each.id for each in header.party]),
            ("article", [each.id for each in header.article]),
            *(("service", list(each.services)) for each in header.party),
            *(("service_name", [named.id for named in each.service_name]) for each in header.party),
        ):
            if len({each.casefold() for each in ids}) != len(ids):
                raise self._error(f"names a {name} twice", block.line_of("services" if name == "service" else name))
            for each in ids:
                if not _ID.fullmatch(each) or each == "law":
                    raise self._error(
                        f"`{each}` is no {name} id: letters, digits, `-`, `_` and `.`; `law` is the law's",
                        block.line_of_text(each),
                    )
        if not _ID.fullmatch(header.id):
            raise self._error(f"`{header.id}` is no id: letters, digits, `-`, `_` and `.`", block.line_of("id"))
        if not 2 <= len(header.party) <= PARTIES_MAX:
            raise self._error(f"a convention has two parties or more, {PARTIES_MAX} at most", block.line_of("party"))
        if len(header.article) > ARTICLES_MAX:
            raise self._error(f"more than {ARTICLES_MAX} articles", block.line_of("article"))
        if not _FIRST_YEAR <= header.in_force_from.year <= _LAST_YEAR:
            raise self._error(
                f"`in_force_from` must be a day from {_FIRST_YEAR} to {_LAST_YEAR}", block.line_of("in_force_from")
            )

    def _check_all_is_read(self, citations: Citations) -> None:
        """Refuse whatever looks like a rule to a person and would be passed over, or the reverse."""
        for raw in self._raw:
            article = None if raw.anchor is None else self._named_by(raw.anchor, citations)
            for block in raw.blocks:
                if block.info not in _BLOCKS:
                    known = ", ".join(f"```{each}" for each in sorted(_BLOCKS))
                    message = f"unknown kind of block: ```{block.info}; known: {known}"
                    raise self._error(message, block.line - 1, article)
                if not block.closed:
                    raise self._error(
                        "the block that begins here has no end: close it with ```", block.line - 1, article
                    )
            if raw.hidden:
                raise self._error(
                    "a block begins at the start of its line, with ``` alone; comments are not read: take them out; "
                    "nor are rules outside a block and characters that nobody sees",
                    raw.hidden[0],
                    article,
                )

    def _section(self, raw: RawSection, citations: Citations) -> Section:
        article = self._article_of(raw, citations)
        clauses = tuple(self._clause(block, article, citations) for block in raw.blocks if block.info == "toml clause")
        for reason in raw.reasons:
            if not reason.text:
                raise self._error("`non-executable:` needs a reason", reason.line, article)
            unknown = next((row for row in reason.rows if not is_row_of_rules(row)), None)
            if unknown is not None:
                raise self._error(f"`{unknown}` is no row of the rules", reason.line, article)
        return Section(
            anchor=raw.anchor or "",
            article=article,
            title=Text(raw.title, raw.attributes.get("en", raw.title)),
            prose="\n".join(raw.prose).strip(),
            clauses=clauses,
            reasons=tuple(raw.reasons),
            examples=tuple(self._example(row, article, citations) for row in raw.rows),
            line=raw.line,
        )

    def _article_of(self, raw: RawSection, citations: Citations) -> str:
        article = self._named_by(raw.anchor or "", citations)
        if article is None:
            raise self._error(f"the anchor #{raw.anchor} belongs to no article of the header", raw.line)
        return article

    @staticmethod
    def _named_by(anchor: str, citations: Citations) -> str | None:
        found = [each for each in citations.articles if anchor == each or anchor.startswith(f"{each}-")]
        if found:
            return max(found, key=len)
        return "law" if anchor.startswith("law-") else None

    def _clause(self, block: Block, article: str, citations: Citations) -> PlacedClause:
        table = self._toml(block, article)
        kind = table.pop("kind", None)
        if not isinstance(kind, str) or kind not in CLAUSE_TYPES:
            known = ", ".join(CLAUSE_TYPES)
            raise self._error(f"unknown kind of clause `{kind}`; known: {known}", block.line_of("kind"), article)
        clause: Clause = decode(CLAUSE_TYPES[kind], table, self._complain(block, article))
        for key in ("cites", "steering_cites", "notification_cites"):
            for cite in getattr(clause, key, ()):
                if not citations.knows(cite):
                    raise self._error(f"cites `{cite}`, which is no known text", block.line_of(key), article)
        if not any(cite == article or (article == "law" and ":" in cite) for cite in clause.cites):
            raise self._error(f"a clause of {article} must cite it", block.line_of("cites"), article)
        for key, message in clause.faults():
            raise self._error(message, block.line_of(key), article)
        return PlacedClause(clause, block.line)

    def _example(self, row: Row, article: str, citations: Citations) -> Example:
        cells: dict[str, str] = {}
        for column, value in row.cells.items():
            if column not in _COLUMNS:
                raise self._error(f"unknown column « {column} » in a table of examples", row.line, article)
            cells[_COLUMNS[column]] = value
        for column in ("situation", "at", "verdict", "because"):
            if column not in cells:
                raise self._error(f"a table of examples lacks the column `{column}`", row.line, article)
        because = tuple(part.strip() for part in cells["because"].split(",") if part.strip())
        for cite in because:
            if not citations.knows(cite):
                raise self._error(f"cites `{cite}`, which is no known text", row.line, article)
        return Example(
            situation=cells["situation"],
            at=cells["at"],
            verdict=cells["verdict"],
            because=because,
            obligations=cells.get("obligations"),
            until=cells.get("until"),
            preempts=cells.get("preempts"),
            line=row.line,
        )

    def _check_sections(self, sections: tuple[Section, ...], header: _Header, block: Block) -> None:
        anchors: dict[str, int] = {}
        for section in sections:
            if section.anchor in anchors:
                raise self._error(f"the anchor #{section.anchor} is used twice", section.line, section.article)
            anchors[section.anchor] = section.line
            if not section.clauses and not section.reasons:
                raise self._error("has neither a clause nor `non-executable: <reason>`", section.line, section.article)
        for raw in self._raw:
            if self._executable(raw) and (raw.anchor is None or raw.level < _LEVEL_MIN):
                raise self._error("a clause stands under a heading that names no article (`## … {#…}`)", raw.line)
        told = {section.article for section in sections}
        for article in header.article:
            if article.id not in told:
                raise self._error(f"no section tells {article.id}", block.line_of("article"), article.id)

    @staticmethod
    def _executable(raw: RawSection) -> bool:
        return bool(raw.reasons) or any(block.info == "toml clause" for block in raw.blocks)

    def _setting(self) -> ExampleSetting | None:
        if not any(block.info == "toml examples" for section in self._raw for block in section.blocks):
            return None
        block = self._only_block("toml examples")
        table, complain = self._toml(block, None), self._complain(block, None)
        for key in table:
            if key not in {"week", "base", "phrases"}:
                raise complain(key, f"unknown key `{key}`; known here: base, phrases, week")
        week, base, phrases = table.get("week"), table.get("base"), table.get("phrases")
        if type(week) is not date or week.weekday() != 0 or week.year not in CONVENTION_YEARS:
            raise complain("week", "`week` must be the date of a Monday")
        if not isinstance(base, dict) or not isinstance(phrases, dict):
            raise complain("base", "`base` and `phrases` must be tables")
        if len(phrases) > PHRASES_MAX:
            raise complain("phrases", f"more than {PHRASES_MAX} phrases")
        for phrase, patch in phrases.items():
            if not isinstance(patch, dict):
                raise complain(phrase, f"the phrase « {phrase} » must be a table of facts")
        return ExampleSetting(week, base, phrases)
