"""One node in this process, with a clock that the test moves and a relay that writes down what it is told."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from belvedere.agents.enrolment import AccountToEnrol, StationToEnrol
from belvedere.agents.passwords import Cost, Passwords
from belvedere.demo.signing import sign_for_all
from belvedere.domain.causes import Cause
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.source_causes import SourceCause
from belvedere.domain.steering import Abilities, Movement, NotDone, Preset, Steerable
from belvedere.domain.vocabulary import Role
from belvedere.followers.steering import CameraCommands
from belvedere.ledger.derived import words_named
from belvedere.media.relay import CameraState, MediaEvent, MediaSource, PeerSource, RelayStats
from belvedere.node import compose, enrolment
from belvedere.node.compose import RunningNode, run_node
from belvedere.node.enrolment import enrol
from belvedere.rights.watch import Watch
from belvedere.settings import Settings
from tests.stored import stored_records, stored_words

CONVENTIONS = Path(__file__).resolve().parents[2] / "conventions"
CITY, STATE = "villeneuve-dascq", "etat"
PASSWORD = "correct horse battery"
PIN = "271828"
WEDNESDAY_10H = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
CAMERAS = 12


@dataclass
class MovedClock:
    """A clock that stands still until the test moves it; monotonic time moves with it."""

    at: datetime = WEDNESDAY_10H
    passed_s: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.passed_s

    def move_s(self, seconds: float) -> None:
        self.move(timedelta(seconds=seconds))

    def move(self, by: timedelta) -> None:
        self.at += by
        self.passed_s += by.total_seconds()


@dataclass
class NotingRelay:
    """Takes every command of a relay and writes it down; the test plays the sockets."""

    admitted: dict[str, int | None] = field(default_factory=dict)
    serving: set[str] = field(default_factory=set)
    revoked: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    extended: list[tuple[str, int]] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    void: list[bytes] = field(default_factory=list)
    sources: dict[str, MediaSource] = field(default_factory=dict)
    peer_sources: dict[str, PeerSource] = field(default_factory=dict)
    peer_keys: dict[bytes, PartyId] = field(default_factory=dict)
    given: list[tuple[str, str]] = field(default_factory=list)
    origins: tuple[str, ...] = ()
    sockets: set[ViewingId] = field(default_factory=set)
    lost: dict[CameraId, SourceCause] = field(default_factory=dict)
    port: int = 1
    peer_port: int | None = None

    async def start(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[MediaEvent](100)
        # The port takes connections as a relay's does, and nothing more.
        self._listener = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        self._send.close()
        self._receive.close()
        self._listener.close()

    def set_allowed_origins(self, origins: tuple[str, ...]) -> None:
        self.origins = origins

    def add_camera(self, camera: CameraId, source: MediaSource, *, warm: bool) -> None:
        self.sources[camera] = source

    def add_peer_camera(self, camera: CameraId, source: PeerSource) -> None:
        self.peer_sources[camera] = source

    def give_ticket(self, camera: CameraId, path: str) -> None:
        self.given.append((camera, path))

    def set_peer_keys(self, keys: Mapping[bytes, PartyId]) -> None:
        self.peer_keys = dict(keys)

    def issue_peer_ticket(self, viewing: ViewingId, *, party: PartyId | None, ttl_ms: int) -> str:
        assert viewing in self.admitted, "a ticket for a viewing that was never admitted"
        self.tickets.append(viewing)
        return f"/peer-media/ticket-{len(self.tickets)}"

    def remove_camera(self, camera: CameraId) -> None:
        known: dict[str, Any] = self.peer_sources if camera in self.peer_sources else self.sources
        del known[camera]

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        self.admitted[viewing] = hold_ms
        self.serving.add(viewing)

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        assert viewing in self.admitted, "a ticket for a viewing that was never admitted"
        self.tickets.append(viewing)
        return f"/media/ticket-{len(self.tickets)}"

    def void_tickets(self, session_sha256: bytes) -> None:
        self.void.append(session_sha256)

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        self.extended.append((viewing, hold_ms))

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """As the real one: a viewing ends once, and one that it does not know is nothing to end."""
        if viewing in self.serving:
            self.serving.discard(viewing)
            self.revoked.append((viewing, code, cause, article))

    def camera_state(self, camera: CameraId) -> CameraState:
        return CameraState.IDLE

    def lost_cause(self, camera: CameraId) -> SourceCause | None:
        return self.lost.get(camera)

    def lost_cameras(self) -> dict[CameraId, SourceCause]:
        return self.lost

    def oddities(self, camera: CameraId) -> dict[str, int]:
        return {}

    def connected(self) -> frozenset[ViewingId]:
        return frozenset(self.sockets)

    def stats(self) -> RelayStats:
        return RelayStats()

    async def events(self) -> AsyncIterator[MediaEvent]:
        async for event in self._receive:
            yield event

    async def tell(self, event: MediaEvent) -> None:
        """Play what a socket or camera does, and let the node hear it."""
        await self._send.send(event)
        await anyio.sleep(0.02)

    def ended(self, viewing: str) -> tuple[int, str] | None:
        """Return the code and cause with which a viewing was last revoked."""
        for revoked, code, cause, _ in reversed(self.revoked):
            if revoked == viewing:
                return code, cause
        return None


AGENTS = {
    "csu-operator": (CITY, "csu", Role.CSU_OPERATOR),
    "csu-room-chief": (CITY, "csu", Role.CSU_ROOM_CHIEF),
    "police-director": (CITY, "csu", Role.POLICE_DIRECTOR),
    "inspector": (CITY, "inspection", Role.INSPECTOR),
    "cic-operator": (STATE, "cic", Role.CIC_OPERATOR),
    "cic-second": (STATE, "cic", Role.CIC_OPERATOR),
    "cic-supervisor": (STATE, "cic", Role.CIC_SUPERVISOR),
    "srpj": (STATE, "srpj", Role.OTHER_STATE_OPERATOR),
    "never-designated": (STATE, "cic", Role.CIC_OPERATOR),
    "term-over": (STATE, "cic", Role.CIC_OPERATOR),
    "cic-third": (STATE, "cic", Role.CIC_OPERATOR),
}
TERMS: dict[str, tuple[str | None, date | None]] = {
    "never-designated": (None, None),
    "term-over": ("arrêté 12", date(2026, 3, 24)),
}


def camera_feature(number: int, **changed: object) -> dict[str, object]:
    """Return one camera of the small city."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [3.13 + number / 1000, 50.62]},
        "properties": {
            "id": f"vda-{number:03}",
            "number": number,
            "name": f"Rue {number}",
            "owner": CITY,
            "commune": "Villeneuve-d'Ascq",
            "sector": "Centre",
            "zone": "centre",
            "street": f"rue {number}",
            "class": "voie-publique",
            "ptz": number % 3 == 0,
            "authorised_until": "2031-12-02",
            **changed,
        },
    }


def _settings(folder: Path) -> Settings:
    features = [camera_feature(number) for number in range(1, CAMERAS + 1)]
    (folder / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "ground.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    sources = {
        f"vda-{number:03}": {
            "url": f"rtsp://127.0.0.1:9/vda-{number:03}",
            "username": "cam",
            "password": "canary-7f3a",
        }
        for number in range(1, CAMERAS + 1)
    }
    (folder / "sources.json").touch(mode=0o600)
    (folder / "sources.json").write_text(json.dumps({"cameras": sources}))
    return Settings.model_validate(
        {
            "node": {"party": CITY, "data_dir": folder / "data", "origin": f"belvedere.example/{CITY}"},
            "media": {"source_networks": ["127.0.0.0/8"]},
            "inventory": {
                "cameras": folder / "cameras.geojson",
                "sources": folder / "sources.json",
                "ground": folder / "ground.geojson",
            },
            "conventions": [{"directory": folder / "convention"}],
        }
    )


def node_settings(folder: Path, party: str) -> Settings:
    """Return the settings of a party's node."""
    settings = _settings(folder)
    node = settings.node.model_copy(update={"party": party, "origin": f"belvedere.example/{party}"})
    return settings.model_copy(update={"node": node})


def station_secret(login: str) -> str:
    """Return the enrolment secret of an agent's own station."""
    return f"station-secret-of-{login}"


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """What is hashed here costs next to nothing: each node that starts, and each agent that signs in, pays for one."""
    cheap = partial(Passwords, Cost(passes=1, memory_kib=8, lanes=1))
    with pytest.MonkeyPatch.context() as patch:
        for module in (compose, enrolment):
            patch.setattr(module, "Passwords", cheap)
        yield


@pytest.fixture(scope="session")
def enrolled_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's data directory with every agent enrolled: copied by each test, since hashing takes its time."""
    return enrolled(tmp_path_factory.mktemp("enrolled"), CITY, (CITY, STATE))


@pytest.fixture(scope="session")
def enrolled_state_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the State's own node, with its agents alone."""
    return enrolled(tmp_path_factory.mktemp("enrolled-state"), STATE, (STATE,))


def enrolled(folder: Path, node: str, parties: tuple[str, ...]) -> Path:
    """Return the data directory in `folder` of a node with the agents of these parties."""
    settings = node_settings(folder, node)
    agents = {login: each for login, each in AGENTS.items() if each[0] in parties}

    async def fill() -> None:
        accounts = []
        for login, (party, service, role) in agents.items():
            act, until = TERMS.get(login, ("arrêté 11", None))
            accounts.append(
                AccountToEnrol(
                    login=login,
                    password=PASSWORD,
                    label=f"Nom de {login}",
                    party=party,
                    service=service,
                    role=role,
                    habilitated_by=act,
                    habilitated_since=None if act is None else date(2022, 10, 1),
                    habilitated_until=until,
                    pin=PIN,
                )
            )
        stations = [
            StationToEnrol(id=f"poste-{at}", party=party, label=f"poste {at}", secret=station_secret(login))
            for at, (login, (party, _, _)) in enumerate(agents.items())
        ]
        await enrol(settings, accounts, stations, clock=MovedClock())

    anyio.run(fill)
    return folder / "data"


@dataclass
class NotedCameras:
    """Takes every command to cameras that turn, and writes it down (implements `followers.steering.CameraCommands`)."""

    told: list[tuple[CameraId, Movement | None]] = field(default_factory=list)
    watched: list[CameraId] = field(default_factory=list)

    def steers(self, camera: CameraId) -> bool:
        return True

    def turn(self, camera: CameraId, movement: Movement) -> None:
        self.told.append((camera, movement))

    def stop(self, camera: CameraId) -> None:
        self.told.append((camera, None))

    async def steerable(self, camera: CameraId) -> Steerable | NotDone:
        return Steerable(Abilities(True, True, True, True, True, True), (Preset("1", "Accueil"),))

    def watch(self, camera: CameraId) -> None:
        self.watched.append(camera)

    def unwatch(self, camera: CameraId) -> None:
        self.watched.remove(camera)


@dataclass
class SignedIn:
    """An agent's browser, signed in."""

    client: httpx.AsyncClient
    body: dict[str, Any]

    async def open_event(self, kind: str = "levee-de-doute", **words: str) -> str:
        answer = await self.client.post("/api/v1/events", json={"kind": kind, **words})
        assert answer.status_code == 201, answer.text
        event: str = answer.json()["id"]
        return event

    async def open(self, camera: int | str, event: str | None) -> httpx.Response:
        name = camera if isinstance(camera, str) else f"vda-{camera:03}"
        return await self.client.post("/api/v1/streams", json={"camera": name, "event": event})

    async def opened(self, camera: int, event: str | None) -> ViewingId:
        answer = await self.open(camera, event)
        assert answer.status_code == 201, answer.text
        return ViewingId(answer.json()["id"])

    async def streams(self) -> dict[str, Any]:
        answer = await self.client.get("/api/v1/streams")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@dataclass
class City:
    """The running node and what the test holds of it."""

    node: RunningNode
    clock: MovedClock
    relay: NotingRelay
    settings: Settings
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def watch(self) -> Watch:
        """The node's watch, which the test wakes by hand besides its own second."""
        return self.node.watch

    def browser(self, *, origin: str | None = "own") -> httpx.AsyncClient:
        """Return a browser that isn't signed in."""
        headers = {} if origin is None else {"Origin": self.node.app_url if origin == "own" else origin}
        client = httpx.AsyncClient(base_url=self.node.app_url, headers=headers, trust_env=False)
        self.clients.append(client)
        return client

    async def sign_in(self, login: str) -> SignedIn:
        """Sign an agent in at its own station."""
        client = self.browser()
        answer = await client.post(
            "/api/v1/login",
            json={"login": login, "password": PASSWORD, "station": station_secret(login)},
        )
        assert answer.status_code == 200, answer.text
        return SignedIn(client, answer.json())

    async def records(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the ledger's records that have these members, oldest first."""
        return await stored_records(self.node.database, **wanted)

    async def typed(self, record: dict[str, Any]) -> dict[str, str]:
        """Return the texts that a record names, by the member of its detail that names each."""
        texts = dict(await stored_words(self.node.database))
        return {name: texts[sha256] for name, sha256 in words_named(record).items()}


CityMaker = Callable[..., Any]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def city_maker(tmp_path: Path, enrolled_data: Path) -> CityMaker:
    """Return what starts the node, again where a test wants to restart it."""
    settings = _settings(tmp_path)
    shutil.copytree(enrolled_data, settings.node.data_dir)
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", tmp_path / "convention")
    standing_still = MovedClock()

    @asynccontextmanager
    async def make(
        clock: MovedClock = standing_still,
        turning: CameraCommands | None = None,
        sources: Callable[[dict[str, Any]], None] | None = None,
    ) -> AsyncIterator[City]:
        relay = NotingRelay()
        if sources is not None:
            told = json.loads(settings.inventory.sources.read_text())
            sources(told)
            settings.inventory.sources.write_text(json.dumps(told))
        async with run_node(settings, clock=clock, relay=relay, turning=turning, record_within_s=20.0) as node:
            city = City(node, clock, relay, settings)
            try:
                yield city
            finally:
                for client in city.clients:
                    await client.aclose()

    return make


@pytest.fixture
async def city(city_maker: CityMaker) -> AsyncIterator[City]:
    """A running city."""
    async with city_maker() as running:
        yield running
