"""The peers that the settings name: their keys from the conventions, and what this node does with them, put together."""

import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack

import anyio

from belvedere.domain.clock import Clock
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE, NodeKeys, read_node_keys
from belvedere.ledger.note import SignatureType, VerifierKey, verifier_key
from belvedere.node.database import identity_of, witness_key_of
from belvedere.peers.log_client import HttpPeerLog
from belvedere.peers.own_log import OwnLog
from belvedere.peers.peer import Peer
from belvedere.peers.ports import HeadStore, Rights
from belvedere.peers.standing import PeersStanding
from belvedere.peers.witnessing import Witness, WitnessKey
from belvedere.settings import PeerSection, Settings


def own_keys(settings: Settings) -> NodeKeys:
    """Return the keys by which the other parties know this node; makes them at the first start."""
    identity, witness = identity_of(settings), witness_key_of(settings)
    return NodeKeys(
        VerifierKey.parse(identity.stored().vkey),
        verifier_key(identity.origin, witness, SignatureType.COSIGNATURE_V1),
    )


def load_peers(settings: Settings) -> list[Peer]:
    """Return the peers of the settings with the keys that the conventions pin; raises `Unreadable` where one lacks.

    With a peer, this node's own keys have to be the pinned ones: else nothing that it signs would count.
    """
    if not settings.peers:
        return []
    pinned = _pinned(settings)
    own, found = settings.node.party, own_keys(settings)
    if pinned.get(own) != found:
        raise Unreadable(
            f"the conventions do not pin this node's keys; put them into {KEYS_FILE} under `{own}`: "
            f'"log": "{found.log}", "witness": "{found.witness}"'
        )
    peers = []
    for each in settings.peers:
        keys = pinned.get(each.party)
        if keys is None or each.party == own:
            raise Unreadable(
                f"[[peers]] names `{each.party}`, and no signed convention pins the keys of its node; ask that party for "
                f"them (`belvedere ledger keys`) and put them into {KEYS_FILE}"
            )
        peers.append(
            Peer(PartyId(each.party), keys.log, keys.witness, each.url, None if each.url is None else _trust(each))
        )
    if len({peer.party for peer in peers}) != len(peers):
        raise Unreadable("[[peers]] names a party twice; give each once")
    return peers


def _pinned(settings: Settings) -> Mapping[str, NodeKeys]:
    """Return the keys of the parties' nodes; raises `Unreadable` where two conventions pin different ones."""
    pinned: dict[str, NodeKeys] = {}
    for section in settings.conventions:
        if section.unsigned:
            continue
        for party, keys in read_node_keys(section.directory / KEYS_FILE).items():
            if pinned.setdefault(party, keys) != keys:
                raise Unreadable(
                    f"two conventions pin different keys for the node of `{party}`; have the parties agree"
                )
    return pinned


def own_log(settings: Settings, standing: PeersStanding, *, heads: HeadStore, rights: Rights) -> OwnLog:
    """Return what takes the heads of this node's log that witnesses bring."""
    party = PartyId(settings.node.party)
    return OwnLog(own_keys(settings).log, party=party, heads=heads, standing=standing, rights=rights)


async def witness_peers(
    settings: Settings, standing: PeersStanding, *, heads: HeadStore, rights: Rights, clock: Clock
) -> None:
    """Witness the log of each peer that this node dials, until cancelled."""
    signs = WitnessKey(own_keys(settings).witness.name, witness_key_of(settings))
    async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
        for peer in standing.peers:
            if peer.url is None:
                continue
            witness = Witness(
                peer,
                signs,
                shown_at=await stack.enter_async_context(HttpPeerLog(peer)),
                heads=heads,
                standing=standing,
                rights=rights,
                clock=clock,
            )
            tasks.start_soon(witness.look_forever)


def _trust(section: PeerSection) -> ssl.SSLContext:
    """Return what vouches for a peer's certificate; raises `Unreadable`."""
    try:
        return ssl.create_default_context(cafile=None if section.authorities is None else str(section.authorities))
    except (OSError, ssl.SSLError) as failure:
        raise Unreadable(f"{section.authorities}: no certificates of authorities in PEM: {failure}") from None
