"""A partner asks the owner's room to look; the room accepts, declines, and says when it is done. Rules A10, and the text's aim.

Offered before steering: whoever masters the tool and knows the ground turns the camera.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.acts.authorise import IN_THE_OWNERS_ROOM
from belvedere.acts.steering import TooMany
from belvedere.acts.unknown import Unknown
from belvedere.changes import LookAnswered, LookAsked
from belvedere.changes.records import event_ref, reference, subject_of
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef, CameraId, EventId, IdSource, LookId, PartyId
from belvedere.domain.looks import LOOKS_MAX, Look, LookPlace, LookState
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.policy import Convention
from belvedere.policy.clauses.steering import PtzTakeover
from belvedere.rights.listed import may_find
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

ASKING = Needs(owner=frozenset(), partner=ROOM_ROLES)


@dataclass(frozen=True, slots=True)
class AskToLook:
    """The command: the owner's room is asked to look, for an event of the requester's."""

    needs: ClassVar[Needs] = ASKING
    essential: ClassVar[bool] = False
    requester: Requester
    event: EventId
    target: str
    camera: CameraId | None = None
    place: LookPlace | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLook:
    """The command: the owner's room accepts, declines, or has done it."""

    needs: ClassVar[Needs] = IN_THE_OWNERS_ROOM
    essential: ClassVar[bool] = False
    requester: Requester
    look: LookId
    state: LookState
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """The look cannot become what was said of it: it is over."""

    state: LookState


AskedToLook = Look | Unknown | TooMany | ActRefused
LookAnswer = Look | Unknown | NotAnswered | ActRefused


def ask_to_look(snapshot: Snapshot, command: AskToLook, now: Instant) -> Step[AskedToLook]:
    """Ask the room of this node's party; its own cameras alone, for an open event of one's own."""
    requester, owner = command.requester, snapshot.place.party
    event, convention = snapshot.event(command.event), snapshot.convention_between(owner, requester.party)
    if convention is None or event is None or event.party != requester.party:
        return Step(Unknown("event"))
    camera = None if command.camera is None else snapshot.place.cameras.watched(command.camera)
    if command.camera is not None and (
        camera is None or camera.owner != owner or not may_find(snapshot, requester.party, camera, now)
    ):
        # One that the party may not find in a list answers as one that there is not (reliability 27).
        return Step(Unknown("camera"))
    if not event.is_open:
        return Step(ActRefused(Cause.EVENT_CLOSED))
    if sum(_waits(snapshot, each) for each in snapshot.looks() if each.party == requester.party) >= LOOKS_MAX:
        return Step(TooMany())
    look = Look(
        id=LookId(command.id),
        party=requester.party,
        service=requester.service,
        pseudonym=requester.pseudonym,
        station=requester.station,
        event=event.id,
        target=command.target,
        camera=command.camera,
        place=command.place,
        asked_at=now,
    )
    told = event_ref(event)
    assert told is not None, "it is there"
    articles = _articles(convention, owner, requester.party)
    return Step(look, (LookAsked(look, subject_of(requester), now, reference(convention), told, articles),))


def answer_look(snapshot: Snapshot, command: AnswerLook, now: Instant) -> Step[LookAnswer]:
    """Say what the room makes of it."""
    look, owner = snapshot.look(command.look), snapshot.place.party
    if look is None or command.requester.party != owner:
        return Step(Unknown("look"))
    if not look.state.may_become(command.state):
        return Step(NotAnswered(look.state))
    answered = replace(
        look, state=command.state, note=command.note, answered_by=command.requester.pseudonym, answered_at=now
    )
    convention = snapshot.convention_between(owner, look.party)
    articles = () if convention is None else _articles(convention, owner, look.party)
    ref = None if convention is None else reference(convention)
    told = event_ref(snapshot.event(look.event))
    return Step(answered, (LookAnswered(answered, subject_of(command.requester), now, ref, told, articles),))


def _waits(snapshot: Snapshot, look: Look) -> bool:
    event = snapshot.event(look.event)
    return look.state in {LookState.ASKED, LookState.ACCEPTED} and event is not None and event.is_open


def _articles(convention: Convention, owner: PartyId, party: PartyId) -> tuple[ArticleRef, ...]:
    """Return the articles by which the party may steer the owner's cameras: it asks for less."""
    return convention.cites_of(PtzTakeover, lambda each: (each.owner, each.party) == (owner, party))


class LookDesk:
    """Where routes ask to look, and answer. Both raise `NotRecorded`."""

    def __init__(self, spine: Spine, ids: IdSource) -> None:
        self._spine = spine
        self._ids = ids

    async def ask(self, command: AskToLook) -> AskedToLook:
        """Ask the owner's room to look."""
        return await self._spine.act(ask_to_look, replace(command, id=self._ids.fresh("k")))

    async def answer(self, command: AnswerLook) -> LookAnswer:
        """Say what the room makes of it."""
        return await self._spine.act(answer_look, command)
