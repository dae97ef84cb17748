"""What refuses by an article cites that article as the convention in force calls it, never by a number of our own."""

import re
import shutil
from pathlib import Path

import pytest

from belvedere.demo.signing import sign_for_all
from belvedere.domain.ids import ArticleRef
from belvedere.policy import load_convention
from belvedere.policy.clauses.access import EventRequired, OwnerRoom, Stations, Suspension
from belvedere.policy.clauses.hours import OpeningHours
from tests.flows.conftest import CITY, CONVENTIONS, PASSWORD, STATE, CityMaker, station_secret

pytestmark = pytest.mark.anyio


@pytest.fixture
def renumbered(tmp_path: Path, city_maker: CityMaker) -> CityMaker:
    """The city under a convention that says the same in articles of other numbers: article 3 is article 13 there."""
    written = tmp_path / "renumbered"
    written.mkdir()
    text = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text()
    (written / "convention.md").write_text(re.sub(r"\bart-(\d)", r"art-1\1", text))
    shutil.rmtree(tmp_path / "convention")
    sign_for_all(written, tmp_path / "convention")
    return city_maker


async def test_every_refusal_cites_the_articles_of_the_convention_in_force(renumbered: CityMaker) -> None:
    async with renumbered() as city:
        officer, second = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
        director, operator = await city.sign_in("police-director"), await city.sign_in("csu-operator")
        event = await officer.open_event()
        viewing = await officer.opened(1, event)

        refused = {
            "hours fixed by the text": await director.client.put(
                "/api/v1/centre/hours/2026-03-25", json={"open": "10:00", "close": "18:00", "reason": "travaux"}
            ),
            "motive owed": await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"}),
            "another's event": await second.client.patch(
                f"/api/v1/events/{event}", json={"state": "closed", "motive": "fini"}
            ),
            "no director": await operator.client.post(
                f"/api/v1/streams/{viewing}/suspension", json={"ground": "mask-fault", "reason": "masque"}
            ),
            "a partner's station": await city.browser().post(
                "/api/v1/login", json={"login": "cic-operator", "password": PASSWORD, "station": "nowhere"}
            ),
            "the owner's station": await city.browser().post(
                "/api/v1/login",
                json={"login": "csu-operator", "password": PASSWORD, "station": station_secret("cic-operator")},
            ),
        }
        assert {answer.status_code for answer in refused.values()} == {403, 422}
        assert {name: answer.json()["articles"] for name, answer in refused.items()} == {
            "hours fixed by the text": ["vda-etat:art-12"],
            "motive owed": ["vda-etat:art-13"],
            "another's event": ["vda-etat:art-13"],
            "no director": ["vda-etat:art-13"],
            "a partner's station": ["vda-etat:art-16"],
            "the owner's station": ["vda-etat:art-12"],
        }


def test_the_articles_of_a_kind_of_clause_are_those_of_the_text() -> None:
    vda = load_convention(CONVENTIONS / "villeneuve-dascq-etat")
    assert vda.cites_of(Suspension) == ("vda-etat:art-3",)
    assert vda.cites_of(EventRequired, lambda clause: clause.party == STATE) == ("vda-etat:art-3",)
    assert vda.cites_of(EventRequired, lambda clause: clause.party == CITY) == ()
    assert vda.cites_of(OpeningHours) == ("travail:L3133-1", "vda-etat:art-2"), "the law first, each once"
    rouen = load_convention(CONVENTIONS / "rouen-metropole")
    assert rouen.cites_of(Stations) == ()
    assert all(cite.startswith(("rouen-mrn:", "csi:")) for cite in rouen.cites_of(Suspension))
    assert rouen.cites_of(OwnerRoom, lambda clause: clause.owner == "rouen") == (ArticleRef("rouen-mrn:art-2"),)
