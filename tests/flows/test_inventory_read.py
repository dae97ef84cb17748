"""Who may read the list of cameras. Rules A1, A4, A25; vda-etat, articles 2, 6, 7."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from belvedere.ledger.redecision import redecide_file
from belvedere.ledger.verify import verify_ledger
from belvedere.policy import load_convention
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import CAMERAS, CONVENTIONS, City, CityMaker, SignedIn, camera_feature

pytestmark = pytest.mark.anyio
CAMERAS_PATH = "/api/v1/cameras"


async def withdraw(director: SignedIn, *, withdrawn: bool) -> None:
    told = {"withdrawn": withdrawn, "act": "arrêté 2026/12"}
    assert (await director.client.post("/api/v1/convention/withdrawal", json=told)).status_code == 204


async def listed(agent: SignedIn) -> int:
    answer = await agent.client.get(CAMERAS_PATH)
    assert answer.status_code == 200, answer.text
    return len(answer.json()["features"])


async def refused(agent: SignedIn) -> dict[str, Any]:
    answer = await agent.client.get(CAMERAS_PATH)
    assert answer.status_code == 403, answer.text
    problem: dict[str, Any] = answer.json()
    assert "features" not in problem
    return problem


async def test_every_camera_is_listed_for_the_state_and_nothing_is_written(city: City) -> None:
    before = len(await city.records())
    for login in ("cic-operator", "srpj", "csu-operator", "police-director", "inspector"):
        assert await listed(await city.sign_in(login)) == CAMERAS
    assert len(await city.records()) == before


async def test_after_the_prefects_withdrawal_a_partner_reads_no_position_and_the_owner_all(city: City) -> None:
    officer, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    await withdraw(director, withdrawn=True)
    problem = await refused(officer)
    assert problem["cause"] == "authorisation-withdrawn"
    assert "vda-etat:art-7" in problem["articles"]
    assert await listed(director) == CAMERAS
    await withdraw(director, withdrawn=False)
    assert await listed(officer) == CAMERAS


@pytest.mark.parametrize("login", ["never-designated", "term-over"])
async def test_an_agent_whose_habilitation_is_none_or_over_reads_no_position(city: City, login: str) -> None:
    problem = await refused(await city.sign_in(login))
    assert problem["cause"] == "not-habilitated"
    assert {"csi:L252-3", "vda-etat:art-6"} <= set(problem["articles"])
    assert problem["remedy"]


async def test_a_refusal_is_written_once_a_minute_of_no_camera_and_decides_again_alike(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, director = await city.sign_in("cic-operator"), await city.sign_in("police-director")
    await withdraw(director, withdrawn=True)
    for _ in range(3):
        await refused(agent)
    city.clock.move(timedelta(seconds=61))
    await refused(agent)
    first, second = await city.records(kind="decision", action="read_inventory")
    for record in (first, second):
        assert (record["verdict"], record["cause"], record["camera"]) == ("refused", "authorisation-withdrawn", None)
        assert record["detail"] == {"owner": "villeneuve-dascq"}
        assert record["subject"]["agent"] == agent.body["agent"]["pseudonym"]
    content = b"".join(exported_ledger(city.settings.node.data_dir / DATABASE_FILE))
    verify_ledger(lambda: io.BytesIO(content))
    again = redecide_file(io.BytesIO(content), [load_convention(CONVENTIONS / "villeneuve-dascq-etat")])
    assert (again.decided, again.differing) == (2, 0)


async def test_cameras_of_an_owner_of_whom_no_text_speaks_are_listed_for_nobody_but_its_own(
    city_maker: CityMaker, tmp_path: Path
) -> None:
    features = [camera_feature(1), camera_feature(2, owner="lille"), camera_feature(3)]
    (tmp_path / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    async with city_maker() as city:
        officer = await city.sign_in("cic-operator")
        shown = (await officer.client.get(CAMERAS_PATH)).json()["features"]
        assert [feature["id"] for feature in shown] == ["vda-001", "vda-003"]
        (record,) = await city.records(kind="decision", action="read_inventory")
        assert record["detail"] == {"owner": "lille"}
