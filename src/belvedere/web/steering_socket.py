"""The steering socket: a movement costs one frame, and what is late is dropped (docs/reference/api.md, Steering).

Whoever may use it was asked at the upgrade; what ends a right ends its lease, and the lease's end closes the socket.
"""

import json
from collections import deque
from contextlib import suppress
from enum import IntEnum

import anyio
import structlog
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from belvedere.domain.causes import Cause
from belvedere.domain.ids import LeaseId
from belvedere.domain.leases import Lease, LeaseEnding
from belvedere.domain.requester import Requester
from belvedere.domain.steering import Velocity
from belvedere.domain.untrusted_text import BadText, read_json
from belvedere.followers.steering import SteeringFollower
from belvedere.rights.steered import lease_until
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering, SteeringPorts
from belvedere.web.steering_schemas import SteeringFrameIn

router = APIRouter(tags=["ptz"])
REPEAT_MS = 150
STOPS_AFTER_MS = 500
FRAMES_A_SECOND_MAX = 50
UNTOLD_MAX = 100
HEARD_EVERY_S = 1.0
log = structlog.get_logger(__name__)


class Close(IntEnum):
    """Why the node closes a steering socket."""

    OVER = 1000
    BAD_FRAME = 4400
    NOT_STANDING = 4403
    UNKNOWN = 4404
    NOT_HELD = 4409


_NO_STANDING = frozenset({Cause.SESSION_ENDED, Cause.NOT_HABILITATED, Cause.STATION_UNREGISTERED})


@router.websocket("/ptz/leases/{lease}/steering")
async def steer(socket: WebSocket, lease: str, requester: SignedIn, ports: Steering) -> None:
    """Steer by frames while the lease is held."""
    await socket.accept()
    named, hands = LeaseId(lease), ports.hands
    held = None if hands is None else hands.held(named, requester)
    if hands is None or held is None:
        await _close(socket, *await _why_not_held(named, requester, ports))
        return
    steering = _SteeringSocket(socket, hands, held)
    hands.follow_lease(named, steering)
    try:
        await steering.run()
    finally:
        hands.unfollow_lease(named, steering)


async def _why_not_held(lease: LeaseId, requester: Requester, ports: SteeringPorts) -> tuple[Close, Cause, str | None]:
    """Return with what a socket is closed whose lease this agent does not hold."""
    known, over = await ports.store.read(lambda snapshot: (snapshot.lease(lease), snapshot.lease_over(lease)))
    if known is not None and known.agent == requester.agent:
        return Close.NOT_HELD, Cause.LEASE_ONLY_ASKED, None
    if over is not None and over.party == requester.party:
        return Close.NOT_HELD, over.cause, next(iter(over.articles), None)
    return Close.UNKNOWN, Cause.NOT_FOUND, None


class _SteeringSocket:
    """One socket of one lease (implements `followers.steering.LeaseFollower`)."""

    def __init__(self, socket: WebSocket, hands: SteeringFollower, lease: Lease) -> None:
        self._socket, self._hands, self._lease = socket, hands, lease
        self._untold: deque[dict[str, object]] = deque(
            [{"fence": lease.fence, "camera": lease.camera, "repeat_ms": REPEAT_MS, "stops_after_ms": STOPS_AFTER_MS}]
        )
        self._closing: tuple[Close, Cause, str | None] | None = None
        self._news = anyio.Event()
        self._seq = -1
        self._turning = False
        self._arrived_s: deque[float] = deque(maxlen=FRAMES_A_SECOND_MAX + 1)

    # What becomes of the lease.

    def went_on(self, lease: Lease) -> None:
        """Tell until when it lasts, where that moved; a relief steers by a socket of its own."""
        if lease.agent != self._lease.agent:
            if self._turning:
                self._hands.stop(lease.id)
            self._close(Close.OVER, Cause.REPLACED, None)
            return
        until = lease_until(lease)
        if until != lease_until(self._lease) or lease.renewed != self._lease.renewed:
            self._tell({"until": None if until is None else until.isoformat()})
        self._lease = lease

    def ended(self, ending: LeaseEnding) -> None:
        """Close with the cause; the camera has been stopped already."""
        code = Close.OVER if ending.cause is Cause.RELEASED else Close.NOT_HELD
        code = Close.NOT_STANDING if ending.cause in _NO_STANDING else code
        self._close(code, ending.cause, next(iter(ending.articles), None))

    def replaced(self) -> None:
        """Close: a newer socket of the same lease steers."""
        self._close(Close.OVER, Cause.REPLACED, None)

    def _close(self, code: Close, cause: Cause, article: str | None) -> None:
        self._turning = False
        self._closing = (code, cause, article)
        self._news.set()

    def _tell(self, told: dict[str, object]) -> None:
        # A client that reads nothing gets no pile of acknowledgements: the newest says what those before it said.
        if len(self._untold) >= UNTOLD_MAX and "seq" in told and "seq" in self._untold[-1]:
            self._untold.pop()
        self._untold.append(told)
        self._news.set()

    # The socket.

    async def run(self) -> None:
        """Take frames until the client leaves or the lease is over; a camera that turns then stops at once."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._stay_heard)
                tasks.start_soon(self._take_frames)
                await self._tell_all()
                tasks.cancel_scope.cancel()
        finally:
            if self._turning:
                self._hands.stop(self._lease.id)

    async def _stay_heard(self) -> None:
        """Be the sign of a holder of the own room (rules A12)."""
        while True:
            self._hands.hear_lease(self._lease.id)
            await anyio.sleep(HEARD_EVERY_S)

    async def _tell_all(self) -> None:
        """Send what is to be told, in order; return once the socket is closed, by whichever side."""
        with suppress(WebSocketDisconnect, RuntimeError):  # the client left meanwhile
            while True:
                self._news = anyio.Event()
                while self._untold:
                    await self._socket.send_text(json.dumps(self._untold.popleft()))
                if self._closing is not None:
                    await _close(self._socket, *self._closing)
                    return
                if not self._news.is_set():
                    await self._news.wait()

    async def _take_frames(self) -> None:
        try:
            while self._closing is None:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                self._take(message.get("text") or "")
        except WebSocketDisconnect:
            pass
        if self._closing is None:
            self._closing = (Close.OVER, Cause.RELEASED, None)
        self._news.set()

    def _take(self, text: str) -> None:
        """Carry one frame out; a frame that is not above the last one, or of a former fence, turns nothing."""
        if self._closing is not None:
            return  # the lease is another's by now, or nobody's
        self._arrived_s.append(anyio.current_time())
        too_many = len(self._arrived_s) > FRAMES_A_SECOND_MAX and self._arrived_s[-1] - self._arrived_s[0] < 1
        frame = None if too_many else _frame(text)
        if frame is None:
            self._close(Close.BAD_FRAME, Cause.MALFORMED_REQUEST, None)
            self._hands.stop(self._lease.id)
            return
        if frame.seq <= self._seq:
            return
        self._seq = frame.seq
        velocity = Velocity(frame.pan, frame.tilt, frame.zoom)
        if frame.fence != self._lease.fence:
            return
        if velocity.is_zero:
            rejected = self._hands.stop(self._lease.id)
        else:
            rejected = self._hands.move(self._lease.id, velocity, fence=frame.fence)
        if rejected is None:
            self._turning = not velocity.is_zero
            self._tell({"seq": frame.seq})


def _frame(text: str) -> SteeringFrameIn | None:
    try:
        return SteeringFrameIn.model_validate(read_json(text))
    except (BadText, ValidationError):
        return None


async def _close(socket: WebSocket, code: Close, cause: Cause, article: str | None) -> None:
    reason = json.dumps({"cause": cause.value, "article": article})
    with suppress(RuntimeError, WebSocketDisconnect):  # the client was first
        await socket.close(code, reason if len(reason) <= 123 else json.dumps({"cause": cause.value, "article": None}))
