"""Every past decision can be decided again: an honest node's whole day passes, whatever was asked of it.

Ledger-format 12; api, Commands.
"""

import io

import pytest

from belvedere.ledger.note import verifier_key
from belvedere.ledger.redecision import redecide_file
from belvedere.ledger.verify import verify_ledger
from belvedere.node.database import identity_of
from belvedere.policy import load_convention
from belvedere.store.database import DATABASE_FILE
from belvedere.store.offline import exported_ledger
from tests.flows.conftest import City

pytestmark = pytest.mark.anyio


async def test_a_day_of_every_kind_of_request_is_answered_the_same_from_its_own_ledger(city: City) -> None:
    logins = ("cic-operator", "srpj", "csu-operator", "csu-room-chief", "police-director")
    agents = {login: await city.sign_in(login) for login in logins}
    events = {
        login: await agents[login].open_event("trouble-grave") for login in ("cic-operator", "srpj", "csu-operator")
    }
    for agent in agents.values():
        for event in (None, *events.values(), "e-nowhere"):
            for camera in (1, 3):  # the third turns
                await agent.open(camera, event)
                body = {"camera": f"vda-{camera:03}", "event": event}
                await agent.client.post("/api/v1/ptz/leases", json=body)
        city.clock.passed_s += 61
    for camera in range(1, 10):
        await agents["srpj"].open(camera, events["srpj"])
    await agents["cic-operator"].open(11, events["cic-operator"])
    identity = identity_of(city.settings)
    content = b"".join(exported_ledger(city.settings.node.data_dir / DATABASE_FILE))
    verify_ledger(lambda: io.BytesIO(content), vkeys=[verifier_key(identity.origin, identity.key)])
    again = redecide_file(io.BytesIO(content), [load_convention(city.settings.conventions[0].directory)])
    assert again.told == ()
    assert (again.differing, again.without_text) == (0, 0)
    assert again.decided > 25
    assert again.by_the_node > 3
    causes = {each["cause"] for each in await city.records(kind="decision")}
    assert {"not-offered", "foreign-event", "no-event", "quota", "no-ptz", None} <= causes
