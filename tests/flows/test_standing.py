"""What has ended ends everywhere: standing is asked at each use, and what ends it ends what rests on it. Rules A1, A22, C3."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import anyio
import httpx
import pytest

from belvedere.acts.open_stream import OpenStream
from belvedere.changes import SessionClosed
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, EventId
from belvedere.domain.journal import JournalQuestion
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Language
from belvedere.domain.viewings import Viewing
from belvedere.spine.step import Step
from belvedere.web import journal as web_journal
from belvedere.web.access import SIGNED_IN
from belvedere.web.app import create_app
from belvedere.web.asking import Follower
from tests.flows.conftest import CITY, PIN, City, SignedIn
from tests.flows.making import give_last_day
from tests.flows.test_direction import end_habilitation_of
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
OVER = "urn:belvedere:problem:standing-ended"


async def strike_off(city: City, whose: SignedIn, *, by: str) -> None:
    """Strike an agent's station off."""
    chief = await city.sign_in(by)
    assert (await chief.client.delete(f"/api/v1/stations/{whose.body['station']['id']}")).status_code == 204


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["type"], answer.json()["cause"]


async def test_a_citys_station_that_is_struck_off_keeps_no_picture_and_opens_none(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    viewing = await operator.opened(1, None)
    await strike_off(city, operator, by="police-director")
    assert city.relay.ended(viewing) == (4403, "station-unregistered")
    (ended,) = await city.records(kind="ended", viewing=viewing)
    assert ended["cause"] == "station-unregistered"
    before = len(await city.records())
    answer = await operator.open(2, None)
    assert refusal(answer) == (403, OVER, "station-unregistered")
    assert answer.json()["articles"]
    assert answer.json()["remedy"]
    assert len(await city.records()) == before, "the node's own refusal: no convention was asked"
    assert refusal(await operator.client.get("/api/v1/streams")) == (403, OVER, "station-unregistered")


async def test_a_closed_session_says_why_and_can_be_left(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    assert operator.body["closed"] is None
    assert await end_habilitation_of(city, "csu-operator", by="csu-room-chief") == 200
    answer = await operator.client.get("/api/v1/session")
    assert answer.status_code == 200
    assert answer.json()["closed"]["cause"] == "not-habilitated"
    assert {"csi:L252-3", "csi:R253-3"} <= set(answer.json()["closed"]["articles"])
    assert set(answer.json()["closed"]["texts"]) == {"fr", "en"}
    again = await city.sign_in("csu-operator")
    assert again.body["closed"]["cause"] == "not-habilitated", "a new session is closed as well"
    assert (await operator.client.post("/api/v1/logout")).status_code == 204
    assert (await operator.client.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize(("login", "by"), [("inspector", "police-director"), ("csu-room-chief", "police-director")])
async def test_whose_habilitation_and_station_ended_reads_no_journal_and_writes_no_event(
    city: City, login: str, by: str
) -> None:
    agent = await city.sign_in(login)
    assert (await agent.client.get("/api/v1/journal")).status_code == 200
    assert await end_habilitation_of(city, login, by=by) == 200
    await strike_off(city, agent, by=by)
    before = len(await city.records())
    for path in ("/journal", "/journal/viewings", "/journal/viewings.csv", "/cameras", "/events", "/changes"):
        assert refusal(await agent.client.get(f"/api/v1{path}")) == (403, OVER, "not-habilitated")
    written = await agent.client.post("/api/v1/events", json={"kind": "intervention"})
    assert refusal(written) == (403, OVER, "not-habilitated")
    assert len(await city.records()) == before


async def test_an_inspector_opens_no_event_and_rewrites_none(city: City) -> None:
    operator, inspector = await city.sign_in("csu-operator"), await city.sign_in("inspector")
    event = await operator.open_event(motive="chute d'une personne")
    opened = await inspector.client.post("/api/v1/events", json={"kind": "intervention"})
    assert (opened.status_code, opened.json()["cause"]) == (403, "role")
    rewritten = await inspector.client.patch(f"/api/v1/events/{event}", json={"motive": "autre"})
    assert (rewritten.status_code, rewritten.json()["cause"]) == (403, "role")
    (record,) = await city.records(kind="event")
    assert (await city.typed(record))["motive"] == "chute d'une personne"


async def test_a_motive_is_completed_by_its_opener_and_its_service_and_by_no_other(city: City) -> None:
    opener, colleague = await city.sign_in("cic-operator"), await city.sign_in("cic-second")
    supervisor, srpj = await city.sign_in("cic-supervisor"), await city.sign_in("srpj")
    event, theirs = await opener.open_event(), await srpj.open_event()
    for agent in (opener, colleague, supervisor):
        answer = await agent.client.patch(f"/api/v1/events/{event}", json={"motive": "rixe"})
        assert answer.status_code == 200
    for agent, another in ((srpj, event), (opener, theirs), (supervisor, theirs)):
        before = len(await city.records())
        answer = await agent.client.patch(f"/api/v1/events/{another}", json={"motive": "autre"})
        assert (answer.status_code, answer.json()["cause"]) == (403, "other-services-event")
        assert len(await city.records()) == before


@pytest.mark.parametrize("nothing", [{}, {"state": "open"}])
async def test_another_services_event_is_not_amended_without_words_either(city: City, nothing: dict[str, str]) -> None:
    opener, srpj = await city.sign_in("cic-operator"), await city.sign_in("srpj")
    event = await opener.open_event(motive="rixe")
    before = len(await city.records())
    answer = await srpj.client.patch(f"/api/v1/events/{event}", json=nothing)
    assert (answer.status_code, answer.json()["cause"]) == (403, "other-services-event")
    assert len(await city.records()) == before


async def test_an_unused_ticket_does_not_outlive_the_relief_or_the_leaving_of_its_session(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    former = next(each for each in await running(city) if each.id == viewing).session_sha256
    relief = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})
    assert relief.status_code == 200
    assert city.relay.void == [former]
    assert city.relay.ended(viewing) is None, "the picture stays"
    (kept,) = await running(city)
    assert (await officer.client.post("/api/v1/logout")).status_code == 204
    assert city.relay.void == [former, kept.session_sha256]


async def running(city: City) -> list[Viewing]:
    return await city.node.spine.read(lambda reading: list(reading.viewings()))


async def test_an_opening_that_waits_while_its_agent_is_relieved_is_refused(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    event = await officer.open_event()
    who = await city.node.web.asking.sign_in.who(officer.client.cookies[CITY])
    assert who is not None
    assert (await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})).is_success
    late = OpenStream(requester=who.requester, camera=CameraId("vda-001"), event=EventId(event))
    assert await city.node.web.streams.opener(late) == ActRefused(Cause.NOT_SIGNED_IN)
    assert not city.relay.tickets


async def test_an_opening_that_commits_while_its_session_is_left_does_not_outlive_it(city: City) -> None:
    for milliseconds in range(8):
        officer = await city.sign_in("cic-operator")
        event = await officer.open_event()
        async with anyio.create_task_group() as beside:
            for camera in range(1, 6):
                beside.start_soon(officer.open, camera, event)
            await anyio.sleep(milliseconds / 1000)
            assert (await officer.client.post("/api/v1/logout")).status_code == 204
        assert not await running(city)
        assert not city.relay.serving, "what was admitted after its end was revoked all the same"


async def test_a_viewing_whose_session_is_gone_is_ended_by_the_watch(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    (kept,) = await city.node.spine.read(lambda reading: list(reading.viewings()))
    # As where a leaving is written late, after an opening that began before it.
    await city.node.spine.commit(lambda _, __: Step(None, (SessionClosed(kept.session_sha256),)))
    await city.node.watch.tick()
    assert city.relay.ended(viewing) == (4403, "session-ended")
    assert not await running(city)


@contextlib.asynccontextmanager
async def following(agent: SignedIn) -> AsyncIterator[AsyncIterator[str]]:
    """Follow changes; give the stream's lines once it has begun."""
    async with agent.client.stream("GET", "/api/v1/changes", timeout=30) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        assert await anext(lines)
        yield lines


@pytest.mark.parametrize("what", ["station", "habilitation", "session"])
async def test_the_stream_of_changes_stops_within_a_second_of_the_end_of_a_standing(city: City, what: str) -> None:
    operator = await city.sign_in("csu-operator")
    async with following(operator) as lines:
        match what:
            case "station":
                await strike_off(city, operator, by="police-director")
            case "habilitation":
                assert await end_habilitation_of(city, "csu-operator", by="csu-room-chief") == 200
            case _:
                assert (await operator.client.post("/api/v1/logout")).status_code == 204
        with anyio.fail_after(allowed_s(1.0)):
            async for _ in lines:
                pass


async def test_a_habilitation_that_ends_with_its_last_day_is_found_by_the_watch_and_at_use(city: City) -> None:
    await give_last_day(city.node, "cic-operator", date(2026, 3, 25))
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    await city.watch.tick()
    async with following(officer) as lines:
        city.clock.at = datetime(2026, 3, 25, 23, 0, 1, tzinfo=UTC)  # midnight in Paris; no time of the session passed
        await city.watch.tick()
        with anyio.fail_after(allowed_s(1.0)):
            async for _ in lines:
                pass
    assert city.relay.ended(viewing) == (4408, "not-habilitated")
    assert refusal(await officer.client.get("/api/v1/cameras")) == (403, OVER, "not-habilitated")


@pytest.mark.parametrize("lines_a_piece", [2, 4])
async def test_a_journals_file_stops_where_its_readers_standing_ends_and_says_so(
    city: City, monkeypatch: pytest.MonkeyPatch, lines_a_piece: int
) -> None:
    monkeypatch.setattr(web_journal, "FILE_LINES_A_PIECE", lines_a_piece)
    ports = city.node.web
    operator, inspector = await city.sign_in("csu-operator"), await city.sign_in("inspector")
    for camera in range(1, 6):
        await operator.opened(camera, None)
    who = await ports.asking.sign_in.who(inspector.client.cookies[CITY])
    assert who is not None
    access = SIGNED_IN[web_journal.viewings_file]
    assert access is not None
    follower = Follower(who.requester, access, ports.asking, create_app(ports).state.snapshots)
    found = await ports.journal.desk.whole(who.requester, JournalQuestion(None, None, None))
    pieces = web_journal._file(ports.journal, found, follower, Language.FR)
    assert (await anext(pieces)).count("\r\n") == lines_a_piece
    await strike_off(city, inspector, by="police-director")
    (rest,) = [piece async for piece in pieces]
    assert rest == "Fichier interrompu, incomplet : Poste non enregistré ou radié.\r\n"
