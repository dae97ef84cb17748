"""Cameras told from party to party, through the spine: filtered before they are counted, taken once, of their owner alone."""

from pathlib import Path

import pytest

from belvedere.acts.catalogue import CatalogueDesk, NotReceived, Received, publish, visible_to
from belvedere.changes import AuthorisationDeclared, CataloguePublished, CatalogueReceived, MessageTaken, TextReplaced
from belvedere.domain.centre import CentreState
from belvedere.domain.ids import CameraId, PartyId
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold, export_sha256
from tests.unit.changes.small_city import AT, CITY, MARKDOWN, REF, SEVEN_STREAMS, STATE, sha256, subject, text
from tests.unit.peers.messages_made import camera
from tests.unit.spine.small_node import SmallNode, small_node

pytestmark = pytest.mark.anyio
HERE = tuple(camera(number) for number in range(1, 4))
STRANGER = PartyId("lille")
DIRECTOR = subject("police-director")


def desk(node: SmallNode, *here: Camera) -> CatalogueDesk:
    return CatalogueDesk(node.spine, node.clock, here=here or HERE)


async def test_a_party_is_told_of_the_owners_cameras_and_nobody_of_those_of_others(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        others = camera(4, owner=PartyId("lille"))
        await desk(node, *HERE, others).publish(STATE)
        told = await node.spine.read(lambda snapshot: snapshot.catalogue(STATE))
        assert [(each.number, each.camera) for each in told.entries] == [
            (number, each.id) for number, each in enumerate(HERE, 1)
        ]
        await desk(node, *HERE, others).publish(STATE)
        assert len(node.follower.of(CataloguePublished)) == 1, "what is told already changes nothing"


async def test_a_stranger_is_told_nothing_and_cannot_count_what_there_is(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        await desk(node).publish(STRANGER)
        told = await node.spine.read(lambda snapshot: snapshot.catalogue(STRANGER))
        assert (told.newest, told.entries) == (0, ())
        assert node.follower.of(CataloguePublished) == []


async def test_once_the_authorisation_is_withdrawn_every_camera_is_told_as_gone(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        await desk(node).publish(STATE)
        withdrawn = CentreState(authorisation_withdrawn=True)
        await node.make(AuthorisationDeclared(withdrawn, "arrêté", DIRECTOR, AT, REF))
        await desk(node).publish(STATE)
        told = await node.spine.read(lambda snapshot: snapshot.catalogue(STATE))
        assert [each.facts for each in told.entries] == [None] * 3
        assert told.newest == 6


async def test_what_was_worked_out_under_a_text_that_is_replaced_meanwhile_is_not_told(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        before = await node.spine.read(lambda snapshot: visible_to(snapshot, STATE, HERE, AT))
        await node.make(TextReplaced(text(SEVEN_STREAMS), sha256(MARKDOWN), DIRECTOR, AT))
        await node.spine.commit(lambda snapshot, _: publish(snapshot, STATE, before))
        assert node.follower.of(CataloguePublished) == []
        await desk(node).publish(STATE)
        assert len(node.follower.of(CataloguePublished)) == 1


# What another owner tells.

THEIRS = tuple(camera(number, owner=STATE) for number in (701, 702))


def page(*cameras: Camera, after: int = 0, sha256_: str | None = None) -> CatalogueTold:
    entries = tuple(CatalogueEntry(number, each.id, each) for number, each in enumerate(cameras, after + 1))
    upto = after + len(entries)
    return CatalogueTold(after, upto, upto, sha256_ or export_sha256(cameras), entries)


def message(jti: str) -> MessageTaken:
    return MessageTaken(STATE, jti, 40, 0)


async def test_a_page_is_taken_once_and_leaves_no_record(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        records = len(await node.records())
        told = page(*THEIRS)
        assert await desk(node).receive(told, message("m-1")) == Received(2)
        assert isinstance(await desk(node).receive(told, message("m-1")), NotReceived), "replayed"
        assert len(node.follower.of(CatalogueReceived)) == 1
        replica = await node.spine.read(lambda snapshot: snapshot.replica(STATE))
        assert (replica.upto, set(replica.cameras.values())) == (2, set(THEIRS))
        assert len(await node.records()) == records


async def test_a_page_that_follows_nothing_known_changes_nothing(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        assert await desk(node).receive(page(*THEIRS, after=7), message("m-1")) == Received(0)
        assert node.follower.of(CatalogueReceived) == []


async def test_a_camera_of_this_node_and_one_of_another_owner_are_never_told_by_a_peer(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        for lie in (camera(1, owner=STATE), camera(701, owner=CITY)):
            assert isinstance(await desk(node).receive(page(lie), message("m-1")), NotReceived)
        assert node.follower.of(CatalogueReceived) == []
        assert await node.spine.read(lambda snapshot: snapshot.place.cameras.is_here(CameraId("vda-001")))


async def test_a_list_that_comes_out_otherwise_than_its_owner_says_is_told_so(tmp_path: Path) -> None:
    async with small_node(tmp_path) as node:
        assert await desk(node).receive(page(*THEIRS, sha256_="0" * 64), message("m-1")) == Received(2, differs=True)
