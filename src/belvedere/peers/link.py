"""The link to one peer: one conversation at a time, and what is known of the peer beyond it.

Owns whether the link is up, since when and why not, and how long what runs across it is held.
Source: reliability 6, 11, 23.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from belvedere.domain.clock import Instant
from belvedere.domain.faults import FaultPlace
from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.link_state import LinkState
from belvedere.domain.peer_requests import OpenAsked, OwnerAnswered, OwnerAway
from belvedere.domain.text import Text
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.catalogue_exchange import CatalogueExchange
from belvedere.peers.conversation import Conversation
from belvedere.peers.farewell import take_leave
from belvedere.peers.leaving_exchange import LeavingExchange
from belvedere.peers.messages import PeerMessage
from belvedere.peers.motive_exchange import MotiveExchange
from belvedere.peers.received_once import ReceivedOnce
from belvedere.peers.resolution_exchange import ResolutionExchange
from belvedere.peers.signed_message import (
    Flaw,
    Signed,
)
from belvedere.peers.speaker import Listener, Speaker
from belvedere.peers.ticket_exchange import Flows
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.peers.wire import LinkEnd, Wire

NEAR_S = 3.0
"""Nothing new is shown of a peer's cameras on facts that are older."""
HOLD_S = 9.0
"""What runs across a link ends once its last renewal is older; looked at once a second, so within 10 s (reliability 11)."""
log = structlog.get_logger(__name__)


_NEVER = Text("aucune connexion depuis le démarrage", "no connection since the start")
_UP = Text("la liaison est établie", "the link is up")


class PeerLink:
    """All conversations with one peer, one at a time: a new one takes the place of the one before, which is told."""

    def __init__(
        self,
        speaker: Speaker,
        listener: Listener,
        *,
        catalogue: CatalogueExchange,
        viewings: ViewingExchange,
        flows: Flows,
        motives: MotiveExchange,
        accounts: AccountExchange,
        resolutions: ResolutionExchange,
        leaving: LeavingExchange,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """`told` hears that the link stands otherwise than before."""
        self._speaker = speaker
        self._listener = listener
        self._catalogue = catalogue
        self._viewings = viewings
        self._flows = flows
        self._motives = motives
        self._accounts = accounts
        self._resolutions = resolutions
        self._leaving = leaving
        self._told = told
        self._renewed_there_s: float | None = None
        """When the newest of this node's renewals that was answered was sent: the holder counts from sending."""
        self._renewed_here_s: float | None = None
        """When the peer's newest renewal was received: the owner counts from receiving."""
        self._received = ReceivedOnce()
        self._epoch = 0
        """The newest epoch of the peer that was heard."""
        self._now: Conversation | None = None
        self.state = LinkState(up=False, since=speaker.wall(), said=_NEVER, since_s=speaker.clock.monotonic_s())

    @property
    def party(self) -> PartyId:
        """Whose node is at the other end."""
        return self._listener.party

    async def converse(self, wire: Wire) -> LinkEnd:
        """Speak over `wire` until something ends it; return what did. The wire is closed by then.

        A peer that is owed the word that this node's party left is told that, and nothing else.
        """
        owed = self._leaving.owed(self.party)
        if owed is not None:
            if await take_leave(wire, self._speaker, self.party, owed):
                self._leaving.told(self.party)
                log.info("leaving_told", party=self.party, convention=owed.leaving.text.id)
            return LinkEnd.NO_TEXT
        conversation, ended = Conversation(self, wire), LinkEnd.STOPPED
        try:
            ended = await conversation.run()
        except Exception:
            # A fault of ours ends this conversation, and no other; the node goes on.
            ended = LinkEnd.INTERNAL
            log.exception("peer_link_failed", party=self.party)
        finally:
            if self._now is conversation:
                self._now = None
            self.not_reached(ended.said, ended.place)
        return ended

    def not_reached(self, said: Text, place: FaultPlace) -> None:
        """Note why nobody speaks with the peer and where the fault is, unless somebody does."""
        if self._now is None and (self.state.up or self.state.said != said):
            before, now_s = self.state, self._speaker.clock.monotonic_s()
            since, since_s = (self._speaker.wall(), now_s) if before.up else (before.since, before.since_s)
            self.state = LinkState(
                up=False, since=since, said=said, since_s=since_s, place=place, was_up=before.up or before.was_up
            )
            self._told()
            log.warning("peer_link_down", party=self.party, said=said.en)

    async def ask(self, asked: OpenAsked) -> OwnerAnswered | OwnerAway:
        """Ask the peer for one of its cameras; return its answer, or that none came in time."""
        conversation = self._now
        if conversation is None:
            return OwnerAway(self.state.said)
        if self.texts_differ:
            return OwnerAway(Flaw.OTHER_TEXT.said)
        return await conversation.ask(asked)

    def join(self, joined: OpenAsked, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        """Tell the peer of a viewing that runs already, if the link is up; `settle` is awaited with its answer."""
        if self._now is not None:
            self._now.join(joined, settle)

    def ask_ticket(self, camera: CameraId) -> None:
        """Ask the peer for the ticket of a camera that is watched here; without a link it is asked for once there is one."""
        if self._now is not None:
            self._now.ask_ticket(camera)

    def is_near(self) -> bool:
        """Whether the peer answered lately enough that what flows from it may be joined."""
        since_s = self._renewed_there_s
        near = since_s is not None and self._speaker.clock.monotonic_s() - since_s <= NEAR_S
        return near and self._now is not None and not self.texts_differ

    def answered_at(self) -> Instant | None:
        """Return when the newest of this node's renewals that the peer answered was sent; None before the first."""
        since_s = self._renewed_there_s
        if since_s is None:
            return None
        clock = self._speaker.clock
        return clock.now() - timedelta(seconds=clock.monotonic_s() - since_s)

    def say(self, message: PeerMessage) -> None:
        """Tell the peer, if the link is up; else it learns it from the next renewal's list."""
        if self._now is not None:
            self._now.say(message)

    @property
    def is_parting(self) -> bool:
        """Whether the peer is still owed the word that this node's party left."""
        return self._leaving.owed(self.party) is not None

    def take_leave(self) -> None:
        """End the conversation under way: this node's party left, and the next one says so."""
        if self._now is not None:
            self._now.end(LinkEnd.NO_TEXT)

    def holds_ours(self) -> bool:
        """Whether the peer answered lately enough that this node's agents go on watching its cameras."""
        return self._is_fresh(self._renewed_there_s)

    def holds_theirs(self) -> bool:
        """Whether the peer renewed lately enough that its agents go on watching this node's cameras."""
        return self._is_fresh(self._renewed_here_s)

    def _is_fresh(self, since_s: float | None) -> bool:
        return since_s is not None and self._speaker.clock.monotonic_s() - since_s <= HOLD_S

    def renewed_here(self) -> None:
        """Note that the peer renewed."""
        self._renewed_here_s = self._speaker.clock.monotonic_s()

    def renewed_there(self, sent_s: float) -> None:
        """Note that the peer answered the renewal that was sent then."""
        self._renewed_there_s = max(sent_s, self._renewed_there_s or sent_s)

    # What a conversation does with it.

    @property
    def texts_differ(self) -> bool:
        """Whether the other side has another text in force."""
        return self.state.other_text is not None

    @property
    def viewings(self) -> ViewingExchange:
        """What runs across the link."""
        return self._viewings

    @property
    def flows(self) -> Flows:
        """The pictures that cross."""
        return self._flows

    @property
    def motives(self) -> MotiveExchange:
        """What is told of events that opened cameras."""
        return self._motives

    @property
    def accounts(self) -> AccountExchange:
        """What each ledger holds of the viewings between the two."""
        return self._accounts

    @property
    def resolutions(self) -> ResolutionExchange:
        """What is told of resolved pseudonyms."""
        return self._resolutions

    @property
    def leaving(self) -> LeavingExchange:
        """What is told of a party that leaves."""
        return self._leaving

    @property
    def speaker(self) -> Speaker:
        """Who speaks here."""
        return self._speaker

    @property
    def listener(self) -> Listener:
        """Who is spoken with."""
        return self._listener

    @property
    def catalogue(self) -> CatalogueExchange:
        """What is told of cameras."""
        return self._catalogue

    def is_up(self, conversation: Conversation) -> None:
        """Note that both sides have said who they are: this conversation takes the place of the one before."""
        before, self._now = self._now, conversation
        if before is not None:
            before.end(LinkEnd.REPLACED)
        self.state = LinkState(
            up=True, since=self._speaker.wall(), said=_UP, since_s=self._speaker.clock.monotonic_s(), was_up=True
        )
        self._told()
        log.info("peer_link_up", party=self.party, epoch=self._epoch)

    def heard(self, signed: Signed) -> LinkEnd | Flaw | None:
        """Note a message that is believed; return what speaks against it all the same."""
        claims = signed.claims
        assert claims.iss == self.party, "it is believed by this party's keys alone"
        if claims.epoch < self._epoch:
            return LinkEnd.OLD_EPOCH
        self._epoch = claims.epoch
        if not self._received.take(claims, now_s=self._speaker.wall().timestamp()):
            return Flaw.REPLAYED
        other = None if claims.convention == self._listener.text() else claims.convention
        if self.state.up and self.state.other_text != other:
            self.state = replace(self.state, other_text=other)
            self._told()
            own = self._listener.text()
            log.warning(
                "peer_text_differs" if other is not None else "peer_text_same",
                party=self.party,
                ours=None if own is None else own.sha256,
                theirs=claims.convention.sha256,
            )
        return None
