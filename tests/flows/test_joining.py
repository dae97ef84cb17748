"""Nodes join, their keys follow each other, a party leaves: each by two persons, in what runs and in the ledger. Reliability 6."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from belvedere.changes import AccountOpened, KeysReplaced, PartyLeft
from belvedere.demo.signing import keys_for_all, keys_signed_by_all, pin_for_all
from belvedere.domain.convention_texts import LEFT, TermTold
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import AgentId, PartyId, Pseudonym
from belvedere.domain.record import ConventionRef, Subject
from belvedere.domain.vocabulary import Role
from belvedere.ledger.agreed_text import KEYS_FILE
from belvedere.ledger.pinned_keys import ConventionKeys, KeptKeys, NodeKeys, spell_keys
from belvedere.node.own_keys import make_next_keys, own_keys, take_next_keys
from belvedere.peers import witnessing
from belvedere.peers.evidence import fault_of
from belvedere.peers.signed_message import PinnedKey
from tests.flows.conftest import CITY, PASSWORD, STATE, City, CityMaker, SignedIn, station_secret
from tests.flows.making import make
from tests.flows.test_witness import exported, grow, is_cosigned, is_ready, running, within
from tests.flows.two_nodes import TwoNodes, two_nodes
from tests.unit.changes import agreed_keys
from tests.unit.changes.small_city import REF, subject

pytestmark = pytest.mark.anyio
STATE_NODE = agreed_keys.node(STATE)


@pytest.fixture
def nodes(tmp_path: Path, enrolled_data: Path, monkeypatch: pytest.MonkeyPatch) -> TwoNodes:
    monkeypatch.setattr(witnessing, "LOOK_EVERY_S", 0.05)
    return two_nodes(tmp_path, enrolled_data)


async def administrator(city: City) -> SignedIn:
    """Sign in one more person of the city, who keeps the machine."""
    known = await city.node.spine.read(lambda now: now.account_by_login("csu-operator"))
    assert known is not None
    who = replace(known, agent=AgentId("a-admin"), login="admin", role=Role.ADMIN, pseudonym=Pseudonym("p-admin"))
    await make(city.node, AccountOpened(replace(who, habilitation=None), city.clock.now()))
    client = city.browser()
    given = {"login": "admin", "password": PASSWORD, "station": station_secret("csu-operator")}
    answer = await client.post("/api/v1/login", json=given)
    assert answer.status_code == 200, answer.text
    return SignedIn(client, answer.json())


def folder(city: City) -> Path:
    return city.settings.conventions[0].directory


def sent(city: City, keys: ConventionKeys) -> dict[str, str]:
    """Return keys as they are proposed, signed by every party."""
    return {"keys": spell_keys(keys).decode(), "signatures": keys_signed_by_all(keys, folder(city))}


async def propose(who: SignedIn, body: Mapping[str, str]) -> httpx.Response:
    return await who.client.post("/api/v1/convention/keys", json=body)


async def confirm(who: SignedIn, proposal: str) -> httpx.Response:
    return await who.client.post(f"/api/v1/convention/proposals/{proposal}/confirmation")


async def in_force(who: SignedIn) -> dict[str, Any]:
    answer = await who.client.get("/api/v1/convention/keys")
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    found: dict[str, Any] = item
    return found


async def put(city: City, nodes: Mapping[str, NodeKeys]) -> None:
    """Have two persons of the city put the keys of these nodes in force."""
    director = await city.sign_in("police-director")
    admin = await administrator(city)
    proposed = await propose(director, sent(city, keys_for_all(folder(city), nodes)))
    assert proposed.status_code == 201, proposed.text
    assert (await confirm(admin, proposed.json()["id"])).status_code == 204


async def test_two_persons_join_the_nodes_of_both_parties_after_comparing_twelve_words(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        director, admin = await city.sign_in("police-director"), await administrator(city)
        before = (await director.client.get("/api/v1/convention")).json()["words"]
        assert (await in_force(director))["nodes"] == []
        keys = keys_for_all(folder(city), {CITY: own_keys(city.settings), STATE: STATE_NODE})
        proposed = await propose(director, sent(city, keys))
        assert proposed.status_code == 201, proposed.text
        alone = await confirm(director, proposed.json()["id"])
        assert (alone.status_code, alone.json()["type"]) == (403, "urn:belvedere:problem:second-person")
        seen = (await in_force(admin))["proposed"]
        assert (seen["what"], seen["keys_sha256"], len(seen["words"]["fr"])) == ("keys", keys.sha256, 12)
        assert (await confirm(admin, seen["id"])).status_code == 204
        after = await in_force(admin)
        assert (after["nodes"], after["keys_sha256"], after["proposed"]) == ([STATE, CITY], keys.sha256, None)
        officer = await city.sign_in("cic-supervisor")
        shown = (await officer.client.get("/api/v1/convention")).json()["words"]
        assert shown == after["words"] == seen["words"] != before, "both sides read the same words"
        (record,) = await city.records(kind="convention", cause="joined")
        assert record["detail"]["joined"] == [STATE, CITY]
        assert record["detail"]["proposed_by"] != record["subject"]["agent"] == "p-admin"
    # The keys that the folder still has were followed; what two persons put in force stands.
    async with city_maker() as city:
        director = await city.sign_in("police-director")
        assert (await in_force(director))["keys_sha256"] == keys.sha256


async def test_keys_that_were_altered_or_not_signed_by_all_are_refused_with_who_did_not_sign(city: City) -> None:
    director = await city.sign_in("police-director")
    keys = keys_for_all(folder(city), {CITY: own_keys(city.settings), STATE: STATE_NODE})
    good = sent(city, keys)
    altered = keys_for_all(folder(city), {CITY: own_keys(city.settings), STATE: agreed_keys.node(STATE, {"tls": (2,)})})
    for body in (
        {**good, "keys": spell_keys(altered).decode()},
        {**good, "signatures": "noise"},
        {**good, "signatures": (folder(city) / "signatures.note").read_text()},
        {**good, "signatures": (folder(city) / "keys.note").read_text()},
    ):
        answer = await propose(director, body)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:belvedere:problem:not-signed"), answer.text
        assert answer.json()["texts"]["fr"]["detail"] == f"Ces clés ne sont pas signées de : {STATE}, {CITY}."
        assert "douze mots" in answer.json()["texts"]["fr"]["remedy"]
    for keys_text in (
        "{}",
        "[]",
        "{",
        good["keys"].replace('"etat"', '"lille"'),
        good["keys"].replace('"log"', '"logs"'),
    ):
        answer = await propose(director, {**good, "keys": keys_text})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:belvedere:problem:keys-unfit"), answer.text
    for login in ("cic-supervisor", "csu-room-chief", "inspector"):
        assert (await propose(await city.sign_in(login), good)).status_code == 403
    assert (await in_force(director))["proposed"] is None
    assert await city.records(kind="convention", cause="keys-replaced") == []


async def test_a_nodes_keys_follow_each_other_while_both_sides_go_on(nodes: TwoNodes) -> None:
    """Announced on both sides, taken by the node, then retired: at no moment does either side not know the other."""
    convention = nodes.city.conventions[0].directory
    first = pin_for_all(convention, nodes.keys)
    announced = {CITY: nodes.keys[CITY], STATE: make_next_keys(nodes.state)}
    async with running(nodes.city) as city:
        async with running(nodes.state) as state:
            assert await within(partial(is_ready, city))
            await put(city, announced)
            keys = keys_for_all(convention, announced)
            kept = KeptKeys("vda-etat", keys, keys_signed_by_all(keys, convention), state.clock.now())
            before = replace(kept, keys=first, note=keys_signed_by_all(first, convention))
            proposal = agreed_keys.proposal(kept)
            await make(
                state.node, KeysReplaced(kept, before, None, REF, (), proposal, subject("srpj"), state.clock.now())
            )
            await grow(state, 3)
            assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
        pin_for_all(convention, announced)
        take_next_keys(nodes.state)
        taken = own_keys(nodes.state)
        assert taken.log.current == announced[STATE].log.next
        async with running(nodes.state) as state:
            await grow(state, 3)
            assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
            assert exported(state, taken.log.current, nodes.keys[CITY].witness.current).size > 6
            await grow(city, 1)
            assert await within(partial(is_cosigned, city, taken.witness.current))
            assert await is_ready(city)
            # The retired ones go.
            director = await city.sign_in("police-director")
            retired = sent(city, keys_for_all(convention, {CITY: nodes.keys[CITY], STATE: taken}))
            proposed = await propose(director, retired)
            assert proposed.status_code == 201, proposed.text
            assert (await confirm(await signed_in_admin(city), proposed.json()["id"])).status_code == 204
            await grow(state, 3)
            assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
            back = await propose(director, sent(city, keys_for_all(convention, announced)))
            assert back.json()["type"] == "urn:belvedere:problem:keys-unfit"


async def signed_in_admin(city: City) -> SignedIn:
    """Sign the administrator in once more."""
    client = city.browser()
    given = {"login": "admin", "password": PASSWORD, "station": station_secret("csu-operator")}
    assert (await client.post("/api/v1/login", json=given)).status_code == 200
    return SignedIn(client, {})


async def test_a_party_that_leaves_is_served_no_more_and_neither_side_witnesses_the_other(nodes: TwoNodes) -> None:
    async with running(nodes.city) as city, running(nodes.state) as state:
        assert await within(partial(is_ready, city))
        assert await within(partial(is_cosigned, state, nodes.keys[CITY].witness.current))
        director, officer = await city.sign_in("police-director"), await city.sign_in("cic-operator")
        operator = await city.sign_in("csu-operator")
        event = await officer.open_event()
        theirs, own = await officer.opened(2, event), await operator.opened(1, None)
        proposed = await director.client.post("/api/v1/convention/leaving", json={"act": "délibération 12"})
        assert proposed.status_code == 201, proposed.text
        assert city.relay.ended(theirs) is None, "nothing follows from what one person says"
        assert (await confirm(await administrator(city), proposed.json()["id"])).status_code == 204
        assert city.relay.ended(theirs) == (4403, "not-in-force")
        assert city.relay.ended(own) is None
        assert (await officer.open(3, event)).status_code == 403
        assert (await operator.open(3, None)).status_code == 201
        (record,) = await city.records(kind="convention", cause="left")
        assert (record["detail"]["party"], record["detail"]["act"]) == (CITY, "délibération 12")
        assert await is_ready(city), "nobody is kept waiting for a witness that is none any more"
        await grow(state, 3)
        await anyio.sleep(0.5)
        assert not await is_cosigned(state, nodes.keys[CITY].witness.current)
    async with running(nodes.city) as city:
        assert (await in_force(await city.sign_in("police-director")))["nodes"] == [], "after a restart too"
        assert await is_ready(city)


@pytest.mark.parametrize("leaver", [CITY, STATE], ids=["who is dialled leaves", "who dials leaves"])
async def test_a_leaving_is_told_once_the_link_is_back_and_counts_at_once_where_it_was_said(
    nodes: TwoNodes, leaver: str
) -> None:
    mine, others = (nodes.city, nodes.state) if leaver == CITY else (nodes.state, nodes.city)
    other = STATE if leaver == CITY else CITY
    async with running(mine) as left:
        (convention,) = await left.node.spine.read(lambda snapshot: list(snapshot.conventions()))
        told = TermTold(convention.id, LEFT, date(2026, 3, 25), "délibération 12")
        ref = ConventionRef(convention.id, convention.sha256)
        by = Subject(PartyId(leaver), "direction", "p-4PPA", None)
        proposal = agreed_keys.proposal(None)
        await make(left.node, PartyLeft(told, PartyId(leaver), ref, proposal, by, left.clock.now()))
        assert left.node.channel.states() == {}, "no link, so no fault of one"
    # It is owed after a restart too.
    async with running(mine) as left, running(others) as stays:
        with anyio.fail_after(20):
            while not (heard := await stays.records(kind="convention", cause="left")):
                await anyio.sleep(0.05)
        assert [(each["detail"]["party"], each["detail"]["act"], each["subject"]["agent"]) for each in heard] == [
            (leaver, "délibération 12", "p-4PPA")
        ]
        pinned = {kid: PinnedKey(PartyId(leaver), key) for kid, key in nodes.keys[leaver].message_keys().items()}
        assert fault_of(heard[0], pinned) is None
        assert stays.node.channel.states() == {}
        with anyio.fail_after(10):
            while left.node.channel.links[PartyId(other)].is_parting:
                await anyio.sleep(0.05)
        assert await stays.records(kind="convention", cause="left") == heard, "once"
        assert await is_ready(stays)


async def test_a_keys_file_that_nobody_signed_keeps_the_node_from_starting(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        file = folder(city) / KEYS_FILE
    file.write_bytes(file.read_bytes().replace(b'"next": null', b'"next": null, "other": null', 1))
    with pytest.raises(Unreadable, match=r"keys\.json"):
        async with city_maker():
            pass
