"""The director names deputies for a term: their word to let a partner steer counts as the director's. A reading of rules A11."""

from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.direction import DIRECTING
from belvedere.acts.unknown import Unknown
from belvedere.changes import DeputyEnded, DeputyNamed
from belvedere.changes.records import reference, subject_of
from belvedere.domain.authorisations import DEPUTY_FOR_MAX, Deputy
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId
from belvedere.domain.record import ConventionRef
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


@dataclass(frozen=True, slots=True)
class NameDeputy:
    """The command: this agent of the room is the director's deputy until then."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = False
    requester: Requester
    agent: AgentId
    until: Instant


@dataclass(frozen=True, slots=True)
class EndDeputy:
    """The command: this agent is no deputy any more."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    agent: AgentId


@dataclass(frozen=True, slots=True)
class NotNamed:
    """Nobody is named, and why."""

    cause: Cause


Named = Deputy | NotNamed | Unknown | ActRefused


def name_deputy(snapshot: Snapshot, command: NameDeputy, now: Instant) -> Step[Named]:
    """Name an agent of one's own room; one that is named already has the new term."""
    requester, account = command.requester, snapshot.account(command.agent)
    if account is None or account.party != requester.party:
        return Step(Unknown("agent"))
    if account.role not in ROOM_ROLES:
        return Step(NotNamed(Cause.ROLE))
    if not now < command.until <= now + DEPUTY_FOR_MAX:
        return Step(NotNamed(Cause.DEPUTY_TERM))
    deputy = Deputy(account.agent, account.pseudonym, command.until, requester.pseudonym)
    return Step(deputy, (DeputyNamed(deputy, subject_of(requester), now, _ref(snapshot)),))


def end_deputy(snapshot: Snapshot, command: EndDeputy, now: Instant) -> Step[Deputy | Unknown]:
    """Name an agent no more; words that it gave stand."""
    deputy = next((each for each in snapshot.deputies() if each.agent == command.agent), None)
    if deputy is None:
        return Step(Unknown("agent"))
    return Step(deputy, (DeputyEnded(deputy, subject_of(command.requester), now, _ref(snapshot)),))


def _ref(snapshot: Snapshot) -> ConventionRef | None:
    owner = snapshot.place.party
    convention = snapshot.convention_between(owner, owner)
    return None if convention is None else reference(convention)


class DeputyDesk:
    """Where routes name deputies. Both raise `NotRecorded`."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def name(self, command: NameDeputy) -> Named:
        """Name a deputy."""
        return await self._spine.act(name_deputy, command)

    async def end(self, command: EndDeputy) -> Deputy | Unknown | ActRefused:
        """Name it no more; raises `NotRecorded`, and it is none all the same."""
        return await self._spine.act(end_deputy, command)
