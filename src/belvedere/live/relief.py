"""A relief swaps the agent and keeps what runs: pictures and events.

Every viewing is decided again and changes hands in the journal; open events get the relief as their keeper.
"""

from dataclasses import dataclass, replace
from functools import partial

from belvedere.domain.asker import ROOM_ROLES, Asker
from belvedere.domain.causes import Cause
from belvedere.domain.ids import ViewingId
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.live.model import Viewing
from belvedere.live.ports import LivePorts, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview

RELIEVING = Needs(owner=ROOM_ROLES | {Role.INSPECTOR}, partner=ROOM_ROLES)
"""Whoever has a screen hands it over, or begins its own session anew."""


@dataclass(frozen=True, slots=True)
class _HandedOver:
    kept: tuple[ViewingId, ...]
    ended: tuple[Ended, ...]


@dataclass(frozen=True, slots=True)
class MayNotRelieve:
    """Who would take over has no habilitation in force, or its station no registration: the former agent stays."""

    lacks: Cause


class ReliefDesk:
    """Hands a station over."""

    def __init__(self, ports: LivePorts, review: ViewingReview) -> None:
        self._ports = ports
        self._review = review

    async def hand_over(self, former: Asker, relief: Asker) -> int | ActRefused | MayNotRelieve:
        """Open `relief`'s session in the place of `former`'s, and give it its viewings and events; raises `NotRecorded`.

        What the relief may not watch ends. Returns how many viewings go on. An agent who relieves itself begins its
        session anew.
        """

        def work(tx: LiveTransaction) -> _HandedOver | ActRefused | MayNotRelieve:
            if (refused := self._ports.act_refused(tx, former, RELIEVING)) is not None:
                return refused
            standing = tx.standing(relief.agent, relief.station, self._ports.clock.now())
            if (lacks := standing.lacks(relief.role)) is not None:
                return MayNotRelieve(lacks)
            tx.swap_session(
                former.session_sha256,
                relief.session_sha256,
                agent=relief.agent,
                station=relief.station,
                opened_at=self._ports.clock.now(),
            )
            mine = [viewing for viewing in tx.viewings() if viewing.session_sha256 == former.session_sha256]
            for viewing in mine:
                tx.put_viewing(_handed(viewing, relief))
            for event in tx.events_kept_by(former.agent):
                tx.put_event(replace(event, kept_by=relief.agent, kept_by_pseudonym=relief.pseudonym))
            ended = self._review.review_in(tx, lambda viewing: viewing.session_sha256 == relief.session_sha256)
            kept = tuple(viewing.id for viewing in mine if tx.viewing(viewing.id) is not None)
            if former.agent != relief.agent:
                for viewing in mine:
                    if viewing.id in kept:
                        tx.append(self._record(viewing, former, relief))
            return _HandedOver(kept, tuple(ended))

        late = partial(self._came_late, former)
        handed: _HandedOver | ActRefused | MayNotRelieve
        handed = await self._ports.store.transact(work, essential=True, on_late=late)
        if not isinstance(handed, _HandedOver):
            return handed
        self._end_session(former)
        self._review.stop(handed.ended)
        self._ports.announcer.streams_changed()
        self._ports.announcer.events_changed()
        return len(handed.kept)

    def _end_session(self, former: Asker) -> None:
        """What the former agent could still use is void: its tickets, and its screens' stream of changes."""
        self._ports.relay.void_tickets(former.session_sha256)
        self._ports.announcer.standings_changed()

    def _came_late(self, former: Asker, handed: _HandedOver | ActRefused | MayNotRelieve) -> None:
        """Nobody was given the new session's cookie: its pictures end; its events stay its opener's and its relief's."""
        if not isinstance(handed, _HandedOver):
            return
        self._end_session(former)
        self._review.stop(handed.ended)
        self._ports.announcer.events_changed()
        for viewing in handed.kept:
            self._review.abandon(viewing)

    def _record(self, viewing: Viewing, former: Asker, relief: Asker) -> Record:
        convention = self._ports.convention_for(relief.party)
        return Record(
            kind=RecordKind.RELIEVED,
            at=self._ports.clock.now(),
            convention=None if convention is None else reference(convention),
            action="view",
            subject=subject_of(relief),
            camera=viewing.camera,
            viewing=viewing.id,
            detail={"former": former.pseudonym},
        )


def _handed(viewing: Viewing, relief: Asker) -> Viewing:
    return replace(
        viewing,
        service=relief.service,
        agent=relief.agent,
        pseudonym=relief.pseudonym,
        agent_label=relief.label,
        session_sha256=relief.session_sha256,
    )
