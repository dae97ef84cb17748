"""Who comes in: passwords, stations, origins, sizes. Reliability 2, 4, 22, 25; api, Requests."""

import asyncio
import base64
import gc
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from pydantic_core._pydantic_core import list_all_errors
from structlog.testing import capture_logs

from belvedere.ledger.tree import leaf_hash, root_of_leaves
from belvedere.web import field_words
from tests.flows.conftest import PASSWORD, City, station_secret

pytestmark = pytest.mark.anyio


async def log_in(client: httpx.AsyncClient, **changed: object) -> httpx.Response:
    body = {"login": "cic-operator", "password": PASSWORD, "station": station_secret("cic-operator")}
    return await client.post("/api/v1/login", json=body | changed)


async def test_signing_in_sets_an_http_only_cookie_named_after_the_party(city: City) -> None:
    answer = await log_in(city.browser())
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("villeneuve-dascq=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    pseudonym = answer.json()["agent"]["pseudonym"]
    assert "cic-operator" not in pseudonym.lower()


async def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(city: City) -> None:
    client = city.browser()
    wrong, unknown = await log_in(client, password="wrong"), await log_in(client, login="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["remedy"]


async def test_guessing_is_slowed_down_and_never_locks_the_operator_out(city: City) -> None:
    guesser, operator = city.browser(), city.browser()
    for _ in range(3):
        assert (await log_in(guesser, password="guess", station="elsewhere")).status_code == 401
    slowed = await log_in(guesser, password="guess", station="elsewhere")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    assert (await log_in(operator)).status_code == 200, "the console at its own station is not slowed"
    city.clock.move(timedelta(seconds=16))
    assert (await log_in(guesser, station=station_secret("cic-operator"))).status_code == 200


@pytest.mark.parametrize("station", ["never-enrolled-anywhere", station_secret("csu-operator")])
async def test_an_unregistered_or_another_partys_station_is_refused(city: City, station: str) -> None:
    answer = await log_in(city.browser(), station=station)
    assert answer.status_code == 403
    assert answer.json()["articles"] == ["vda-etat:art-6"]


@pytest.mark.parametrize(
    "origin", [None, "null", "http://127.0.0.1", "http://evil.example", "http://127.0.0.1.evil.example"]
)
async def test_a_request_from_another_origin_is_refused_before_it_is_read(city: City, origin: str | None) -> None:
    answer = await log_in(city.browser(origin=origin))
    assert (answer.status_code, answer.json()["cause"]) == (403, "origin")


async def test_without_a_session_every_route_answers_401(city: City) -> None:
    client = city.browser()
    described = (await client.get("/openapi.json")).json()["paths"]
    ledger = {f"/api/v1/ledger/{each}" for each in ("checkpoint", "tile/{path}", "cosignature", "witness")}
    free = {"/api/v1/login", "/api/v1/node", *ledger, "/api/v1/ledger/witnessed/{origin}"}
    asked = 0
    for path, methods in described.items():
        for method in methods:
            if path not in free:
                answer = await client.request(method, path.replace("{", "").replace("}", ""))
                assert answer.status_code == 401, (method, path)
                asked += 1
    assert asked > 10


async def test_the_node_says_what_its_conventions_call_everybody_and_its_wall_clock(city: City) -> None:
    told = (await city.browser().get("/api/v1/node")).json()
    assert (told["name"], told["zone"]) == ("Ville de Villeneuve-d'Ascq", "Europe/Paris")
    assert [(each["id"], each["short"]["en"], each["called"]["fr"], each["room"]) for each in told["parties"]] == [
        ("villeneuve-dascq", "Villeneuve-d'Ascq", "la ville", "CSU"),
        ("etat", "State", "l'État", "CIC"),
    ]
    assert told["parties"][0]["director"]["fr"] == "le directeur de la police municipale"


async def test_a_body_that_is_not_json_is_a_bad_request(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    answer = await officer.client.post(
        "/api/v1/events", content=b"{not json", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "body", "message": "n'est pas du JSON"}]


async def test_what_is_wrong_with_a_field_is_said_in_the_language_of_the_person(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    for language, words in (("fr", "l'un de : 'levee-de-doute'"), ("en", "Input should be 'levee-de-doute'")):
        answer = await officer.client.post(
            "/api/v1/events", json={"kind": "promenade"}, headers={"Accept-Language": language}
        )
        (error,) = answer.json()["errors"]
        assert error["message"].startswith(words)


def test_every_french_sentence_about_a_field_fits_what_is_known_of_the_error() -> None:
    known = {str(error["type"]): error.get("example_context") or {} for error in list_all_errors()}
    for kind in field_words.FRENCH:
        found = {"type": kind, "loc": ("body", "kind"), "msg": "…", "ctx": known[kind]}
        field, wrong = field_words.bad_field(found)
        assert field == "kind"
        assert "{" not in wrong.fr


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_ten_megabytes_is_too_large(city: City, declared: bool) -> None:
    officer = await city.sign_in("cic-operator")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65_536

    content = b" " * 10_485_760 if declared else chunks()
    answer = await officer.client.post("/api/v1/events", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "kind"), ({"kind": "promenade"}, "kind"), ({"kind": "intervention", "motif": "x"}, "motif")],
)
async def test_an_event_without_a_known_kind_is_a_bad_request_that_names_the_field(
    city: City, body: dict[str, str], field: str
) -> None:
    officer = await city.sign_in("cic-operator")
    answer = await officer.client.post("/api/v1/events", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_refusals_speak_the_language_of_the_person(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    for language, word in (("fr-FR,fr;q=0.9", "événement"), ("en-GB", "event")):
        answer = await officer.client.post(
            "/api/v1/streams", json={"camera": "vda-001"}, headers={"Accept-Language": language}
        )
        assert word in answer.json()["detail"].lower()


async def test_camera_credentials_stand_in_no_answer(city: City) -> None:
    director = await city.sign_in("police-director")
    for path in ("/api/v1/cameras", "/api/v1/streams", "/api/v1/journal", "/metrics", "/openapi.json", "/readyz"):
        answer = await director.client.get(path)
        assert answer.status_code == 200, path
        assert "canary-7f3a" not in answer.text, path
        assert "rtsp:" not in answer.text, path
    assert "canary-7f3a" not in repr(city.relay.sources)


async def test_the_catalogue_is_geojson_with_the_contracts_members(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    catalogue = (await officer.client.get("/api/v1/cameras")).json()
    assert catalogue["type"] == "FeatureCollection"
    assert len(catalogue["features"]) == 12
    assert catalogue["features"][0]["properties"]["id"] == "vda-001"
    assert catalogue["features"][0]["properties"]["class"] == "voie-publique"


async def test_reading_the_journal_is_for_the_inspector_and_is_itself_recorded(city: City) -> None:
    officer, inspector = await city.sign_in("cic-operator"), await city.sign_in("inspector")
    await officer.opened(1, await officer.open_event())
    assert (await officer.client.get("/api/v1/journal")).status_code == 403
    answer = await inspector.client.get("/api/v1/journal", params={"camera": "vda-001"})
    assert {item["kind"] for item in answer.json()["items"]} >= {"decision", "opened"}
    assert len(await city.records(kind="consulted")) == 1
    bad = await inspector.client.get("/api/v1/journal", params={"from": "2026-01-01T00:00:00"})
    assert bad.status_code == 422


async def test_the_checkpoint_is_signed_by_the_node_and_its_tile_hashes_to_its_root(city: City) -> None:
    client = city.browser()
    origin, size, root, *_ = (await client.get("/api/v1/ledger/checkpoint")).text.split("\n")
    assert origin == "belvedere.example/villeneuve-dascq"
    tile = (await client.get(f"/api/v1/ledger/tile/0/000.p/{size}")).content
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert len(leaves) == int(size)
    assert root_of_leaves(leaves) == base64.b64decode(root)
    bundle = (await client.get(f"/api/v1/ledger/tile/entries/000.p/{size}")).content
    entries = [bundle[at + 2 : at + 34] for at in range(0, len(bundle), 34)]
    assert {bundle[at : at + 2] for at in range(0, len(bundle), 34)} == {b"\x00\x20"}
    assert [leaf_hash(entry) for entry in entries] == leaves
    for path in ("0/001", "0/000.p/0", "9/000", "0/../000", "0/x000/000", f"0/000.p/{int(size) + 1}", "entries/001"):
        assert (await client.get(f"/api/v1/ledger/tile/{path}")).status_code == 404


async def test_security_headers_stand_on_every_answer(city: City) -> None:
    officer, foreign = await city.sign_in("cic-operator"), city.browser(origin="http://evil.example")
    answers = [await city.browser().get(path) for path in ("/", "/healthz", "/api/v1/session", "/api/v1/nothing")]
    answers += [await officer.client.get(path) for path in ("/api/v1/cameras", "/api/v1/convention/calendar.ics")]
    answers.append(await foreign.post("/api/v1/events", json={}))
    answers.append(await officer.client.post("/api/v1/events", content=b" " * 70_000))
    assert {answer.status_code for answer in answers} >= {200, 401, 403, 404, 413}
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert {policy[name] for name in ("default-src", "object-src", "base-uri", "frame-ancestors")} == {"'none'"}
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == answer.headers["cross-origin-resource-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert not any(name.startswith("access-control-") for name in answer.headers), "no other origin reads anything"
        assert {"server", "x-powered-by"}.isdisjoint(answer.headers)


async def test_methods_that_no_route_has_are_not_answered(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    for method in ("TRACE", "CONNECT", "PUT"):
        answer = await officer.client.request(method, "/api/v1/streams")
        assert answer.status_code in {400, 404, 405}, method


async def test_sign_ins_are_logged_without_what_was_typed(city: City) -> None:
    with capture_logs() as told:
        await log_in(city.browser())
        for changed in ({"password": "typed-canary"}, {"login": "typed-canary"}, {"station": "typed-canary"}):
            await log_in(city.browser(), **changed)
    events = [
        (each["event"], each.get("cause"), each.get("station") or each["place"])
        for each in told
        if "sign" in each["event"]
    ]
    assert events == [
        ("signed_in", None, "poste-4"),
        ("sign_in_refused", "wrong-password", "poste-4"),
        ("sign_in_refused", "wrong-password", "poste-4"),
        ("sign_in_refused", "station-unregistered", "127.0.0.1"),
    ]
    assert "canary" not in str(told)
    assert PASSWORD not in str(told)


async def test_the_preview_says_what_a_click_would_do_and_writes_nothing(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    before = len(await city.records())
    ask = {"action": "view", "camera": "vda-001"}
    without = (await officer.client.post("/api/v1/preview", json=ask)).json()
    with_one = (await officer.client.post("/api/v1/preview", json=ask | {"event": event})).json()
    assert (without["verdict"], with_one["verdict"]) == ("refused", "granted")
    recording = await officer.client.post("/api/v1/preview", json=ask | {"action": "record", "event": event})
    assert recording.json()["verdict"] == "refused"
    assert json.dumps(without["articles"])
    assert len(await city.records()) == before


async def test_an_answer_does_not_wait_for_the_clients_acknowledgement(city: City) -> None:
    client = city.browser()
    assert (await client.get("/healthz")).status_code == 200
    port = httpx.URL(city.node.app_url).port
    accepted = [
        each
        for each in gc.get_objects()
        if isinstance(each, asyncio.Transport)
        and (sock := each.get_extra_info("socket")) is not None
        and not each.is_closing()
        and sock.getsockname()[1] == port
    ]
    assert accepted, "the client's connection is kept alive"
    for each in accepted:
        assert each.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
