"""The peers that the settings name: their keys from the conventions, and what this node does with them, put together."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import anyio

from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.node.database import witness_key_of
from belvedere.node.own_keys import own_keys, require_own_keys_pinned
from belvedere.peers.head_sender import HeadSender
from belvedere.peers.log_client import HttpPeerLog
from belvedere.peers.own_log import OwnLog
from belvedere.peers.peer import Peer
from belvedere.peers.ports import HeadStore, Rights
from belvedere.peers.standing import PeersStanding
from belvedere.peers.witness_desk import WitnessDesk
from belvedere.peers.witnessing import LogReader, Witness, WitnessKey, repeat_forever
from belvedere.settings import PeerSection, Settings
from belvedere.spine.in_force import KeysInForce


def load_peers(settings: Settings, keys: KeysInForce) -> list[Peer]:
    """Return the peers of the settings, by the keys that the conventions pin; raises `Unreadable` where one lacks."""
    peers: list[Peer] = []
    for each in settings.peers:
        party = PartyId(each.party)
        pinned = keys.nodes_of(party)
        if not pinned or party == settings.node.party:
            raise Unreadable(
                f"[[peers]] names `{party}`, and no signed convention pins the keys of its node; ask that party for "
                f"them (`belvedere node keys`) and have both sign {KEYS_FILE}"
            )
        origins = {each.log.current.name for each in pinned}
        if len(origins) > 1:
            raise Unreadable(f"two conventions pin different logs for the node of `{party}`; have the parties agree")
        (origin,) = origins
        peers.append(
            Peer(
                party,
                partial(keys.nodes_of, party),
                origin,
                each.url,
                None if each.url is None else _trust(each),
                partial(keys.left_node_of, party),
            )
        )
    if len({peer.party for peer in peers}) != len(peers):
        raise Unreadable("[[peers]] names a party twice; give each once")
    return peers


def require_known_to_peers(settings: Settings, peers: Sequence[Peer], keys: KeysInForce) -> None:
    """Raise `Unreadable` where this node has peers, and signs with a key that the conventions in force do not pin."""
    if peers:
        require_own_keys_pinned(settings, keys)


@dataclass(frozen=True, slots=True)
class Peers:
    """What this node does with its peers: takes what they bring, witnesses their logs, has its own witnessed."""

    own_log: OwnLog
    witness: WitnessDesk
    _senders: Callable[[Peer, HttpPeerLog], HeadSender]
    _readers: Callable[[Peer, HttpPeerLog], LogReader]
    _standing: PeersStanding
    _told: Callable[[], None]

    async def follow_forever(self) -> None:
        """Look at each peer that this node dials, and show it this node's log, until cancelled; tell who waits."""
        async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
            if self._standing.peers:
                tasks.start_soon(self._standing.tell_forever, self._told)
            for peer in self._standing.peers:
                if peer.url is None:
                    continue
                client = await stack.enter_async_context(HttpPeerLog(peer))
                for act in (self._readers(peer, client).look, self._senders(peer, client).send):
                    tasks.start_soon(partial(repeat_forever, partial(_while_bound, peer, act), party=peer.party))


def make_peers(
    settings: Settings,
    standing: PeersStanding,
    keys: KeysInForce,
    *,
    size_at_start: int,
    heads: HeadStore,
    rights: Rights,
    clock: Clock,
    told: Callable[[], None],
) -> Peers:
    """Return what this node does with its peers, put together.

    `size_at_start` counts the record of this start too; `told` hears that a partner waits, or waits no more. Raises
    `Unreadable` where the keys in force are not those with which this node signs.
    """
    require_known_to_peers(settings, standing.bound, keys)
    own = own_keys(settings)
    signs = WitnessKey(own.witness.current.name, witness_key_of(settings))
    party = PartyId(settings.node.party)
    own_log = OwnLog(
        own.log.current,
        party=party,
        size_at_start=size_at_start,
        heads=heads,
        standing=standing,
        rights=rights,
        clock=clock,
    )
    witnesses = {
        peer.party: Witness(peer, signs, heads=heads, standing=standing, rights=rights, clock=clock)
        for peer in standing.peers
    }
    return Peers(
        own_log,
        WitnessDesk(list(witnesses.values())),
        _senders=lambda peer, client: HeadSender(
            peer, own.log.current, asked_at=client, own_log=own_log, heads=heads, standing=standing
        ),
        _readers=lambda peer, client: LogReader(witnesses[peer.party], shown_at=client, standing=standing, clock=clock),
        _standing=standing,
        _told=told,
    )


async def _while_bound(peer: Peer, act: Callable[[], Awaitable[None]]) -> None:
    """Do what is due to a peer, and nothing once its party has left."""
    if peer.is_bound:
        await act()


def _trust(section: PeerSection) -> ssl.SSLContext:
    """Return what vouches for a peer's certificate; raises `Unreadable`."""
    try:
        return ssl.create_default_context(cafile=None if section.authorities is None else str(section.authorities))
    except (OSError, ssl.SSLError) as failure:
        raise Unreadable(f"{section.authorities}: no certificates of authorities in PEM: {failure}") from None
