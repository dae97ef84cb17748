"""Reading is strict: what is not understood is an error that names file, line and article."""

import hashlib
import re
from pathlib import Path

import pytest

from belvedere.policy import ConventionError, load_convention, read_convention
from belvedere.policy.clauses import CLAUSE_TYPES
from tests.conventions.texts import CONVENTIONS

VDA = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text(encoding="utf-8")
ROUEN = (CONVENTIONS / "rouen-metropole" / "convention.md").read_text(encoding="utf-8")


def _changed(text: str, old: str, new: str, *, first: bool = False) -> str:
    assert first or text.count(old) == 1, f"{text.count(old)} × {old!r}"
    return text.replace(old, new, 1)


def _error(text: str) -> ConventionError:
    with pytest.raises(ConventionError) as caught:
        read_convention(text.encode(), path="convention.md")
    return caught.value


def _line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_an_unknown_key_names_file_line_and_article() -> None:
    text = _changed(VDA, 'cameras = 8\ncites = ["art-3"]', 'cameras = 8\ncouleur = "bleu"\ncites = ["art-3"]')
    error = _error(text)
    assert error.line == _line_of(text, "couleur")
    assert error.article == "art-3"
    assert str(error).startswith(f"convention.md:{error.line} (art-3): unknown key `couleur`")


def test_an_unknown_kind_of_clause_is_an_error() -> None:
    error = _error(_changed(VDA, 'kind = "no-recording"', 'kind = "no-recordings"'))
    assert "unknown kind of clause `no-recordings`" in error.message
    assert error.article == "art-3"


def test_the_regime_has_no_default() -> None:
    text = re.sub(r'regime = "authorisation".*\n', "", VDA)
    error = _error(text)
    assert "`regime` is missing" in error.message
    assert error.article == "art-3"


def test_the_date_of_entry_into_force_is_required() -> None:
    assert "`in_force_from` is missing" in _error(re.sub(r"in_force_from = .*\n", "", VDA)).message


def test_two_clauses_that_contradict_each_other_are_an_error() -> None:
    text = VDA.replace("cameras = 8", "cameras = 9", 1)
    error = _error(text)
    assert "contradicts the clause of line" in error.message
    assert "(art-3)" in error.message
    assert error.article == "deliberation"


def test_two_regimes_for_one_state_of_the_room_are_an_error() -> None:
    block = re.search(r"```toml clause\nkind = \"ptz-takeover\"\n.*?```\n", VDA, re.DOTALL)
    assert block is not None
    other = block[0].replace('regime = "authorisation" ', 'regime = "notification" ')
    assert "contradicts" in _error(VDA.replace(block[0], block[0] + "\n" + other)).message


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("order_years = 5", "order_years = 6", "L252-4"),
        ("recordings_months = 1", "recordings_months = 2", "L252-5"),
        ("journal_years = 3", "journal_years = 4", "R253-5"),
        ("habilitated = true", "habilitated = false", "L252-3"),
        ('requisition_kinds = ["cpp-60-1", ', 'requisition_kinds = ["courrier", ', "CPP"),
        ('requisition_kinds = ["cpp-60-1", "cpp-77-1-1", "cpp-99-3"]', 'requisition_kinds = ["courrier"]', "CPP"),
    ],
)
def test_looser_than_the_law_is_an_error(old: str, new: str, law: str) -> None:
    error = _error(_changed(VDA, old, new, first=True))
    assert "looser than the law" in error.message
    assert law in error.message


def test_a_party_whose_agents_nobody_designates_is_looser_than_the_law() -> None:
    blocks = re.sub(
        r"```toml clause\nkind = \"agents\"\nparty = \"etat\".*?```\n", "non-executable: x.\n", VDA, flags=re.DOTALL
    )
    assert "`etat` are designated" in _error(blocks).message


def test_stricter_than_the_law_is_accepted() -> None:
    assert read_convention(_changed(VDA, "journal_years = 3", "journal_years = 1").encode()).id == "vda-etat"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cites = ["art-6"]\nrows = ["A22"]', 'cites = ["art-9"]\nrows = ["A22"]', "no known text"),
        ('cites = ["art-6"]\nrows = ["A22"]', 'cites = ["art-7"]\nrows = ["A22"]', "must cite it"),
        ('cites = ["art-6"]\nrows = ["A22"]', 'cites = ["csi:L999-9"]\nrows = ["A22"]', "no known text"),
        ('rows = ["A22"]', "rows = []", "`rows` is empty"),
        ('party = "etat"\nregistered_by', 'party = "lille"\nregistered_by', "no party of the convention"),
        ('rows = ["A22"]', 'rows = ["A22"]\nbasis = "reading"', "must name its `alternative`"),
        ('rows = ["A22"]', 'rows = ["A22"]\nalternative = "x"', "has an `alternative`"),
        ('rows = ["A22"]', 'rows = ["A22"', "is not TOML"),
        ("{#art-6-stations", "{#art-9-stations", "belongs to no article"),
        ("{#art-6-stations", "{#art-6-traces", "used twice"),
        ('motive = "owed"', 'motive = "peut-être"', "must be one of: owed, required"),
        ('open = "07:30"', 'open = "7h30"', "must be a time of day"),
        ("amendment = false", 'amendment = "non"', "must be true or false"),
        ("notice_months = 6", 'notice_months = "six"', "must be a whole number"),
        ("notice_months = 6", "notice_months = true", "must be a whole number"),
        ('grounds = ["security-incident", "mask-fault", "withdrawal"]', 'grounds = "mask-fault"', "must be a list"),
        ('zone = "Europe/Paris"', 'zone = "Europe/Lille"', "unknown time zone"),
        ('id = "art-5"', 'id = "art-55"', "belongs to no article"),
        ("in_force_from = 2022-10-01 ", 'in_force_from = "2022-10-01" ', "must be a date"),
        ("| situation | quand | réponse | parce que | libère |", "| situation | quand | réponse | cause | libère |", "unknown column"),
        ('[[party]]\nid = "etat"', '[[party]]\nid = "villeneuve-dascq"', "twice"),
        ('services = ["cic"]', 'services = ["cic", "CIC"]', "names a service twice"),
        ('services = ["cic"]', 'services = ["c\u0456c"]', "is no service id"),
        ('[[party]]\nid = "etat"', '[[party]]\nid = "\u0435tat"', "is no party id"),
        ("week = 2026-03-16", "week = 2026-03-17", "Monday"),
        ("authorised_by = [\"police-director\", \"csu-room-chief\"]", "authorised_by = []", "`authorised_by` is empty"),
        ('while = "centre-closed"\nregime = "notice-after"', 'while = "centre-closed"\nregime = "authorisation"', "has the regime"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old: str, new: str, message: str) -> None:
    error = _error(_changed(VDA, old, new))
    assert message in error.message
    assert error.line is not None


def test_a_section_with_neither_clause_nor_reason_is_an_error() -> None:
    text = re.sub(r"non-executable: ce texte n'est pas joint.*?\[A18\]\n", "", VDA, flags=re.DOTALL)
    error = _error(text)
    assert "neither a clause nor" in error.message
    assert error.article == "art-3"


def test_an_article_that_no_section_tells_is_an_error() -> None:
    extra = '[[article]]\nid = "art-8"\nfr = "Article 8"\nen = "Article 8"\n\n[[document]]'
    error = _error(VDA.replace("[[document]]", extra, 1))
    assert "no section tells art-8" in error.message


def test_silence_on_steering_is_written_down_never_left_out() -> None:
    text = re.sub(r"```toml clause\nkind = \"partner-steering\"\nowner = \"rouen\".*?```\n", "", ROUEN, flags=re.DOTALL)
    assert "whether `metropole-rouen` may steer" in _error(text).message


def test_steering_without_the_owner_first_is_an_error() -> None:
    text = re.sub(r"```toml clause\nkind = \"owner-priority\".*?```\n", "non-executable: x.\n", VDA, flags=re.DOTALL)
    assert "the owner comes first" in _error(text).message


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConventionError, match=r"convention\.md: cannot be read"):
        load_convention(tmp_path)


def test_a_file_that_is_not_text_is_an_error() -> None:
    with pytest.raises(ConventionError, match="is not UTF-8"):
        read_convention(b"# x\n\xff")


def test_a_file_without_a_header_is_an_error() -> None:
    assert "exactly one ```toml convention block" in _error("# rien\n").message


def test_the_hash_is_over_the_bytes_of_the_file() -> None:
    convention = load_convention(CONVENTIONS / "villeneuve-dascq-etat")
    content = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_bytes()
    assert convention.sha256 == hashlib.sha256(content).hexdigest()


def test_no_clause_type_is_without_a_use() -> None:
    used = set(re.findall(r'```toml clause\nkind = "([^"]+)"', VDA + ROUEN))
    assert used == set(CLAUSE_TYPES)
