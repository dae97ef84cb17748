"""Cameras' faults over HTTP: what is lost, where and whose it is, and how long each camera was lost in a month."""

from typing import Any

import pytest

from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SourceCause
from tests.flows.conftest import CITY, City, SignedIn

pytestmark = pytest.mark.anyio
MARCH = {"month": "2026-03"}


async def asked(reader: SignedIn, path: str, **query: str) -> dict[str, Any]:
    answer = await reader.client.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_fault_is_told_with_its_place_and_its_owner_then_restored_and_counted(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    city.relay.lost = {CameraId("vda-001"): SourceCause.WRONG_PASSWORD}
    watch = city.node.faults
    await watch.look()
    city.clock.move_s(5)
    await watch.look()
    (fault,) = (await asked(operator, "/faults"))["items"]
    assert {name: fault[name] for name in ("camera", "number", "cause", "place", "whose")} == {
        "camera": "vda-001", "number": 1, "cause": "wrong-password", "place": "camera", "whose": CITY,
    }  # fmt: skip
    city.clock.move_s(3595)
    city.relay.lost = {}
    await watch.look()
    city.clock.move_s(30)
    await watch.look()
    operator = await city.sign_in("csu-operator")
    assert (await asked(operator, "/faults"))["items"] == []
    (lost,) = (await asked(operator, "/faults/availability", **MARCH))["items"]
    assert (lost["camera"], lost["faults"], lost["lost_s"]) == ("vda-001", 1, 3600)
    assert 0.99 < lost["availability"] < 1
    assert [each["cause"] for each in await city.records(kind="fault")] == ["fault-told", "fault-restored"]


async def test_a_fault_that_lasts_is_counted_so_far_and_a_month_to_come_has_none(city: City) -> None:
    operator = await city.sign_in("csu-operator")
    city.relay.lost = {CameraId("vda-002"): SourceCause.TIMED_OUT}
    for seconds in (0, 60):
        city.clock.move_s(seconds)
        await city.node.faults.look()
    (lost,) = (await asked(operator, "/faults/availability", **MARCH))["items"]
    assert lost["lost_s"] == 60
    assert (await asked(operator, "/faults/availability", month="2027-01"))["items"] == []


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-3", "1999-01", "2026-03-01", "x" * 4000])
async def test_what_is_no_month_is_refused(city: City, month: str) -> None:
    operator = await city.sign_in("csu-operator")
    answer = await operator.client.get("/api/v1/faults/availability", params={"month": month})
    assert answer.status_code == 422
