"""Before a director's act, what it will end: said by the same rules, and nothing is written. Rules A24, A25."""

from typing import Any

import httpx
import pytest

from tests.flows.conftest import City, SignedIn
from tests.flows.test_convention_lives import changed_text, signatures

pytestmark = pytest.mark.anyio


async def post(who: SignedIn, path: str, **body: object) -> httpx.Response:
    return await who.client.post(f"/api/v1/{path}", json=body)


async def foreseen(who: SignedIn, path: str, **body: object) -> dict[str, Any]:
    answer = await post(who, path, **body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_withdrawal_says_whose_views_it_will_end_and_ends_none_yet(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    director = await city.sign_in("police-director")
    event = await officer.open_event()
    viewings = [await officer.opened(camera, event) for camera in (1, 2)]
    await operator.opened(3, None)
    before = len(await city.records())
    said = await foreseen(director, "convention/withdrawal/preview", withdrawn=True)
    assert said == {
        "views": 2,
        "parties": [{"party": "etat", "views": 2, "cameras": ["vda-001", "vda-002"]}],
    }
    assert len(await city.records()) == before
    assert all(city.relay.ended(viewing) is None for viewing in viewings)
    # And so it happens.
    answer = await post(director, "convention/withdrawal", withdrawn=True, act="arrêté du 1er mars")
    assert answer.status_code == 204
    assert all(city.relay.ended(viewing) is not None for viewing in viewings)
    assert (await foreseen(director, "convention/withdrawal/preview", withdrawn=False))["views"] == 0


async def test_a_room_declared_inactive_ends_no_view(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    await officer.opened(1, await officer.open_event())
    assert (await foreseen(director, "centre/activity/preview", inactive=True))["views"] == 0


async def test_a_word_about_the_term_says_when_the_convention_will_end(city: City) -> None:
    director = await city.sign_in("police-director")
    in_time = await foreseen(director, "convention/term/preview", word="non-renewal", on="2026-03-25")
    assert in_time == {
        "ends_at": "2028-09-30T22:00:00Z",
        "ends_at_before": None,
        "ends": {"views": 0, "parties": []},
    }
    too_late = await foreseen(director, "convention/term/preview", word="non-renewal", on="2028-05-01")
    assert too_late["ends_at"] == "2031-09-30T22:00:00Z"
    assert (await foreseen(director, "convention/term/preview", word="renewal", on="2026-03-25"))["ends_at"] is None
    assert (await director.client.get("/api/v1/convention/agenda")).json()["ends_at"] is None


async def test_a_text_says_what_it_lacks_what_it_changes_and_what_it_ends(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    event = await officer.open_event("levee-de-doute")
    await officer.opened(1, event)
    kinds = 'kinds = ["levee-de-doute", "intervention", "evenement-planifie", "trouble-grave"]'
    markdown = changed_text(city, kinds, 'kinds = ["intervention", "evenement-planifie", "trouble-grave"]')
    whole = signatures(city, markdown)
    said = await foreseen(director, "convention/replacement/preview", markdown=markdown.decode(), signatures=whole)
    standing = (await director.client.get("/api/v1/convention")).json()["sha256"]
    assert (said["missing"], said["already_replaced"], said["sha256_before"]) == ([], False, standing)
    assert said["sha256"] != standing
    assert said["ends"]["parties"] == [{"party": "etat", "views": 1, "cameras": ["vda-001"]}]

    unsigned = await foreseen(
        director, "convention/replacement/preview", markdown=markdown.decode(), signatures="none yet"
    )
    assert unsigned["missing"] == ["etat", "villeneuve-dascq"]

    changed = await foreseen(director, "convention/replacement/changes", markdown=markdown.decode())
    assert changed["items"]
    assert all("levée de doute" in " ".join(item["conditions"]) for item in changed["items"])
    assert (await director.client.get("/api/v1/convention")).json()["sha256"] == standing


async def test_a_text_that_cannot_take_its_place_is_refused_with_its_line(city: City) -> None:
    director = await city.sign_in("police-director")
    unreadable = changed_text(city, "cameras = 8", "cameras = 8\nkamera = 9").decode()
    other = changed_text(city, 'id = "vda-etat"', 'id = "other"').decode()
    for markdown in (unreadable, other):
        for path in ("convention/replacement/preview", "convention/replacement/changes"):
            body = {"markdown": markdown} | ({"signatures": "x"} if path.endswith("preview") else {})
            answer = await post(director, path, **body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "markdown")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("convention/withdrawal/preview", {"withdrawn": True}),
        ("centre/activity/preview", {"inactive": True}),
        ("convention/term/preview", {"word": "non-renewal", "on": "2026-03-25"}),
        ("convention/replacement/preview", {"markdown": "x", "signatures": "x"}),
        ("convention/replacement/changes", {"markdown": "x"}),
    ],
)
async def test_only_the_director_looks_ahead_of_the_directors_acts(
    city: City, path: str, body: dict[str, object]
) -> None:
    for login in ("csu-room-chief", "cic-supervisor", "inspector"):
        assert (await post(await city.sign_in(login), path, **body)).status_code == 403
