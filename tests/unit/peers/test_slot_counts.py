"""The owner counts its cameras that flow to a party, hosted agents' too; what it tells is shown within bounds. Rules A6."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from belvedere.domain.ids import CameraId, PartyId
from belvedere.peers.slot_counts import SlotCounts
from belvedere.rights.watched import watched
from tests.unit.changes import small_city
from tests.unit.changes.small_city import CITY, STATE, camera, ended, opened, viewing
from tests.unit.spine.small_node import small_node

LILLE = PartyId("lille")


def test_a_camera_is_one_whatever_the_number_of_viewers() -> None:
    counts = SlotCounts(lambda camera: camera != CameraId("lil-001"))
    first, second = (viewing(name, "cic-operator", 1, "e-1") for name in ("v-11", "v-12"))
    counts.follow([opened(first), opened(second), opened(viewing("v-13", "cic-operator", 2, "e-1"))])
    assert (counts.used_by(STATE), counts.used_by(LILLE)) == (2, 0)
    counts.follow([ended(first)])
    assert counts.used_by(STATE) == 2, "somebody watches it still"
    counts.follow([ended(second), ended(second)])
    assert counts.used_by(STATE) == 1


def test_another_number_is_news_and_the_same_is_none() -> None:
    counts, news = SlotCounts(lambda _: True), list[int]()
    counts.tell_news(lambda: news.append(counts.told_by([CITY, LILLE])))
    for used in (3, 3, 8):
        counts.told(CITY, used)
    counts.told(LILLE, 1)
    assert news == [3, 8, 9]
    assert counts.told_by([LILLE]) == 1


@pytest.mark.anyio
async def test_no_number_that_an_owner_tells_is_above_what_the_convention_gives(tmp_path: Path) -> None:
    cameras = small_city.Inventory({camera(number): small_city.watched(number) for number in range(1, 13)}, told=True)
    async with small_node(tmp_path, replace(small_city.place(), party=STATE, cameras=cameras)) as state:
        for told, used in ((0, 2), (1, 2), (5, 5), (8, 8), (100_000, 8)):
            seen = await state.spine.read(partial(watched, reader=STATE, slots_told=told))
            (slots,) = (each for each in seen.slots if each.party == STATE)
            assert (slots.used, slots.most, len(slots.holders)) == (used, 8, 2), told
