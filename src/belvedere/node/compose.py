"""The composition root: plain constructors in an AsyncExitStack; nothing happens at import.

Numbered in the order in which a node comes up; it goes down in the reverse order.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread
import structlog

from belvedere.acts.across_nodes import PeerDesk
from belvedere.acts.catalogue import CatalogueDesk
from belvedere.acts.centre import CentreDesk
from belvedere.acts.close_stream import StreamCloser
from belvedere.acts.conventions import ConventionDesk
from belvedere.acts.could_watch import WhoCouldWatch
from belvedere.acts.deputies import DeputyDesk
from belvedere.acts.events import EventDesk
from belvedere.acts.faults import FaultWatch
from belvedere.acts.handover import HandoverDesk
from belvedere.acts.joining import JoiningDesk
from belvedere.acts.journal import JournalDesk
from belvedere.acts.leaving import LeavingDesk
from belvedere.acts.link_faults import LinkFaultWatch
from belvedere.acts.look import LookDesk
from belvedere.acts.motives import MotiveDesk
from belvedere.acts.open_stream import StreamOpener
from belvedere.acts.preview import Previewer
from belvedere.acts.read_inventory import InventoryReader
from belvedere.acts.relief import ReliefDesk
from belvedere.acts.resolutions import ResolutionDesk
from belvedere.acts.retention import JournalRetention
from belvedere.acts.steering_desk import SteeringDesk
from belvedere.acts.steering_watch import SteeringWatch
from belvedere.acts.suspend import SuspensionDesk
from belvedere.acts.terms import TermDesk
from belvedere.acts.witness import ConfirmationDesk
from belvedere.agents.habilitations import HabilitationDesk
from belvedere.agents.log_in import SignIn
from belvedere.agents.passwords import Passwords
from belvedere.agents.session_clock import SessionClock
from belvedere.agents.stations import StationDesk
from belvedere.clock import MovedClock, SystemClock, SystemIds
from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource, PartyId
from belvedere.followers.in_force import InForceFollower
from belvedere.followers.log import LogFollower
from belvedere.followers.relay import RelayFollower
from belvedere.followers.relay_keys import RelayKeysFollower
from belvedere.followers.screens import ScreensFollower
from belvedere.followers.sessions import SessionsFollower
from belvedere.followers.steering import CameraCommands
from belvedere.inventory.cameras import read_ground, read_inventory, read_sources
from belvedere.media.relay import MediaRelay
from belvedere.node.cameras import (
    CommandedRelay,
    LostCameras,
    RelaySockets,
    WatchedInventory,
    add_cameras,
    secret_key_of,
)
from belvedere.node.channel import Channel, across_nodes, open_channel, partner_waits, peer_flows, tell_keys
from belvedere.node.conventions import compiled_texts, load_conventions, put_in_force
from belvedere.node.database import open_database
from belvedere.node.demo_reviews import DemoReviews
from belvedere.node.listening import listens, media_origin_of, relay_of, tls_files
from belvedere.node.meters import (
    cameras_meter,
    connections_meter,
    journal_meter,
    peers_meter,
    people_meter,
    relay_meter,
    store_meter,
    store_state,
)
from belvedere.node.own_keys import own_keys
from belvedere.node.peers import load_peers, make_peers
from belvedere.node.reconciliation import LedgersCompared, is_of
from belvedere.node.steering import open_steering
from belvedere.peers.standing import PeersStanding
from belvedere.policy.agenda import warm_calendars
from belvedere.rights.watch import Watch
from belvedere.settings import Settings
from belvedere.spine.commit import Spine
from belvedere.spine.draining import drain_forever
from belvedere.spine.in_force import InForce
from belvedere.spine.snapshot import Place
from belvedere.store.comparison import JournalComparison
from belvedere.store.database import Database
from belvedere.store.fault_rows import SqlFaults
from belvedere.store.leaving_rows import own_leavings
from belvedere.store.ledger_view import SqlLedgerView
from belvedere.store.reconciliation_rows import SqlAccounts
from belvedere.store.spine_store import SqlSpineStore
from belvedere.store.witness_rows import SqlHeadStore
from belvedere.web.app import create_app
from belvedere.web.changes import Changes
from belvedere.web.metrics import NodeMetrics
from belvedere.web.ports import (
    AgentPorts,
    AskingPorts,
    ConventionPorts,
    DemoPorts,
    DirectionPorts,
    EventPorts,
    FaultPorts,
    InventoryPorts,
    JournalPorts,
    NodePorts,
    PartnerPorts,
    ReconciliationPorts,
    ScreenPorts,
    SessionPorts,
    SitePorts,
    SteeringPorts,
    StreamPorts,
    WebPorts,
    WitnessPorts,
)
from belvedere.web.readiness import Readiness
from belvedere.web.request_log import AnswerCounts
from belvedere.web.screens import STATIC_DIR
from belvedere.web.server import WebServer
from belvedere.web.tally import Tally

log = structlog.get_logger(__name__)
RECORD_WITHIN_S = 0.5
"""A decision that is not durable by then is a refusal (reliability 10)."""


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that serves. `app_url` is a bare origin."""

    app_url: str
    media_url: str
    web: WebPorts
    spine: Spine
    store: SqlSpineStore
    in_force: InForce
    database: Database
    relay: MediaRelay
    watch: Watch
    faults: FaultWatch
    channel: Channel

    def addresses(self) -> dict[str, str | None]:
        """Return where browsers find the node, and its peers: their channel, and the pictures that flow to them."""
        return {
            "app_url": self.app_url,
            "media_url": self.media_url,
            "peer_url": self.channel.url_at(self.channel.port),
            "peer_media_url": self.channel.url_at(self.relay.peer_port),
        }


@asynccontextmanager
async def run_node(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    relay: MediaRelay | None = None,
    turning: CameraCommands | None = None,
    record_within_s: float = RECORD_WITHIN_S,
) -> AsyncIterator[RunningNode]:
    """Run one node until the block ends; tests pass a clock that they move, a relay of their own, more patience.

    `turning` takes the place of the cameras that are steered from here.
    """
    clock = clock or SystemClock()
    ids = ids or SystemIds()
    owner = PartyId(settings.node.party)
    zone = ZoneInfo(settings.node.zone)
    async with AsyncExitStack() as stack:
        # 1. What the node is told: conventions, cameras, ground.
        installed, pinned = load_conventions(settings, owner=owner)
        inventory = read_inventory(settings.inventory.cameras)
        sources, ground = (
            read_sources(settings.inventory.sources, secret_key_of(settings)),
            read_ground(settings.inventory.ground),
        )
        standing = PeersStanding(load_peers(settings, pinned), clock)
        await anyio.to_thread.run_sync(warm_calendars, clock.now().year)

        # 2. What it must not lose.
        database = await open_database(settings, clock=clock, ids=ids)
        stack.push_async_callback(database.aclose)
        cameras = WatchedInventory(inventory)
        place = Place(owner, zone, cameras, compiled_texts(installed))
        store = SqlSpineStore(database, place, record_within_s=record_within_s)
        await store.begin()
        across = await across_nodes(standing.peers, store, inventory=inventory, cameras=cameras)

        # 3. Pictures, and the cameras that turn.
        relay = relay or relay_of(settings, owner=owner, clock=clock, ids=ids)
        await relay.start()
        stack.push_async_callback(relay.aclose)
        add_cameras(relay, inventory.here, sources, warm=settings.media.warm)

        hands = await stack.enter_async_context(
            open_steering(
                settings,
                inventory.here,
                sources,
                turning,
                clock=clock,
                ids=ids,
                told=(changes := Changes()).steering_changed,
                positions_told=changes.positions_changed,
            )
        )

        # 4. The spine and those who follow it; what is in force; use cases.
        sessions, tally, passwords = SessionClock(clock), Tally(), Passwords()
        flows = peer_flows(settings, relay, standing.peers, cameras, told=changes.cameras_changed, clock=clock)
        lost_cameras = LostCameras(
            relay, [camera.id for camera in inventory.here if camera.id not in sources], flows, cameras.told_by
        )
        answers, in_force, commanded = AnswerCounts(), InForce(owner, place.texts), CommandedRelay(relay, flows)
        spine = Spine(
            store=store,
            followers=(
                InForceFollower(in_force, pinned),
                RelayKeysFollower(partial(tell_keys, relay, standing.peers)),
                *across.followers,
                SessionsFollower(sessions),
                RelayFollower(commanded, place=place, clock=clock),
                ScreensFollower(changes),
                LogFollower(),
                standing,
                *(() if hands is None else (hands,)),
            ),
            place=place,
            clock=clock,
        )
        await put_in_force(installed, pinned, in_force, spine=spine, clock=clock)
        watch, faults = (
            Watch(spine, commanded, sessions, changes, across.viewings, place=place, clock=clock),
            FaultWatch(spine, lost_cameras.of_this_node, inventory.sector_of, clock),
        )
        sign_in = SignIn(spine=spine, passwords=passwords, sessions=sessions, clock=clock, ids=ids, zone=zone)
        media_origin = media_origin_of(settings, relay)
        server = WebServer(
            host=settings.web.host,
            port=settings.web.port,
            connections_per_address=settings.web.connections_per_address,
            tls=tls_files(settings),
        )
        stack.callback(server.close)
        app_url = settings.web.app_url or server.url

        # 5. Screens and API.
        comparison = await JournalComparison(database, clock=clock, zone=zone).begun()
        ledger_view = SqlLedgerView(database, comparison)
        peers = make_peers(
            settings,
            standing,
            pinned,
            size_at_start=database.size_at_start,
            heads=SqlHeadStore(database),
            rights=watch,
            clock=clock,
            told=changes.partners_changed,
        )
        channel = stack.enter_context(
            open_channel(
                settings,
                standing.peers,
                across=across,
                flows=flows,
                catalogue=CatalogueDesk(spine, clock, here=inventory.here),
                motives=MotiveDesk(spine),
                leaving=LeavingDesk(spine),
                left=await database.read(lambda connection: own_leavings(connection, owner)),
                resolutions=ResolutionDesk(spine, ids, lambda: [peer.party for peer in standing.bound]),
                watch_links=lambda states: LinkFaultWatch(spine, states, clock),
                ledgers=LedgersCompared(
                    spine,
                    SqlAccounts(database, partial(is_of, cameras, in_force)),
                    clock,
                    told=changes.partners_changed,
                ),
                slots_told=changes.streams_changed,
                requests=PeerDesk(spine, partial(partner_waits, standing, lambda: comparison.compared)),
                in_force=in_force,
                epoch=database.epoch,
                clock=clock,
                ids=ids,
            )
        )
        readiness = Readiness(
            store=lambda: store_state(database.health()),
            journal=lambda: comparison.compared,
            newest_record_at=ledger_view.newest_at,
            media_listens=lambda: listens(settings.media.host, relay.port),
            in_force=in_force,
            signed={each.text.convention.id for each in installed if each.keys is not None},
            witness_lacks=standing.lacks,
            clock=clock,
        )

        closer, reader, reviews = (
            StreamCloser(spine),
            InventoryReader(spine, clock, one_of_each_owner=cameras.one_of_each_owner),
            DemoReviews(clock, owner, partial(_review_all, watch, changes)) if isinstance(clock, MovedClock) else None,
        )
        ports = WebPorts(
            site=SitePorts(
                clock=clock,
                answers=answers,
                app_origin=lambda: app_url,
                media_origin=lambda: media_origin,
                static_dir=STATIC_DIR,
            ),
            asking=AskingPorts(owner, in_force, sign_in, lambda: comparison.compared, standing.waits),
            session=SessionPorts(
                owner=owner,
                in_force=in_force,
                sign_in=sign_in,
                closer=closer,
                relief=ReliefDesk(spine),
                app_origin=lambda: app_url,
            ),
            agents=AgentPorts(
                in_force=in_force,
                habilitations=HabilitationDesk(spine),
                stations=StationDesk(spine, ids, owner=owner),
            ),
            inventory=InventoryPorts(
                inventory=inventory, reader=reader, lost_cause=lost_cameras.of, ground=ground, note=tally.note
            ),
            events=EventPorts(in_force, spine, EventDesk(spine, ids)),
            streams=StreamPorts(
                store=spine,
                opener=tally.of(StreamOpener(spine, commanded, ids, across.viewings)),
                closer=closer,
                suspensions=SuspensionDesk(spine),
                media_origin=lambda: media_origin,
                slots_told=across.viewings.slots_told,
            ),
            steering=SteeringPorts(
                owner=owner,
                store=spine,
                clock=clock,
                desk=SteeringDesk(spine, ids, hands, place=place),
                looks=LookDesk(spine, ids),
                deputies=DeputyDesk(spine),
                hands=hands,
                sector_of=inventory.sector_of,
                note=tally.note,
            ),
            direction=DirectionPorts(
                in_force=in_force,
                centre=CentreDesk(spine, clock),
                texts=ConventionDesk(spine, pinned, in_force, clock),
                terms=TermDesk(spine, clock),
                joining=JoiningDesk(spine, in_force, ids, own=own_keys(settings)),
                keys=pinned,
            ),
            convention=ConventionPorts(
                owner=owner,
                in_force=in_force,
                store=spine,
                clock=clock,
                inventory=inventory,
                preview=Previewer(spine, clock, across.viewings.heard),
                who_could_watch=WhoCouldWatch(spine, clock),
                keys=pinned,
                steers=lambda camera: hands is not None and hands.steers(camera),
            ),
            handover=HandoverDesk(spine, ids),
            journal=JournalPorts(
                ledger=ledger_view,
                desk=JournalDesk(spine, ledger_view, owner=owner),
                inventory=inventory,
                zone=zone,
            ),
            faults=FaultPorts(
                owner=owner,
                store=spine,
                over=SqlFaults(database),
                links=channel.states,
                inventory=inventory,
                clock=clock,
                zone=zone,
            ),
            witnesses=WitnessPorts(peers.own_log, peers.witness),
            partners=PartnerPorts(
                owner=owner,
                stand=standing.partners,
                may_be_confirmed=standing.may_be_confirmed,
                confirmations=ConfirmationDesk(spine, standing.may_be_confirmed),
                reconciled=channel.reconciling.found,
                links=channel.states,
            ),
            resolutions=ResolutionDesk(spine, ids, lambda: [peer.party for peer in standing.bound]),
            reconciliation=ReconciliationPorts(channel.reconciling.note, channel.reconciling.compare_all),
            screens=ScreenPorts(
                owner=owner,
                sign_in=sign_in,
                changes=changes,
                inventory=inventory,
                reader=reader,
                lost_cause=lost_cameras.of,
                clock=clock,
                ahead_s=lambda: clock.ahead_s if isinstance(clock, MovedClock) else 0.0,
                started_at=readiness.started_at,
            ),
            node=NodePorts(
                owner=owner,
                in_force=in_force,
                zone=zone,
                contact=settings.node.contact,
                readiness=readiness,
                lost_cameras=lost_cameras.by_cause,
                metrics=NodeMetrics(
                    meters=[
                        partial(relay_meter, relay),
                        partial(cameras_meter, lost_cameras),
                        partial(store_meter, database),
                        partial(connections_meter, server.connections),
                        partial(people_meter, sign_in, passwords, changes, spine),
                        partial(journal_meter, comparison),
                        partial(peers_meter, standing, channel.states),
                    ],
                    store=spine,
                    in_force=in_force,
                    owner=owner,
                    tally=tally,
                    answers=answers,
                    readiness=readiness,
                ),
                monitoring=tuple(ip_network(each, strict=False) for each in settings.web.monitoring),
            ),
            demo=None if reviews is None else DemoPorts(in_force, reviews.clock, reviews.moved),
        )
        relay.set_allowed_origins((app_url,))

        # 6. The watch, then the doors open.
        await watch.begin()
        tasks = await stack.enter_async_context(anyio.create_task_group())
        stack.callback(tasks.cancel_scope.cancel)
        for work in (
            partial(
                watch.follow,
                RelaySockets(relay, changes, [camera.id for camera in inventory.here], sources, flows),
            ),
            watch.tick_forever,
            faults.look_forever,
            partial(drain_forever, spine),
            JournalRetention(in_force, database, owner=owner, clock=clock).keep_forever,
            comparison.keep_forever,
            peers.follow_forever,
            *(() if hands is None else (SteeringWatch(spine, hands, watch.connected).look_forever,)),
            channel.keep_up_forever,
            *(() if reviews is None else (reviews.follow_forever,)),
        ):
            tasks.start_soon(work)
        await stack.enter_async_context(server.serving(create_app(ports)))
        log.info("node_ready", party=owner, app_url=app_url, cameras=len(inventory))
        yield RunningNode(
            app_url=app_url,
            media_url=media_origin,
            web=ports,
            spine=spine,
            store=store,
            in_force=in_force,
            database=database,
            relay=relay,
            watch=watch,
            faults=faults,
            channel=channel,
        )


async def _review_all(watch: Watch, changes: Changes) -> None:
    """Decide every right again at the demo's new hour, then tell the screens."""
    await watch.tick()
    changes.centre_changed()
