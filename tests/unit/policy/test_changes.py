"""What a change of convention changes, told so that a person reads it in a minute."""

from pathlib import Path

import pytest

from belvedere.domain.text import Language
from belvedere.policy import Convention, read_convention
from belvedere.policy.change_words import FACT_WORDS, conditions
from belvedere.policy.changes import Change, changes
from belvedere.policy.situations import situations_of

CONVENTIONS = Path(__file__).resolve().parents[3] / "conventions"
TEXT = (CONVENTIONS / "villeneuve-dascq-etat/convention.md").read_text()
BEFORE = read_convention(TEXT.encode())


def after(was: str, becomes: str) -> Convention:
    assert was in TEXT, "the text that the test changes is no longer there"
    return read_convention(TEXT.replace(was, becomes).encode())


def told(change: Change, convention: Convention, language: Language = Language.FR) -> tuple[str, str, tuple[str, ...]]:
    return str(change.before), str(change.after), conditions(change, convention, language)


def test_the_same_text_changes_nothing() -> None:
    assert changes(BEFORE, BEFORE) == ()


def test_a_smaller_quota_is_told_in_a_few_lines_and_what_is_really_lost_comes_first() -> None:
    fewer = after("cameras = 8", "cameras = 5")
    first, *others = changes(BEFORE, fewer)
    assert told(first, fewer) == (
        "granted [vda-etat:art-3]",
        "refused [vda-etat:art-3, vda-etat:deliberation] quota",
        ("pour : État (DDSP du Nord)", "flux en cours : 5, 6, 7"),
    )
    assert len(others) < 8
    assert first.situations > 100
    assert "streams held by: several services" in [
        condition for change in others for condition in conditions(change, fewer, Language.EN)
    ]


def test_other_hours_are_told_as_a_room_that_is_open_by_one_text_alone() -> None:
    later = after('close = "02:00"', 'close = "03:00"')
    said = {condition for change in changes(BEFORE, later) for condition in conditions(change, later, Language.FR)}
    assert "quand : salle fermée → salle ouverte" in said


def test_what_is_refused_and_stays_refused_comes_last() -> None:
    stays = [
        (change.before.verdict, change.after.verdict) == ("refused", "refused")
        for change in changes(BEFORE, after('regime = "authorisation"', 'regime = "notification"'))
    ]
    assert stays == sorted(stays)
    assert not all(stays)


@pytest.mark.parametrize("slug", ["villeneuve-dascq-etat", "rouen-metropole"])
def test_every_fact_and_every_value_has_words_in_both_languages(slug: str) -> None:
    convention = read_convention((CONVENTIONS / slug / "convention.md").read_bytes())
    [some, *_] = changes(BEFORE, after("cameras = 8", "cameras = 5"))
    for name, domain in situations_of(convention).domains.items():
        if name == "action":
            continue
        assert name in FACT_WORDS
        for choice in domain:
            change = Change(some.action, {name: (choice.label,)}, some.before, some.after, 1)
            french, english = (conditions(change, convention, language)[0] for language in Language)
            assert french
            untold = {"oui", "aucune", "aucun", "inconnu", "en cours", "fermée", "seul", "expirée"}
            assert not untold & set(english.replace(":", " ").replace(",", " ").split()), (name, english)
