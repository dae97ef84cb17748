"""Steering by frames: one costs one message, a late one turns nothing, and the camera stops with whoever steers it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from belvedere.acts import steering_watch
from belvedere.acts.steering_watch import SteeringWatch
from belvedere.domain.ids import ViewingId
from belvedere.domain.steering import Velocity
from belvedere.followers.steering import SteeringFollower
from belvedere.rights.watch import SocketTaken
from belvedere.web import connections, steering_socket
from belvedere.web.steering_socket import FRAMES_A_SECOND_MAX, UNTOLD_MAX, _SteeringSocket
from tests.flows.conftest import PIN, City, CityMaker, NotedCameras, SignedIn
from tests.promises import allowed_s
from tests.unit.changes.small_city import lease

pytestmark = pytest.mark.anyio
CAMERA, LEFT = "vda-003", Velocity(-1, 0, 0)


@dataclass
class Room:
    """The city, whose operator steers the third camera."""

    city: City
    cameras: NotedCameras
    operator: SignedIn
    lease: str

    def frame(self, seq: int, *, fence: int = 1, pan: float = -1) -> str:
        return json.dumps({"fence": fence, "seq": seq, "pan": pan, "tilt": 0, "zoom": 0})

    @asynccontextmanager
    async def socket(
        self, who: SignedIn | None = None, *, lease: str | None = None, origin: str | None = None
    ) -> AsyncIterator[ClientConnection]:
        cookies = "; ".join(f"{name}={value}" for name, value in (who or self.operator).client.cookies.items())
        address = self.city.node.app_url.replace("http", "ws", 1)
        async with connect(
            f"{address}/api/v1/ptz/leases/{lease or self.lease}/steering",
            origin=websockets.Origin(self.city.node.app_url if origin is None else origin),
            additional_headers={"Cookie": cookies},
            proxy=None,
        ) as socket:
            yield socket

    async def partner_steers(self) -> tuple[SignedIn, str]:
        """Let an officer steer in the operator's place; return its browser and lease. Only asked for, its socket is closed."""
        await self.operator.client.delete(f"/api/v1/ptz/leases/{self.lease}")
        officer, chief = await self.city.sign_in("cic-operator"), await self.city.sign_in("csu-room-chief")
        event = await officer.open_event("trouble-grave", motive="émeute")
        self.city.watch.heard(SocketTaken(ViewingId(await officer.opened(3, event))))
        asked = (await officer.client.post("/api/v1/ptz/leases", json={"camera": CAMERA, "event": event})).json()
        async with self.socket(officer, lease=asked["id"]) as socket:
            code, reason = await closed(socket)
            assert (code, reason["cause"]) == (4409, "lease-only-asked")
        await chief.client.post(f"/api/v1/authorisations/{asked['authorisation']}", json={"verdict": "granted"})
        return officer, str(asked["id"])

    async def told(self, movement: Velocity | None, times: int = 1) -> None:
        async with asyncio.timeout(allowed_s(1)):
            while self.cameras.told.count((CAMERA, movement)) < times:  # type: ignore[arg-type]  # an id is a text
                await asyncio.sleep(0.005)


async def heard(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(allowed_s(2)):
        said: dict[str, Any] = json.loads(await socket.recv())
    return said


async def closed(socket: ClientConnection) -> tuple[int, dict[str, Any]]:
    """Return with what the node closes the socket."""
    async with asyncio.timeout(allowed_s(2)):
        with suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None, "the connection broke"
    told = socket.close_reason or ""
    return socket.close_code, json.loads(told) if told.startswith("{") else {}


@pytest.fixture
async def room(city_maker: CityMaker) -> AsyncIterator[Room]:
    cameras = NotedCameras()
    async with city_maker(turning=cameras) as city:
        operator = await city.sign_in("csu-operator")
        taken = await operator.client.post("/api/v1/ptz/leases", json={"camera": CAMERA})
        assert taken.status_code == 201, taken.text
        yield Room(city, cameras, operator, taken.json()["id"])


async def test_a_frame_turns_the_camera_and_is_acknowledged_and_all_at_zero_stops_it(room: Room) -> None:
    async with room.socket() as socket:
        begins = await heard(socket)
        assert begins == {"fence": 1, "camera": CAMERA, "repeat_ms": 150, "stops_after_ms": 500}
        await socket.send(room.frame(1))
        assert await heard(socket) == {"seq": 1}
        await socket.send(room.frame(2, pan=0))
        assert await heard(socket) == {"seq": 2}
        assert room.cameras.told == [(CAMERA, LEFT), (CAMERA, None)]


async def test_a_frame_that_is_late_or_of_a_former_fence_turns_nothing(room: Room) -> None:
    async with room.socket() as socket:
        await heard(socket)
        for frame in (room.frame(5), room.frame(5), room.frame(4), room.frame(6, fence=0), room.frame(7, pan=1)):
            await socket.send(frame)
        assert [await heard(socket) for _ in range(2)] == [{"seq": 5}, {"seq": 7}]
        assert room.cameras.told == [(CAMERA, LEFT), (CAMERA, Velocity(1, 0, 0))]


async def test_a_socket_that_is_lost_while_the_camera_turns_stops_it_at_once(room: Room) -> None:
    async with room.socket() as socket:
        await socket.send(room.frame(1))
        await room.told(LEFT)
        socket.transport.abort()
        await room.told(None)
    async with room.socket() as socket:
        await heard(socket)
    await asyncio.sleep(0.05)
    assert room.cameras.told.count((CAMERA, None)) == 1, "nothing turned, so nothing is stopped"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "stop",
        '{"fence": 1, "seq": 1, "pan": 1, "tilt": 0}',
        '{"fence": 1, "seq": 1, "pan": NaN, "tilt": 0, "zoom": 0}',
        '{"fence": 1, "seq": 1, "pan": 1.01, "tilt": 0, "zoom": 0}',
        '{"fence": 1, "seq": 1, "pan": 1, "tilt": 0, "zoom": 0, "roll": 0}',
        b"\x00\x01",
        "{" * 4000,
    ],
)
async def test_a_frame_that_cannot_be_read_closes_the_socket_and_stops_the_camera(
    room: Room, frame: str | bytes
) -> None:
    async with room.socket() as socket:
        await socket.send(room.frame(1))
        await room.told(LEFT)
        await socket.send(frame)
        code, reason = await closed(socket)
        assert (code, reason["cause"]) == (4400, "malformed-request")
    await room.told(None)


async def test_more_frames_a_second_than_any_hand_gives_close_the_socket(room: Room) -> None:
    async with room.socket() as socket:
        for seq in range(FRAMES_A_SECOND_MAX + 2):
            await socket.send(room.frame(seq))
        assert (await closed(socket))[0] == 4400
    await room.told(None)


async def test_a_client_that_reads_nothing_gets_no_pile_of_acknowledgements_and_hears_the_newest() -> None:
    nobody: Any = None
    socket = _SteeringSocket(nobody, nobody, lease("l-1", "csu-operator"))
    for seq in range(10 * UNTOLD_MAX):
        socket._tell({"seq": seq})
    assert len(socket._untold) <= UNTOLD_MAX + 1
    assert socket._untold[-1] == {"seq": 10 * UNTOLD_MAX - 1}


async def test_a_message_longer_than_a_movement_can_be_ends_the_socket(room: Room) -> None:
    async with room.socket() as socket:
        await socket.send(room.frame(1))
        await room.told(LEFT)
        await socket.send(" " * 5000)
        assert (await closed(socket))[0] == 1009
    await room.told(None)


async def test_a_socket_outlives_the_time_that_a_request_has(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("HEAD_S_MAX", "BODY_S_MAX"):
        monkeypatch.setattr(connections, bound, 0.3)
    async with room.socket() as socket:
        await heard(socket)
        await asyncio.sleep(1)
        await socket.send(room.frame(1))
        assert await heard(socket) == {"seq": 1}


async def test_the_end_of_the_lease_closes_the_socket_with_its_cause(room: Room) -> None:
    async with room.socket() as socket:
        await heard(socket)
        chief = await room.city.sign_in("csu-room-chief")
        taken = await chief.client.post("/api/v1/ptz/leases", json={"camera": CAMERA})
        assert taken.status_code == 201
        code, reason = await closed(socket)
        assert (code, reason["cause"]) == (4409, "taken-by-chief")
    async with room.socket() as socket:
        code, reason = await closed(socket)
        assert (code, reason["cause"]) == (4409, "taken-by-chief"), "for ever after"
    async with room.socket(lease="l-none") as socket:
        assert (await closed(socket))[0] == 4404
    async with room.socket(lease=taken.json()["id"]) as socket:
        assert (await closed(socket))[0] == 4404, "a colleague's"


async def test_a_lease_that_is_given_back_closes_its_socket_in_order_and_a_newer_socket_takes_its_place(
    room: Room,
) -> None:
    async with room.socket() as first:
        await heard(first)
        async with room.socket() as second:
            await heard(second)
            assert (await closed(first))[0] == 1000
            await second.send(room.frame(1))
            assert await heard(second) == {"seq": 1}
            given_back = await room.operator.client.delete(f"/api/v1/ptz/leases/{room.lease}")
            assert given_back.status_code == 204
            code, reason = await closed(second)
            assert (code, reason["cause"]) == (1000, "released")


async def test_after_a_relief_the_former_agents_socket_turns_nothing_and_the_reliefs_own_does(room: Room) -> None:
    officer, lease = await room.partner_steers()
    async with room.socket(officer, lease=lease) as socket:
        fence = (await heard(socket))["fence"]
        await socket.send(room.frame(1, fence=fence))
        await room.told(LEFT)
        stops = room.cameras.told.count((CAMERA, None))  # type: ignore[arg-type]  # an id is a text
        relieved = await officer.client.post("/api/v1/session/relief", json={"login": "cic-second", "pin": PIN})
        assert relieved.status_code == 200, relieved.text
        assert (await closed(socket))[0] == 1000
    await room.told(None, stops + 1)
    async with room.socket(officer, lease=lease) as socket:
        fence = (await heard(socket))["fence"]
        await socket.send(room.frame(1, fence=fence))
        assert await heard(socket) == {"seq": 1}


async def test_who_signs_out_while_steering_steers_no_more(room: Room) -> None:
    async with room.socket() as socket:
        await socket.send(room.frame(1))
        await room.told(LEFT)
        assert (await room.operator.client.post("/api/v1/logout")).status_code == 204
        code, reason = await closed(socket)
        assert (code, reason["cause"]) == (4403, "session-ended")
    await room.told(None)


async def test_another_origin_and_nobodys_session_are_refused_before_the_upgrade(room: Room) -> None:
    for origin in ("", "null", "http://villeneuve.example", room.city.node.app_url + ".evil.example"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with room.socket(origin=origin):
                pass
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body or b"{}")["cause"] == "origin"
    stranger = SignedIn(room.city.browser(), {})
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with room.socket(stranger):
            pass
    assert refused.value.response.status_code == 401
    never = await room.city.sign_in("never-designated")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with room.socket(never):
            pass
    assert refused.value.response.status_code == 403


@pytest.fixture
def signs_and_looks(monkeypatch: pytest.MonkeyPatch) -> tuple[list[None], list[None]]:
    """Count the signs and the watch's looks, which come one upon the other."""
    monkeypatch.setattr(steering_socket, "HEARD_EVERY_S", 0.01)
    monkeypatch.setattr(steering_watch, "LOOK_EVERY_S", 0.01)
    return counted(monkeypatch, SteeringFollower, "hear_lease"), counted(monkeypatch, SteeringWatch, "look")


async def test_the_socket_is_the_sign_that_an_own_operator_is_there(
    signs_and_looks: tuple[list[None], list[None]], room: Room
) -> None:
    signs, looks = signs_and_looks
    async with room.socket() as socket:
        await heard(socket)
        for _ in range(3):
            room.city.clock.move_s(110)
            seen, looked = len(signs), len(looks)
            async with asyncio.timeout(allowed_s(10)):
                while len(signs) < seen + 2 or len(looks) < looked + 2:
                    await asyncio.sleep(0.005)
        await socket.send(room.frame(1))
        assert await heard(socket) == {"seq": 1}
    room.city.clock.move_s(121)
    async with asyncio.timeout(allowed_s(3)):
        while (await room.operator.client.get("/api/v1/ptz/leases")).json()["items"]:
            await asyncio.sleep(0.05)


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[None]:
    """Return what grows by one each time that the method of `owner` is called."""
    calls: list[None] = []
    method: Callable[..., Any] = getattr(owner, name)

    def call(*given: Any, **named: Any) -> Any:
        calls.append(None)
        return method(*given, **named)

    monkeypatch.setattr(owner, name, call)
    return calls


async def test_a_partner_steers_by_frames_too_while_its_picture_is_there(room: Room) -> None:
    officer, lease = await room.partner_steers()
    async with room.socket(officer, lease=lease) as socket:
        fence = (await heard(socket))["fence"]
        await socket.send(room.frame(1, fence=fence))
        assert await heard(socket) == {"seq": 1}
        own = await room.operator.client.post("/api/v1/ptz/leases", json={"camera": CAMERA})
        assert own.status_code == 201
        code, reason = await closed(socket)
        assert (code, reason["cause"], reason["article"]) == (4409, "owner-steers", "vda-etat:art-3")
