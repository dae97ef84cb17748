"""The composition root: plain constructors in an AsyncExitStack; nothing happens at import.

Numbered in the order in which a node comes up; it goes down in the reverse order.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread
import structlog

from belvedere.agents.enrolment import AccountToEnrol, Enrolled, Enrolment, StationToEnrol
from belvedere.agents.habilitations import HabilitationDesk
from belvedere.agents.log_in import SignIn
from belvedere.agents.passwords import Passwords
from belvedere.agents.session_clock import SessionClock
from belvedere.agents.stations import StationDesk
from belvedere.clock import MovedClock, SystemClock, SystemIds
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.failures import NoPicture, Unreadable
from belvedere.domain.ids import CameraId, IdSource, PartyId, ViewingId
from belvedere.domain.source_causes import SOURCE_CAUSES, SourceCause
from belvedere.inventory.cameras import CameraSource, Inventory, read_ground, read_inventory, read_sources
from belvedere.inventory.sealed import SecretKey, load_secret_key
from belvedere.ledger.agreed_text import (
    KEYS_FILE,
    SIGNATURES_FILE,
    PinnedKeys,
    read_keys,
    read_signatures,
)
from belvedere.ledger.keys import load_or_create_key
from belvedere.live.centre import CentreDesk
from belvedere.live.close_stream import StreamCloser
from belvedere.live.conventions import ConventionDesk, put_installed
from belvedere.live.events import EventDesk
from belvedere.live.handover import HandoverDesk
from belvedere.live.in_force import InForce, InstalledText, TextInForce
from belvedere.live.journal import JournalDesk
from belvedere.live.model import WatchedCamera
from belvedere.live.open_stream import StreamOpener
from belvedere.live.own_room import OwnRoomQueue
from belvedere.live.ports import LivePorts
from belvedere.live.preview import Previewer
from belvedere.live.read_inventory import InventoryReader
from belvedere.live.relief import ReliefDesk
from belvedere.live.retention import JournalRetention
from belvedere.live.review import ViewingReview
from belvedere.live.standing_ends import StandingEnds
from belvedere.live.steering import SteeringDesk
from belvedere.live.suspend import SuspensionDesk
from belvedere.live.terms import TermDesk
from belvedere.live.watch import SocketEvent, SocketLost, SocketsAnew, SocketTaken, ViewingStopped, Watch
from belvedere.media.relay import (
    CameraBack,
    CameraLost,
    DeadlinePassed,
    EventsLost,
    MediaFailure,
    MediaRelay,
    MediaSource,
    RelayConfig,
    TicketLapsed,
    ViewingConnected,
    ViewingDropped,
    open_relay,
)
from belvedere.policy import load_convention
from belvedere.policy.agenda import warm_calendars
from belvedere.settings import Settings
from belvedere.store.agents_rows import SqlAgentsStore
from belvedere.store.database import DATABASE_FILE, Database, StoreHealth
from belvedere.store.ledger_log import LedgerIdentity
from belvedere.store.ledger_view import SqlLedgerView
from belvedere.store.live_rows import SqlLiveStore
from belvedere.store.restore import half_restored
from belvedere.store.space import SpaceState
from belvedere.web.app import create_app
from belvedere.web.changes import Changes
from belvedere.web.connections import Connections
from belvedere.web.metrics import Family, NodeMetrics, single
from belvedere.web.ports import WebPorts
from belvedere.web.readiness import Readiness, StoreState
from belvedere.web.request_log import AnswerCounts
from belvedere.web.server import TlsFiles, WebServer
from belvedere.web.tally import Tally

log = structlog.get_logger(__name__)
RECORD_WITHIN_S = 0.5
"""A decision that is not durable by then is a refusal (RELIABILITY 10)."""
KEY_FILE = "node-key.pem"
"""The signing key's name in the data folder; no backup of the database holds it."""
STATIC_DIR = Path(__file__).parent / "web" / "static"


class WatchedInventory:
    """The inventory as live sees it (implements `live.ports.Cameras`)."""

    def __init__(self, inventory: Inventory) -> None:
        self._cameras = {
            camera.id: WatchedCamera(
                id=camera.id,
                owner=camera.owner,
                commune=camera.commune,
                zone=camera.zone,
                camera_class=camera.camera_class,
                authorised_until=camera.authorised_until,
                ptz=camera.ptz,
            )
            for camera in inventory
        }

    def watched(self, camera: CameraId) -> WatchedCamera | None:
        """Return the camera, or None."""
        return self._cameras.get(camera)

    def one_of_each_owner(self) -> Sequence[WatchedCamera]:
        """Return the first camera of each owner."""
        return list({camera.owner: camera for camera in reversed(self._cameras.values())}.values())


class LiveRelay:
    """The relay as live commands it (implements `live.ports.Relay`): its failures are ours."""

    def __init__(self, relay: MediaRelay) -> None:
        self._relay = relay

    def admit(self, viewing: ViewingId, *, camera: CameraId, hold_ms: int | None) -> None:
        """Let a viewing exist; raises `NoPicture`."""
        try:
            self._relay.admit(viewing, camera=camera, hold_ms=hold_ms)
        except MediaFailure as failure:
            raise NoPicture(str(failure)) from failure

    def issue_ticket(self, viewing: ViewingId, *, session_sha256: bytes, ttl_ms: int) -> str:
        """Return the media path with a single-use ticket; raises `NoPicture`."""
        try:
            return self._relay.issue_ticket(viewing, session_sha256=session_sha256, ttl_ms=ttl_ms)
        except MediaFailure as failure:
            raise NoPicture(str(failure)) from failure

    def extend(self, viewing: ViewingId, *, hold_ms: int) -> None:
        """Put the deadline `hold_ms` from now."""
        self._relay.extend(viewing, hold_ms=hold_ms)

    def void_tickets(self, session_sha256: bytes) -> None:
        """Take a session's unused tickets away."""
        self._relay.void_tickets(session_sha256)

    def revoke(self, viewing: ViewingId, *, code: int, cause: Cause, article: str | None) -> None:
        """Close the viewing's sockets."""
        self._relay.revoke(viewing, code=code, cause=cause, article=article)


class RelaySockets:
    """The relay's events, told apart: sockets to the watch, `cameras` to the screens."""

    def __init__(
        self,
        relay: MediaRelay,
        changes: Changes,
        cameras: Collection[CameraId],
        sources: Mapping[CameraId, CameraSource],
    ) -> None:
        self._relay = relay
        self._changes = changes
        self._cameras = cameras
        self._sources = sources

    async def socket_events(self) -> AsyncIterator[SocketEvent]:
        """Yield what concerns viewings; pass what concerns cameras on."""
        async for event in self._relay.events():
            match event:
                case ViewingConnected(viewing):
                    yield SocketTaken(viewing)
                case ViewingDropped(viewing, cause):
                    yield SocketLost(viewing, cause)
                case DeadlinePassed(viewing):
                    yield ViewingStopped(viewing)
                case CameraLost(camera, cause, detail):
                    self._log_lost(camera, cause, detail)
                    self._changes.cameras_changed((camera,))
                case CameraBack(camera):
                    log.info("camera_back", camera=camera)
                    self._changes.cameras_changed((camera,))
                case TicketLapsed():
                    pass  # the watch counts the 30 s itself, on the clock that decides
                case EventsLost(count):
                    log.error("relay_events_lost", count=count)
                    self._changes.cameras_changed(self._cameras)
                    yield SocketsAnew(self._relay.connected())
                case _:
                    assert_never(event)

    def _log_lost(self, camera: CameraId, cause: SourceCause, detail: str) -> None:
        source, words = self._sources.get(camera), SOURCE_CAUSES[cause]
        log.warning(
            "camera_lost",
            camera=camera,
            cause=cause.value,
            address=None if source is None else source.address,
            detail=detail,
            fr=words.sentence.fr,
            en=words.sentence.en,
        )


class LostCameras:
    """Why each lost camera is lost: what the relay says, and those for which no address is entered."""

    def __init__(self, relay: MediaRelay, without_address: Collection[CameraId]) -> None:
        self._relay = relay
        self._without_address = dict.fromkeys(without_address, SourceCause.NO_ADDRESS)

    def by_cause(self) -> Mapping[SourceCause, int]:
        """Return how many cameras are lost for each cause, every cause named; none while the relay does not run."""
        with suppress(MediaFailure):
            found = Counter((self._without_address | dict(self._relay.lost_cameras())).values())
            return {cause: found[cause] for cause in SourceCause}
        return dict.fromkeys(SourceCause, 0)


RELAY_COUNTERS = frozenset(
    {"bytes_sent", "gaps", "refused_ticket", "refused_origin", "refused_crowded", "sessions_panicked", "events_lost"}
    | {"packets_left_out", "times_repaired"}
)
"""Those of the relay's figures that only grow; the others are of the moment."""
PROBE_S_MAX = 1.0


def relay_meter(relay: MediaRelay) -> list[Family]:
    """Return the relay's figures; none while it does not run."""
    with suppress(MediaFailure):
        return [
            single(f"relay_{name}{'_total' if name in RELAY_COUNTERS else ''}", f"Relay: {name}", number)
            for name, number in relay.stats().as_mapping().items()
        ]
    return []


def cameras_meter(lost: LostCameras) -> list[Family]:
    """Return how many cameras are lost, by cause."""
    counts = {cause.value: count for cause, count in lost.by_cause().items()}
    return [Family("cameras_lost", "Cameras that give no pictures, by cause", counts, "cause")]


def store_meter(database: Database) -> list[Family]:
    """Return the store's figures."""
    figures, health = database.figures, database.health()
    return [
        single("store_groups_total", "Groups of writes committed", figures.groups),
        single("store_writes_total", "Writes made durable", figures.jobs),
        single("store_refused_total", "Writes refused", figures.refused),
        single("store_recoveries_total", "Recoveries after an error of the disk", figures.recoveries),
        single("store_free_bytes", "Bytes left on the data folder's disk", health.free_bytes),
        single("store_queued", "Writes that wait", health.queued),
        single("store_reads_waiting", "Reads that run or wait", database.reads_waiting),
        single("store_reads_refused_total", "Reads refused because too many waited", database.reads_refused),
    ]


def connections_meter(connections: Connections) -> list[Family]:
    """Return the web server's figures."""
    return [
        single("web_connections", "Connections to the web server", connections.open),
        single("web_connections_refused_total", "Connections closed for want of a place", connections.refused),
        single("web_connections_ended_total", "Connections closed for want of an answer", connections.ended),
    ]


def store_state(health: StoreHealth) -> StoreState:
    """Return the store's state as readiness tells it."""
    return StoreState(
        records=health.records,
        ledger_sound=health.ledger_sound,
        disk_short=health.space is SpaceState.SHORT,
        free_bytes=health.free_bytes,
        cause=health.cause,
    )


async def listens(host: str, port: int) -> bool:
    """Return whether the endpoint takes connections; the loopback is asked where it listens everywhere."""
    with suppress(OSError), anyio.move_on_after(PROBE_S_MAX):
        stream = await anyio.connect_tcp({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 (a name asked about)
        await stream.aclose()
        return True
    return False


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that serves. `app_url` is a bare origin."""

    app_url: str
    media_url: str
    web: WebPorts
    agents: SqlAgentsStore
    database: Database
    relay: MediaRelay
    watch: Watch
    own_room: OwnRoomQueue


def identity_of(settings: Settings) -> LedgerIdentity:
    """Return whose ledger this node keeps; makes the signing key at the first start."""
    return LedgerIdentity(
        node=settings.node.party,
        origin=settings.node.origin,
        key=load_or_create_key(settings.node.data_dir / KEY_FILE),
    )


async def open_database(settings: Settings, *, clock: Clock, ids: IdSource) -> Database:
    """Open what the node must not lose; raises `Unreadable` where a restore was cut short in the data folder."""
    data_dir = settings.node.data_dir
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    cut_short = half_restored(data_dir)
    if cut_short is not None:
        raise Unreadable(cut_short)
    return await Database.open(data_dir / DATABASE_FILE, identity=identity_of(settings), clock=clock, ids=ids)


def secret_key_of(settings: Settings) -> SecretKey | None:
    """Return the key that opens sealed files, None where the settings name none; raises `Unreadable`."""
    return None if settings.secrets.key_file is None else load_secret_key(settings.secrets.key_file)


def tls_files(settings: Settings) -> TlsFiles | None:
    """Return where the server's certificate stands, None where the node serves plain http."""
    certificate, key = settings.web.tls_certificate, settings.web.tls_key
    return None if certificate is None or key is None else TlsFiles(certificate, key)


def media_tls_files(settings: Settings) -> TlsFiles | None:
    """Return where the relay's certificate stands: its own, else the web server's, else None."""
    certificate, key = settings.media.tls_certificate, settings.media.tls_key
    return tls_files(settings) if certificate is None or key is None else TlsFiles(certificate, key)


def load_conventions(settings: Settings, *, owner: PartyId) -> tuple[Sequence[InstalledText], PinnedKeys]:
    """Return the installed conventions and the parties' pinned keys.

    Raises `Unreadable` where one doesn't bind this party, or isn't signed by every party.
    """
    texts, keys = [], {}
    for each in settings.conventions:
        convention = load_convention(each.directory)
        if convention.party(owner) is None:
            raise Unreadable(f"convention `{convention.id}` does not bind `{owner}`; take it out of node.toml")
        markdown = (each.directory / "convention.md").read_bytes()
        parties = [party.id for party in convention.parties]
        note = ""
        if each.unsigned:
            log.warning("convention_unsigned", convention=convention.id)
        else:
            keys[convention.id] = read_keys(each.directory / KEYS_FILE, parties)
            note = read_signatures(each.directory / SIGNATURES_FILE)
            missing = PinnedKeys(keys).missing(convention=convention.id, sha256=convention.sha256, note=note)
            if missing:
                raise Unreadable(
                    f"convention `{convention.id}`, text {convention.sha256}: not signed by {', '.join(missing)}; "
                    "have each party run `belvedere convention sign`"
                )
        texts.append(InstalledText(TextInForce(convention, markdown), note))
    return texts, PinnedKeys(keys)


def add_cameras(
    relay: MediaRelay, inventory: Inventory, sources: Mapping[CameraId, CameraSource], *, warm: Collection[str]
) -> None:
    """Tell the relay where each camera is dialled; one without an address is named in the log and shows nothing."""
    for camera in inventory:
        source = sources.get(camera.id)
        if source is None:
            log.warning("camera_without_source", camera=camera.id)
            continue
        relay.add_camera(camera.id, MediaSource(source.url, source.username, source.password), warm=camera.id in warm)


def _relay_of(settings: Settings, *, owner: PartyId, clock: Clock, ids: IdSource) -> MediaRelay:
    media_tls = media_tls_files(settings)
    return open_relay(
        RelayConfig(
            host=settings.media.host,
            port=settings.media.port,
            allowed_origins=(),
            cookie_name=owner,
            tls_certificate=None if media_tls is None else media_tls.certificate,
            tls_key=None if media_tls is None else media_tls.key,
            source_networks=settings.media.source_networks,
            source_authorities=settings.media.source_authorities,
            idle_ingest_ms=int(settings.media.idle_s * 1000),
        ),
        clock=clock,
        ids=ids,
    )


def _media_origin(settings: Settings, relay: MediaRelay) -> str:
    scheme = "ws" if media_tls_files(settings) is None else "wss"
    return settings.media.media_url or f"{scheme}://{settings.media.host}:{relay.port}"


@asynccontextmanager
async def run_node(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    relay: MediaRelay | None = None,
    record_within_s: float = RECORD_WITHIN_S,
) -> AsyncIterator[RunningNode]:
    """Run one node until the block ends; tests pass a clock that they move, a relay of their own, more patience."""
    clock = clock or SystemClock()
    ids = ids or SystemIds()
    owner = PartyId(settings.node.party)
    zone = ZoneInfo(settings.node.zone)
    async with AsyncExitStack() as stack:
        # 1. What the node is told: conventions, cameras, ground.
        installed, pinned = load_conventions(settings, owner=owner)
        inventory = read_inventory(settings.inventory.cameras)
        sources = read_sources(settings.inventory.sources, secret_key_of(settings))
        ground = read_ground(settings.inventory.ground)
        await anyio.to_thread.run_sync(warm_calendars, clock.now().year)

        # 2. What it must not lose.
        database = await open_database(settings, clock=clock, ids=ids)
        stack.push_async_callback(database.aclose)
        live_store = SqlLiveStore(database, zone=zone, record_within_s=record_within_s)
        await live_store.begin()
        agents_store = SqlAgentsStore(database, record_within_s=record_within_s)

        now = clock.now()
        in_force = InForce(owner, [await put_installed(live_store, pinned, each, at=now) for each in installed])

        # 3. Pictures.
        relay = relay or _relay_of(settings, owner=owner, clock=clock, ids=ids)
        await relay.start()
        stack.push_async_callback(relay.aclose)
        add_cameras(relay, inventory, sources, warm=settings.media.warm)
        lost_cameras = LostCameras(relay, [camera.id for camera in inventory if camera.id not in sources])

        # 4. Use cases.
        changes, sessions = Changes(), SessionClock(clock)
        answers = AnswerCounts()
        cameras = WatchedInventory(inventory)
        live = LivePorts(
            owner=owner,
            in_force=in_force,
            store=live_store,
            cameras=cameras,
            sessions=sessions,
            relay=LiveRelay(relay),
            announcer=changes,
            clock=clock,
            ids=ids,
        )
        review = ViewingReview(live)
        own_room = OwnRoomQueue(live)
        watch, ends = Watch(live, review, own_room, zone=zone), StandingEnds(live, review, own_room)
        passwords = Passwords()
        sign_in = SignIn(store=agents_store, passwords=passwords, sessions=sessions, clock=clock, ids=ids, zone=zone)
        media_origin = _media_origin(settings, relay)
        server = WebServer(
            host=settings.web.host,
            port=settings.web.port,
            connections_per_address=settings.web.connections_per_address,
            tls=tls_files(settings),
        )
        stack.callback(server.close)
        app_url = settings.web.app_url or server.url

        # 5. Screens and API.
        ledger_view = SqlLedgerView(database)
        tally = Tally()
        readiness = Readiness(
            store=lambda: store_state(database.health()),
            newest_record_at=ledger_view.newest_at,
            media_listens=lambda: listens(settings.media.host, relay.port),
            in_force=in_force,
            signed=pinned.keys.keys(),
            clock=clock,
        )

        ports = WebPorts(
            owner=owner,
            zone=zone,
            clock=clock,
            sign_in=sign_in,
            habilitations=HabilitationDesk(
                owner=owner, store=agents_store, clock=clock, zone=zone, ended=ends.of_agent
            ),
            stations=StationDesk(
                owner=owner,
                store=agents_store,
                clock=clock,
                ids=ids,
                zone=zone,
                ended=ends.of_station,
            ),
            relief=ReliefDesk(live, review),
            live=live,
            opener=tally.of(StreamOpener(live, review, own_room)),
            closer=StreamCloser(live, review, own_room),
            events=EventDesk(live, review),
            review=review,
            suspensions=SuspensionDesk(live, review),
            steering=SteeringDesk(live),
            centre=CentreDesk(live, review),
            preview=Previewer(live),
            inventory=inventory,
            inventory_reader=InventoryReader(live, one_of_each_owner=cameras.one_of_each_owner()),
            lost_cause=relay.lost_cause,
            lost_cameras=lost_cameras.by_cause,
            ground=ground,
            ledger=ledger_view,
            handover=HandoverDesk(live),
            journal=JournalDesk(ledger_view, owner=owner, clock=clock),
            conventions=ConventionDesk(live, review, pinned),
            terms=TermDesk(live, review),
            changes=changes,
            readiness=readiness,
            metrics=NodeMetrics(
                meters=[
                    partial(relay_meter, relay),
                    partial(cameras_meter, lost_cameras),
                    partial(store_meter, database),
                    partial(connections_meter, server.connections),
                    lambda: [
                        single(
                            "login_failures_total",
                            "Logins with a wrong password, or at no registered station",
                            sign_in.failures_total,
                        ),
                        single("logins_waiting", "Passwords that are verified or wait for it", passwords.waiting),
                        single(
                            "logins_refused_total", "Logins refused because too many waited", passwords.refused_total
                        ),
                        single("screens_open", "Screens that follow changes", changes.screens),
                        single("own_room_records_waiting", "Records of the own room that wait", own_room.queued),
                    ],
                ],
                store=live_store,
                in_force=in_force,
                owner=owner,
                tally=tally,
                answers=answers,
                readiness=readiness,
            ),
            tally=tally,
            answers=answers,
            app_origin=lambda: app_url,
            media_origin=lambda: media_origin,
            static_dir=STATIC_DIR,
            contact=settings.node.contact,
            demo_clock=clock if isinstance(clock, MovedClock) else None,
        )
        relay.set_allowed_origins((app_url,))

        # 6. The watch, then the doors open.
        await watch.begin()
        tasks = await stack.enter_async_context(anyio.create_task_group())
        stack.callback(tasks.cancel_scope.cancel)
        sockets = RelaySockets(relay, changes, [camera.id for camera in inventory], sources)
        for work in (
            partial(watch.follow, sockets),
            watch.tick_forever,
            own_room.catch_up_forever,
            JournalRetention(live, database).keep_forever,
        ):
            tasks.start_soon(work)
        await stack.enter_async_context(server.serving(create_app(ports)))
        log.info("node_ready", party=owner, app_url=app_url, cameras=len(inventory))
        yield RunningNode(app_url, media_origin, ports, agents_store, database, relay, watch, own_room)


async def enrol(
    settings: Settings,
    accounts: Sequence[AccountToEnrol],
    stations: Sequence[StationToEnrol],
    *,
    clock: Clock | None = None,
) -> Enrolled:
    """Enrol or change accounts and stations while the node is stopped; all or nothing; raises `NotEnrolled`."""
    clock, ids = clock or SystemClock(), SystemIds()
    database = await open_database(settings, clock=clock, ids=ids)
    try:
        enrolment = Enrolment(
            store=SqlAgentsStore(database, record_within_s=None), passwords=Passwords(), clock=clock, ids=ids
        )
        return await enrolment.enrol(accounts, stations)
    finally:
        await database.aclose()
