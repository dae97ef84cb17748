"""The page: complete, without a script, and sound HTML that a screen reader can follow."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from belvedere.domain.text import Language
from belvedere.policy import Convention, read_convention
from belvedere.policy.clauses import CLAUSE_TYPES
from belvedere.policy.examples import run_examples
from belvedere.policy.page import convention_page
from belvedere.policy.wording import KEY_WORDS, KIND_WORDS
from tests.conventions.texts import CONVENTIONS, LOADED, SLUGS

_VOID = {"meta", "br", "link", "img", "input", "hr"}


class _Outline(HTMLParser):
    """Checks that what is opened is closed, in order; gathers ids, labels and headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.labelled: list[str] = []
        self.targets: list[str] = []
        self.tags: Counter[str] = Counter()
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        if (name := given.get("id")) is not None:
            self.ids[name] += 1
        if (name := given.get("aria-labelledby")) is not None:
            self.labelled.append(name)
        href = given.get("href")
        if tag == "a" and href is not None and href.startswith("#"):
            self.targets.append(href[1:])
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _outline(convention: Convention, language: Language = Language.FR) -> tuple[str, _Outline]:
    html = convention_page(convention, language)
    outline = _Outline()
    outline.feed(html)
    assert outline.open == []
    return html, outline


@pytest.mark.parametrize("slug", SLUGS)
def test_every_article_clause_and_example_is_on_the_page(slug: str) -> None:
    convention = LOADED[slug]
    html, outline = _outline(convention)
    assert set(outline.ids) >= {section.anchor for section in convention.sections}
    assert html.count('class="clause"') == sum(len(section.clauses) for section in convention.sections)
    assert html.count('class="answer"') == len(run_examples(convention))
    assert convention.sha256 in html


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_can_be_followed_without_eyes(slug: str) -> None:
    html, outline = _outline(LOADED[slug])
    assert outline.tags["main"] == outline.tags["h1"] == 1
    assert max(outline.ids.values()) == 1
    assert all(name in outline.ids for name in (*outline.labelled, *outline.targets))
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert '<html lang="fr">' in html
    assert outline.tags["script"] == 0
    assert "http" not in html


def test_a_reading_is_marked_with_its_alternative_and_who_approved_it() -> None:
    html, _ = _outline(LOADED["villeneuve-dascq-etat"])
    assert "information préalable (convention, article 3), pour tout événement" in html
    assert html.count('class="mark reading"') == sum(
        placed.clause.basis.value == "reading"
        for section in LOADED["villeneuve-dascq-etat"].sections
        for placed in section.clauses
    )


def test_the_page_speaks_english_too() -> None:
    html, _ = _outline(LOADED["rouen-metropole"], Language.EN)
    assert "What applies" in html
    assert "Article 3: for what" in html
    assert "1 July 2025" in html.replace("\N{NO-BREAK SPACE}", " ")
    outside = re.sub(r'<(td|div) lang="fr">.*?</\1>', "", html, flags=re.DOTALL)
    assert not re.search(r"\b(lun|mar|mer|jeu|ven|sam|dim)\. \d", outside), "weekdays are English beside the text"
    assert "Carried by:" in html


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("slug", SLUGS)
def test_dates_are_written_as_people_write_them_and_no_citation_breaks(slug: str, language: Language) -> None:
    html, _ = _outline(LOADED[slug], language)
    shown = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    assert not re.search(r"\d{4}-\d\d-\d\d", shown)
    assert not re.search(r"CSI [LR]\d+-\d", shown)
    assert " · C3<" not in shown, "a row's number is nobody's word"
    assert 'data-rows="' in shown


def test_an_example_that_is_answered_otherwise_is_shown_so() -> None:
    text = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text(encoding="utf-8")
    wrong = text.replace("| le CIC enregistre | mer. 10:00 | refusé |", "| le CIC enregistre | mer. 10:00 | accordé |")
    html, _ = _outline(read_convention(wrong.encode()))
    assert "answers refused, not granted" in html


def test_markup_in_a_convention_is_shown_as_text() -> None:
    text = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text(encoding="utf-8")
    hostile = text.replace("Huit flux simultanés au plus.", "Huit <script>alert(1)</script> flux <b>au</b> plus.")
    html, outline = _outline(read_convention(hostile.encode()))
    assert outline.tags["script"] == 0
    assert "&lt;script&gt;" in html


def test_every_kind_of_clause_and_every_key_has_words() -> None:
    common = {"cites", "rows", "basis", "alternative", "approved_by", "left_to"}
    keys = {
        str(each.metadata.get("key", name))
        for kind in CLAUSE_TYPES.values()
        for name, each in kind.__dataclass_fields__.items()
        if name not in common and not name.isupper()
    }
    assert set(KIND_WORDS) == set(CLAUSE_TYPES)
    assert set(KEY_WORDS) == keys
