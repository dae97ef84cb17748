"""A whole node whose camera is simulated: asked for over HTTP, it turns; nobody repeats, it stops; the owner takes it back."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from belvedere.clock import SystemClock
from belvedere.domain.ids import CameraId
from belvedere.rights.watch import SocketTaken
from belvedere.web.changes import Topic
from belvedere.web.snapshots import Snapshots
from tests.flows.conftest import City, CityMaker, MovedClock, SignedIn
from tests.flows.steering.conftest import PASSWORD, USERNAME, Turning, turning
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio
CAMERA, LEFT = "vda-003", {"pan": -1, "tilt": 0, "zoom": 0}
MACHINE = SystemClock()


class RunningClock(MovedClock):
    """A Wednesday at ten that goes on by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = MACHINE.monotonic_s()

    def monotonic_s(self) -> float:
        return self.passed_s + MACHINE.monotonic_s() - self._began_s


@dataclass
class Room:
    """The city, whose third camera turns, and who is there."""

    city: City
    camera: Turning
    officer: SignedIn
    operator: SignedIn
    chief: SignedIn
    event: str

    async def does(self, who: SignedIn, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        answer = await who.client.request(method, f"/api/v1{path}", json=body)
        return answer.status_code, answer.json() if answer.content else {}

    async def steers(self) -> str:
        """Let the officer steer by the chief's key, and return the lease's path."""
        status, asked = await self.does(self.officer, "POST", "/ptz/leases", {"camera": CAMERA, "event": self.event})
        assert status == 202, asked
        given = await self.does(self.chief, "POST", f"/authorisations/{asked['authorisation']}", {"verdict": "granted"})
        assert given[0] == 200, given
        return f"/ptz/leases/{asked['id']}"

    async def until(self, *, moving: bool, within_s: float) -> None:
        async with asyncio.timeout(allowed_s(within_s)):
            while self.camera.is_moving() is not moving:
                await asyncio.sleep(0.005)

    async def why_over(self, lease: str, within_s: float) -> str:
        async with asyncio.timeout(allowed_s(within_s)):
            while (said := await self.does(self.officer, "POST", f"{lease}/move", LEFT))[0] == 204:
                await asyncio.sleep(0.05)
            while "articles" not in said[1] or said[1]["cause"] == "lease-over":
                await asyncio.sleep(0.05)
                said = await self.does(self.officer, "POST", f"{lease}/move", LEFT)
        return str(said[1]["cause"])


@pytest.fixture
async def room(city_maker: CityMaker) -> AsyncIterator[Room]:
    """Serious trouble, and the officer watches the third camera."""
    async with turning(password=PASSWORD) as camera:

        def point_at_camera(sources: dict[str, Any]) -> None:
            url = f"http://127.0.0.1:{camera.port}/onvif/device_service"
            sources["cameras"][CAMERA]["steering"] = {"url": url, "username": USERNAME, "password": PASSWORD}

        async with city_maker(RunningClock(), sources=point_at_camera) as city:
            officer = await city.sign_in("cic-operator")
            operator, chief = await city.sign_in("csu-operator"), await city.sign_in("csu-room-chief")
            event = await officer.open_event("trouble-grave", motive="émeute", sector="Centre")
            city.watch.heard(SocketTaken(await officer.opened(3, event)))
            yield Room(city, camera, officer, operator, chief, event)


async def test_the_officer_turns_the_camera_and_what_nobody_repeats_ends_within_a_second(room: Room) -> None:
    lease = await room.steers()
    before = room.camera.head.position
    assert await room.does(room.officer, "POST", f"{lease}/move", LEFT) == (204, {})
    await room.until(moving=True, within_s=1)
    await room.until(moving=False, within_s=1)
    assert room.camera.head.position.pan_deg != before.pan_deg
    assert await room.does(room.officer, "POST", f"{lease}/goto", {"preset": "2"}) == (204, {})
    await room.until(moving=True, within_s=1)
    assert await room.does(room.officer, "POST", f"{lease}/stop") == (204, {})
    await room.until(moving=False, within_s=0.5)


async def test_what_the_camera_can_be_told_and_its_presets_are_told_to_its_holder_alone(room: Room) -> None:
    lease = await room.steers()
    status, can = await room.does(room.officer, "GET", f"{lease}/camera")
    assert (status, can["pan_tilt"], can["zoom"], can["picture_points"]) == (200, True, True, True)
    assert {"token": "1", "name": "Accueil"} in can["presets"]
    assert (await room.does(room.chief, "GET", f"{lease}/camera"))[0] == 404
    await room.camera.server.close()
    status, said = await room.does(room.officer, "GET", f"{lease}/camera")
    assert (status, said["cause"]) == (503, "camera-silent")


async def test_the_owner_takes_the_camera_back_and_it_stops_at_once(room: Room) -> None:
    lease = await room.steers()
    assert (await room.does(room.officer, "POST", f"{lease}/move", LEFT))[0] == 204
    await room.until(moving=True, within_s=1)
    status, own = await room.does(room.operator, "POST", "/ptz/leases", {"camera": CAMERA})
    assert (status, own["state"]) == (201, "held")
    await room.until(moving=False, within_s=0.3)
    status, said = await room.does(room.officer, "POST", f"{lease}/move", LEFT)
    assert (status, said["cause"]) == (409, "owner-steers")
    assert not room.camera.is_moving()
    assert (await room.does(room.operator, "POST", f"/ptz/leases/{own['id']}/move", LEFT))[0] == 204
    await room.until(moving=True, within_s=1)


async def test_a_movement_in_the_owners_own_system_ends_a_partners_lease_within_two_seconds(room: Room) -> None:
    lease = await room.steers()
    async with asyncio.timeout(allowed_s(2)):
        while not room.camera.heard("GetStatus"):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    began_s = MACHINE.monotonic_s()
    room.camera.head.turn(0.4, 0.0, 0.4)
    async with asyncio.timeout(allowed_s(3)):
        while (await room.does(room.operator, "GET", "/ptz/leases"))[1]["items"]:
            await asyncio.sleep(0.02)
    assert MACHINE.monotonic_s() - began_s <= allowed_s(2)
    await room.until(moving=False, within_s=1)
    there = room.camera.head.position
    assert await room.why_over(lease, 1) == "foreign-movement"
    assert room.camera.head.position == there, "it stays where it was put"
    assert not room.camera.heard("Stop", "ContinuousMove"), "nothing was sent to it"


async def test_an_own_operators_movement_in_the_video_system_ends_nothing_of_the_own_room(room: Room) -> None:
    _, own = await room.does(room.operator, "POST", "/ptz/leases", {"camera": CAMERA})
    async with asyncio.timeout(allowed_s(2)):
        while not room.camera.heard("GetStatus"):
            await asyncio.sleep(0.01)
    room.camera.head.turn(0.4, 0.0, 0.4)
    await asyncio.sleep(1.5)
    assert (await room.does(room.operator, "POST", f"/ptz/leases/{own['id']}/move", LEFT))[0] == 204


async def test_where_the_camera_looks_is_told_while_it_is_steered_to_who_watches_it(room: Room) -> None:
    web = room.city.node.web
    snapshots = Snapshots(web.screens, web.streams, web.steering, web.direction.centre, web.partners)

    async def told(who: SignedIn) -> dict[str, float]:
        session = await web.screens.sign_in.who(next(iter(who.client.cookies.values())))
        assert session is not None
        body = await snapshots.body(Topic.POSITIONS, session.requester)
        assert body is not None
        return {each["camera"]: each["heading_deg"] for each in json.loads(body)["items"]}

    colleague = await room.city.sign_in("cic-second")
    assert await told(room.officer) == {}
    lease = await room.steers()
    assert (await room.does(room.officer, "POST", f"{lease}/goto", {"preset": "2"}))[0] == 204
    known = web.screens.inventory.camera(CameraId(CAMERA))
    assert known is not None

    async def agrees() -> bool:
        turned = room.camera.head.position.pan_deg - room.camera.head.home.pan_deg
        shown = (await told(room.officer)).get(CAMERA)
        return turned == 90 and shown is not None and abs(shown - (known.heading_deg + turned) % 360) < 0.2

    async with asyncio.timeout(allowed_s(5)):
        while not await agrees():
            await asyncio.sleep(0.05)
    assert set(await told(room.operator)) == {CAMERA}, "the owner's room sees all its cameras"
    assert await told(colleague) == {}, "who does not watch it is not told where it looks"
    assert web.screens.changes.version(Topic.POSITIONS) > 1, "the screens that follow are woken"


async def test_a_camera_without_a_steering_address_is_not_offered(room: Room) -> None:
    for who, event in ((room.operator, None), (room.officer, room.event)):
        status, said = await room.does(who, "POST", "/ptz/leases", {"camera": "vda-006", "event": event})
        assert (status, said["cause"]) == (403, "not-offered"), said
        assert "canary" not in json.dumps(said)
        for camera, offered in ((CAMERA, True), ("vda-006", False)):
            asked = {"action": "take_ptz", "camera": camera, "event": event}
            assert (await room.does(who, "POST", "/preview", asked))[1]["offered"] is offered


async def test_a_node_that_ends_leaves_its_camera_at_rest(city_maker: CityMaker) -> None:
    async with turning() as camera:

        def point_at_camera(sources: dict[str, Any]) -> None:
            url = f"http://127.0.0.1:{camera.port}/onvif/device_service"
            sources["cameras"][CAMERA]["steering"] = {"url": url}

        async with city_maker(RunningClock(), sources=point_at_camera) as city:
            operator = await city.sign_in("csu-operator")
            asked = await operator.client.post("/api/v1/ptz/leases", json={"camera": CAMERA})
            assert asked.status_code == 201, asked.text
            moved = await operator.client.post(f"/api/v1/ptz/leases/{asked.json()['id']}/move", json=LEFT)
            assert moved.status_code == 204
            async with asyncio.timeout(allowed_s(1)):
                while not camera.is_moving():
                    await asyncio.sleep(0.005)
        assert not camera.is_moving()
