"""What the screens are sent, read once a change for all of them, however many follow.

Owns the newest bodies of each party, for a second at most. Does not know who follows: a screen asks when it was woken.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import anyio

from belvedere.acts.centre import CentreDesk
from belvedere.domain.ids import AgentId, CameraId, PartyId
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Standing
from belvedere.rights.sight import Sight
from belvedere.web.centre import centre_body
from belvedere.web.changes import Topic
from belvedere.web.events import events_body
from belvedere.web.partners import partners_body
from belvedere.web.ports import PartnerPorts, ScreenPorts, SteeringPorts, StreamPorts
from belvedere.web.positions import positions_seen
from belvedere.web.steering_lists import PartySteering, steering_of
from belvedere.web.streams import PartyStreams, streams_of

T = TypeVar("T")
KEPT_S_MAX = 1.0
"""Nothing older is given, even where nobody told of a change."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    version: int
    read_at_s: float


class _Shared(Generic[T]):
    """One value that many want: the first reads it, the others wait for that read and not for one of their own.

    Who comes first may leave in the middle: the next one in the queue then reads. A read that fails is tried again by
    the next one too; the store's own bound keeps that short.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], version: Callable[[], int]) -> None:
        self._read = read
        self._version = version
        self._turn = anyio.Lock()
        self._kept: _Kept[T] | None = None

    async def now(self) -> T:
        """Return the value as it stands after every change told so far; raises `NotRead`."""
        async with self._turn:
            version, at_s = self._version(), anyio.current_time()
            kept = self._kept
            if kept is None or kept.version != version or at_s - kept.read_at_s > KEPT_S_MAX:
                # The version is taken before the read: a change in between makes the next one read again.
                kept = self._kept = _Kept(await self._read(), version, at_s)
            return kept.value


class Snapshots:
    """Bodies for the screens, as JSON. There are as many kept as there are parties with a screen open, and one room."""

    def __init__(
        self,
        screens: ScreenPorts,
        streams: StreamPorts,
        steering: SteeringPorts,
        centre: CentreDesk,
        partners: PartnerPorts,
    ) -> None:
        self._changes, self._stream_ports, self._centre_desk = screens.changes, streams, centre
        self._partner_ports, self._steering_ports = partners, steering
        self._inventory = screens.inventory
        self._watching: dict[PartyId, _Shared[frozenset[tuple[CameraId, AgentId]]]] = {}
        self._steering: dict[PartyId, _Shared[PartySteering]] = {}
        self._streams: dict[PartyId, _Shared[tuple[PartyStreams, str]]] = {}
        self._events: dict[PartyId, _Shared[str]] = {}
        self._centre = self._shared(Topic.CENTRE, self._read_centre)
        self._standings = _Shared(screens.sign_in.standings, lambda: screens.changes.standings_version)

    def _shared(self, topic: Topic, read: Callable[[], Awaitable[T]]) -> _Shared[T]:
        return _Shared(read, partial(self._changes.version, topic))

    async def body(self, topic: Topic, requester: Requester) -> str | None:
        """Return what `requester` is told of `topic` now, None where there is nothing to tell; raises `NotRead`."""
        party = requester.party
        match topic:
            case Topic.STREAMS:
                if party not in self._streams:
                    self._streams[party] = self._shared(topic, partial(self._read_streams, party))
                streams, written = await self._streams[party].now()
                # Only who watches something has a body of its own: the others are sent the same bytes.
                return (
                    streams.seen_by(requester).model_dump_json(by_alias=True) if streams.shows(requester) else written
                )
            case Topic.EVENTS:
                if party not in self._events:
                    self._events[party] = self._shared(topic, partial(self._read_events, party))
                return await self._events[party].now()
            case Topic.CENTRE:
                return await self._centre.now()
            case Topic.STEERING:
                if party not in self._steering:
                    self._steering[party] = self._shared(topic, partial(self._read_steering, party))
                return (await self._steering[party].now()).seen_by(requester).model_dump_json(by_alias=True)
            case Topic.POSITIONS:
                return await self._positions(requester)
            case Topic.PARTNERS:
                return partners_body(self._partner_ports, party).model_dump_json()

    async def standings(self) -> Mapping[bytes, Standing]:
        """Return how the agent of every session stands now, by the session's digest; raises `NotRead`."""
        return await self._standings.now()

    async def _positions(self, requester: Requester) -> str | None:
        """Return where the cameras look that the requester watches; None where this node commands none."""
        ports, party = self._steering_ports, requester.party
        if ports.hands is None:
            return None
        positions, watched = ports.hands.positions, frozenset[tuple[CameraId, AgentId]]()
        if positions and not Sight(party, ports.owner).cameras_are_own:
            if party not in self._watching:
                self._watching[party] = self._shared(Topic.POSITIONS, partial(self._read_watching, party))
            watched = await self._watching[party].now()
        return positions_seen(requester, ports.owner, positions, watched, self._inventory).model_dump_json()

    async def _read_watching(self, party: PartyId) -> frozenset[tuple[CameraId, AgentId]]:
        return await self._steering_ports.store.read(
            lambda reading: frozenset((each.camera, each.agent) for each in reading.viewings() if each.party == party)
        )

    async def _read_streams(self, party: PartyId) -> tuple[PartyStreams, str]:
        ports = self._stream_ports
        streams = await ports.store.read(lambda reading: streams_of(reading, party, ports.slots_told()))
        return streams, streams.body.model_dump_json()

    async def _read_steering(self, party: PartyId) -> PartySteering:
        ports = self._steering_ports
        sight = Sight(party, ports.owner)
        return await ports.store.read(lambda reading: steering_of(reading, sight, ports))

    async def _read_events(self, party: PartyId) -> str:
        body = await self._stream_ports.store.read(lambda reading: events_body(reading, party))
        return body.model_dump_json()

    async def _read_centre(self) -> str | None:
        centre = await self._centre_desk.now()
        return None if centre is None else centre_body(centre).model_dump_json()
