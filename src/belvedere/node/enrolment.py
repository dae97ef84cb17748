"""Enrolling accounts and stations while the node is stopped."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from belvedere.agents.enrolment import AccountToEnrol, Enrolled, Enrolment, StationToEnrol
from belvedere.agents.passwords import Passwords
from belvedere.clock import SystemClock, SystemIds
from belvedere.domain.clock import Clock
from belvedere.domain.ids import PartyId
from belvedere.node.cameras import WatchedInventory
from belvedere.node.database import open_database
from belvedere.settings import Settings
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Place
from belvedere.spine.texts import CompiledTexts
from belvedere.store.spine_store import SqlSpineStore


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
        place = Place(
            PartyId(settings.node.party), ZoneInfo(settings.node.zone), WatchedInventory(()), CompiledTexts({})
        )
        store = SqlSpineStore(database, place, record_within_s=None)
        await store.begin()
        # Nothing follows: the node does not run.
        spine = Spine(store=store, followers=(), place=place, clock=clock)
        return await Enrolment(spine=spine, passwords=Passwords(), ids=ids).enrol(accounts, stations)
    finally:
        await database.aclose()
