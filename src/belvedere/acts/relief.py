"""A relief swaps the agent and keeps what runs: pictures, leases and events.

Every viewing is decided again and changes hands in the journal; open events get the relief as their keeper.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from belvedere.changes import (
    Change,
    EventKept,
    LeaseRelieved,
    SessionRelieved,
    ViewingEnded,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.changes.records import reference, subject_of
from belvedere.domain.agents import Session
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.leases import Lease
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.viewings import Viewing
from belvedere.domain.vocabulary import Role
from belvedere.rights.facts import convention_ref
from belvedere.rights.review import review
from belvedere.rights.steering import rank_of
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

RELIEVING = Needs(owner=ROOM_ROLES | {Role.INSPECTOR}, partner=ROOM_ROLES)
"""Whoever has a screen hands it over, or begins its own session anew."""


@dataclass(frozen=True, slots=True)
class Relieve:
    """The command: open `relief`'s session in the place of `requester`'s, and give it its viewings and events."""

    needs: ClassVar[Needs] = RELIEVING
    essential: ClassVar[bool] = True
    requester: Requester
    relief: Requester


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many viewings go on."""

    kept: int


@dataclass(frozen=True, slots=True)
class MayNotRelieve:
    """Who would take over has no habilitation in force, or its station no registration: the former agent stays."""

    lacks: Cause


def relieve(snapshot: Snapshot, command: Relieve, now: Instant) -> Step[HandedOver | MayNotRelieve]:
    """Hand the station over. What the relief may not watch ends; an agent who relieves itself begins its session anew."""
    former, relief = command.requester, command.relief
    lacks = snapshot.standing(relief.agent, relief.station, now).lacks(relief.role)
    if lacks is not None:
        return Step(MayNotRelieve(lacks))
    session = Session(relief.session_sha256, relief.agent, relief.station, opened_at=now, seen_at=now)
    swapped: Change = SessionRelieved(former.session_sha256, session, relief.party)
    handed = [_relieved(snapshot, each, former, relief, now) for each in _running_for(snapshot, former)]
    kept = tuple(
        EventKept(replace(event, kept_by=relief.agent, kept_by_pseudonym=relief.pseudonym))
        for event in snapshot.events_kept_by(former.agent)
    )
    leases = [_lease_relieved(snapshot, each, former, relief, now) for each in _held_by(snapshot, former)]
    after = After(snapshot, (swapped, *handed, *kept, *leases))
    reviewed = review(after, now, lambda viewing: viewing.session_sha256 == relief.session_sha256)
    ended = [change for change in reviewed if isinstance(change, ViewingEnded)]
    over = {change.viewing.id for change in ended}
    newest = {each.viewing.id: each.viewing for each in reviewed if isinstance(each, ViewingEnded | ViewingProlonged)}
    of_leases = [change for change in reviewed if not isinstance(change, ViewingEnded | ViewingProlonged)]
    going_on = [
        replace(change, viewing=newest.get(change.viewing.id, change.viewing))
        for change in handed
        if change.viewing.id not in over
    ]
    return Step(HandedOver(len(going_on)), (swapped, *kept, *ended, *going_on, *leases, *of_leases))


def _running_for(snapshot: Snapshot, former: Requester) -> list[Viewing]:
    return [viewing for viewing in snapshot.viewings() if viewing.session_sha256 == former.session_sha256]


def _relieved(
    snapshot: Snapshot, viewing: Viewing, former: Requester, relief: Requester, now: Instant
) -> ViewingRelieved:
    handed = replace(
        viewing,
        service=relief.service,
        agent=relief.agent,
        pseudonym=relief.pseudonym,
        agent_label=relief.label,
        session_sha256=relief.session_sha256,
    )
    return ViewingRelieved(
        viewing=handed,
        former=None if former.agent == relief.agent else former.pseudonym,
        by=subject_of(relief),
        at=now,
        convention=convention_ref(snapshot, relief.party),
    )


def _held_by(snapshot: Snapshot, former: Requester) -> list[Lease]:
    return [lease for lease in snapshot.leases() if lease.session_sha256 == former.session_sha256]


def _lease_relieved(
    snapshot: Snapshot, lease: Lease, former: Requester, relief: Requester, now: Instant
) -> LeaseRelieved:
    """Hand a lease over with the picture that it rests on: it keeps its fence, and its holder's place."""
    camera = snapshot.place.cameras.watched(lease.camera)
    convention = None if camera is None else snapshot.convention_between(camera.owner, relief.party)
    rank = lease.rank
    if camera is not None and convention is not None:
        rank = rank_of(convention, owner=camera.owner, party=relief.party, service=relief.service, role=relief.role)
    handed = replace(
        lease,
        service=relief.service,
        agent=relief.agent,
        pseudonym=relief.pseudonym,
        agent_label=relief.label,
        session_sha256=relief.session_sha256,
        rank=rank,
    )
    return LeaseRelieved(
        lease=handed,
        former=None if former.agent == relief.agent else former.pseudonym,
        by=subject_of(relief),
        at=now,
        convention=None if convention is None else reference(convention),
    )


class ReliefDesk:
    """Hands a station over."""

    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    async def hand_over(self, former: Requester, relief: Requester) -> int | ActRefused | MayNotRelieve:
        """Open `relief`'s session in the place of `former`'s; return how many viewings go on. Raises `NotRecorded`."""
        answer = await self._spine.act(relieve, Relieve(former, relief))
        return answer.kept if isinstance(answer, HandedOver) else answer
