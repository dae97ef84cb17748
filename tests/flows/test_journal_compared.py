"""What people read is what the ledger says, with the database file writable and no key. Reliability 7; CSI R253-5."""

import csv
import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import pytest

from belvedere.node.database import mend_journal
from belvedere.store.comparison import JournalComparison, RecordsUnsound
from belvedere.store.database import DATABASE_FILE
from tests.flows.conftest import City, SignedIn
from tests.flows.operation.conftest import Site, site

__all__ = ["site"]
pytestmark = pytest.mark.anyio


def tamper(city: City | Site, *statements: str) -> None:
    """Change the file as whoever has it in hand would: no trigger, no key stands in the way."""
    driver = sqlite3.connect(city.settings.node.data_dir / DATABASE_FILE, isolation_level=None)
    driver.execute("BEGIN IMMEDIATE")
    for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        driver.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        driver.execute(statement)
    driver.execute("COMMIT")
    driver.close()


async def page(reader: SignedIn) -> dict[str, Any]:
    answer = await reader.client.get("/api/v1/journal/viewings")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def lacking(city: City) -> dict[str, str]:
    answer = await city.browser().get("/readyz", headers={"Accept-Language": "en"})
    return {each["part"]: each["detail"] for each in answer.json()["lacking"]}


@asynccontextmanager
async def comparisons_held(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[anyio.Event]:
    """Let the node compare nothing until the event is set."""
    let, compare = anyio.Event(), JournalComparison._compare

    async def held(comparison: JournalComparison, *, rest: bool) -> bool:
        await let.wait()
        return await compare(comparison, rest=rest)

    with monkeypatch.context() as holding:
        holding.setattr(JournalComparison, "_compare", held)
        yield let
        let.set()


async def settled(reader: SignedIn) -> dict[str, Any]:
    with anyio.fail_after(20):
        while (body := await page(reader))["compared"]["state"] != "compared":
            await anyio.sleep(0.05)
    return body


async def watched(city: City) -> tuple[SignedIn, str, str]:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event("levee-de-doute", motive="rixe signalée")
    viewing = await officer.opened(1, event)
    city.clock.move(timedelta(minutes=10))
    assert (await officer.client.delete(f"/api/v1/streams/{viewing}")).status_code == 204
    return officer, event, viewing


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_viewings SET ended_us = ended_us - 300000000",
        "INSERT INTO ledger_viewings SELECT 'v-0', camera, opened_us, opened_idx, ended_us, ended_idx, 0 FROM ledger_viewings",
        "UPDATE ledger_records SET camera = 'vda-002' WHERE kind = 'opened'",
    ],
    ids=["end changed", "viewing added", "searched elsewhere"],
)
async def test_what_was_changed_in_the_file_is_shown_by_the_page_alarmed_and_mended(
    city: City, monkeypatch: pytest.MonkeyPatch, tampering: str
) -> None:
    officer, event, _ = await watched(city)
    inspector, operator = await city.sign_in("inspector"), await city.sign_in("csu-operator")
    before = await page(inspector)
    assert before["compared"]["state"] == "compared"
    assert before["compared"]["at"] is not None
    async with comparisons_held(monkeypatch) as let:
        tamper(city, tampering)
        body = await page(inspector)
        assert body["items"] == before["items"], "the page says what the records say"
        assert body["compared"]["state"] == "differs"
        assert "find out who wrote to the database file" in (await lacking(city))["journal"]
        waits = await officer.open(2, event)
        assert (waits.status_code, waits.json()["cause"]) == (503, "not-compared")
        assert (await officer.client.get("/api/v1/streams")).status_code == 200, "what runs is shown, and ends"
        assert (await operator.open(2, None)).status_code == 201, "the own room goes on"
        let.set()
        body = await settled(inspector)
    assert body["compared"]["mended"]["rows"] == 1
    assert [each for each in body["items"] if each["camera"] == "vda-001"] == before["items"]
    (record,) = await city.records(cause="tables-mended")
    assert (record["kind"], record["detail"]["rows"]) == ("gap", 1)
    assert not await lacking(city)
    assert "belvedere_journal_differences_total 1.0" in (await city.browser().get("/metrics")).text
    assert (await officer.open(2, event)).status_code == 201


async def test_a_viewing_that_vanished_from_the_table_is_back_after_the_start(site: Site) -> None:
    async with site.serving() as city:
        _, _, viewing = await watched(city)
    tamper(site, "DELETE FROM ledger_viewings")
    async with site.serving() as city:
        inspector = await city.sign_in("inspector")
        body = await page(inspector)
        assert [each["viewing"] for each in body["items"]] == [viewing]
        assert (body["compared"]["state"], body["compared"]["mended"]["rows"]) == ("compared", 1)
        (record,) = await city.records(cause="tables-mended")
        assert record["detail"]["named"] == [f"ledger_viewings {viewing}"]


async def test_a_stopped_nodes_tables_are_rebuilt_by_command_and_that_is_a_record(site: Site) -> None:
    async with site.serving() as city:
        _, _, viewing = await watched(city)
    tamper(site, "DELETE FROM ledger_viewings", "UPDATE ledger_records SET at_us = 0 WHERE kind = 'ended'")
    assert [await mend_journal(site.settings) for _ in range(2)] == [2, 0]
    async with site.serving() as city:
        body = await page(await city.sign_in("inspector"))
        assert [each["viewing"] for each in body["items"]] == [viewing]
        assert body["compared"]["mended"] is None, "nothing was left to mend at the start"
        assert len(await city.records(cause="tables-mended")) == 1


async def test_a_stopped_nodes_tables_are_not_rebuilt_from_records_that_were_altered(site: Site) -> None:
    tamper(site, "UPDATE ledger_records SET record = record || ' ' WHERE idx = 0")
    with pytest.raises(RecordsUnsound, match="record 0"):
        await mend_journal(site.settings)


async def test_a_viewing_that_vanishes_while_the_node_runs_is_found_that_night(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("belvedere.store.comparison.LOOK_EVERY_S", 0.01)
    async with site.serving() as city:
        _, _, viewing = await watched(city)
        inspector = await city.sign_in("inspector")
        tamper(city, "DELETE FROM ledger_viewings")
        body = await page(inspector)
        assert (body["items"], body["compared"]["state"]) == ([], "compared"), "of what is not there no page can tell"
        city.clock.at += timedelta(hours=18)  # a quarter past four in the morning
        with anyio.fail_after(20):
            while not (body := await page(inspector))["items"]:
                await anyio.sleep(0.05)
        assert [each["viewing"] for each in body["items"]] == [viewing]
        assert (await settled(inspector))["compared"]["mended"]["rows"] == 1


async def test_an_invented_motive_is_not_shown(city: City) -> None:
    await watched(city)
    tamper(city, "UPDATE events SET motive = 'inventé', dispatch_number = '1'")
    (viewing,) = (await page(await city.sign_in("inspector")))["items"]
    assert (viewing["event"]["motive"], viewing["event"]["dispatch_number"]) == ("rixe signalée", None)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE ledger_records SET record = replace(record, 'sha256', 'sha255') WHERE kind = 'event'",
        "UPDATE ledger_words SET text = 'rien'",
        "UPDATE ledger_words SET text = 'rien', salt = zeroblob(32)",
        "DELETE FROM ledger_words",
    ],
    ids=["a record changed", "a motive invented", "a motive invented with its salt", "a motive removed"],
)
async def test_a_forged_record_or_motive_is_not_shown_and_stops_the_journal(city: City, forgery: str) -> None:
    officer, event, _ = await watched(city)
    inspector = await city.sign_in("inspector")
    tamper(city, forgery)
    body = await page(inspector)
    assert "rien" not in str(body["items"])
    assert "rixe" not in str(body["items"])
    assert body["compared"]["state"] == "unsound"
    assert {"records", "ledger"} == set(await lacking(city))
    waits = await officer.open(2, event)
    assert (waits.status_code, waits.json()["cause"]) == (503, "not-recorded")


async def test_while_a_long_journal_is_compared_the_own_room_is_open_and_partners_wait(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("belvedere.store.comparison.PIECE", 0)
    async with comparisons_held(monkeypatch) as let, site.serving() as city:
        officer, operator = await city.sign_in("cic-operator"), await city.sign_in("csu-operator")
        inspector = await city.sign_in("inspector")
        assert (await operator.open(1, None)).status_code == 201
        answer = await officer.client.post("/api/v1/events", json={"kind": "levee-de-doute"})
        assert (answer.status_code, answer.json()["cause"], answer.headers["retry-after"]) == (503, "not-compared", "5")
        assert (await page(inspector))["compared"] == {"state": "comparing", "at": None, "mended": None}
        assert set(await lacking(city)) == {"journal"}
        let.set()
        await settled(inspector)
        await officer.opened(2, await officer.open_event())


async def test_a_motive_that_was_changed_shows_both_with_who_and_when(city: City) -> None:
    officer, event, _ = await watched(city)
    chief = await city.sign_in("cic-supervisor")
    answer = await chief.client.patch(f"/api/v1/events/{event}", json={"motive": "agression", "dispatch_number": "7"})
    assert answer.status_code == 200, answer.text
    await officer.client.patch(f"/api/v1/events/{event}", json={"dispatch_number": "8"})
    inspector = await city.sign_in("inspector")
    (viewing,) = (await page(inspector))["items"]
    first, second = viewing["event"]["motives"]
    assert (first["words"], first["agent"], first["name"]) == (
        "rixe signalée",
        officer.body["agent"]["pseudonym"],
        None,
    )
    assert (second["words"], second["agent"]) == ("agression", chief.body["agent"]["pseudonym"])
    assert second["at"] > first["at"]
    assert (viewing["event"]["motive"], viewing["event"]["dispatch_number"]) == ("agression", None)
    answer = await inspector.client.get("/api/v1/journal/viewings.csv", params={"language": "fr"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert row["Motif"] == "agression"
    assert row["Motifs remplacés"] == (
        f"« rixe signalée » ({first['agent']}, 2026-03-25 10:00:00) → ({second['agent']}, 2026-03-25 10:10:00)"
    )
    assert row["Comparé aux inscriptions"].startswith("2026-03-25 10:00")
