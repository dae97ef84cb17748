"""Who asks, and whether it may: one dependency of the whole application reads session, account and station at once.

It alone makes an `Requester` here. What each route needs stands in `access.py`; a route that needs nothing has no requester.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import structlog
from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from belvedere.agents.log_in import SignedIn as OpenSession
from belvedere.domain.causes import Cause
from belvedere.domain.ids import PartyId
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs, Standing
from belvedere.domain.text import Language
from belvedere.policy import Convention
from belvedere.policy.clauses.access import Agents, OwnerRoom, Stations
from belvedere.policy.law import RECIPIENTS
from belvedere.web.ports import Asking, AskingPorts, TextsInForce
from belvedere.web.problems import Problem, lacking, language_of, not_found

log = structlog.get_logger(__name__)


def no_articles(_ports: AskingPorts, _party: PartyId) -> Sequence[str]:
    """Return nothing: no article says whose the act is."""
    return ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a route takes. `follows`: the answer goes on, and asks again for as long as it does.

    `stops`: it stops a camera that turns, and waits for nothing. `whose` gives the articles that say to which role the act
    belongs.
    """

    needs: Needs
    follows: bool = False
    stops: bool = False
    whose: Callable[[AskingPorts, PartyId], Sequence[str]] = no_articles


Rows = Mapping[Callable[..., Any], Access | None]
"""What each endpoint takes; None where it is public."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, by which route."""

    access: Access
    session: OpenSession


def standing_articles(in_force: TextsInForce, party: PartyId, lacks: Cause) -> Sequence[str]:
    """Return what asks a habilitation of the party's agents, or says where its images may be shown."""
    convention = in_force.convention_for(party)
    law = RECIPIENTS if lacks is Cause.NOT_HABILITATED else ()
    if convention is None:
        return law
    own = convention.cites_of(OwnerRoom, lambda clause: clause.owner == party)
    if lacks is Cause.NOT_HABILITATED:
        cites = convention.cites_of(Agents, lambda clause: clause.party == party) or own
    else:
        cites = convention.cites_of(Stations, lambda clause: clause.party == party) or own
    return tuple(dict.fromkeys((*law, *cites)))


def refusal(ports: AskingPorts, requester: Requester, access: Access, lacks: Cause) -> Problem:
    """Return why the requester does not use a route, with cause, articles and remedy."""
    if lacks is Cause.ROLE:
        return lacking(lacks, access.whose(ports, requester.party))
    return lacking(lacks, standing_articles(ports.in_force, requester.party, lacks))


async def admit(request: HTTPConnection, ports: Asking) -> Admitted | None:
    """Return who asks; None where the route is public. Raises a 401 or 403 problem before anything else is looked at."""
    rows: Rows = request.app.state.access
    access = rows[request.scope["endpoint"]]
    if access is None:
        return None
    cookie = request.cookies.get(ports.owner, "")
    session = await ports.sign_in.who(cookie) if 0 < len(cookie) <= 200 else None
    if session is None:
        raise lacking(Cause.NOT_SIGNED_IN)
    requester = session.requester
    lacks = access.needs.lacking(requester.role, session.standing, own_party=requester.party == ports.owner)
    if lacks is not None:
        log.info(
            "access_refused",
            cause=lacks.value,
            role=requester.role.value,
            agent=requester.pseudonym,
            station=requester.station,
        )
        raise refusal(ports, requester, access, lacks)
    if requester.party != ports.owner and _begins_something(request, access) and ports.compared().partners_wait:
        log.info("partner_waits", state=ports.compared().state.value, agent=requester.pseudonym)
        raise Problem(503, Cause.NOT_COMPARED, headers={"Retry-After": "5"})
    if requester.party != ports.owner and _begins_something(request, access):
        waits = ports.partner_waits(requester.party)
        if waits is not None:
            log.info("partner_waits", state=waits.cause.value, agent=requester.pseudonym)
            raise Problem(503, waits.cause, headers={"Retry-After": "5"})
    return Admitted(access, session)


def _begins_something(request: HTTPConnection, access: Access) -> bool:
    """Whether an act is asked for that is more than a look, an end, or leaving; a socket is one, by which a camera is steered."""
    return request.scope.get("method") not in ("GET", "HEAD", "DELETE") and access.needs.standing and not access.stops


def session_of(admitted: Annotated[Admitted | None, Depends(admit)]) -> OpenSession:
    """Return the session of a route that is not public."""
    assert admitted is not None, "a public route has no requester"
    return admitted.session


def requester_of(session: Annotated[OpenSession, Depends(session_of)]) -> Requester:
    """Return the signed-in requester, whose standing was found whole for this route."""
    return session.requester


def convention_of(in_force: TextsInForce, requester: Requester) -> Convention:
    """Return the convention under which the requester asks here; raises a 404 problem for a stranger."""
    found = in_force.convention_for(requester.party)
    if found is None:
        raise not_found()
    return found


class Standings(Protocol):
    """How the agent of every session stands, read once for all that follow."""

    async def standings(self) -> Mapping[bytes, Standing]:
        """Return the standings by the sessions' digests; raises `NotRead`."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Asks, while an answer goes on, whether its requester still may have it."""

    requester: Requester
    access: Access
    ports: AskingPorts
    standings: Standings

    async def refusal(self) -> Problem | None:
        """Return why the answer stops here; None while it goes on. Raises `NotRead`."""
        standing = (await self.standings.standings()).get(self.requester.session_sha256)
        if standing is None:
            return lacking(Cause.NOT_SIGNED_IN)
        own_party = self.requester.party == self.ports.owner
        lacks = self.access.needs.lacking(self.requester.role, standing, own_party=own_party)
        return None if lacks is None else refusal(self.ports, self.requester, self.access, lacks)


def follower_of(
    request: Request,
    ports: Asking,
    admitted: Annotated[Admitted | None, Depends(admit)],
) -> Follower:
    """Return what a route that goes on asks again by."""
    assert admitted is not None, "a public route follows nobody"
    assert admitted.access.follows, "only a route that says so goes on"
    standings: Standings = request.app.state.snapshots
    return Follower(admitted.session.requester, admitted.access, ports, standings)


CurrentSession = Annotated[OpenSession, Depends(session_of)]
SignedIn = Annotated[Requester, Depends(requester_of)]
Following = Annotated[Follower, Depends(follower_of)]
Tongue = Annotated[Language, Depends(language_of)]
