"""Who could watch a camera now, and why: the same engine, asked for every service that a convention names.

It supposes an agent who is habilitated, at a registered station, with an open event and its motive: what a room can see to
by itself. All else is as it stands: hours, orders, suspensions, slots. Nothing is recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from belvedere.domain.clock import Clock, Instant
from belvedere.domain.decision import Decision, Granted
from belvedere.domain.ids import AgentId, CameraId, PartyId, ServiceId, StationId
from belvedere.domain.request import EventFacts
from belvedere.domain.standing import Standing
from belvedere.domain.vocabulary import Action, EventKind
from belvedere.domain.watched_camera import WatchedCamera
from belvedere.policy import Convention, decide
from belvedere.policy.clauses.access import Purposes
from belvedere.policy.convention import Party
from belvedere.rights.facts import Asked, request_to_decide
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Snapshot

_WHOLE = Standing(habilitated=True, station_registered=True)
_NOBODY, _NOWHERE = AgentId(""), StationId("")


@dataclass(frozen=True, slots=True)
class CouldWatch:
    """What a service would be answered: for events of these `kinds` and for these `purposes`, none where none is asked.

    `service` is empty for a party whose services are not named: any of them.
    """

    party: PartyId
    service: ServiceId
    kinds: tuple[EventKind, ...]
    purposes: tuple[str, ...]
    decision: Decision


class WhoCouldWatch:
    """Answers for the owner's direction, and for an inspection."""

    def __init__(self, spine: Spine, clock: Clock) -> None:
        self._spine = spine
        self._clock = clock

    async def __call__(self, camera: CameraId) -> Sequence[CouldWatch] | None:
        """Return who could, and who could not; None where this node owns no such camera."""
        return await self._spine.read(lambda snapshot: could_watch(snapshot, camera, self._clock.now()))


def could_watch(snapshot: Snapshot, camera: CameraId, now: Instant) -> Sequence[CouldWatch] | None:
    """Return what each service of each party would be answered; None where this node owns no such camera."""
    watched = snapshot.place.cameras.watched(camera)
    if watched is None or watched.owner != snapshot.place.party:
        return None
    return [
        answer
        for convention, party in _parties(snapshot, watched)
        for service in _services(party)
        for answer in _answers(
            snapshot,
            convention,
            Asked(
                Action.VIEW,
                now,
                PartyId(party.id),
                service,
                _NOBODY,
                _NOWHERE,
                watched,
                event=None,
                purpose=None,
                attested=_WHOLE,
            ),
        )
    ]


def _parties(snapshot: Snapshot, camera: WatchedCamera) -> Iterator[tuple[Convention, Party]]:
    """Yield each party once, the owner first, with the convention under which it asks."""
    seen: set[str] = set()
    bound = [(convention, party) for convention in snapshot.conventions() for party in convention.parties]
    for convention, party in sorted(bound, key=lambda one: one[1].id != camera.owner):
        asks_under = snapshot.convention_between(camera.owner, PartyId(party.id))
        if party.id not in seen and asks_under is not None and asks_under.id == convention.id:
            seen.add(party.id)
            yield convention, party


def _services(party: Party) -> tuple[ServiceId, ...]:
    named = tuple(ServiceId(service) for service in party.services)
    return (*named, ServiceId("")) if party.other_services else named


def _answers(snapshot: Snapshot, convention: Convention, asked: Asked) -> Iterator[CouldWatch]:
    """Yield the service's answers, those that are alike as one."""

    def answer(kind: EventKind | None, purpose: str | None) -> Decision:
        event = None if kind is None else EventFacts(kind=kind, open=True, motive="given")
        question = replace(asked, event=event, purpose=purpose)
        return decide(convention, request_to_decide(snapshot, question, zone=convention.zone))

    alike: dict[object, tuple[list[EventKind], list[str], Decision]] = {}
    for purpose in _purposes(convention, asked.camera, asked.party):
        without = answer(None, purpose)
        decisions = [(None, without)] if isinstance(without, Granted) else [(k, answer(k, purpose)) for k in EventKind]
        for kind, decision in decisions:
            kinds, purposes, _ = alike.setdefault(
                (type(decision), decision.articles, decision.reason, decision.valid_until), ([], [], decision)
            )
            if kind is not None and kind not in kinds:
                kinds.append(kind)
            if purpose is not None and purpose not in purposes:
                purposes.append(purpose)
    for kinds, purposes, decision in alike.values():
        yield CouldWatch(asked.party, asked.service, tuple(kinds), tuple(purposes), decision)


def _purposes(convention: Convention, camera: WatchedCamera, party: PartyId) -> tuple[str | None, ...]:
    """Return the purposes among which the party has to choose one for this camera; None alone where it has not."""
    listed = [
        purpose
        for clause in convention.of(Purposes)
        if (clause.owner, clause.to, clause.camera_class) == (camera.owner, party, camera.camera_class)
        for purpose in clause.purposes
    ]
    return tuple(listed) or (None,)
