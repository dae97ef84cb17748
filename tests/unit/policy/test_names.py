"""Parties, rooms, services and directors are called as the convention calls them, and by no name of the program's own."""

import re
from datetime import UTC, datetime

import pytest

from belvedere.domain.articles_of_speech import bare, of, to
from belvedere.domain.decision import Granted
from belvedere.domain.ids import ArticleRef, CameraId, PartyId, ServiceId, ViewingId
from belvedere.domain.suspensions import Suspension
from belvedere.domain.text import Language, Text
from belvedere.domain.vocabulary import Role, SuspensionGround
from belvedere.policy import Convention, ConventionError, parse_request, read_convention
from belvedere.policy.deciding import decide
from belvedere.policy.examples import facts_of, instant_of
from belvedere.policy.names import asked_of, names_of
from belvedere.rights import endings
from tests.conventions.small_text import small
from tests.conventions.texts import CONVENTIONS

VDA = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text(encoding="utf-8")
NAMES = re.compile(r"^(?:short|called|director|direction)_(?:fr|en) = .*\n", re.MULTILINE)


def _read(text: str) -> Convention:
    return read_convention(text.encode())


def _suspended(convention: Convention, owner: str) -> Text:
    suspension = Suspension(
        camera=CameraId("vda-017"),
        party=PartyId("etat"),
        ground=SuspensionGround.MASK_FAULT,
        reason="masque décalé",
        since=datetime(2026, 3, 18, 9, tzinfo=UTC),
        by_role="police-director",
        by_label="Direction",
        viewing=ViewingId("v-1"),
    )
    return endings.suspended(suspension, (ArticleRef("vda-etat:art-3"),), owner=convention.named(owner)).reason


def test_a_suspension_names_who_decided_it_as_the_convention_does() -> None:
    assert _suspended(_read(VDA), "villeneuve-dascq") == Text(
        "Flux suspendu par la direction de la police municipale : défaut de masquage. « masque décalé »",
        "Stream suspended by the director of the municipal police: mask fault. “masque décalé”",
    )


def test_a_text_that_names_no_director_is_told_by_its_room() -> None:
    assert _suspended(_read(NAMES.sub("", VDA)), "villeneuve-dascq") == Text(
        "Flux suspendu par le directeur du CSU : défaut de masquage. « masque décalé »",
        "Stream suspended by the director of the CSU: mask fault. “masque décalé”",
    )


def test_names_change_no_answer() -> None:
    body = {
        "action": "take_ptz",
        "at": "2026-03-18T10:00:00+01:00",
        "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
        "camera": {
            "id": "vda-017", "owner": "villeneuve-dascq", "commune": "Villeneuve-d'Ascq", "zone": "centre",
            "class": "voie-publique", "authorised_until": "2031-12-02", "ptz": True,
        },
        "event": {"kind": "trouble-grave", "open": True, "motive": "rixe"},
        "state": {"streams_in_use": 1, "centre_inactive": False, "authorisation_withdrawn": False},
    }  # fmt: skip
    named, bare_text = (decide(_read(text), parse_request(body)) for text in (VDA, NAMES.sub("", VDA)))
    assert (type(named), named.articles, named.facts) == (type(bare_text), bare_text.articles, bare_text.facts)


def test_whom_one_asks_is_called_as_the_convention_does() -> None:
    owner = _read(VDA).named("villeneuve-dascq")
    assert asked_of((Role.POLICE_DIRECTOR, Role.CSU_ROOM_CHIEF, Role.CSU_OPERATOR), owner) == Text(
        "au directeur de la police municipale ou au chef de salle ou à un opérateur du CSU",
        "the director of the municipal police or the room chief or a CSU operator",
    )


def test_another_room_is_named_wherever_this_one_was() -> None:
    renamed = VDA.replace('room = "CSU"', 'room = "centre de vigilance"', 1)
    names = names_of(_read(renamed), Language.FR)
    assert names["csu-operator"] == "opérateur du centre de vigilance"
    assert "opérateur du CSU" not in names.values()


def test_every_answer_names_the_rooms_as_the_text_does() -> None:
    renamed = re.sub(r'^room = "C(SU|IC)"', r'room = "poste \1"', NAMES.sub("", VDA), flags=re.MULTILINE)
    convention, answered = _read(renamed), 0
    for section in convention.sections:
        for example in section.examples:
            body, at = facts_of(convention, example, section.article), instant_of(convention, example.at)
            if "question" in body or at is None:
                continue
            decision = decide(convention, parse_request({**body, "at": at.isoformat()}))
            remedy = None if isinstance(decision, Granted) else decision.remedy
            for words in (decision.reason, remedy or decision.reason):
                assert not re.search(r"CSU|CIC|municipal", f"{words.fr} {words.en}"), example
            answered += 1
    assert answered > 50


def test_a_service_is_called_by_its_name_and_keeps_its_id_else_by_its_id_in_capitals() -> None:
    named = VDA.replace("[[article]]", '[[party.service_name]]\nid = "ddsp"\nname = "DIPN"\n\n[[article]]', 1)
    state = _read(named).named("etat")
    assert (state.service("ddsp"), state.service("srpj")) == ("DIPN", "SRPJ")
    pre_empted = endings.pre_empted(by_service=ServiceId("ddsp"), party=state, articles=())
    assert pre_empted.remedy == Text("Appeler le DIPN.", "Call the DIPN.")


def test_a_stranger_goes_by_its_id() -> None:
    stranger = _read(VDA).named("lille")
    assert (stranger.name, stranger.room, stranger.called) == ("lille", "LILLE", Text("lille", "lille"))


def test_a_text_without_names_is_read_and_its_parties_go_by_their_full_names() -> None:
    city = _read(small()).named("ville")
    assert (city.short, city.called) == (Text("Ville", "Ville"), Text("Ville", "Ville"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('short_fr = "État"', 'shorts_fr = "État"', "unknown key `shorts_fr`"),
        ('called_fr = "l\'État"', 'called_fr = ""', "`called_fr` is empty"),
        (
            "[[article]]",
            '[[party.service_name]]\nid = "x"\nname = "X"\nroom = "Y"\n\n[[article]]',
            "unknown key `room`",
        ),
        ("[[article]]", '[[party.service_name]]\nid = "x"\nname = "X"\n\n' * 2 + "[[article]]", "twice"),
    ],
)
def test_a_fault_in_a_name_is_told_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(ConventionError, match=re.escape(message)) as caught:
        _read(VDA.replace(old, new, 1))
    assert caught.value.line is not None


def test_a_noun_with_its_article_stands_in_a_french_sentence() -> None:
    assert [of(each) for each in ("le CSU", "les Vosges", "l'État", "Athènes", "la ville", "Paris")] == [
        "du CSU", "des Vosges", "de l'État", "d'Athènes", "de la ville", "de Paris",
    ]  # fmt: skip
    assert [to(each) for each in ("le directeur", "les Vosges", "la direction")] == [
        "au directeur", "aux Vosges", "à la direction",
    ]  # fmt: skip
    assert [bare(each) for each in ("l'État", "the State", "le directeur")] == ["État", "State", "directeur"]
