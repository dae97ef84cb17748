"""An officer of the State watches the city's cameras: vda-etat, articles 3 and 6."""

from datetime import timedelta

import pytest

from belvedere.domain.causes import Cause
from belvedere.media.relay import ViewingConnected, ViewingDropped
from tests.flows.conftest import City, CityMaker

pytestmark = pytest.mark.anyio


async def test_an_officer_opens_a_camera_and_the_decision_is_recorded_before_a_ticket_exists(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    answer = await officer.open(7, await officer.open_event())
    assert answer.status_code == 201
    body = answer.json()
    assert body["camera"] == "vda-007"
    assert body["slot"] == 1
    assert body["slots"] == 8
    assert "vda-etat:art-3" in body["articles"]
    assert body["media_url"].startswith("ws://")
    (decision,) = await city.records(kind="decision", camera="vda-007")
    (opened,) = await city.records(kind="opened", camera="vda-007")
    assert decision["verdict"] == "granted"
    assert decision["viewing"] == opened["viewing"] == body["id"]
    assert decision["facts"]["agent.habilitated"] is True
    assert decision["convention"]["id"] == "vda-etat"


async def test_ninth_stream_is_refused_and_names_the_eight_holders(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    for camera in range(1, 9):
        await officer.opened(camera, event)
    ninth = await officer.open(9, event)
    assert ninth.status_code == 409
    assert ninth.headers["content-type"] == "application/problem+json"
    problem = ninth.json()
    assert [holder["camera"] for holder in problem["holders"]] == [f"vda-{n:03}" for n in range(1, 9)]
    assert "vda-etat:art-3" in problem["articles"]
    assert problem["remedy"]
    (refused,) = await city.records(kind="decision", camera="vda-009")
    assert (refused["verdict"], refused["cause"]) == ("refused", "quota")
    assert (await officer.streams())["slots"][0]["used"] == 8


async def test_ten_officers_on_one_camera_take_one_slot(city: City) -> None:
    first, second = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    event = await first.open_event()
    for camera in range(1, 9):
        await first.opened(camera, event)
    assert (await second.open(3, event)).status_code == 201
    (slots,) = (await second.streams())["slots"]
    assert (slots["used"], slots["total"]) == (8, 8)


async def test_a_slot_ends_with_its_last_viewer(city: City) -> None:
    first, second = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    event = await first.open_event()
    mine, theirs = await first.opened(1, event), await second.opened(1, event)
    assert (await first.client.delete(f"/api/v1/streams/{mine}")).status_code == 204
    assert (await first.streams())["slots"][0]["used"] == 1
    assert (await second.client.delete(f"/api/v1/streams/{theirs}")).status_code == 204
    assert (await first.streams())["slots"][0]["used"] == 0


async def test_the_same_agent_station_camera_and_event_gets_the_same_viewing_with_a_new_ticket(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    first, again = (await officer.open(1, event)).json(), (await officer.open(1, event)).json()
    assert first["id"] == again["id"]
    assert first["media_url"] != again["media_url"]
    assert len(await city.records(kind="opened")) == 1
    assert (await officer.streams())["slots"][0]["used"] == 1


async def test_an_agent_never_habilitated_is_refused_by_law_and_convention(city: City) -> None:
    officer = await city.sign_in("never-designated")
    answer = await officer.open(1, None)
    assert answer.status_code == 403
    assert {"csi:L252-3", "vda-etat:art-6"} <= set(answer.json()["articles"])
    assert answer.json()["cause"] == "not-habilitated"


async def test_an_agent_whose_term_is_over_is_refused(city: City) -> None:
    officer = await city.sign_in("term-over")
    answer = await officer.open(1, None)
    assert (answer.status_code, answer.json()["cause"]) == (403, "not-habilitated")


async def test_a_viewing_without_an_event_is_refused_to_the_state_and_not_to_the_owner(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    refused = await officer.open(1, None)
    assert (refused.status_code, refused.json()["cause"]) == (403, "no-event")
    assert "vda-etat:art-3" in refused.json()["articles"]
    assert (await operator.open(1, None)).status_code == 201


async def test_a_camera_that_does_not_exist_is_not_found_and_only_counted(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    before = len(await city.records())
    event = await officer.open_event()
    assert (await officer.open("vda-999", event)).status_code == 404
    assert len(await city.records()) == before + 1  # the event's own record


async def test_another_partys_event_answers_as_an_unknown_one_and_is_recorded(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    theirs = await operator.open_event()
    foreign, unknown = await officer.open(1, theirs), await officer.open(1, "e-nowhere")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert [record["verdict"] for record in await city.records(kind="decision")] == ["refused"]
    for method, path, body in (
        ("PATCH", f"/api/v1/events/{theirs}", {"motive": "x"}),
        ("DELETE", f"/api/v1/streams/{await operator.opened(1, None)}", None),
    ):
        assert (await officer.client.request(method, path, json=body)).status_code == 404


async def test_an_event_is_closed_with_its_motive_and_ends_what_it_was_for(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    viewing = await officer.opened(1, event)
    owed = await officer.client.patch(f"/api/v1/events/{event}", json={"state": "closed"})
    assert owed.status_code == 422
    assert owed.json()["errors"][0]["field"] == "motive"
    assert city.relay.ended(viewing) is None
    closed = await officer.client.patch(
        f"/api/v1/events/{event}", json={"state": "closed", "motive": "appel 4512, fausse alerte"}
    )
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert city.relay.ended(viewing) == (4403, "event-closed")
    (ended,) = await city.records(kind="ended")
    assert (ended["cause"], ended["viewing"]) == ("event-closed", viewing)
    again = await officer.open(1, event)
    assert (again.status_code, again.json()["cause"]) == (403, "event-closed")


async def test_only_the_opener_or_a_supervisor_closes_an_event(city: City) -> None:
    officer, other = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    supervisor = await city.sign_in("cic-supervisor")
    event = await officer.open_event(motive="rixe")
    close = {"state": "closed"}
    assert (await other.client.patch(f"/api/v1/events/{event}", json=close)).status_code == 403
    assert (await supervisor.client.patch(f"/api/v1/events/{event}", json=close)).status_code == 200


async def test_the_cic_pre_empts_the_first_camera_held_only_by_another_service(city: City) -> None:
    srpj, officer = await city.sign_in("srpj"), await city.sign_in("cic-operator")
    theirs = await srpj.open_event("surveillance-ponctuelle")
    first = await srpj.opened(1, theirs)
    await srpj.opened(2, theirs)
    event = await officer.open_event()
    for camera in range(3, 9):
        await officer.opened(camera, event)
    answer = await officer.open(9, event)
    assert answer.status_code == 201
    assert city.relay.ended(first) == (4409, "pre-empted")
    assert (await officer.streams())["slots"][0]["used"] == 8
    refused = await srpj.open(10, theirs)
    assert refused.status_code == 409
    assert len(refused.json()["holders"]) == 8


async def test_a_habilitation_that_ends_ends_the_viewing(city: City) -> None:
    officer, supervisor = await city.sign_in("cic-operator"), await city.sign_in("cic-supervisor")
    viewing = await officer.opened(1, await officer.open_event())
    agents = (await supervisor.client.get("/api/v1/habilitations")).json()["items"]
    (agent,) = [each["agent"] for each in agents if each["label"] == "Nom de cic-operator"]
    assert (await officer.client.delete(f"/api/v1/habilitations/{agent}")).status_code == 403
    assert (await supervisor.client.delete(f"/api/v1/habilitations/{agent}")).status_code == 200
    assert city.relay.ended(viewing) == (4403, "not-habilitated")


async def test_the_withdrawal_of_the_prefects_authorisation_ends_every_partners_viewing(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    director = await city.sign_in("police-director")
    viewing, own = await officer.opened(1, await officer.open_event()), await operator.opened(1, None)
    body = {"withdrawn": True, "act": "arrêté du 25 mars 2026"}
    assert (await operator.client.post("/api/v1/convention/withdrawal", json=body)).status_code == 403
    assert (await director.client.post("/api/v1/convention/withdrawal", json=body)).status_code == 204
    assert city.relay.ended(viewing) == (4403, "authorisation-withdrawn")
    assert city.relay.ended(own) is None
    refused = await officer.open(2, await officer.open_event())
    assert "vda-etat:art-7" in refused.json()["articles"]


async def test_a_ticket_that_nobody_takes_within_30_s_frees_the_slot(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.watch.tick()
    city.clock.move(timedelta(seconds=29))
    await city.watch.tick()
    assert (await officer.streams())["slots"][0]["used"] == 1
    city.clock.move(timedelta(seconds=2))
    await city.watch.tick()
    assert city.relay.ended(viewing) == (4408, "ticket-lapsed")
    assert (await officer.streams())["slots"][0]["used"] == 0


async def test_a_viewing_whose_socket_is_lost_lives_ten_seconds(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.relay.tell(ViewingConnected(viewing))
    await city.relay.tell(ViewingDropped(viewing, Cause.CONNECTION_LOST))
    city.clock.move(timedelta(seconds=9))
    await city.watch.tick()
    assert city.relay.ended(viewing) is None
    city.clock.move(timedelta(seconds=2))
    await city.watch.tick()
    assert city.relay.ended(viewing) == (4408, "socket-lost")


async def test_a_partners_viewing_is_confirmed_never_past_its_term_and_the_owners_has_no_deadline(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    viewing, own = await officer.opened(1, await officer.open_event()), await operator.opened(1, None)
    assert city.relay.admitted[viewing] == 10_000
    assert city.relay.admitted[own] is None
    city.relay.extended.clear()
    await city.watch.tick()
    assert {held for held, _ in city.relay.extended} == {viewing}


async def test_no_viewing_outlives_its_node(city_maker: CityMaker) -> None:
    async with city_maker() as before:
        officer = await before.sign_in("cic-operator")
        viewing = await officer.opened(1, await officer.open_event())
    async with city_maker() as after:
        (ended,) = await after.records(kind="ended")
        assert (ended["viewing"], ended["cause"]) == (viewing, "restart")
        assert (await (await after.sign_in("cic-operator")).streams())["slots"][0]["used"] == 0


async def test_steering_is_refused_and_said_not_to_be_offered_yet(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event("trouble-grave")
    answer = await officer.client.post("/api/v1/ptz/leases", json={"camera": "vda-003", "event": event})
    assert (answer.status_code, answer.json()["cause"]) == (403, "not-offered")
    assert "vda-etat:art-3" in answer.json()["articles"]
    assert len(await city.records(action="take_ptz")) == 1


async def test_a_repeated_refusal_is_written_once_a_minute(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    for _ in range(5):
        assert (await officer.open(1, None)).json()["cause"] == "no-event"
    assert len(await city.records(kind="decision")) == 1
    city.clock.move(timedelta(seconds=61))
    await officer.open(1, None)
    assert len(await city.records(kind="decision")) == 2


async def test_leaving_the_station_ends_its_viewings(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    assert (await officer.client.post("/api/v1/logout")).status_code == 204
    assert city.relay.ended(viewing) == (4403, "session-ended")
    assert (await officer.client.get("/api/v1/session")).status_code == 401


async def test_a_camera_keeps_its_slot_and_a_free_one_is_the_next_to_be_taken(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    opened = [(await officer.open(camera, event)).json() for camera in range(1, 9)]
    assert [each["slot"] for each in opened] == [1, 2, 3, 4, 5, 6, 7, 8]
    for each in (opened[1], opened[4]):
        assert (await officer.client.delete(f"/api/v1/streams/{each['id']}")).status_code == 204
    again = [(await officer.open(camera, event)).json()["slot"] for camera in (9, 8, 10)]
    assert again == [2, 8, 5]
