"""Who asks, from the session that it holds."""

from belvedere.domain.agents import Account, Session, Station
from belvedere.domain.clock import Instant
from belvedere.domain.requester import Requester


def requester_of(account: Account, station: Station, session: Session, *, ends_at: Instant) -> Requester:
    """Return the requester that a session stands for."""
    return Requester(
        agent=account.agent,
        pseudonym=account.pseudonym,
        label=account.label,
        party=account.party,
        service=account.service,
        role=account.role,
        station=station.id,
        station_label=station.label,
        session_sha256=session.cookie_sha256,
        session_ends_at=ends_at,
    )
