"""Reliability 20, 21, 25: every queue, body, name and file has a bound, and beyond it a clear answer, never a 500."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from belvedere.domain.failures import Unreadable
from belvedere.inventory.cameras import FILE_BYTES_MAX, read_ground, read_inventory, read_sources
from belvedere.store.database import StoreLimits
from belvedere.web import changes, stream_of_changes
from tests.flows.conftest import City, camera_feature

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

JSON = {"content-type": "application/json"}
DEEP = "[" * 900 + "]" * 900
TOO_DEEP = "[" * 30_000 + "]" * 30_000


async def test_more_reads_than_may_wait_are_answered_503_and_the_node_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await city.sign_in("cic-operator")
    monkeypatch.setattr(city.node.database, "_limits", StoreLimits(reads_waiting_max=0))
    full = await officer.client.get("/api/v1/streams")
    assert (full.status_code, full.json()["cause"]) == (503, "busy")
    assert full.headers["retry-after"]
    await anyio.sleep(1.5)  # the watch meets the same bound at its second
    monkeypatch.undo()
    assert (await officer.client.get("/api/v1/streams")).status_code == 200
    assert (await officer.open(1, await officer.open_event())).status_code == 201


async def test_one_screen_too_many_is_answered_503_and_a_closed_one_makes_room(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "SCREENS_MAX", 2)
    officer = await city.sign_in("cic-operator")

    async def follow(screens: int) -> None:
        async with officer.client.stream("GET", "/api/v1/changes", timeout=60) as answer:
            assert answer.status_code == 200
            async for _ in answer.aiter_lines():
                if screens > 1:
                    await follow(screens - 1)
                else:
                    full = await officer.client.get("/api/v1/changes")
                    assert (full.status_code, full.json()["cause"], full.json()["whose"]) == (503, "screens", "node")
                    assert full.headers["retry-after"]
                return

    await follow(2)
    with anyio.fail_after(30):
        while city.node.web.screens.changes.screens:
            await anyio.sleep(0.05)
    await follow(2)


async def test_neither_a_session_nor_a_party_takes_the_screens_of_the_others(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "SESSION_SCREENS_MAX", 2)
    monkeypatch.setattr(changes, "PARTY_SCREENS_MAX", 3)
    agents = {login: await city.sign_in(login) for login in ("cic-operator", "cic-second", "csu-operator")}

    async def refused(login: str) -> str:
        full = await agents[login].client.get("/api/v1/changes")
        assert (full.status_code, full.json()["cause"]) == (503, "screens")
        assert full.json()["remedy"]
        return str(full.json()["whose"])

    async def follow(logins: list[str]) -> None:
        if not logins:
            assert await refused("cic-operator") == "session"
            assert await refused("cic-second") == "party"
            return
        async with agents[logins[0]].client.stream("GET", "/api/v1/changes", timeout=60) as answer:
            assert answer.status_code == 200, logins
            async for _ in answer.aiter_lines():
                await follow(logins[1:])
                return

    await follow(["cic-operator", "cic-operator", "cic-second", "csu-operator"])


async def test_a_screen_whose_session_is_over_hears_nothing_more_however_much_changes(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_of_changes, "CLOCK_EVERY_S", 0.3)
    officer, left = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    heard = 0

    async def never_quiet() -> None:
        while True:
            city.node.web.screens.changes.streams_changed()
            await anyio.sleep(0.02)

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            async with left.client.stream("GET", "/api/v1/changes", timeout=60) as answer:
                tasks.start_soon(never_quiet)
                async for line in answer.aiter_lines():
                    if not line.startswith("data"):
                        continue
                    heard += 1
                    if heard == 5:
                        assert (await left.client.post("/api/v1/logout")).status_code == 204
            tasks.cancel_scope.cancel()
    assert heard >= 5
    assert (await officer.client.get("/api/v1/session")).status_code == 200


async def test_a_page_with_an_endless_name_is_a_page_like_any_other(city: City) -> None:
    client = city.browser()
    for path in (
        "/" + "a" * 300,
        "/" + "a" * 5000,
        "/a%00b",
        "/%ff%fe",
        "/..",
        "/%2e%2e%2fnode-key.pem",
        "/..%5c..%5c",
    ):
        answer = await client.get(path)
        assert answer.status_code in {200, 404}, path
        assert "PRIVATE" not in answer.text


@pytest.mark.parametrize(
    "document",
    ['{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', '{"\\ud800": 1}', f'{{"a": {DEEP}}}', f'{{"a": {TOO_DEEP}}}'],
)
async def test_a_layout_that_could_not_be_given_back_is_not_taken(city: City, document: str) -> None:
    officer = await city.sign_in("cic-operator")
    kept = await officer.client.put("/api/v1/layout", content=document, headers=JSON)
    assert kept.status_code in {204, 422}, kept.text
    given = await officer.client.get("/api/v1/layout")
    assert given.status_code == 200
    if kept.status_code == 422:
        assert given.json() == {}


@pytest.mark.parametrize("body", [TOO_DEEP, f'{{"kind": "intervention", "motive": {"9" * 5000}}}'])
async def test_json_that_no_reader_takes_is_a_bad_request_that_says_so(city: City, body: str) -> None:
    officer = await city.sign_in("cic-operator")
    for method, path in (("POST", "/api/v1/events"), ("POST", "/api/v1/convention/what-if"), ("PUT", "/api/v1/layout")):
        answer = await officer.client.request(method, path, content=body, headers=JSON)
        assert answer.status_code == 422, path
        assert [error["field"] for error in answer.json()["errors"]] == ["body"], path


async def hold_open(city: City, count: int, first_bytes: bytes) -> list[Any]:
    """Open connections that send `first_bytes` and then nothing."""
    host, port = city.node.app_url.removeprefix("http://").split(":")
    streams = []
    for _ in range(count):
        stream = await anyio.connect_tcp(host, int(port))
        await stream.send(first_bytes)
        streams.append(stream)
    return streams


async def test_headers_without_end_are_cut_off(city: City) -> None:
    (stream,) = await hold_open(city, 1, b"GET / HTTP/1.1\r\nHost: x\r\n")
    sent, answer = 0, b""
    with anyio.fail_after(60):
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            while sent < 4_000_000:
                await stream.send(b"X-Pad: " + b"a" * 8192 + b"\r\n")
                sent += 8200
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
            answer = await stream.receive(4096)
    await stream.aclose()
    assert sent < 4_000_000 or answer.split(b"\r\n")[0].endswith(b"400 Bad Request"), answer


# Files


def geojson(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "the file"),
        (b"[" * 100_000, "the file"),
        (b'{"type": "FeatureCollection", "features": [' + b"[" * 5000, "recursion"),
        (b"\xff\xfe\x00", "the file"),
        (b"PK\x03\x04" + b"\x00" * 64, "the file"),
    ],
)
def test_an_inventory_that_is_no_geojson_is_refused_with_the_place(tmp_path: Path, content: bytes, named: str) -> None:
    file = tmp_path / "cameras.geojson"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=r"cameras\.geojson") as refused:
        read_inventory(file)
    assert named in str(refused.value) or "json" in str(refused.value).lower()
    for read in (read_ground, read_sources):
        file.chmod(0o600)
        with pytest.raises(Unreadable, match=r"cameras\.geojson"):
            read(file)


@pytest.mark.parametrize("read", [read_inventory, read_sources, read_ground])
def test_a_file_that_is_absent_a_folder_or_a_pipe_is_refused_at_once(tmp_path: Path, read: Any) -> None:
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe, 0o600)
    for path in (tmp_path / "absent", folder, pipe, Path("/dev/zero")):
        with pytest.raises(Unreadable, match=path.name):
            read(path)


def test_a_file_larger_than_any_city_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cameras.geojson"
    with file.open("wb") as sparse:
        sparse.truncate(FILE_BYTES_MAX + 1)
    began_s = time.perf_counter()
    with pytest.raises(Unreadable, match="split the file"):
        read_inventory(file)
    assert time.perf_counter() - began_s < 5


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("member", ["coordinates", "range_m", "heading_deg"])
def test_a_number_that_is_none_is_refused_in_an_inventory(tmp_path: Path, member: str, number: str) -> None:
    feature: Any = camera_feature(1, range_m=1.0, heading_deg=1.0)
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    if member == "coordinates":
        text = text.replace(json.dumps(feature["geometry"]["coordinates"][0]), number)
    else:
        text = text.replace(f'"{member}": 1.0', f'"{member}": {number}')
    assert number in text
    file = tmp_path / "cameras.geojson"
    file.write_text(text)
    with pytest.raises(Unreadable, match=r"cameras\.geojson"):
        read_inventory(file)


def test_two_cameras_of_one_id_are_refused_and_the_id_is_named(tmp_path: Path) -> None:
    file = geojson(tmp_path / "cameras.geojson", camera_feature(1), camera_feature(2, id="vda-001"))
    with pytest.raises(Unreadable, match="vda-001"):
        read_inventory(file)


@pytest.mark.parametrize("camera", ["../../etc/passwd", "vda-001\n", "<b>", "a" * 65, "", "VDA", "vda 1", "=1+1"])
def test_an_id_that_could_be_a_path_or_markup_is_refused(tmp_path: Path, camera: str) -> None:
    with pytest.raises(Unreadable, match=r"properties\.id"):
        read_inventory(geojson(tmp_path / "cameras.geojson", camera_feature(1, id=camera)))


def test_a_refused_address_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    file = tmp_path / "sources.json"
    file.touch(mode=0o600)
    file.write_text(
        json.dumps({"cameras": {"vda-001": {"url": "http://admin:canary-9c@10.0.0.1/", "password": "canary-9c"}}})
    )
    with pytest.raises(Unreadable) as refused:
        read_sources(file)
    assert "canary-9c" not in str(refused.value)
    assert "vda-001" in str(refused.value)
