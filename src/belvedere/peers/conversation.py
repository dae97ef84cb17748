"""One conversation with one peer: signed messages both ways over one wire, from the first word to the last.

Owns when the peer counts as gone: each side is heard at least once a second, or the conversation ends (`SILENT_S`); every
queue has an end, and whoever fills one is put off. Knows no socket: a `Wire` is what it speaks over.
Source: reliability 5, 11, 25, 28.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, assert_never

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from belvedere.acts.across_nodes import Brought
from belvedere.acts.leaving import PartyLeaves
from belvedere.changes import MessageTaken
from belvedere.domain.causes import Cause
from belvedere.domain.disclosures import MotiveTaken, MotiveTold, MotiveWords
from belvedere.domain.failures import NotRead, NotRecorded
from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.peer_requests import OpenAnswer, OpenAsked, OwnerAnswered, OwnerAway, ViewingOver
from belvedere.domain.resolutions import PseudonymResolved, ResolutionTaken
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Verdict
from belvedere.domain.words import Words
from belvedere.inventory.catalogue import CatalogueTold
from belvedere.peers.account_exchange import AccountExchange
from belvedere.peers.account_messages import AccountsAsked, AccountsTold
from belvedere.peers.catalogue_exchange import CatalogueExchange
from belvedere.peers.leaving_exchange import LeavingExchange
from belvedere.peers.messages import (
    SPEAKS,
    CatalogueAsked,
    Hello,
    PeerMessage,
    Renew,
    Renewed,
    TicketAsked,
    TicketTold,
)
from belvedere.peers.motive_exchange import MotiveExchange
from belvedere.peers.resolution_exchange import ResolutionExchange
from belvedere.peers.signed_message import (
    Claims,
    Flaw,
    Signed,
    believe,
    kept_until_s,
    sha256_of,
    sign,
)
from belvedere.peers.speaker import LIFETIME_S, Listener, Speaker, claims_now, whole_s
from belvedere.peers.ticket_exchange import Flows, TicketsAsked
from belvedere.peers.viewing_exchange import ViewingExchange
from belvedere.peers.wire import LinkEnd, Wire, WireClosed, end_of

RENEW_EVERY_S = 1.0
SILENT_S = 2.5
"""A peer that was not heard for so long is frozen, or the link is cut: it counts as away, within 3 s."""
LOOK_EVERY_S = 0.25
HELLO_WITHIN_S = 3.0
ANSWER_WITHIN_S = 3.0
"""How long an officer waits for the owner's decision."""
QUESTIONS_MAX = 64
LISTS_MAX = 16
OUTGOING_MAX = 64
INCOMING_MAX = 64
RATE_PER_S = 100.0
BURST = 400.0
"""How many messages a peer may send at once; it may send `RATE_PER_S` for ever."""
log = structlog.get_logger(__name__)


class Link(Protocol):
    """What outlives a conversation: what is known of the peer, and what is done with it."""

    @property
    def party(self) -> PartyId:
        """Whose node is at the other end."""

    @property
    def speaker(self) -> Speaker:
        """Who speaks here."""

    @property
    def listener(self) -> Listener:
        """Who is spoken with."""

    @property
    def catalogue(self) -> CatalogueExchange:
        """What is told of cameras."""

    @property
    def viewings(self) -> ViewingExchange:
        """What runs across the link."""

    @property
    def flows(self) -> Flows:
        """The pictures that cross."""

    @property
    def motives(self) -> MotiveExchange:
        """What is told of events that opened cameras."""

    @property
    def accounts(self) -> AccountExchange:
        """What each ledger holds of the viewings between the two."""

    @property
    def resolutions(self) -> ResolutionExchange:
        """What is told of resolved pseudonyms."""

    @property
    def leaving(self) -> LeavingExchange:
        """What is told of a party that leaves."""

    @property
    def texts_differ(self) -> bool:
        """Whether the other side has another text in force."""

    def is_up(self, conversation: "Conversation") -> None:
        """Note that both sides have said who they are."""

    def heard(self, signed: Signed) -> LinkEnd | Flaw | None:
        """Note a message that is believed; return what speaks against it all the same."""

    def renewed_here(self) -> None:
        """Note that the peer renewed."""

    def renewed_there(self, sent_s: float) -> None:
        """Note that the peer answered the renewal that was sent then."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question about cameras that waits for its answer: when it was put, and, once it is signed, how it is named."""

    at_s: float
    sha256: str | None = None


_Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Saying:
    """What waits to be sent: a message to be signed then, or one that is; `on_sent` is told its bytes."""

    message: PeerMessage | str
    answers: str | None = None
    on_sent: Callable[[str], None] | None = None


@dataclass(slots=True)
class _Question:
    """A camera was asked for: the question as it was sent, its answer, and who waits for it."""

    answered: anyio.Event
    jws: str | None = None
    answer: Signed | None = None
    asked_at_s: float = 0.0
    settle: Callable[[OwnerAnswered], Awaitable[None]] | None = None
    """What is done with the answer where nobody waits for it."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A renewal that was sent: when, and what ran for this node's agents then."""

    sent_s: float
    running: frozenset[ViewingId]


class Conversation:
    """One wire's worth of a link."""

    def __init__(self, link: Link, wire: Wire) -> None:
        self._link = link
        self._wire = wire
        self._scope = anyio.CancelScope()
        self._ended: LinkEnd | None = None
        self._heard_s = link.speaker.clock.monotonic_s()
        self._allowed = BURST
        self._counted_s = self._heard_s
        self._renewed = 0
        self._asked: _Asked | None = None
        self._questions: dict[ViewingId, _Question] = {}
        self._tickets = TicketsAsked(link.speaker.clock)
        self._listed: dict[int, _Listed] = {}
        self._flaws: set[Flaw] = set()
        self._outgoing: MemoryObjectSendStream[_Saying]
        self._to_send: MemoryObjectReceiveStream[_Saying]
        self._outgoing, self._to_send = anyio.create_memory_object_stream(OUTGOING_MAX)
        self._incoming: MemoryObjectSendStream[_Work]
        self._to_do: MemoryObjectReceiveStream[_Work]
        self._incoming, self._to_do = anyio.create_memory_object_stream(INCOMING_MAX)

    def end(self, why: LinkEnd) -> None:
        """End it; the first reason counts."""
        if self._ended is None:
            self._ended = why
            self._scope.cancel()

    async def run(self) -> LinkEnd:
        """Speak until something ends it."""
        try:
            with self._scope:
                await self._run()
        finally:
            for stream in (self._outgoing, self._to_send, self._incoming, self._to_do):
                stream.close()
            for question in self._questions.values():
                question.answered.set()
            ended = self._ended or LinkEnd.STOPPED
            with anyio.CancelScope(shield=True):
                await self._wire.close(ended.code, ended.word)
        return ended

    async def _run(self) -> None:
        if not await self._greets():
            return
        self._link.is_up(self)
        for camera in self._link.flows.without_ticket(self._link.party):
            self.ask_ticket(camera)
        async with anyio.create_task_group() as tasks:
            for work in (self._read, self._write, self._act, self._renew, self._look):
                tasks.start_soon(work)

    async def _greets(self) -> bool:
        """Exchange the first words; return whether the two can speak."""
        await self._send(_Saying(Hello(SPEAKS, SPEAKS)))
        text, hello = None, None
        with anyio.move_on_after(HELLO_WITHIN_S):
            text = await self._receive()
        if text is None:
            self.end(LinkEnd.SILENT)
            return False
        hello = self._believed(text)
        if hello is None or not isinstance(hello.message, Hello):
            self.end(LinkEnd.NOT_BELIEVED)
            return False
        # There is but one version so far, so it is the newest that both speak.
        if not hello.message.speaks_from <= SPEAKS <= hello.message.speaks:
            self.end(LinkEnd.VERSION)
            return False
        return True

    async def _receive(self) -> str | None:
        """Return the next text; None where there is none any more, which ends the conversation."""
        try:
            return await self._wire.receive()
        except WireClosed as closed:
            self.end(end_of(closed))
            return None

    async def _send(self, saying: _Saying) -> None:
        """Sign and send; what cannot be sent ends the conversation."""
        jws = saying.message if isinstance(saying.message, str) else self._signed(saying.message, saying.answers)
        if jws is None:
            self.end(LinkEnd.NO_TEXT)
            return
        if saying.on_sent is not None:
            saying.on_sent(jws)
        try:
            await self._wire.send(jws)
        except WireClosed as closed:
            self.end(end_of(closed))

    def _signed(self, message: PeerMessage, answers: str | None) -> str | None:
        """Return the message, signed and dated now; None where no text is in force under which it could be made."""
        claims = self._claims(answers)
        return None if claims is None else sign(message, claims, self._link.speaker.signs)

    def _claims(self, answers: str | None) -> Claims | None:
        text = self._link.listener.text()
        return None if text is None else claims_now(self._link.speaker, self._link.party, text, answers)

    # What is heard.

    async def _read(self) -> None:
        while (text := await self._receive()) is not None:
            if not self._is_allowed():
                self.end(LinkEnd.FLOOD)
                return
            signed = self._believed(text)
            if signed is None:
                continue
            self._hear(signed)

    def _hear(self, signed: Signed) -> None:
        """Answer at once what takes no time; leave to `_act` what does."""
        message = signed.message
        match message:
            case Renew():
                self._on_renew(signed, message)
            case Renewed():
                self._on_renewed(message)
            case Hello():
                self.end(LinkEnd.NOT_BELIEVED)
            case OpenAnswer():
                self._on_answer(signed, message)
            case OpenAsked():
                self._do(partial(self._on_asked, signed, message))
            case ViewingOver():
                self._do(partial(self._link.viewings.desk.over, message, self._brought(signed)))
            case CatalogueAsked() | CatalogueTold() | TicketAsked() | TicketTold():
                self._hear_of_cameras(signed, message)
            case MotiveWords() | MotiveTold() | MotiveTaken() | AccountsAsked() | AccountsTold():
                self._hear_of_ledger(signed, message)
            case _:
                self._hear_of_pseudonym(signed, message)

    def _hear_of_cameras(
        self, signed: Signed, message: CatalogueAsked | CatalogueTold | TicketAsked | TicketTold
    ) -> None:
        link = self._link
        match message:
            case CatalogueAsked(after):
                self.say(link.catalogue.page(link.party, after), answers=signed.sha256)
            case CatalogueTold():
                self._do(partial(self._on_catalogue, signed, message))
            case TicketAsked(camera):
                # Where nothing flows nothing is told: its viewings tell the peer anyway.
                ticket = link.flows.ticket_for(link.party, camera)
                if ticket is not None:
                    self.say(TicketTold(camera, ticket), answers=signed.sha256)
            case TicketTold(camera, ticket):
                if self._tickets.is_answer(message, signed.claims.answers):
                    link.flows.take_ticket(link.party, camera, ticket)

    def _hear_of_ledger(
        self, signed: Signed, message: MotiveWords | MotiveTold | MotiveTaken | AccountsAsked | AccountsTold
    ) -> None:
        """Hear what the other ledger has to hold, or holds."""
        match message:
            case AccountsAsked():
                self._do(partial(self._on_accounts_asked, signed, message))
            case AccountsTold():
                self._link.accounts.told(self._link.party, message)
            case MotiveWords():
                self._link.motives.words(self._link.party, message)
            case MotiveTold():
                words = self._link.motives.named(self._link.party, message)
                self._do(partial(self._on_motive, signed, message, words))
            case MotiveTaken():
                self._do(partial(self._link.motives.taken, self._link.party, message))

    def _do(self, work: _Work) -> None:
        try:
            self._incoming.send_nowait(work)
        except anyio.WouldBlock:
            self.end(LinkEnd.FLOOD)

    def _believed(self, text: str) -> Signed | None:
        """Return a message that is believed; a conversation with one that is not ends, unless only texts or versions differ."""
        speaker, listener = self._link.speaker, self._link.listener
        found = believe(text, keys=listener.keys(), own=speaker.party, text=listener.text(), now=speaker.wall())
        objection = found if isinstance(found, Flaw) else self._link.heard(found)
        match objection:
            case Flaw.OTHER_TEXT | Flaw.TYPE:
                # Until both have the same text, or version; what ends has to be heard meanwhile.
                self._heard_s = speaker.clock.monotonic_s()
                self._say_once(objection)
                return None
            case Flaw():
                self._say_once(objection)
                self.end(LinkEnd.NOT_BELIEVED)
                return None
            case LinkEnd():
                self.end(objection)
                return None
        self._heard_s = speaker.clock.monotonic_s()
        return found if isinstance(found, Signed) else None

    def _say_once(self, flaw: Flaw) -> None:
        if flaw not in self._flaws:
            self._flaws.add(flaw)
            log.error("peer_message_refused", party=self._link.party, flaw=flaw.name.lower(), said=flaw.said.en)

    def _is_allowed(self) -> bool:
        now_s = self._link.speaker.clock.monotonic_s()
        self._allowed = min(BURST, self._allowed + (now_s - self._counted_s) * RATE_PER_S) - 1
        self._counted_s = now_s
        return self._allowed >= 0

    # What is done with it.

    async def _act(self) -> None:
        async for work in self._to_do:
            try:
                await work()
            except (NotRecorded, NotRead) as failure:
                # It is asked again: a list with the next renewal, a camera by the officer, an end by what is listed.
                log.warning("peer_request_not_done", party=self._link.party, error=str(failure))

    def _brought(self, signed: Signed) -> Brought:
        claims, at_s = signed.claims, whole_s(self._link.speaker.wall())
        return Brought(claims.iss, signed.jws, MessageTaken(claims.iss, claims.jti, kept_until_s(claims), at_s))

    def _on_renew(self, signed: Signed, renew: Renew) -> None:
        link = self._link
        link.renewed_here()
        running = link.viewings.theirs(link.party)
        newest, sha256 = link.catalogue.newest(link.party)
        used = link.viewings.slots.used_by(link.party)
        self.say(Renewed(renew.number, newest, sha256, tuple(running), used), answers=signed.sha256)
        unwanted = running.keys() - {each.viewing for each in renew.viewings}
        if unwanted:
            self._do(partial(link.viewings.desk.not_held, link.party, unwanted))
        relieved = [each for each in renew.viewings if running.get(each.viewing) not in (None, each.agent)]
        if relieved:
            self._do(partial(link.viewings.desk.relieved, relieved, self._brought(signed)))

    async def _on_asked(self, signed: Signed, asked: OpenAsked) -> None:
        """Have it decided, and send the answer as the record has it."""
        claims, speaker = self._claims(signed.sha256), self._link.speaker
        if claims is None:
            return
        brought = self._brought(signed)
        try:
            answer = await self._link.viewings.desk.open(
                asked, brought, lambda answer: sign(answer, claims, speaker.signs)
            )
        except (NotRecorded, NotRead) as failure:
            log.warning("peer_request_not_done", party=self._link.party, error=str(failure))
            answer = sign(_not_recorded(asked.viewing), claims, speaker.signs)
        if isinstance(answer, str):
            self._put(_Saying(answer))

    def _hear_of_pseudonym(self, signed: Signed, message: PseudonymResolved | ResolutionTaken | PartyLeaves) -> None:
        """Hear of an act of the other party's own."""
        match message:
            case PseudonymResolved():
                self._do(partial(self._on_resolved, signed, message))
            case ResolutionTaken():
                self._do(partial(self._link.resolutions.desk.taken, self._link.party, message))
            case PartyLeaves():
                self._do(partial(self._link.leaving.desk.left, message, self._brought(signed)))
            case _:
                assert_never(message)

    async def _on_resolved(self, signed: Signed, resolved: PseudonymResolved) -> None:
        """Have it recorded, and say that it is."""
        taken = await self._link.resolutions.desk.told(resolved, self._brought(signed))
        self.say(taken, answers=signed.sha256)

    async def _on_accounts_asked(self, signed: Signed, asked: AccountsAsked) -> None:
        page = await self._link.accounts.page(self._link.party, asked)
        if page is not None:
            self.say(page, answers=signed.sha256)

    async def _on_motive(self, signed: Signed, told: MotiveTold, words: Mapping[str, Words]) -> None:
        """Have it kept, and say that it is."""
        taken = await self._link.motives.told(told, words, self._brought(signed))
        if taken is not None:
            self.say(taken, answers=signed.sha256)

    async def ask(self, asked: OpenAsked) -> OwnerAnswered | OwnerAway:
        """Ask for a camera; return what is answered in time."""
        if len(self._questions) >= QUESTIONS_MAX:
            return OwnerAway(_TOO_MANY)
        question = _Question(anyio.Event(), asked_at_s=self._link.speaker.clock.monotonic_s())
        self._questions[asked.viewing] = question
        try:
            self._put(_Saying(asked, on_sent=partial(_sent_as, question)))
            with anyio.move_on_after(ANSWER_WITHIN_S):
                await question.answered.wait()
        finally:
            del self._questions[asked.viewing]
        return self._answer_to(question) or OwnerAway(_NO_ANSWER, question.jws)

    def _answer_to(self, question: _Question) -> OwnerAnswered | None:
        if question.answer is None or question.jws is None or not isinstance(question.answer.message, OpenAnswer):
            return None
        brought = self._brought(question.answer)
        taken = brought.message
        return OwnerAnswered(
            question.answer.message, (question.jws, brought.jws), taken.jti, taken.kept_until_s, taken.at_s
        )

    def join(self, joined: OpenAsked, settle: Callable[[OwnerAnswered], Awaitable[None]]) -> None:
        """Tell of a viewing that runs already; one more than may wait is not told, so the owner does not list it."""
        now_s = self._link.speaker.clock.monotonic_s()
        for late in [
            key for key, each in self._questions.items() if each.settle and now_s - each.asked_at_s > LIFETIME_S
        ]:
            del self._questions[late]
        if len(self._questions) < QUESTIONS_MAX:
            question = _Question(anyio.Event(), asked_at_s=now_s, settle=settle)
            self._questions[joined.viewing] = question
            self._put(_Saying(joined, on_sent=partial(_sent_as, question)))

    def ask_ticket(self, camera: CameraId) -> None:
        """Ask for the ticket of a camera that is watched here."""
        sent = self._tickets.note(camera)
        if sent is not None:
            self._put(_Saying(TicketAsked(camera), on_sent=sent))

    def _on_answer(self, signed: Signed, answer: OpenAnswer) -> None:
        """Give it to whoever waits for it; an answer to nothing that was asked, or a late one, is nobody's."""
        question = self._questions.get(answer.viewing)
        if question is None or question.jws is None or signed.claims.answers != sha256_of(question.jws):
            log.warning("peer_answer_unexpected", party=self._link.party, viewing=answer.viewing)
            return
        question.answer = signed
        question.answered.set()
        answered = self._answer_to(question)
        if question.settle is not None and answered is not None:
            del self._questions[answer.viewing]
            self._do(partial(question.settle, answered))

    def _on_renewed(self, renewed: Renewed) -> None:
        listed = self._listed.pop(renewed.number, None)
        if listed is None:
            return
        link = self._link
        link.renewed_there(listed.sent_s)
        link.viewings.slots.told(link.party, renewed.slots_used)
        lost = (listed.running & link.viewings.ours(link.party)) - frozenset(renewed.viewings)
        if lost:
            self._do(partial(link.viewings.desk.not_held, link.party, lost))
        if self._link.texts_differ:
            return  # it would not be told
        now_s = self._link.speaker.clock.monotonic_s()
        if self._asked is not None and now_s - self._asked.at_s < LIFETIME_S:
            return
        after = self._link.catalogue.to_ask(self._link.party, newest=renewed.catalogue, sha256=renewed.catalogue_sha256)
        if after is not None:
            self._ask(after)

    def _ask(self, after: int) -> None:
        asked_at_s = self._link.speaker.clock.monotonic_s()
        self._asked = _Asked(asked_at_s)

        def sent(jws: str) -> None:
            self._asked = _Asked(asked_at_s, sha256_of(jws))

        self._put(_Saying(CatalogueAsked(after), on_sent=sent))

    async def _on_catalogue(self, signed: Signed, told: CatalogueTold) -> None:
        """Take a page that was asked for; nobody's that was not, and none that comes late."""
        if self._asked is None or signed.claims.answers != self._asked.sha256:
            return
        self._asked = None
        if await self._link.catalogue.receive(told, self._brought(signed).message):
            self._ask(told.upto)

    # What is said.

    def say(self, message: PeerMessage, *, answers: str | None = None) -> None:
        """Send a message; a peer that does not take what it is sent is left."""
        self._put(_Saying(message, answers))

    def _put(self, saying: _Saying) -> None:
        try:
            self._outgoing.send_nowait(saying)
        except anyio.WouldBlock:
            self.end(LinkEnd.SLOW)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass  # it is over; what matters is listed when the next one begins

    async def _write(self) -> None:
        async for saying in self._to_send:
            await self._send(saying)

    async def _renew(self) -> None:
        while True:
            self._renewed += 1
            link = self._link
            now_s = link.speaker.clock.monotonic_s()
            # What waits for the owner's answer runs there only once it is answered; no longer than an answer may take.
            waits = {key for key, each in self._questions.items() if now_s - each.asked_at_s <= ANSWER_WITHIN_S}
            self._listed[self._renewed] = _Listed(now_s, link.viewings.ours(link.party) - waits)
            self._listed.pop(self._renewed - LISTS_MAX, None)
            self.say(Renew(self._renewed, link.viewings.wanted(link.party)))
            await anyio.sleep(RENEW_EVERY_S)

    async def _look(self) -> None:
        """End the conversation once the peer is silent."""
        while True:
            await anyio.sleep(LOOK_EVERY_S)
            if self._link.speaker.clock.monotonic_s() - self._heard_s > SILENT_S:
                self.end(LinkEnd.SILENT)


_NO_ANSWER = Text("aucune réponse dans les temps", "no answer in time")
_TOO_MANY = Text("trop de demandes attendent déjà une réponse", "too many requests wait for an answer already")


def _not_recorded(viewing: ViewingId) -> OpenAnswer:
    """Return the answer where nothing can be recorded, so nothing is granted: at once, rather than none."""
    words = Cause.NOT_RECORDED.words
    return OpenAnswer(
        viewing,
        Verdict.REFUSED,
        (),
        cause=Cause.NOT_RECORDED.value,
        reason=words.sentence,
        remedy=words.remedy,
    )


def _sent_as(question: _Question, jws: str) -> None:
    question.jws = jws
