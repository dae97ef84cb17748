"""The channel to each peer, put together: who speaks, by which keys, where this node listens and whom it dials."""

import hashlib
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
import structlog

from belvedere.acts.across_nodes import PeerDesk
from belvedere.acts.catalogue import CatalogueDesk
from belvedere.acts.leaving import LeavingDesk, OwnLeaving
from belvedere.acts.link_faults import LinkFaultWatch
from belvedere.acts.motives import MotiveDesk
from belvedere.acts.resolutions import ResolutionDesk
from belvedere.clock import MovedClock, SystemClock
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Clock
from belvedere.domain.ids import CameraId, IdSource, PartyId
from belvedere.domain.journal import Compared
from belvedere.domain.link_state import LinkState
from belvedere.domain.partner_waits import PartnerWaits
from belvedere.domain.record import ConventionRef
from belvedere.followers.catalogues import CataloguesFollower
from belvedere.inventory.cameras import Inventory
from belvedere.inventory.catalogue import Catalogue, Replica
from belvedere.ledger.public_key import PublicKey
from belvedere.media.peer_flows import IncomingFlows, OutgoingFlows, PeerFlows
from belvedere.media.relay import MediaRelay, PeerSource
from belvedere.node.cameras import WatchedInventory, show_told
from belvedere.node.own_keys import message_key_of, tls_files_of
from belvedere.node.reconciliation import LedgersCompared
from belvedere.peers.catalogue_exchange import CatalogueExchange
from belvedere.peers.leaving_exchange import LeavingExchange
from belvedere.peers.link import PeerLink
from belvedere.peers.motive_exchange import MotiveExchange
from belvedere.peers.peer import Peer
from belvedere.peers.pinned_tls import NotPinned, client_context, pinned_key, server_context
from belvedere.peers.publishing import Publishing
from belvedere.peers.reconciling import Reconciling
from belvedere.peers.resolution_exchange import ResolutionExchange
from belvedere.peers.signed_message import PinnedKey, SigningKey
from belvedere.peers.sockets import PeerDialler, PeerListener
from belvedere.peers.speaker import Listener, Speaker
from belvedere.peers.standing import PeersStanding
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.settings import Settings
from belvedere.spine.in_force import InForce
from belvedere.spine.ports import Follower
from belvedere.spine.snapshot import Snapshot
from belvedere.store.spine_store import SqlSpineStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """The links to the peers, and what keeps them up. `port` is where peers dial this node, None where nobody can."""

    links: Mapping[PartyId, PeerLink]
    host: str
    port: int | None
    reconciling: Reconciling
    states: Callable[[], Mapping[PartyId, LinkState]]
    """How each link stands to a party that a convention binds: one that left has none."""
    faults: LinkFaultWatch
    _works: Sequence[Callable[[], Coroutine[Any, Any, None]]]

    def url_at(self, port: int | None) -> str | None:
        """Return the bare origin at which peers find this node on a port; None for none."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return None if port is None else f"wss://{host}:{port}"

    async def keep_up_forever(self) -> None:
        """Listen, dial, and tell of cameras, until cancelled."""
        async with anyio.create_task_group() as tasks:
            for work in self._works:
                tasks.start_soon(work)


@dataclass(frozen=True, slots=True)
class AcrossNodes:
    """What is told of cameras and what runs across to other nodes; each follows changes."""

    lists: CataloguesFollower
    publishing: Publishing
    viewings: ViewingExchange
    motives: MotiveExchange
    resolutions: ResolutionExchange
    leaving: LeavingExchange

    @property
    def followers(self) -> tuple[Follower, ...]:
        """Those that follow changes."""
        return self.lists, self.publishing, self.viewings, self.motives, self.resolutions, self.leaving


async def across_nodes(
    peers: Sequence[Peer], store: SqlSpineStore, *, inventory: Inventory, cameras: WatchedInventory
) -> AcrossNodes:
    """Return it as the tables hold it; the cameras that other owners told of are known from then on."""
    parties = [peer.party for peer in peers]
    lists = CataloguesFollower(partial(show_told, inventory, cameras))

    def read(snapshot: Snapshot) -> tuple[list[tuple[PartyId, Catalogue]], list[tuple[PartyId, Replica]]]:
        return [(each, snapshot.catalogue(each)) for each in parties], [
            (each, snapshot.replica(each)) for each in parties
        ]

    lists.begin(*await store.read(lambda reading: read(reading.snapshot)))
    viewings = ViewingExchange(cameras.told_by)
    viewings.slots.begin(await store.read(lambda reading: list(reading.snapshot.viewings())))
    return AcrossNodes(
        lists,
        Publishing(parties),
        viewings,
        MotiveExchange(),
        ResolutionExchange(),
        LeavingExchange(),
    )


def peer_flows(
    settings: Settings,
    relay: MediaRelay,
    peers: Sequence[Peer],
    cameras: WatchedInventory,
    *,
    told: Callable[[Sequence[CameraId]], None],
    clock: Clock,
) -> PeerFlows:
    """Return the pictures between this node and its peers: where each serves them stands in the settings alone.

    `told` hears of cameras of which it is no longer known whether they are lost.
    """
    tell_keys(relay, peers)
    sources = {}
    for section in settings.peers:
        if section.media is not None:
            party = PartyId(section.party)
            sources[party] = PeerSource(f"wss://{section.media}", party)
        elif section.channel is not None:
            log.warning("peer_pictures_not_found", party=section.party, said="give `media` under its [[peers]]")
    return PeerFlows(OutgoingFlows(relay, clock), IncomingFlows(relay, sources, cameras.told_by, told))


def tell_keys(relay: MediaRelay, peers: Sequence[Peer]) -> None:
    """Tell the relay whose key each pinned one is; from the next handshake on no other counts."""
    relay.set_peer_keys({hashlib.sha256(key.spki).digest(): peer.party for peer in peers for key in peer.tls})


def partner_waits(standing: PeersStanding, compared: Callable[[], Compared], party: PartyId) -> PartnerWaits | None:
    """Return why nothing new is opened to a party whose agents ask from their own node; None where nothing speaks against it."""
    if compared().partners_wait:
        return PartnerWaits(Cause.NOT_COMPARED, Cause.NOT_COMPARED.words.sentence, standing.started_at)
    return standing.waits(party)


@contextmanager
def open_channel(
    settings: Settings,
    peers: Sequence[Peer],
    *,
    across: AcrossNodes,
    flows: PeerFlows,
    catalogue: CatalogueDesk,
    requests: PeerDesk,
    motives: MotiveDesk,
    resolutions: ResolutionDesk,
    leaving: LeavingDesk,
    left: Sequence[OwnLeaving],
    ledgers: LedgersCompared,
    slots_told: Callable[[], None],
    watch_links: Callable[[Callable[[], Mapping[PartyId, LinkState]]], LinkFaultWatch],
    in_force: InForce,
    epoch: int,
    clock: Clock,
    ids: IdSource,
) -> Iterator[Channel]:
    """Yield the channel, its port bound; raises `Unreadable`. Nothing is said before `keep_up_forever`."""
    if not peers:
        yield Channel({}, "", None, ledgers.over({}, dict), dict, watch_links(dict), ())
        return
    party, key = PartyId(settings.node.party), message_key_of(settings)
    signs = SigningKey(PublicKey.of(key).kid, key)
    # Messages are dated by the machine's own time: a demo moves the other for all nodes, not at one instant.
    wall = SystemClock() if isinstance(clock, MovedClock) else clock
    speaker = Speaker(party, epoch, signs, wall.now, clock, ids)
    exchange = CatalogueExchange(across.lists, catalogue)
    links = {
        peer.party: PeerLink(
            speaker,
            Listener(peer.party, partial(_message_keys, peer), partial(_text_with, in_force, peer)),
            catalogue=exchange,
            viewings=across.viewings,
            flows=flows,
            motives=across.motives,
            accounts=ledgers.exchange,
            resolutions=across.resolutions,
            leaving=across.leaving,
            told=ledgers.told,
        )
        for peer in peers
    }
    across.viewings.speak_over(links, requests)
    across.viewings.slots.tell_news(slots_told)
    flows.incoming.ask_over(lambda owner, camera: links[owner].ask_ticket(camera))
    across.motives.speak_for(motives)
    across.resolutions.speak_for(resolutions)
    across.leaving.begin(peers, left)
    across.leaving.speak_over(links, leaving)
    states = partial(_states, peers, links)
    reconciling = ledgers.over(links, states)
    faults = watch_links(states)
    certificate, tls_key = tls_files_of(settings)
    let_in = partial(_let_in, across.leaving)
    works: list[Callable[[], Coroutine[Any, Any, None]]] = [
        partial(across.publishing.publish_forever, catalogue),
        partial(across.motives.tell_forever, links),
        partial(across.resolutions.tell_forever, links),
        reconciling.compare_forever,
        faults.look_forever,
    ]
    listener = None
    if settings.channel is not None:
        listener = PeerListener(
            host=settings.channel.host,
            port=settings.channel.port,
            tls=server_context(
                certificate=certificate, key=tls_key, pins=lambda: [key for peer in peers for key in let_in(peer)]
            ),
            links=links,
            party_of=partial(_party_of, peers, let_in),
        )
        works.append(listener.serve_forever)
    for section, peer in (
        (section, peer) for section in settings.peers for peer in peers if peer.party == section.party
    ):
        if section.channel is not None:
            address = urlsplit(f"//{section.channel}")
            assert address.hostname, "checked where it is read"
            assert address.port, "so is the port"
            dialler = PeerDialler(
                links[peer.party],
                is_due=partial(_is_due, peer, across.leaving),
                host=address.hostname,
                port=address.port,
                tls=client_context(certificate=certificate, key=tls_key, pins=lambda peer=peer: let_in(peer)),  # type: ignore[misc]  # bound now
                clock=clock,
                ids=ids,
            )
            works.append(dialler.dial_forever)
    try:
        host = "" if settings.channel is None else settings.channel.host
        yield Channel(links, host, None if listener is None else listener.port, reconciling, states, faults, works)
    finally:
        if listener is not None:
            listener.close()


def _states(peers: Sequence[Peer], links: Mapping[PartyId, PeerLink]) -> Mapping[PartyId, LinkState]:
    return {peer.party: links[peer.party].state for peer in peers if peer.is_bound}


def _is_due(peer: Peer, leaving: LeavingExchange) -> bool:
    """Whether a peer is dialled: its party is bound, or it is owed the word that this one left."""
    return peer.is_bound or leaving.owed(peer.party) is not None


def _let_in(leaving: LeavingExchange, peer: Peer) -> Sequence[PublicKey]:
    """Return the keys by which a peer is spoken with over the channel: where this party left, until it knows."""
    owed = leaving.owed(peer.party)
    return peer.tls if owed is None else owed.tls


def _message_keys(peer: Peer) -> Mapping[str, PinnedKey]:
    nodes = peer.keys()
    return {kid: PinnedKey(peer.party, key) for node in nodes for kid, key in node.message_keys().items()}


def _text_with(in_force: InForce, peer: Peer) -> ConventionRef | None:
    """Return the text in force between the two: a message under another one opens nothing.

    One that a party left is shown as long as the file stands in the settings, and nothing more is said under it.
    """
    convention = in_force.convention_for(peer.party) if peer.is_bound else None
    if convention is None or convention.party(peer.party) is None:
        return None
    return ConventionRef(convention.id, convention.sha256)


def _party_of(
    peers: Sequence[Peer], let_in: Callable[[Peer], Sequence[PublicKey]], certificate: bytes
) -> PartyId | None:
    """Return whose key a certificate (DER) carries."""
    for peer in peers:
        try:
            pinned_key(certificate, let_in(peer))
        except NotPinned:
            continue
        return peer.party
    return None
