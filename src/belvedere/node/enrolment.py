"""Enrolling accounts and stations while the node is stopped."""

from collections.abc import Sequence

from belvedere.agents.enrolment import AccountToEnrol, Enrolled, Enrolment, StationToEnrol
from belvedere.agents.passwords import Passwords
from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.clock import Clock
from belvedere.node.database import open_database
from belvedere.settings import Settings
from belvedere.store.agents_rows import SqlAgentsStore


async def enrol(
    settings: Settings,
    accounts: Sequence[AccountToEnrol],
    stations: Sequence[StationToEnrol],
    *,
    clock: Clock | None = None,
) -> Enrolled:
    """Enrol or change accounts and stations while the node is stopped; all or nothing; raises `NotEnrolled`."""
    clock, ids = clock or SystemClock(), SystemIds()
    database = await open_database(settings, clock=clock, ids=ids)
    try:
        enrolment = Enrolment(
            store=SqlAgentsStore(database, record_within_s=None), passwords=Passwords(), clock=clock, ids=ids
        )
        return await enrolment.enrol(accounts, stations)
    finally:
        await database.aclose()
