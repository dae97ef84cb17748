"""What another party's node asks of this one about a viewing, and what it tells: opened with authority, ended, kept.

The camera's owner decides with its own facts; of agent, station and event it takes the asking node's word, which stands in
the record as it was signed. Each message counts once, in the commit of what it does.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from belvedere.acts.open_stream import Joined, NotOpened, OpenStream, Running, open_stream
from belvedere.acts.unknown import Unknown
from belvedere.changes import Change, Decided, MessageTaken, ViewingEnded, ViewingRelieved
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Pending, Refused
from belvedere.domain.ids import AgentId, EventId, PartyId, ViewingId
from belvedere.domain.partner_waits import PartnerWaits
from belvedere.domain.peer_requests import OpenAnswer, OpenAsked, OwnerAsked, ViewingOver, Watching
from belvedere.domain.record import Subject
from belvedere.domain.requester import Requester
from belvedere.domain.text import Text
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Action, Role, Verdict
from belvedere.policy import verdict_of
from belvedere.rights import endings
from belvedere.rights.facts import convention_ref
from belvedere.rights.review import end, endings_of, with_evidence
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

HOLDERS_MAX = 64


@dataclass(frozen=True, slots=True)
class Brought:
    """A message as it came: of whom, its bytes as evidence, and what is kept so that it counts once."""

    party: PartyId
    jws: str
    message: MessageTaken


@dataclass(frozen=True, slots=True)
class Replayed:
    """The message did what it asks already."""


@dataclass(frozen=True, slots=True)
class OpenForPeer:
    """The command: another party's node asks for a camera. `sign` signs an answer: what it draws of chance was drawn before."""

    asked: OpenAsked
    brought: Brought
    sign: Callable[[OpenAnswer], str]
    waits: PartnerWaits | None = None
    """Why that party is not served now."""


def open_for_peer(snapshot: Snapshot, command: OpenForPeer, now: Instant) -> Step[str | Replayed]:
    """Decide for the asking node's agent; the answer is the signed one, and stands in the record with the question."""
    asked, brought = command.asked, command.brought
    if snapshot.taken_until_s(brought.party, brought.message.jti) is not None:
        return Step(Replayed())
    refused = _not_decided(snapshot, command)
    if refused is not None:
        return Step(command.sign(refused), (brought.message,))
    opening = OpenStream(
        requester=_requester(asked, brought.party, now),
        camera=asked.camera,
        event=None if asked.event is None else asked.event.id,
        purpose=asked.purpose,
        id=asked.viewing,
    )
    step = open_stream(snapshot, opening, now)
    answer = _answer(asked.viewing, step.answer)
    jws = command.sign(answer)
    changes = tuple(_with_evidence(change, (brought.jws, jws)) for change in step.changes)
    return Step(jws, (*changes, brought.message))


def _not_decided(snapshot: Snapshot, command: OpenForPeer) -> OpenAnswer | None:
    """Return the answer to what is not decided at all: no record of it, as an unknown id leaves none."""
    asked, party = command.asked, command.brought.party
    running, made_by = snapshot.running().by_id.get(asked.viewing), snapshot.viewing_made_by(asked.viewing)
    if command.waits is not None:
        return _no(asked.viewing, command.waits.cause, command.waits.said)
    camera = snapshot.place.cameras.watched(asked.camera)
    if camera is None or camera.owner != snapshot.place.party or asked.action is not Action.VIEW:
        return _no(asked.viewing, Cause.NOT_OFFERED, _NO_SUCH_CAMERA)
    # A retry finds its viewing running; one that is over comes back under another id.
    if (running is None and made_by is not None) or (running is not None and not _is_of(running, asked, party)):
        return _no(asked.viewing, Cause.NOT_OFFERED, _ID_IN_USE)
    if asked.event is not None and _is_event_of_another(snapshot, asked.event.id, party):
        return _no(asked.viewing, Cause.NOT_OFFERED, _EVENT_IN_USE)
    return None


def _is_event_of_another(snapshot: Snapshot, event: EventId, party: PartyId) -> bool:
    return any(known.party != party for known in (snapshot.event(event), snapshot.told_event(event)) if known)


def _is_of(viewing: Viewing, asked: OpenAsked, party: PartyId) -> bool:
    told = (viewing.party, viewing.camera, viewing.pseudonym, viewing.station)
    return viewing.attested is not None and told == (party, asked.camera, asked.agent, asked.station)


def _requester(asked: OpenAsked, party: PartyId, now: Instant) -> Requester:
    """Return the agent as its own node tells of it: by its pseudonym, without a session here."""
    return Requester(
        agent=AgentId(asked.agent),
        pseudonym=asked.agent,
        label=asked.agent,
        party=party,
        service=asked.service,
        # Which role it has at home is its node's affair: no rule reads it.
        role=Role.OTHER_STATE_OPERATOR,
        station=asked.station,
        station_label=asked.station,
        session_sha256=bytes(32),
        session_ends_at=now,
        attested=asked.attested,
    )


def _answer(viewing: ViewingId, outcome: Running | Joined | NotOpened | Unknown | OwnerAsked) -> OpenAnswer:
    match outcome:
        case Running(opened, used, slots):
            return OpenAnswer(
                viewing,
                Verdict.GRANTED,
                opened.articles,
                valid_until=opened.valid_until,
                slot=opened.slot,
                slots_used=used,
                slots=slots,
            )
        case NotOpened(decision, holders):
            return OpenAnswer(
                viewing,
                verdict_of(decision),
                decision.articles,
                valid_until=decision.valid_until,
                cause=_cause_of(decision),
                reason=decision.reason,
                remedy=decision.remedy,
                holders=holders[:HOLDERS_MAX],
            )
        case _:
            return _no(viewing, Cause.NOT_OFFERED, _NO_SUCH_CAMERA)


def _cause_of(decision: Refused | Pending) -> str | None:
    return decision.cause.value if isinstance(decision, Refused) else None


def _no(viewing: ViewingId, cause: Cause, said: Text) -> OpenAnswer:
    return OpenAnswer(viewing, Verdict.REFUSED, (), cause=cause.value, reason=said, remedy=cause.words.remedy)


_NO_SUCH_CAMERA = Text("Cette caméra n'est pas de ce nœud.", "This camera is not this node's.")
_ID_IN_USE = Text(
    "Cet identifiant de vue est déjà celui d'une autre : le nœud demandeur doit en tirer un neuf.",
    "This viewing's id is another's already: the asking node has to draw a new one.",
)
_EVENT_IN_USE = Text(
    "Cet identifiant d'événement est déjà celui d'un autre : le nœud demandeur doit en tirer un neuf.",
    "This event's id is another's already: the asking node has to draw a new one.",
)


def _with_evidence(change: Change, evidence: tuple[str, str]) -> Change:
    return replace(change, evidence=evidence) if isinstance(change, Decided) else change


def over_there(snapshot: Snapshot, over: ViewingOver, brought: Brought, now: Instant) -> Step[bool]:
    """End what the other node says is over: its own agent's at a camera of this node, or this node's at its camera."""
    if snapshot.taken_until_s(brought.party, brought.message.jti) is not None:
        return Step(False)
    ended = end(
        snapshot,
        now,
        lambda viewing: viewing.id == over.viewing and _runs_with(snapshot, viewing, brought.party),
        lambda _: endings.told_by_peer(over),
    )
    if not endings_of(ended):
        return Step(False)
    return Step(True, (*with_evidence(ended, (brought.jws,)), brought.message))


def relieved_there(
    snapshot: Snapshot, watching: Sequence[Watching], brought: Brought, now: Instant
) -> Step[tuple[ViewingRelieved, ...]]:
    """Let another agent of the other party stand for what it took over on its own node."""
    relieved = []
    for each in watching:
        viewing = snapshot.viewing(each.viewing)
        if (
            viewing is None
            or viewing.attested is None
            or viewing.party != brought.party
            or viewing.pseudonym == each.agent
        ):
            continue
        taken = replace(viewing, agent=AgentId(each.agent), pseudonym=each.agent, agent_label=each.agent)
        by = Subject(viewing.party, viewing.service, each.agent, viewing.station)
        convention = convention_ref(snapshot, viewing.party)
        relieved.append(ViewingRelieved(taken, viewing.pseudonym, by, now, convention, (brought.jws,)))
    return Step(tuple(relieved), tuple(relieved))


def not_held(
    snapshot: Snapshot, party: PartyId, which: Collection[ViewingId], now: Instant
) -> Step[tuple[ViewingEnded, ...]]:
    """End these of the viewings that run between the two nodes: the other one no longer knows them."""
    ended = end(
        snapshot,
        now,
        lambda viewing: viewing.id in which and _runs_with(snapshot, viewing, party),
        lambda _: endings.not_held(),
    )
    return Step(tuple(endings_of(ended)), ended)


def _runs_with(snapshot: Snapshot, viewing: Viewing, party: PartyId) -> bool:
    """Tell whether a viewing runs between this node and that of `party`."""
    if viewing.attested is not None:
        return viewing.party == party
    camera = snapshot.place.cameras.watched(viewing.camera)
    if camera is None:
        # Its owner tells no more of it; only an owner of whom it was told could name the viewing.
        return viewing.party == snapshot.place.party
    return not snapshot.place.cameras.is_here(camera.id) and camera.owner == party


class PeerDesk:
    """Does what other nodes ask. Raises `NotRecorded`: then nothing was done, and they ask again."""

    def __init__(self, spine: Spine, waits: Callable[[PartyId], PartnerWaits | None]) -> None:
        self._spine = spine
        self._waits = waits

    async def open(self, asked: OpenAsked, brought: Brought, sign: Callable[[OpenAnswer], str]) -> str | Replayed:
        """Return the signed answer."""
        command = OpenForPeer(asked, brought, sign, self._waits(brought.party))
        return await self._spine.commit(lambda snapshot, now: open_for_peer(snapshot, command, now))

    async def over(self, over: ViewingOver, brought: Brought) -> None:
        """End what is over there."""
        await self._spine.commit(lambda snapshot, now: over_there(snapshot, over, brought, now), essential=True)

    async def relieved(self, watching: Sequence[Watching], brought: Brought) -> None:
        """Note who watches now."""
        await self._spine.commit(lambda snapshot, now: relieved_there(snapshot, watching, brought, now))

    async def not_held(self, party: PartyId, which: Collection[ViewingId]) -> None:
        """End what the other node no longer knows."""
        await self._spine.commit(lambda snapshot, now: not_held(snapshot, party, which, now), essential=True)
