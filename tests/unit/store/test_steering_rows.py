"""What is kept of leases that are over goes with the records that told of them. CSI R253-5; reliability, Erasure."""

from datetime import timedelta
from pathlib import Path

import pytest

from belvedere.changes import AuthorisationGiven, LeaseAsked, LeaseEnded, LeaseGranted
from belvedere.domain.authorisations import AuthorisationState
from belvedere.domain.ids import AuthorisationId, LeaseId
from belvedere.domain.leases import Awaits
from tests.unit.changes.small_city import AT, E1_REF, GIVEN_BACK, REF, authorisation, lease, owed_notice, subject
from tests.unit.spine.small_node import small_node

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_lease_that_is_over_is_forgotten_at_the_end_of_its_term_and_what_is_asked_or_owed_is_not(
    tmp_path: Path,
) -> None:
    held = lease("l-1", "cic-operator")
    asked = lease("l-2", "cic-second", awaits=Awaits.AUTHORISATION, since=None)
    given = authorisation("a-1", "l-1", state=AuthorisationState.GIVEN, until=AT + timedelta(hours=1))
    async with small_node(tmp_path) as node:
        await node.make(
            LeaseGranted(held, REF, E1_REF, owed_notice("n-1", "l-1")),
            AuthorisationGiven(given, subject("police-director"), AT, REF, E1_REF),
            LeaseEnded(held, GIVEN_BACK, AT, REF, E1_REF),
            LeaseAsked(asked, authorisation("a-2", "l-2"), (), REF, E1_REF),
        )
        await node.database.erase_before(AT - timedelta(days=1), reason="retention", most=500)
        assert await node.spine.read(lambda now: now.lease_over(LeaseId("l-1"))) is not None
        await node.database.erase_before(AT + timedelta(days=1), reason="retention", most=500)
        assert await node.spine.read(lambda now: now.lease_over(LeaseId("l-1"))) is None
        assert await node.spine.read(lambda now: now.authorisation(AuthorisationId("a-1"))) is None
        assert [each.id for each in await node.spine.read(lambda now: now.leases())] == ["l-2"]
        assert [each.id for each in await node.spine.read(lambda now: now.authorisations())] == ["a-2"]
        assert [each.id for each in await node.spine.read(lambda now: now.owed_notices())] == ["n-1"]
