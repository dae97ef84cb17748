"""What code, tests and documents cite stands in the repository, and where they say (code, Citations)."""

import re
from functools import cache
from pathlib import Path

from tests.unit.house.tree import ROOT, kept_files

PAGES = {
    "rules": "docs/reference/rules.md",
    "api": "docs/reference/api.md",
    "ledger-format": "docs/reference/ledger-format.md",
    "access": "docs/reference/access.md",
    "screens": "docs/reference/screens.md",
    "code": "docs/reference/code.md",
    "reliability": "docs/reliability.md",
    "bench": "docs/bench.md",
    "operation": "docs/operation.md",
    "peers": "docs/reference/peers.md",
    "architecture": "ARCHITECTURE.md",
}
ROWS = re.compile(
    r"\b(rules|reliability|ledger-format|screens) ((?:[ABC]\d+|\d+b?)\b(?:(?:, | and )(?:[ABC]\d+|\d+b?)\b(?! [a-z]))*)",
    re.IGNORECASE,
)
"""A page whose rows or sections are numbered, and which of them; ends before a number that counts something else."""
HEADINGS = re.compile(rf"\b({'|'.join(PAGES)}), (?=[A-Z][a-z]*[\s).;:,])")
"""A page; the heading stands behind it."""
FIGURES = re.compile(r'\bbench, "([^"]+)"')
DECISIONS = re.compile(r"\bdecisions? (\d{4})\b")
ARTICLES = re.compile(r"\b(vda-etat|rouen-mrn), articles? (\d+(?:(?:, | and )\d+\b)*)")
LAW = re.compile(r"\b(CSI|CPP) ([LR]?\d+(?:-\d+)*(?:, [LR]?\d+(?:-\d+)*\b)*)")
CONVENTIONS = {"vda-etat": "villeneuve-dascq-etat", "rouen-mrn": "rouen-metropole"}
OUTSIDE = re.compile(
    r"(?<![\w/.-])(?:FACTS|CONTRACT|SPINE|DESIGN|UX|BENCH|FIELD|RELIABILITY|STYLE|PEERS)(?:\.md)?(?!\w)|(?<![\w/.])shared/"
)
"""Documents that readers of the repository do not have."""
BARE = re.compile(r"\((?:a reading of )?[ABC]\d+\b")
"""A row of the rules whose page is not named."""
WRAPPED = re.compile(r"\s*\n\s*(?://[/!]?|#|\*(?!\*))?\s*")
GENERATED = {"frontend/openapi.json", "frontend/src/api/schema.d.ts"}
READ = {".py", ".pyi", ".rs", ".ts", ".svelte", ".css", ".md", ".toml", ".sh", ".c", ".json"}


def _read_files() -> list[tuple[Path, str]]:
    """Return every kept text of ours but the conventions' (their rows are the loader's to check) and this one."""
    found = []
    for path in kept_files():
        ours = path.suffix in READ or path.name == "Makefile"
        if ours and path.parts[0] != "conventions" and path != Path(__file__).relative_to(ROOT):
            found.append((path, (ROOT / path).read_text()))
    return found


@cache
def _headings_and_rows(page: str) -> frozenset[str]:
    """Return a page's headings, whole and up to a colon, and the first cells of its tables."""
    text = (ROOT / page).read_text()
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return frozenset(headings + [each.split(":")[0] for each in headings] + re.findall(r"(?m)^\| ([^|]+?) \|", text))


@cache
def _numbered(page: str) -> frozenset[str]:
    """Return the numbers of a page's rows and sections."""
    found = (re.match(r"([ABC]\d+|\d+b?)(?:\. |$)", each) for each in _headings_and_rows(page))
    return frozenset(each[1] for each in found if each)


@cache
def _articles(convention: str) -> frozenset[str]:
    text = (ROOT / "conventions" / CONVENTIONS[convention] / "convention.md").read_text()
    return frozenset(re.findall(r'(?m)^id = "art-(\d+)"$', text))


def _listed(numbers: str) -> list[str]:
    return re.split(r", | and ", numbers)


def unresolved(text: str) -> list[str]:
    """Return each citation in `text` that leads nowhere."""
    text = WRAPPED.sub(" ", text)
    lost = []
    for page, numbers in ROWS.findall(text):
        lost += [f"{page} {each}" for each in _listed(numbers) if each not in _numbered(PAGES[page.lower()])]
    for found in HEADINGS.finditer(text):
        words = text[found.end() : found.end() + 100]
        known = _headings_and_rows(PAGES[found[1]])
        if not any(re.match(re.escape(each) + r"(?!\w)", words) for each in known):
            lost.append(f"{found[1]}, {words[:40]}")
    lost += [f"bench, {each}" for each in FIGURES.findall(text) if each not in _headings_and_rows(PAGES["bench"])]
    for number in DECISIONS.findall(text):
        if not list((ROOT / "docs/decisions").glob(f"{number}-*.md")):
            lost.append(f"decision {number}")
    for convention, numbers in ARTICLES.findall(text):
        lost += [f"{convention}, article {each}" for each in _listed(numbers) if each not in _articles(convention)]
    for code, numbers in LAW.findall(text):
        rules = (ROOT / PAGES["rules"]).read_text()
        lost += [
            f"{code} {each}"
            for each in _listed(numbers)
            if not re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", rules)
        ]
    return lost


def test_whatever_is_cited_stands_where_it_is_said_to() -> None:
    assert [f"{path}: {each}" for path, text in _read_files() for each in unresolved(text)] == []


def test_a_citation_that_leads_nowhere_is_found() -> None:
    sound = (
        "rules A5, B13; Reliability 9b and\n    # 12; ledger-format 8; screens 11; api, Media. code, Errors; decision 0009; "
        'bench, "durable appends, 5 ms a sync"; vda-etat, articles 2, 6 and 7; CSI L252-4, R253-5; CPP 60-1; 8 rules 500 long'
    )
    assert unresolved(sound.replace("8 rules 500 long", "")) == []
    for planted, lost in {
        "rules A27": "rules A27",
        "rules A1, B14": "rules B14",
        "rules A1,\n    B14": "rules B14",
        "Reliability 9 and 99": "Reliability 99",
        "ledger-format 20": "ledger-format 20",
        "(api, Nowhere)": "api, Nowhere)",
        'bench, "speed"': "bench, speed",
        "decision 0999": "decision 0999",
        "rouen-mrn, article 9": "rouen-mrn, article 9",
        "CSI L252-44": "CSI L252-44",
    }.items():
        assert unresolved(planted) == [lost], planted


def test_each_page_that_may_be_cited_exists_and_is_in_the_index_of_documents() -> None:
    index = (ROOT / "docs/README.md").read_text()
    for page in PAGES.values():
        assert (ROOT / page).is_file()
        assert page.removeprefix("docs/") in index, page


def test_no_document_outside_the_repository_is_named() -> None:
    named = [
        f"{path}:{number}: {found[0]}"
        for path, text in _read_files()
        for number, line in enumerate(text.splitlines(), start=1)
        for found in OUTSIDE.finditer(line)
    ]
    assert named == []
    for planted in ("see FACTS A5", "in shared/vectors", "(SPINE.md)", "UX, 11"):
        assert OUTSIDE.search(planted), planted


def test_a_row_of_the_rules_is_cited_with_its_page() -> None:
    bare = [
        f"{path}: {found[0]}"
        for path, text in _read_files()
        if path.is_relative_to("src/belvedere") and path.suffix == ".py"
        for found in BARE.finditer(text)
    ]
    assert bare == []
