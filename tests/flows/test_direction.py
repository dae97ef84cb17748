"""Who acts for a party is designated and sits at a registered station, as long as the act lasts: CSI R253-3."""

import pytest

from tests.flows.conftest import PASSWORD, City, SignedIn
from tests.flows.test_convention_lives import changed_text, replace, signatures
from tests.flows.test_suspensions import MASK

pytestmark = pytest.mark.anyio


async def end_habilitation_of(city: City, name: str, *, by: str) -> int:
    """End the habilitation of an agent by its label; return the answer's status."""
    supervisor = await city.sign_in(by)
    agents = (await supervisor.client.get("/api/v1/habilitations")).json()["items"]
    (agent,) = [each["agent"] for each in agents if each["label"] == f"Nom de {name}"]
    return (await supervisor.client.delete(f"/api/v1/habilitations/{agent}")).status_code


ACTS = {
    "lift": ("DELETE", "/streams/{viewing}/suspension", None),
    "suspend": ("POST", "/streams/{viewing}/suspension", MASK),
    "activity": ("POST", "/centre/activity", {"inactive": True, "reason": "évacuation"}),
    "withdrawal": ("POST", "/convention/withdrawal", {"withdrawn": True, "act": "arrêté"}),
    "hours": ("PUT", "/centre/hours/2026-03-29", {"open": "10:00", "close": "20:00", "reason": "braderie"}),
    "order": ("POST", "/cameras/vda-001/order-confirmation", {"act": "courrier"}),
    "term": ("POST", "/convention/term", {"word": "non-renewal", "on": "2026-03-25", "act": "lettre"}),
}


async def acted(director: SignedIn, viewing: str) -> dict[str, tuple[int, str | None]]:
    """Return what each act of the direction is answered."""
    found = {}
    for name, (method, path, body) in ACTS.items():
        answer = await director.client.request(method, "/api/v1" + path.format(viewing=viewing), json=body)
        found[name] = (answer.status_code, None if answer.is_success else answer.json()["cause"])
    return found


async def test_a_director_whose_habilitation_is_over_does_no_act_of_the_direction(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    assert await end_habilitation_of(city, "police-director", by="csu-room-chief") == 200
    before = len(await city.records())
    assert await acted(director, viewing) == dict.fromkeys(ACTS, (403, "not-habilitated"))
    changed = changed_text(city, "cameras = 8", "cameras = 7")
    answer = await replace(director, changed, signatures(city, changed))
    assert (answer.status_code, answer.json()["cause"]) == (403, "not-habilitated")
    assert "csi:R253-3" in answer.json()["articles"]
    assert len(await city.records()) == before
    assert city.relay.ended(viewing) is None


async def test_a_director_at_a_station_that_was_ended_does_no_act_of_the_direction(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    viewing = await officer.opened(1, await officer.open_event())
    second = (await director.client.post("/api/v1/stations", json={"label": "direction, bureau 2"})).json()
    async with city.browser() as elsewhere:
        login = {"login": "police-director", "password": PASSWORD, "station": second["secret"]}
        assert (await elsewhere.post("/api/v1/login", json=login)).status_code == 200
        assert (await elsewhere.delete(f"/api/v1/stations/{director.body['station']['id']}")).status_code == 204
    before = len(await city.records())
    assert await acted(director, viewing) == dict.fromkeys(ACTS, (403, "station-unregistered"))
    assert len(await city.records()) == before
    assert city.relay.ended(viewing) is None


async def test_a_supervisor_whose_habilitation_is_over_ends_nobodys_and_registers_no_station(city: City) -> None:
    supervisor, chief = await city.sign_in("csu-room-chief"), await city.sign_in("police-director")
    assert await end_habilitation_of(city, "csu-room-chief", by="police-director") == 200
    refused = await supervisor.client.post("/api/v1/stations", json={"label": "poste 9"})
    assert (refused.status_code, refused.json()["cause"]) == (403, "not-habilitated")
    for method, path in (
        ("GET", "/habilitations"),
        ("DELETE", f"/habilitations/{supervisor.body['agent']['pseudonym']}"),
    ):
        answer = await supervisor.client.request(method, f"/api/v1{path}")
        assert (answer.status_code, answer.json()["cause"]) == (403, "not-habilitated")
    registered = (await chief.client.post("/api/v1/stations", json={"label": "poste 9"})).json()
    assert (await supervisor.client.delete(f"/api/v1/stations/{registered['id']}")).status_code == 403


async def test_nobody_ends_their_own_habilitation(city: City) -> None:
    assert await end_habilitation_of(city, "cic-supervisor", by="cic-supervisor") == 409
    officer = await city.sign_in("cic-operator")
    assert (await officer.open(1, await officer.open_event())).status_code == 201
