"""Steering over HTTP: asked, authorised by one key, commanded, taken back; the shapes that programs outside rely on."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from belvedere.domain.causes import Cause
from belvedere.domain.partner_waits import PartnerWaits
from belvedere.domain.steering import PicturePoint, Velocity
from belvedere.rights.watch import SocketTaken
from belvedere.web.changes import Topic
from belvedere.web.snapshots import Snapshots
from tests.flows.conftest import CITY, STATE, City, CityMaker, MovedClock, NotedCameras, SignedIn

pytestmark = pytest.mark.anyio
LEFT = {"pan": -1, "tilt": 0, "zoom": 0.5}
CAMERA = "vda-003"


@dataclass
class Room:
    """The city, whose cameras take down what they are told, and who is there."""

    city: City
    cameras: NotedCameras
    officer: SignedIn
    operator: SignedIn
    chief: SignedIn
    event: str

    async def asks(self, who: SignedIn, event: str | None = None) -> tuple[int, dict[str, Any]]:
        answer = await who.client.post("/api/v1/ptz/leases", json={"camera": CAMERA, "event": event})
        body: dict[str, Any] = answer.json()
        return answer.status_code, body

    async def does(self, who: SignedIn, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        answer = await who.client.request(method, f"/api/v1{path}", json=body)
        said: dict[str, Any] = answer.json() if answer.content else {}
        return answer.status_code, said

    async def steers(self) -> str:
        """Let the officer steer by the chief's key, and return the lease."""
        status, asked = await self.asks(self.officer, self.event)
        assert status == 202, asked
        status, given = await self.does(
            self.chief, "POST", f"/authorisations/{asked['authorisation']}", {"verdict": "granted", "scope": "event"}
        )
        assert (status, given["state"], given["scope"]) == (200, "given", "event"), given
        return str(asked["id"])


@pytest.fixture
async def room(city_maker: CityMaker) -> AsyncIterator[Room]:
    """A Wednesday at ten: serious trouble, and the officer watches the third camera."""
    cameras = NotedCameras()
    async with city_maker(turning=cameras) as city:
        officer = await city.sign_in("cic-operator")
        operator, chief = await city.sign_in("csu-operator"), await city.sign_in("csu-room-chief")
        event = await officer.open_event("trouble-grave", motive="émeute", sector="Centre")
        viewing = await officer.opened(3, event)
        city.watch.heard(SocketTaken(viewing))
        yield Room(city, cameras, officer, operator, chief, event)


async def test_an_officer_asks_the_chief_sees_for_what_and_gives_it_with_one_key(room: Room) -> None:
    status, asked = await room.asks(room.officer, room.event)
    assert status == 202
    assert {each: asked[each] for each in ("camera", "state", "asked_of", "articles")} == {
        "camera": CAMERA,
        "state": "asked",
        "asked_of": ["csu-room-chief", "police-director"],
        "articles": ["vda-etat:art-3", "vda-etat:deliberation"],
    }
    status, body = await room.does(room.officer, "POST", f"/ptz/leases/{asked['id']}/move", LEFT)
    assert (status, body["cause"]) == (409, "lease-only-asked")
    room.city.clock.move(timedelta(seconds=25))
    _, listed = await room.does(room.chief, "GET", "/authorisations")
    (item,) = listed["items"]
    assert (item["id"], item["lease"], item["camera"]) == (asked["authorisation"], asked["id"], CAMERA)
    assert (item["party"], item["service"], item["state"], item["scope"]) == ("etat", "cic", "asked", "camera")
    event = {"id": room.event, "kind": "trouble-grave", "motive": "émeute", "sector": "Centre"}
    assert item["event"] == event
    assert (item["asked_of"], item["telephone"]) == (["csu-room-chief", "police-director"], False)
    word = f"/authorisations/{asked['authorisation']}"
    assert (await room.does(room.operator, "POST", word, {"verdict": "granted"}))[0] == 403
    assert (await room.does(room.officer, "POST", word, {"verdict": "granted"}))[0] == 403
    assert (await room.does(room.chief, "POST", word, {"verdict": "granted"}))[0] == 200
    status, again = await room.does(room.chief, "POST", word, {"verdict": "granted"})
    assert (status, again["cause"]) == (409, "not-asked")
    _, listed = await room.does(room.officer, "GET", "/ptz/leases")
    (lease,) = listed["items"]
    assert (lease["id"], lease["state"], lease["mine"], lease["event"]) == (asked["id"], "held", True, room.event)
    _, listed = await room.does(room.operator, "GET", "/ptz/leases")
    (lease,) = listed["items"]
    assert lease["mine"] is False
    assert lease["agent"] not in {"cic-operator", ""}, "a pseudonym"


async def test_a_movement_reaches_the_camera_and_a_malformed_one_does_not(room: Room) -> None:
    lease = f"/ptz/leases/{await room.steers()}"
    assert await room.does(room.officer, "POST", f"{lease}/move", LEFT) == (204, {})
    assert await room.does(room.officer, "POST", f"{lease}/goto", {"x": 0.5, "y": -0.5}) == (204, {})
    assert await room.does(room.officer, "POST", f"{lease}/stop") == (204, {})
    assert room.cameras.told == [
        (CAMERA, Velocity(-1, 0, 0.5)),
        (CAMERA, PicturePoint(0.5, -0.5, None)),
        (CAMERA, None),
    ]
    for bad in ({}, {"pan": 1, "tilt": 0}, {**LEFT, "pan": 1.01}, {**LEFT, "zoom": "closer"}, {**LEFT, "roll": 0}):
        assert (await room.does(room.officer, "POST", f"{lease}/move", bad))[0] == 422, bad
    for text in ('{"pan": NaN, "tilt": 0, "zoom": 0}', '{"pan": Infinity, "tilt": 0, "zoom": 0}'):
        answer = await room.officer.client.post(
            f"/api/v1{lease}/move", content=text, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422, text
    for bad in ({}, {"x": 0.5}, {"preset": "1", "x": 0, "y": 0}, {"x": 2, "y": 0}):
        assert (await room.does(room.officer, "POST", f"{lease}/goto", bad))[0] == 422, bad
    assert len(room.cameras.told) == 3
    for stranger in (room.operator, room.chief):
        assert (await room.does(stranger, "POST", f"{lease}/move", LEFT))[0] == 404, "another's lease"
    assert (await room.does(room.officer, "POST", "/ptz/leases/l-none/move", LEFT))[0] == 404


async def test_the_owner_takes_the_camera_back_and_the_former_holder_is_told_why_for_ever_after(room: Room) -> None:
    lease = f"/ptz/leases/{await room.steers()}"
    status, own = await room.asks(room.operator)
    assert (status, own["state"], own["until"]) == (201, "held", None)
    assert room.cameras.told[0] == (CAMERA, None), "stopped"
    for _ in range(2):
        status, body = await room.does(room.officer, "POST", f"{lease}/move", LEFT)
        assert (status, body["cause"], body["articles"]) == (409, "owner-steers", ["vda-etat:art-3"])
    status, body = await room.asks(room.officer, room.event)
    assert (status, body["cause"]) == (409, "owner-steers")
    assert body["holder"] == {"party": "villeneuve-dascq", "service": "csu", "since": body["holder"]["since"]}
    assert await room.does(room.operator, "DELETE", f"/ptz/leases/{own['id']}") == (204, {})
    status, body = await room.asks(room.officer, room.event)
    assert (status, body["state"]) == (201, "held"), "the word for the event still stands"


async def test_a_word_that_is_taken_back_ends_the_lease_and_one_by_radio_begins_another(room: Room) -> None:
    lease = await room.steers()
    _, listed = await room.does(room.chief, "GET", "/authorisations")
    word = listed["items"][0]["id"]
    status, body = await room.does(
        room.chief,
        "PATCH",
        f"/authorisations/{word}",
        {"state": "withdrawn", "reason": "équipage en approche", "ground": "crew-engaged"},
    )
    assert (status, body["state"]) == (200, "withdrawn")
    status, body = await room.does(room.officer, "POST", f"/ptz/leases/{lease}/move", LEFT)
    assert (status, body["cause"]) == (409, "steering-withdrawn")
    assert (body["by_role"], body["ground"]) == ("csu-room-chief", "crew-engaged")
    assert "approche" not in str(body), "what the owner typed stays with it"
    _, asked = await room.asks(room.officer, room.event)
    oral = {
        "lease_request": asked["id"],
        "given_by": "csu-room-chief",
        "channel": "radio",
        "at": room.city.clock.now().isoformat(),
    }
    late = {**oral, "at": (room.city.clock.now() - timedelta(minutes=16)).isoformat()}
    assert (await room.does(room.operator, "POST", "/authorisations", late))[0] == 422
    assert (await room.does(room.chief, "POST", "/authorisations", oral))[0] == 403, "nobody writes down the own word"
    assert (await room.does(room.officer, "POST", "/authorisations", oral))[0] == 403
    status, given = await room.does(room.operator, "POST", "/authorisations", oral)
    assert status == 201
    assert (await room.does(room.officer, "POST", f"/ptz/leases/{asked['id']}/move", LEFT))[0] == 204
    _, listed = await room.does(room.chief, "GET", "/authorisations")
    assert [each["unconfirmed"] for each in listed["items"]] == [True]
    confirmation = f"/authorisations/{given['id']}/confirmation"
    assert (await room.does(room.chief, "POST", confirmation, {"confirmed": False}))[0] == 200
    status, body = await room.does(room.officer, "POST", f"/ptz/leases/{asked['id']}/move", LEFT)
    assert (status, body["cause"]) == (409, "steering-denied")


async def test_an_event_that_is_closed_ends_the_steering_for_it(room: Room) -> None:
    lease = await room.steers()
    assert (await room.does(room.officer, "POST", f"/ptz/leases/{lease}/move", LEFT))[0] == 204
    assert (await room.does(room.officer, "PATCH", f"/events/{room.event}", {"state": "closed"}))[0] == 200
    status, body = await room.does(room.officer, "POST", f"/ptz/leases/{lease}/move", LEFT)
    assert (status, body["cause"]) == (409, "event-closed")
    assert room.cameras.told[-1] == (CAMERA, None)


async def test_a_crew_that_is_engaged_is_seen_before_anybody_is_asked(room: Room) -> None:
    assert (await room.does(room.operator, "PUT", f"/cameras/{CAMERA}/crew"))[0] == 403
    assert await room.does(room.chief, "PUT", f"/cameras/{CAMERA}/crew") == (204, {})
    _, listed = await room.does(room.officer, "GET", "/ptz/leases")
    assert listed["crews"] == [CAMERA]
    status, body = await room.asks(room.officer, room.event)
    assert (status, body["cause"]) == (403, "crew-engaged")
    assert await room.does(room.chief, "DELETE", f"/cameras/{CAMERA}/crew") == (204, {})
    assert (await room.asks(room.officer, room.event))[0] == 202


async def test_what_was_decided_on_steering_is_decided_so_again_from_the_ledger(room: Room) -> None:
    lease = await room.steers()
    await room.asks(room.operator)
    await room.asks(room.officer, room.event)
    told = [(each["kind"], each["cause"]) for each in await room.city.records() if "lease" in str(each["kind"])]
    assert told == [
        ("lease", "asked"),
        ("lease", "granted"),
        ("lease-ended", "owner-steers"),
        ("lease", "granted"),
    ]
    assert lease


async def test_a_takeover_of_the_night_is_granted_at_once_and_both_sides_are_shown_the_notice_that_it_owes(
    city_maker: CityMaker,
) -> None:
    clock = MovedClock()
    clock.move(timedelta(hours=17))  # Thursday at three
    async with city_maker(clock, turning=NotedCameras()) as city:
        officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
        event = await officer.open_event("levee-de-doute", motive="alarme")
        city.watch.heard(SocketTaken(await officer.opened(3, event)))
        taken = await officer.client.post("/api/v1/ptz/leases", json={"camera": CAMERA, "event": event})
        assert (taken.status_code, taken.json()["state"]) == (201, "held"), taken.text
        (obligation,) = taken.json()["obligations"]
        began = clock.now()
        clock.move(timedelta(minutes=2))
        assert (await officer.client.delete(f"/api/v1/ptz/leases/{taken.json()['id']}")).status_code == 204
        for who in (officer, operator):
            (notice,) = (await who.client.get("/api/v1/notices")).json()["items"]
            told = {each: notice[each] for each in ("kind", "state", "from_party", "to_party", "text")}
            assert told == {
                "kind": "ptz-after",
                "state": "due",
                "from_party": STATE,
                "to_party": CITY,
                "text": None,
            }
            assert datetime.fromisoformat(notice["due"]) == datetime.fromisoformat(obligation["due"])
            (covered,) = notice["covers"]
            assert datetime.fromisoformat(covered["from"]) == began
            assert datetime.fromisoformat(covered["until"]) == clock.now()
            assert {each: covered[each] for each in ("camera", "sector", "event", "motive")} == {
                "camera": CAMERA,
                "sector": "Centre",
                "event": event,
                "motive": "alarme",
            }
        clock.move(datetime.fromisoformat(obligation["due"]) - clock.now() + timedelta(seconds=1))
        chief = await city.sign_in("csu-room-chief")
        (notice,) = (await chief.client.get("/api/v1/notices")).json()["items"]
        assert notice["state"] == "overdue"


async def test_no_lease_outlives_the_nodes_process(city_maker: CityMaker) -> None:
    async with city_maker(turning=NotedCameras()) as city:
        operator = await city.sign_in("csu-operator")
        answer = await operator.client.post("/api/v1/ptz/leases", json={"camera": CAMERA})
        assert answer.status_code == 201
    cameras = NotedCameras()
    async with city_maker(turning=cameras) as city:
        (ended,) = await city.records(kind="lease-ended")
        assert (ended["cause"], ended["camera"]) == ("restart", CAMERA)
        officer = await city.sign_in("cic-operator")
        assert (await officer.client.get("/api/v1/ptz/leases")).json()["items"] == []
        assert cameras.told == [(CAMERA, None)], "and its camera is stopped, should it still turn"


async def test_a_partner_who_waits_for_the_owners_journal_still_stops_its_camera(room: Room) -> None:
    lease = f"/ptz/leases/{await room.steers()}"
    web, cause = room.city.node.web, Cause.NOT_WITNESSED
    waits = PartnerWaits(cause, cause.words.title, room.city.clock.now())
    object.__setattr__(web, "asking", replace(web.asking, partner_waits=lambda _: waits))
    assert (await room.does(room.officer, "POST", f"{lease}/move", LEFT))[0] == 503
    assert (await room.does(room.officer, "POST", f"{lease}/stop"))[0] == 204


async def test_the_screens_that_follow_are_told_who_steers_each_as_far_as_it_may_see(room: Room) -> None:
    web = room.city.node.web
    snapshots = Snapshots(web.screens, web.streams, web.steering, web.direction.centre, web.partners)

    async def told(who: SignedIn) -> list[dict[str, Any]]:
        session = await web.screens.sign_in.who(who.client.cookies[CITY])
        assert session is not None
        body = await snapshots.body(Topic.STEERING, session.requester)
        assert body is not None
        items: list[dict[str, Any]] = json.loads(body)["leases"]["items"]
        return items

    lease = await room.steers()
    for who, mine in ((room.officer, True), (await room.city.sign_in("cic-second"), False), (room.operator, False)):
        (item,) = await told(who)
        assert (item["id"], item["state"], item["mine"]) == (lease, "held", mine)
    await room.does(room.officer, "DELETE", f"/ptz/leases/{lease}")
    assert await told(room.operator) == [], "read anew, since something changed"


async def test_another_partys_lease_answers_as_one_that_is_not_there(room: Room) -> None:
    _, own = await room.asks(room.operator)
    asked = [
        ("POST", "move", LEFT),
        ("POST", "stop", None),
        ("POST", "answer", {"answer": "yes"}),
        ("DELETE", "", None),
    ]
    for over in (False, True):
        for method, path, body in asked:
            foreign, unknown = [
                await room.does(room.officer, method, f"/ptz/leases/{lease}/{path}".rstrip("/"), body)
                for lease in (own["id"], "l-nobody")
            ]
            assert foreign == unknown, (method, path, over)
            assert foreign[0] == 404
        if not over:
            assert (await room.does(room.operator, "DELETE", f"/ptz/leases/{own['id']}"))[0] == 204
    assert (await room.does(room.officer, "GET", "/ptz/leases"))[1]["items"] == []
