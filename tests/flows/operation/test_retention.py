"""What is past its term erases itself, proofs stay, and a mistyped date has a day to be noticed. CSI R253-5; rules C5."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from belvedere.acts.retention import JournalRetention
from belvedere.domain.ids import PartyId
from belvedere.ledger.note import verifier_key
from belvedere.ledger.verify import verify_ledger
from belvedere.node.database import identity_of
from belvedere.policy.duties import journal_kept_from
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import CITY, City

pytestmark = pytest.mark.anyio


def retention_of(city: City) -> JournalRetention:
    return JournalRetention(city.node.in_force, city.node.database, owner=PartyId(CITY), clock=city.clock)


async def test_a_record_past_its_three_years_is_erased_and_every_proof_stays(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    viewing = await officer.opened(1, await officer.open_event())
    retention = retention_of(city)
    city.clock.move(timedelta(days=3 * 365))  # 24 March 2029
    assert await retention.erase_what_is_over() == 0
    city.clock.move(timedelta(days=2))
    assert await retention.erase_what_is_over() == 0, "it was not past its term a day ago"
    assert await city.records(kind="opened", viewing=viewing)
    city.clock.move(timedelta(days=1))
    assert await retention.erase_what_is_over() > 0
    assert not await city.records(kind="opened", viewing=viewing)
    identity = identity_of(city.settings)
    content = b"".join(exported_ledger(city.settings.node.data_dir / DATABASE_FILE))
    verify_ledger(lambda: io.BytesIO(content), vkeys=[verifier_key(identity.origin, identity.key)])
    assert viewing.encode() not in content


async def test_a_clock_set_years_ahead_for_less_than_a_day_erases_nothing(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    await officer.open_event()
    retention = retention_of(city)
    assert await retention.erase_what_is_over() == 0
    city.clock.at += timedelta(days=4000)
    for _ in range(23):
        city.clock.passed_s += 3600
        assert await retention.erase_what_is_over() == 0
    city.clock.at -= timedelta(days=4000)
    city.clock.passed_s += 48 * 3600
    assert await retention.erase_what_is_over() == 0, "what is kept today is kept"
    assert await city.records(kind="event")


@pytest.mark.parametrize(
    ("at", "kept_from"),
    [
        (datetime(2026, 3, 18, 12, tzinfo=UTC), datetime(2023, 3, 18, 23, tzinfo=UTC)),
        (datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2024, 2, 29, 23, tzinfo=UTC)),
        (datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2024, 3, 1, 23, tzinfo=UTC)),
    ],
)
async def test_three_years_are_counted_from_date_to_date(city: City, at: datetime, kept_from: datetime) -> None:
    (convention,) = city.node.in_force.conventions
    assert journal_kept_from(convention, owner="villeneuve-dascq", at=at) == kept_from
