"""One party's cameras as another keeps them: after whatever happened the two lists are the same, byte for byte. Rules A4.

What the other party may not see is neither told nor counted, and nobody tells of a camera that is not its own. Reliability 27, 28.
"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belvedere.domain.ids import CameraId, PartyId
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import (
    CAMERAS_MAX,
    ENTRIES_MAX,
    PAGE_BYTES_MAX,
    BadCameraFacts,
    Catalogue,
    CatalogueEntry,
    CatalogueTold,
    Replica,
    changes_to,
    differs,
    export_sha256,
    exported,
    facts_of,
    fault_of,
    page,
    read_facts,
    spelt,
    to_ask,
)
from tests.unit.peers.messages_made import CITY, STATE, camera


def nobodys(_: CameraId) -> bool:
    return False


class Owner:
    """What the owner's node keeps for one other party."""

    def __init__(self) -> None:
        self.visible: dict[CameraId, Camera] = {}
        self.catalogue = Catalogue()

    def publish(self) -> None:
        self.catalogue = self.catalogue.after(changes_to(self.catalogue, self.visible))

    def page(self, after: int) -> CatalogueTold:
        return page(self.catalogue, after=after, sha256=self.sha256)

    @property
    def sha256(self) -> str:
        return export_sha256(self.catalogue.cameras())


class Beneficiary:
    """The replica, and how often it had to be begun anew."""

    def __init__(self) -> None:
        self.replica = Replica()
        self.anew = 0

    def take(self, told: CatalogueTold) -> None:
        if not self.replica.is_next(told):
            return
        base = Replica() if told.after == 0 else self.replica
        assert fault_of(base, told, owner=CITY, taken=nobodys) is None
        after = self.replica.after(told)
        if differs(after, told):
            self.anew += 1
            after = Replica()
        self.replica = after

    def catch_up(self, owner: Owner) -> None:
        for _ in range(100):
            after = to_ask(self.replica, newest=owner.catalogue.newest, sha256=owner.sha256)
            if after is None:
                return
            self.take(owner.page(after))
        raise AssertionError("the replica does not come to an end")


_acts = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 6), st.booleans()),
        st.tuples(st.just("take out"), st.integers(1, 6), st.booleans()),
        st.tuples(st.sampled_from(("publish", "page", "again", "restored")), st.just(0), st.booleans()),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(_acts)
def test_after_any_changes_and_resumptions_a_replica_equals_a_full_export_byte_for_byte(
    acts: list[tuple[str, int, bool]],
) -> None:
    owner, beneficiary = Owner(), Beneficiary()
    last: CatalogueTold | None = None
    old = Catalogue()
    for act, number, yes in acts:
        match act:
            case "put":
                owner.visible[camera(number).id] = camera(number, ptz=yes)
            case "take out":
                owner.visible.pop(camera(number).id, None)
            case "publish":
                owner.publish()
                if yes:
                    old = owner.catalogue
            case "page":
                owner.publish()
                last = owner.page(beneficiary.replica.upto)
                if yes:  # else it is lost on its way
                    beneficiary.take(last)
            case "again" if last is not None and yes:
                beneficiary.take(last)
            case "restored":
                owner.catalogue = old
    owner.publish()
    beneficiary.catch_up(owner)
    assert exported(beneficiary.replica.cameras.values()) == exported(owner.visible.values())


def test_an_owner_that_was_set_back_and_went_on_otherwise_is_found_out_and_told_anew() -> None:
    owner, beneficiary = Owner(), Beneficiary()
    owner.visible = {camera(1).id: camera(1)}
    owner.publish()
    old = owner.catalogue
    owner.visible |= {camera(2).id: camera(2)}
    owner.publish()
    beneficiary.catch_up(owner)
    owner.catalogue, owner.visible = old, {camera(1).id: camera(1), camera(3).id: camera(3)}
    owner.publish()
    assert owner.catalogue.newest == beneficiary.replica.upto, "the numbers alone show nothing"
    beneficiary.catch_up(owner)
    assert exported(beneficiary.replica.cameras.values()) == exported(owner.visible.values())
    # And where the numbers went past it meanwhile, the page itself shows it.
    owner.catalogue = Catalogue(1, (CatalogueEntry(1, camera(9).id, camera(9)),))
    owner.visible = {camera(number).id: camera(number) for number in (4, 5, 9)}
    owner.publish()
    owner.visible |= {camera(6).id: camera(6)}
    owner.publish()
    beneficiary.catch_up(owner)
    assert beneficiary.anew == 1
    assert exported(beneficiary.replica.cameras.values()) == exported(owner.visible.values())


def test_what_the_other_party_may_not_see_leaves_no_gap_in_the_numbers() -> None:
    owner = Owner()
    owner.visible = {camera(number).id: camera(number) for number in (1, 500, 900)}
    owner.publish()
    assert [each.number for each in owner.catalogue.entries] == [1, 2, 3]
    # One that is no longer seen is told as gone; one that never was is not told at all.
    del owner.visible[camera(500).id]
    owner.publish()
    assert [(each.number, each.facts is None) for each in owner.catalogue.entries] == [
        (1, False),
        (3, False),
        (4, True),
    ]


def test_thousands_of_cameras_come_in_pages_that_each_fit_a_message() -> None:
    owner, beneficiary = Owner(), Beneficiary()
    owner.visible = {camera(number).id: camera(number, name="é" * 200) for number in range(1, 1000)}
    owner.publish()
    pages = 0
    while beneficiary.replica.upto < owner.catalogue.newest:
        told = owner.page(beneficiary.replica.upto)
        assert len(told.entries) <= ENTRIES_MAX
        assert sum(len(spelt(each.facts)) for each in told.entries if each.facts) <= PAGE_BYTES_MAX
        beneficiary.take(told)
        pages += 1
    assert pages > 10
    assert len(beneficiary.replica.cameras) == 999


def told(*entries: CatalogueEntry, **changed: object) -> CatalogueTold:
    upto = entries[-1].number if entries else 0
    return replace(CatalogueTold(0, upto, upto, "0" * 64, entries), **changed)  # type: ignore[arg-type]  # by name


def entry(number: int, of: int, **changed: object) -> CatalogueEntry:
    return CatalogueEntry(number, camera(of).id, camera(of, **changed))


FAULTS = {
    "twice the same number": told(entry(1, 1), entry(1, 2)),
    "backwards": told(entry(2, 1), entry(1, 2), upto=2, newest=2),
    "a number that was told": told(entry(3, 1), after=3),
    "a number that is yet to come": told(entry(3, 1), upto=2, newest=2),
    "further than the newest": told(entry(3, 1), newest=2),
    "nothing, although there is more": told(newest=5),
    "another owner's camera": told(entry(1, 1, owner=STATE)),
    "a camera under another id": told(CatalogueEntry(1, camera(2).id, camera(1))),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_page_that_lies_is_refused(what: str) -> None:
    assert fault_of(Replica(), FAULTS[what], owner=CITY, taken=nobodys) is not None


def test_a_camera_id_that_another_owner_has_is_refused_gone_or_not() -> None:
    for facts in (camera(1), None):
        page_ = told(CatalogueEntry(1, camera(1).id, facts))
        assert fault_of(Replica(), page_, owner=CITY, taken=nobodys) is None
        assert fault_of(Replica(), page_, owner=CITY, taken=lambda each: each == camera(1).id) is not None


def test_no_party_tells_of_more_cameras_than_are_kept() -> None:
    full = Replica(CAMERAS_MAX, {CameraId(f"c-{number}"): camera(1) for number in range(CAMERAS_MAX)})
    page_ = CatalogueTold(CAMERAS_MAX, CAMERAS_MAX + 1, CAMERAS_MAX + 1, "0" * 64, (entry(CAMERAS_MAX + 1, 1),))
    assert fault_of(full, page_, owner=CITY, taken=nobodys) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"ptz": 1},
        {"number": "7"},
        {"number": 7.5},
        {"lon_deg": 181},
        {"lon_deg": "3.1"},
        {"name": "x" * 201},
        {"authorised_until": "2031-12-2"},
        {"authorised_until": "20311202"},
        {"password": "rtsp"},
        {"owner": 5},
    ],
    ids=str,
)
def test_facts_in_another_spelling_or_out_of_bounds_are_none(changed: dict[str, object]) -> None:
    sound = facts_of(camera(7))
    assert read_facts(sound) == camera(7)
    with pytest.raises(BadCameraFacts):
        read_facts(sound | changed)
    for name in sound:
        with pytest.raises(BadCameraFacts):
            read_facts({key: each for key, each in sound.items() if key != name})


def test_an_address_of_a_camera_is_no_fact_that_is_told() -> None:
    assert set(facts_of(camera(1))) == {
        "id", "number", "name", "owner", "commune", "sector", "zone", "street", "class", "ptz", "lon_deg", "lat_deg",
        "heading_deg", "fov_deg", "range_m", "authorised_until", "width_px",
    }  # fmt: skip


def test_the_export_of_two_lists_is_the_same_only_where_they_are() -> None:
    one, other = [camera(1), camera(2)], [camera(2), camera(1)]
    assert exported(one) == exported(other)
    assert export_sha256(one) != export_sha256([camera(1), camera(2, authorised_until=date(2030, 1, 1))])
    assert PartyId(camera(1).owner) == CITY
