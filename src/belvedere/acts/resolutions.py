"""A pseudonym is resolved for an inspection or a requisition: on its own node, recorded there and on the others'.

Source: rules A23, C5. The name is the answer to whoever asked, and is written nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.across_nodes import Brought
from belvedere.changes import ResolutionMade, ResolutionReceived, ResolutionSettled
from belvedere.changes.records import subject_of
from belvedere.domain.agents import Account
from belvedere.domain.clock import Instant
from belvedere.domain.ids import IdSource, PartyId, Pseudonym
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.resolutions import PseudonymResolved, Resolution, ResolutionGround, ResolutionTaken
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

RESOLVING = Needs(owner=frozenset({Role.INSPECTOR, Role.POLICE_DIRECTOR, Role.CIC_SUPERVISOR}))
"""Who inspects, or answers to a requisition, for the party whose node it is."""


@dataclass(frozen=True, slots=True)
class ResolvePseudonym:
    """The command: whose is it? `act` names the inspection or the requisition."""

    needs: ClassVar[Needs] = RESOLVING
    essential: ClassVar[bool] = False
    requester: Requester
    agent: Pseudonym
    ground: ResolutionGround
    act: str
    told: tuple[PartyId, ...]
    """The parties whose nodes are told."""
    id: str = ""
    """Drawn by the shell."""


@dataclass(frozen=True, slots=True)
class PseudonymUnknown:
    """No agent of the requester's party has it: another party's names stay with it."""


def resolve(snapshot: Snapshot, command: ResolvePseudonym, now: Instant) -> Step[Account | PseudonymUnknown]:
    """Answer with the account, and owe the word of it to the other parties' nodes."""
    requester = command.requester
    account = next((each for each in snapshot.accounts(requester.party) if each.pseudonym == command.agent), None)
    if account is None:
        return Step(PseudonymUnknown())
    resolved = PseudonymResolved(
        id=command.id,
        agent=command.agent,
        ground=command.ground,
        act=command.act,
        by=requester.pseudonym,
        service=requester.service,
        at=now,
    )
    told = tuple(owed_to(party, resolved) for party in command.told)
    return Step(account, (ResolutionMade(told, resolved, subject_of(requester)),))


def owed_to(party: PartyId, resolved: PseudonymResolved) -> Resolution:
    """Return what a party's node is told."""
    return Resolution(
        id=resolved.id,
        owner=party,
        agent=resolved.agent,
        ground=resolved.ground,
        act=resolved.act,
        by=resolved.by,
        service=resolved.service,
        at=resolved.at,
    )


def receive_resolution(
    snapshot: Snapshot, resolved: PseudonymResolved, brought: Brought, now: Instant
) -> Step[ResolutionTaken]:
    """Record what another party tells of a pseudonym of its own, once; it is answered each time."""
    taken = ResolutionTaken(resolved.id)
    if snapshot.is_resolution_known(brought.party, resolved.id):
        return Step(taken)
    received = ResolutionReceived(brought.party, resolved, now, (brought.jws,))
    return Step(taken, (received, brought.message))


class ResolutionDesk:
    """Resolves pseudonyms, and keeps what other parties tell of theirs. Raises `NotRead`, `NotRecorded`."""

    def __init__(self, spine: Spine, ids: IdSource, peers: Callable[[], Iterable[PartyId]]) -> None:
        self._spine = spine
        self._ids = ids
        self._peers = peers

    async def resolve(
        self, requester: Requester, agent: Pseudonym, ground: ResolutionGround, act: str
    ) -> Account | PseudonymUnknown | ActRefused:
        """Return the account that has the pseudonym."""
        command = ResolvePseudonym(requester, agent, ground, act, tuple(self._peers()), self._ids.fresh("r"))
        return await self._spine.act(resolve, command)

    async def due(self, owner: PartyId) -> Sequence[Resolution]:
        """Return what a party's node has not recorded yet, oldest first."""
        return await self._spine.read(lambda snapshot: snapshot.resolutions_due(owner))

    async def told(self, resolved: PseudonymResolved, brought: Brought) -> ResolutionTaken:
        """Keep what another party tells."""
        return await self._spine.commit(lambda snapshot, now: receive_resolution(snapshot, resolved, brought, now))

    async def taken(self, owner: PartyId, taken: ResolutionTaken) -> None:
        """Note that a party recorded it."""

        def step(snapshot: Snapshot, _now: Instant) -> Step[None]:
            due = any(each.id == taken.id for each in snapshot.resolutions_due(owner))
            return Step(None, (ResolutionSettled(owner, taken.id),) if due else ())

        await self._spine.commit(step)
