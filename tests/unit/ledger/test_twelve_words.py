"""Twelve words that cover a convention's text and the keys that it pins; the lists are the standard's, never to change."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from mnemonic import Mnemonic
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.demo.signing import sign_for_all
from belvedere.domain.text import Language
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.ledger.twelve_words import _list, twelve_words
from tests.conventions.texts import CONVENTIONS

TEXT, KEYS = hashlib.sha256(b"text").hexdigest(), hashlib.sha256(b"keys").hexdigest()


def test_the_words_are_those_of_the_first_132_bits_of_both_hashes_together() -> None:
    digest = hashlib.sha256(bytes.fromhex(TEXT) + bytes.fromhex(KEYS)).digest()
    words = twelve_words(text_sha256=TEXT, keys_sha256=KEYS, language=Language.EN)
    # A wallet's program, which we did not write: of 16 bytes it makes twelve words, the last of which holds its own check.
    assert list(words[:11]) == Mnemonic("english").to_mnemonic(digest[:16]).split()[:11]
    assert _list(Language.EN).index(words[11]) == int.from_bytes(digest[:17]) >> 4 & 2047


def test_another_text_or_other_keys_have_other_words() -> None:
    words = {
        twelve_words(text_sha256=text, keys_sha256=keys, language=Language.FR)
        for text, keys in ((TEXT, KEYS), (TEXT, TEXT), (KEYS, KEYS), (KEYS, TEXT))
    }
    assert len(words) == 4


@pytest.mark.parametrize(
    ("language", "sha256"),
    [
        (Language.EN, "187db04a869dd9bc7be80d21a86497d692c0db6abd3aa8cb6be5d618ff757fae"),
        (Language.FR, "a987d13c85916835e44001998f43aa71e1be667bd16fa868823ed7adbaf630ef"),
    ],
)
def test_the_lists_are_the_standards_and_four_letters_tell_their_words_apart(language: Language, sha256: str) -> None:
    words = _list(language)
    assert (len(words), hashlib.sha256("\n".join(words).encode()).hexdigest()) == (2048, sha256)
    assert len({word[:4] for word in words}) == 2048


def reworded(directory: Path) -> None:
    file = directory / "convention.md"
    file.write_text(file.read_text() + "\n")


def repinned(directory: Path) -> None:
    fresh = directory.with_name("fresh")
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", fresh)
    (directory / KEYS_FILE).write_bytes((fresh / KEYS_FILE).read_bytes())


@pytest.mark.parametrize("change", [reworded, repinned])
def test_both_parties_read_the_same_words_until_text_or_keys_change(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    directory = tmp_path / "convention"
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", directory)

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["convention", "words", str(directory), *arguments])
        assert done.exit_code == 0, done.output
        assert [len(line.split()) for line in done.output.splitlines()] == [4, 4, 4]
        return str(done.output)

    before = said()
    assert before == said("--language", "fr") != said("--language", "en")
    change(directory)
    assert said() != before


def test_without_keys_there_is_nothing_to_read(tmp_path: Path) -> None:
    directory = tmp_path / "convention"
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", directory)
    (directory / KEYS_FILE).unlink()
    done = CliRunner().invoke(app, ["convention", "words", str(directory)])
    assert done.exit_code == 1
    assert "keys.json" in done.output
