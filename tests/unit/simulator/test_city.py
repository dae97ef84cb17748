"""The simulated town is plausible, seeded, and loads at once."""

import json
from collections import Counter
from itertools import combinations
from math import hypot

import pytest

from simulator import places
from simulator.city import CAMERAS_MAX, City, build_city
from simulator.ground import plane


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(seed=5)


def test_villeneuve_dascq_has_its_252_cameras_numbered_from_1(city: City) -> None:
    assert [camera.number for camera in city.cameras] == list(range(1, 253))
    assert city.cameras[0].id == "vda-001"
    assert city.cameras[251].id == "vda-252"


def test_the_same_seed_draws_the_same_town_and_another_seed_another(city: City) -> None:
    again, other = build_city(seed=5), build_city(seed=6)
    assert again.cameras == city.cameras
    assert again.ground.geojson() == city.ground.geojson()
    assert other.cameras != city.cameras


def test_every_camera_stands_in_the_commune_in_the_sector_it_names(city: City) -> None:
    centres = {plan.name: plan for plan in places.SECTORS}
    for camera in city.cameras:
        assert 50.59 < camera.latitude < 50.66
        assert 3.10 < camera.longitude < 3.19
        plan = centres[camera.sector]
        assert camera.zone == plan.zone
        east, north = plane((camera.latitude, camera.longitude))
        middle_east, middle_north = plane(plan.centre)
        assert hypot(east - middle_east, north - middle_north) < plan.radius_m + 30


def test_the_sectors_of_the_issue_are_there_and_the_stadium_is_a_zone_of_its_own(city: City) -> None:
    by_zone = Counter(camera.zone for camera in city.cameras)
    for zone in ("centre", "pont-de-bois", "annappes", "flers", "cousinerie", "triolo", "stade"):
        assert by_zone[zone] >= 10, zone


def test_no_two_cameras_share_a_name_or_a_place(city: City) -> None:
    assert len({camera.name for camera in city.cameras}) == 252
    at = [plane((camera.latitude, camera.longitude)) for camera in city.cameras]
    assert min(hypot(a[0] - b[0], a[1] - b[1]) for a, b in combinations(at, 2)) > 1


def test_about_a_third_of_the_cameras_turn(city: City) -> None:
    assert 0.25 < sum(camera.ptz for camera in city.cameras) / 252 < 0.42


def test_the_numbers_on_the_drawings_of_the_screens_are_kept(city: City) -> None:
    for number, name in places.PINNED:
        assert city.cameras[number - 1].name == name
    assert all(city.cameras[number - 1].ptz for number in places.TURNING)


def test_the_inventory_carries_what_an_owner_tells_of_a_camera(city: City) -> None:
    feature = city.cameras[116].feature()
    assert feature["properties"] == {
        "id": "vda-117",
        "number": 117,
        "name": "Fontaine nord",
        "sector": "Centre",
        "zone": "centre",
        "street": city.cameras[116].street,
        "class": "voie-publique",
        "commune": "Villeneuve-d'Ascq",
        "owner": "villeneuve-dascq",
        "ptz": city.cameras[116].ptz,
        "heading_deg": city.cameras[116].heading_deg,
        "fov_deg": city.cameras[116].fov_deg,
        "range_m": city.cameras[116].range_m,
        "width_px": 1920,
        "authorised_until": "2031-12-02",
    }
    longitude, latitude = json.loads(json.dumps(feature))["geometry"]["coordinates"]
    assert (longitude, latitude) == (city.cameras[116].longitude, city.cameras[116].latitude)
    streets = {street.name for street in city.ground.streets}
    assert {camera.street for camera in city.cameras} <= streets


def test_the_ground_loads_at_once_and_holds_every_kind(city: City) -> None:
    text = json.dumps(city.ground.geojson(), separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) < 1_000_000
    features = json.loads(text)["features"]
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    assert set(kinds) == {"road", "water", "green", "building", "sector"}
    roads = Counter(feature["properties"]["class"] for feature in features if feature["properties"]["kind"] == "road")
    assert roads["major"] == len(places.ROADS)
    assert roads["minor"] > 100
    names = [feature["properties"]["name"] for feature in features if feature["properties"]["kind"] == "water"]
    assert "Lac du Héron" in names


def test_no_building_stands_in_a_lake(city: City) -> None:
    lakes = [ring for _, ring in city.ground.waters]
    corners = [corner for _, blocks in city.ground.buildings for block in blocks for corner in block]
    for ring in lakes:
        low, high = ring.min(axis=0), ring.max(axis=0)
        middle = (low + high) / 2
        reach = (high - low) * 0.2
        assert not [c for c in corners if (abs(c - middle) < reach).all()]


def test_the_town_grows_a_hundredfold() -> None:
    grown = build_city(seed=1, cameras=CAMERAS_MAX)
    assert len({camera.id for camera in grown.cameras}) == 25_200
    assert len({camera.name for camera in grown.cameras}) == 25_200
    assert max(camera.number for camera in grown.cameras) < 2**16


@pytest.mark.parametrize("cameras", [0, -1, CAMERAS_MAX + 1])
def test_a_town_without_cameras_or_with_too_many_is_refused(cameras: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 25200"):
        build_city(seed=1, cameras=cameras)


def test_a_town_of_one_camera_is_whole() -> None:
    assert [camera.id for camera in build_city(seed=1, cameras=1).cameras] == ["vda-001"]
