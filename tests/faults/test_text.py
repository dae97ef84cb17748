"""Reliability 20: markup, formulas, control characters and bidi marks in what people type and import are text, everywhere."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from belvedere.cli.logs import log_to_stderr
from belvedere.inventory.cameras import read_inventory
from tests.flows.conftest import City, camera_feature

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example")',
    "+33 1 =1+1",
    "@SUM(A1)",
    "rixe \u202egnp.exe\u202c",
    "\u2066caché\u2069",
    "' OR '1'='1'; DROP TABLE events; --",
    "{{7*7}} ${7*7} %s %n",
    "e\u0301 \U0001f6a8 \ufeff",
]
CONTROL = ["a\x00b", "a\nb", "a\r\nHTTP/1.1 200 OK", "a\x1b[31mb", "a\x7fb", "a\tb", "a\x85b", "a\u2028b"]


@pytest.mark.parametrize("motive", NASTY)
async def test_what_is_typed_comes_back_as_it_was_typed_and_is_one_record(city: City, motive: str) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    event = await officer.open_event(motive=motive)
    viewing = await officer.opened(1, event)
    shown = (await officer.client.get("/api/v1/events")).json()["items"][0]
    assert shown["motive"] == motive.strip()
    seen = await director.client.get("/api/v1/streams")
    assert seen.headers["content-type"] == "application/json"
    assert [item["event"]["motive"] for item in seen.json()["items"] if item["id"] == viewing] == [motive.strip()]
    (opened,) = await city.records(kind="event", cause="opened")
    assert (await city.typed(opened))["motive"] == motive.strip()


@pytest.mark.parametrize("motive", CONTROL)
async def test_control_characters_are_a_bad_request_that_names_the_field(city: City, motive: str) -> None:
    officer = await city.sign_in("cic-operator")
    for member in ("motive", "sector", "dispatch_number"):
        answer = await officer.client.post("/api/v1/events", json={"kind": "intervention", member: motive})
        assert answer.status_code == 422, member
        assert [error["field"] for error in answer.json()["errors"]] == [member]
        assert motive not in answer.text


@pytest.mark.parametrize("label", CONTROL)
async def test_control_characters_stand_in_no_stations_label_and_in_no_question_to_the_journal(
    city: City, label: str
) -> None:
    supervisor, inspector = await city.sign_in("cic-supervisor"), await city.sign_in("inspector")
    answer = await supervisor.client.post("/api/v1/stations", json={"label": label})
    assert [error["field"] for error in answer.json()["errors"]] == ["label"]
    asked = await inspector.client.get("/api/v1/journal", params={"camera": label})
    assert [error["field"] for error in asked.json()["errors"]] == ["camera"]


async def test_an_imported_name_is_shown_as_text(tmp_path: Path) -> None:
    for name in NASTY:
        file = tmp_path / "cameras.geojson"
        file.write_text(
            json.dumps({"type": "FeatureCollection", "features": [camera_feature(1, name=name, street=name)]})
        )
        (camera,) = read_inventory(file)
        assert (camera.name, camera.street) == (name, name)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What this process would write to standard error."""
    stream, root, hook = io.StringIO(), logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", stream)
    log_to_stderr()
    yield stream
    structlog.reset_defaults()
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize("word", [*NASTY, *CONTROL])
def test_one_event_is_one_log_line_in_plain_characters(logged: io.StringIO, word: str) -> None:
    structlog.get_logger("tests.faults.text").warning("told", motive=word, path=f"/media/{word}")
    lines = logged.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].isascii()
    assert lines[0].isprintable()
    assert json.loads(lines[0])["motive"] == word
