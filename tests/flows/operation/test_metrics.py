"""Metrics: what an alarm needs, and as many series after a busy day as before it. Reliability 25."""

import re
from datetime import timedelta

import httpx
import pytest

from belvedere.domain.causes import REFUSALS
from belvedere.domain.failures import NotRead
from belvedere.media.relay import RelayStats
from belvedere.node.meters import RELAY_COUNTERS
from belvedere.store.database import StoreLimits, TooManyReads
from tests.flows.conftest import PASSWORD, City, station_secret

pytestmark = pytest.mark.anyio
LINE = re.compile(r"^(?P<series>[a-z_:]+(?:\{[^}]*\})?) (?P<number>\S+)$")


async def series(city: City) -> dict[str, float]:
    answer = await city.browser().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    found = {}
    for line in lines:
        matched = LINE.match(line)
        assert matched is not None, line
        found[matched["series"]] = float(matched["number"])
    assert len(found) == len(lines), "no series twice"
    return found


async def wrong_password(city: City) -> httpx.Response:
    body = {"login": "cic-operator", "password": "wrong", "station": station_secret("cic-operator")}
    return await city.browser().post("/api/v1/login", json=body)


async def test_decisions_refusals_viewings_and_slots_are_counted(city: City) -> None:
    officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
    event = await officer.open_event()
    for camera in range(1, 9):
        await officer.opened(camera, event)
    assert (await officer.open(9, event)).status_code == 409
    assert (await officer.open(10, None)).status_code == 403
    assert (await officer.open("nowhere", event)).status_code == 404
    await operator.opened(1, None)
    asked = await officer.client.post("/api/v1/ptz/leases", json={"camera": "vda-003", "event": event})
    assert asked.status_code == 403
    assert (await wrong_password(city)).status_code == 401
    told = await series(city)
    assert told['belvedere_decisions_total{verdict="granted"}'] == 9
    assert told['belvedere_decisions_total{verdict="refused"}'] == 3
    assert told['belvedere_decisions_total{verdict="pending"}'] == 0
    assert told['belvedere_refusals_total{cause="quota"}'] == 1
    assert told['belvedere_refusals_total{cause="no-event"}'] == 1
    assert sum(number for name, number in told.items() if name.startswith("belvedere_refusals_total")) == 3
    assert told["belvedere_unknown_asked_total"] == 1
    assert told['belvedere_viewings{party="etat"}'] == 8
    assert told['belvedere_viewings{party="villeneuve-dascq"}'] == 1
    assert told['belvedere_slots_used{party="etat"}'] == told['belvedere_slots{party="etat"}'] == 8
    assert 'belvedere_slots{party="villeneuve-dascq"}' not in told, "nothing bounds the owner's own room"
    assert told["belvedere_login_failures_total"] == 1
    assert told['belvedere_http_answers_total{class="4xx"}'] >= 4
    assert all(told[f'belvedere_ready{{part="{part}"}}'] == 1 for part in ("records", "media", "clock"))


async def test_a_ready_part_that_lacks_and_a_step_of_the_clock_show_in_the_metrics(city: City) -> None:
    city.clock.at -= timedelta(hours=3)
    told = await series(city)
    assert told['belvedere_ready{part="clock"}'] == 0
    assert told["belvedere_clock_drift_seconds"] == -3 * 3600


async def test_no_id_becomes_a_series_however_busy_the_day(city: City) -> None:
    before = await series(city)
    logins = ("cic-operator", "cic-second", "srpj", "csu-operator", "police-director")
    for login in logins:
        agent = await city.sign_in(login)
        for kind in ("levee-de-doute", "intervention"):
            event = await agent.open_event(kind)
            for camera in range(1, 13):
                await agent.open(camera, event)
            await agent.client.patch(f"/api/v1/events/{event}", json={"state": "closed", "motive": "fini"})
    for number in range(8):
        await city.browser().post(
            "/api/v1/login", json={"login": f"guess-{number}", "password": "x", "station": f"s-{number}"}
        )
        await city.browser().get(f"/api/v1/nothing-{number}", headers={"User-Agent": f"u-{number}"})
    after = await series(city)
    assert set(after) == set(before)
    assert len(after) < 120
    text = "\n".join(after)
    for word in (*logins, "vda-0", "poste-", "guess", "nothing", "cic-"):
        assert word not in text, word
    assert sum(after.values()) != sum(before.values()), "the day was counted"


async def test_every_cause_of_refusal_has_its_series_from_the_start(city: City) -> None:
    told = await series(city)
    causes = {name.split('"')[1] for name in told if name.startswith("belvedere_refusals_total")}
    assert causes == {cause.value for cause in REFUSALS}


async def test_the_relays_figures_that_only_grow_are_counters(city: City) -> None:
    assert set(RelayStats().as_mapping()) >= RELAY_COUNTERS
    answer = (await city.browser().get("/metrics")).text
    assert "# TYPE belvedere_relay_bytes_sent_total counter" in answer
    assert "# TYPE belvedere_relay_sockets gauge" in answer
    relay = [line for line in answer.splitlines() if line.startswith("belvedere_relay_")]
    assert len(relay) == len(RelayStats().as_mapping())


async def test_metrics_and_readiness_tell_no_secret(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    await officer.opened(1, await officer.open_event(motive="motif secret"))
    for path in ("/metrics", "/readyz"):
        text = (await city.browser().get(path)).text
        assert all(word not in text for word in (PASSWORD, "canary-7f3a", "rtsp", "motif secret", "ticket-"))


async def test_counts_and_sentences_are_for_the_networks_that_look_after_the_node_alone(city: City) -> None:
    browser, elsewhere = city.browser(), {"X-Forwarded-For": "203.0.113.7"}
    assert (await browser.get("/metrics")).status_code == 200
    assert (await browser.get("/metrics", headers=elsewhere)).status_code == 404
    inside, outside = (await browser.get("/readyz")).json(), (await browser.get("/readyz", headers=elsewhere)).json()
    assert set(inside) - set(outside) == {"lacking", "cameras"}
    assert all(part is True for part in outside.values())


@pytest.mark.parametrize("failure", [TooManyReads("all readers are taken"), NotRead("the disk gives nothing")])
async def test_metrics_are_told_when_the_store_cannot_be_read(
    city: City, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    before = await series(city)

    async def read(*_: object, **__: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(city.node.database, "read", read)
        told = await series(city)
    left_out = {name for name in before if name not in told}
    assert left_out == {name for name in before if re.match(r"belvedere_(viewings|slots|slots_used)\{", name)}


async def test_reads_refused_for_the_crowd_are_counted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = await city.sign_in("cic-operator")
    with monkeypatch.context() as patch:
        patch.setattr(city.node.database, "_limits", StoreLimits(reads_waiting_max=0))
        assert (await officer.client.get("/api/v1/streams")).status_code == 503
    assert (await series(city))["belvedere_store_reads_refused_total"] >= 1
