"""Who steers and what is asked of the owner, as bodies: for whoever asks, and for the screens that follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.ids import AgentId
from belvedere.domain.requester import Requester
from belvedere.rights.sight import Sight
from belvedere.rights.steered import AuthorisationSeen, authorisations_seen, steered
from belvedere.spine.snapshot import Snapshot
from belvedere.web.steering_schemas import (
    AuthorisationEventOut,
    AuthorisationOut,
    AuthorisationsOut,
    LeaseSeenOut,
    LeasesOut,
    SteeringOut,
)


@dataclass(frozen=True, slots=True)
class PartySteering:
    """What one party may see of who steers; `agents` tells whose its own leases are."""

    body: SteeringOut
    agents: Mapping[str, AgentId]

    def seen_by(self, requester: Requester) -> SteeringOut:
        """Return the body with the requester's own leases marked."""
        items = [
            each.model_copy(update={"mine": True}) if self.agents.get(each.id) == requester.agent else each
            for each in self.body.leases.items
        ]
        leases = self.body.leases.model_copy(update={"items": items})
        return self.body.model_copy(update={"leases": leases})


def steering_of(snapshot: Snapshot, sight: Sight, at: Instant) -> PartySteering:
    """Return what the reader is told of who steers, and of what is asked of whom at `at`."""
    seen = steered(snapshot, sight)
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
    authorisations = [authorisation_body(each) for each in authorisations_seen(snapshot, sight, at)]
    return PartySteering(
        body=SteeringOut(
            leases=LeasesOut(items=leases, crews=list(seen.crews)),
            authorisations=AuthorisationsOut(items=authorisations),
        ),
        agents={each.lease.id: each.lease.agent for each in seen.leases if sight.own(each.lease.party)},
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
        unconfirmed=word.is_unconfirmed,
    )
