"""Who steers and what is asked of the owner, as bodies: for whoever asks, and for the screens that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId
from belvedere.domain.requester import Requester
from belvedere.domain.text import Language
from belvedere.domain.vocabulary import Role
from belvedere.rights.centre import centre_now
from belvedere.rights.sight import Sight
from belvedere.rights.steered import (
    AuthorisationSeen,
    LookSeen,
    authorisations_seen,
    looks_seen,
    notices_seen,
    steered,
)
from belvedere.spine.snapshot import Snapshot
from belvedere.web.ports import SteeringPorts
from belvedere.web.steering_schemas import (
    AlarmOut,
    AuthorisationEventOut,
    AuthorisationOut,
    AuthorisationsOut,
    AwayCameraOut,
    CoveredOut,
    LeaseSeenOut,
    LeasesOut,
    LookOut,
    LooksOut,
    NoticeOut,
    NoticesOut,
    SteeringOut,
)

Whose = Callable[[Requester], bool]


@dataclass(frozen=True, slots=True)
class PartySteering:
    """What one party may see of who steers; `agents` tells whose its own leases are, `words` whose word each asks for."""

    body: SteeringOut
    agents: Mapping[str, AgentId]
    words: Mapping[str, Whose]

    def seen_by(self, requester: Requester) -> SteeringOut:
        """Return the body with the requester's own leases marked, and those words that are the requester's to give."""
        items = [
            each.model_copy(update={"mine": True}) if self.agents.get(each.id) == requester.agent else each
            for each in self.body.leases.items
        ]
        leases = self.body.leases.model_copy(update={"items": items})
        words = [
            each.model_copy(update={"yours": True})
            if each.id in self.words and self.words[each.id](requester)
            else each
            for each in self.body.authorisations.items
        ]
        authorisations = self.body.authorisations.model_copy(update={"items": words})
        return self.body.model_copy(update={"leases": leases, "authorisations": authorisations})


def steering_of(snapshot: Snapshot, sight: Sight, ports: SteeringPorts) -> PartySteering:
    """Return what the reader is told of who steers, of what is asked of whom by now, and of what that makes due."""
    at, hands = ports.clock.now(), ports.hands
    centre = centre_now(snapshot, at)
    owner_is_there = centre is not None and centre.active  # it takes care of what was left turned
    seen = steered(snapshot, sight, at)
    leases = [
        LeaseSeenOut(
            id=each.lease.id,
            camera=each.lease.camera,
            party=each.lease.party,
            service=each.lease.service,
            agent=each.agent,
            event=each.lease.event,
            state="held" if each.lease.is_held else "asked",
            since=each.lease.since,
            until=each.until,
            mine=False,
        )
        for each in seen.leases
    ]
    words = authorisations_seen(snapshot, sight, at)
    authorisations = [authorisation_body(each) for each in words]
    return PartySteering(
        body=SteeringOut(
            leases=LeasesOut(
                items=leases,
                crews=list(seen.crews),
                away=[
                    AwayCameraOut(camera=each.camera, party=each.party, event=each.event, at=each.at)
                    for each in (() if hands is None or owner_is_there else hands.away())
                    if sight.right(each.party)
                ],
                alarms=[
                    AlarmOut(
                        camera=camera,
                        texts={language.value: alarm.words.in_language(language) for language in Language},
                    )
                    for camera, alarm in ({} if hands is None else hands.alarms).items()
                    if sight.cameras_are_own
                ],
            ),
            authorisations=AuthorisationsOut(items=authorisations),
            notices=notices_of(snapshot, sight, ports),
            looks=looks_of(snapshot, sight),
        ),
        agents={each.lease.id: each.lease.agent for each in seen.leases if sight.own(each.lease.party)},
        words={each.authorisation.id: whose_word(snapshot, each, at) for each in words if sight.cameras_are_own},
    )


def whose_word(snapshot: Snapshot, seen: AuthorisationSeen, at: Instant) -> Whose:
    """Return what tells whose word an authorisation asks for: of a role, or of a deputy of the director's."""
    deputies = {each.agent for each in snapshot.deputies() if at < each.until}
    by_deputies = Role.POLICE_DIRECTOR in seen.givers

    def is_of(requester: Requester) -> bool:
        return requester.role in seen.givers or (by_deputies and requester.agent in deputies)

    return is_of


def notices_of(snapshot: Snapshot, sight: Sight, ports: SteeringPorts) -> NoticesOut:
    """Return the notices that the reader owes, or is owed."""
    at = ports.clock.now()
    return NoticesOut(
        items=[
            NoticeOut(
                id=notice.id,
                kind="ptz-after",
                articles=list(notice.articles),
                state="overdue" if notice.due is not None and notice.due < at else "due",
                due=notice.due,
                from_party=notice.from_party,
                to_party=notice.to_party,
                subject=None,
                text=None,
                covers=[
                    CoveredOut(
                        camera=notice.camera,
                        sector=ports.sector_of(notice.camera),
                        from_=notice.since,
                        until=notice.until,
                        event=notice.event,
                        motive=None if seen.event is None else seen.event.motive,
                    )
                ],
                message_id=None,
                sent_at=None,
                acknowledged_at=None,
                acknowledged_by=None,
            )
            for seen in notices_seen(snapshot, sight)
            for notice in (seen.notice,)
        ]
    )


def looks_of(snapshot: Snapshot, sight: Sight) -> LooksOut:
    """Return what was asked of the owner's room for events that go on."""
    return LooksOut(items=[look_body(each) for each in looks_seen(snapshot, sight)])


def look_body(seen: LookSeen) -> LookOut:
    """Return a look as its reader is shown it."""
    look, event = seen.look, seen.event
    return LookOut(
        id=look.id,
        camera=look.camera,
        position=None if look.place is None else (look.place.lon_deg, look.place.lat_deg),
        target=look.target,
        party=look.party,
        service=look.service,
        station=look.station,
        event=AuthorisationEventOut(id=event.id, kind=event.kind, motive=event.motive, sector=event.sector),
        asked_at=look.asked_at,
        state=look.state,
        note=look.note,
        answered_at=look.answered_at,
    )


def authorisation_body(seen: AuthorisationSeen) -> AuthorisationOut:
    """Return an authorisation as its reader is shown it."""
    word, event = seen.authorisation, seen.event
    return AuthorisationOut(
        id=word.id,
        lease=word.lease,
        camera=word.camera,
        party=word.party,
        service=word.service,
        station=word.station,
        event=None
        if event is None
        else AuthorisationEventOut(id=event.id, kind=event.kind, motive=event.motive, sector=event.sector),
        asked_at=word.asked_at,
        scope=word.scope,
        until=word.until,
        state=word.state,
        asked_of=[] if seen.asked_of is None else list(seen.asked_of.roles),
        telephone=seen.asked_of is not None and seen.asked_of.telephone,
        deputies=seen.asked_of is not None and seen.asked_of.deputies,
        yours=False,
        unconfirmed=word.is_unconfirmed,
    )
