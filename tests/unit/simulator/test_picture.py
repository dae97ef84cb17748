"""A camera's picture: its own street, moving, by the city's light, without noise."""

from datetime import UTC, datetime

import numpy as np
import pytest

from simulator import band
from simulator.band import BandUnreadable, Position
from simulator.canvas import Planes
from simulator.city import Camera, build_city, lone_camera
from simulator.daylight import light_at, sun_elevation_deg
from simulator.head import Head
from simulator.lettering import written
from simulator.picture import Picture, Showing, home_of

CITY = build_city(seed=5)
BY_DAY_US = int(datetime(2026, 6, 21, 11, 50, tzinfo=UTC).timestamp() * 1e6)
BY_NIGHT_US = int(datetime(2026, 12, 21, 23, 0, tzinfo=UTC).timestamp() * 1e6)


def planes(width: int = 640, height: int = 360) -> Planes:
    chroma = (height // 2, width // 2)
    return Planes(np.zeros((height, width), np.uint8), np.zeros(chroma, np.uint8), np.zeros(chroma, np.uint8))


def painted(camera: Camera, at_us: int, light: float | None = None) -> Planes:
    into = planes()
    Picture(camera, width_px=640, height_px=360, showing=Showing(light, bands=True)).paint(into, at_us)
    return into


def test_each_camera_sees_its_own_street() -> None:
    looks = [painted(camera, BY_DAY_US).luma[60:300] for camera in CITY.cameras[:8]]
    for index, look in enumerate(looks):
        for other in looks[:index]:
            assert np.abs(look.astype(int) - other).mean() > 5


def test_the_same_camera_at_the_same_time_gives_the_same_picture() -> None:
    first, second = painted(CITY.cameras[0], BY_NIGHT_US), painted(CITY.cameras[0], BY_NIGHT_US)
    assert np.array_equal(first.luma, second.luma)
    assert np.array_equal(first.red, second.red)


@pytest.mark.parametrize("camera", CITY.cameras[::40], ids=lambda camera: camera.name)
def test_something_moves_and_most_of_the_street_does_not(camera: Camera) -> None:
    picture, now, later = Picture(camera, width_px=640, height_px=360), planes(), planes()
    picture.paint(now, BY_NIGHT_US)
    picture.paint(later, BY_NIGHT_US + 400_000)
    changed = (now.luma[20:330] != later.luma[20:330]).mean()
    assert 0.0002 < changed < 0.3


def test_the_city_is_bright_by_day_and_dark_by_night() -> None:
    day, night = painted(CITY.cameras[10], BY_DAY_US), painted(CITY.cameras[10], BY_NIGHT_US)
    assert day.luma[20:330].mean() > 2 * night.luma[20:330].mean()


def test_daylight_follows_the_sun_over_villeneuve_dascq() -> None:
    assert light_at(datetime(2026, 6, 21, 11, 50, tzinfo=UTC)) == 1
    assert light_at(datetime(2026, 12, 21, 2, 0, tzinfo=UTC)) == 0
    assert sun_elevation_deg(datetime(2026, 6, 21, 11, 50, tzinfo=UTC)) == pytest.approx(90 - 50.63 + 23.44, abs=1)
    # Sunset in Lille on 20 March 2026: 17:58 UTC.
    assert abs(sun_elevation_deg(datetime(2026, 3, 20, 17, 58, tzinfo=UTC))) < 1.5
    dusk = light_at(datetime(2026, 3, 20, 17, 58, tzinfo=UTC))
    assert 0.3 < dusk < 0.7


def test_the_time_for_people_is_the_citys_and_changes_each_second() -> None:
    camera = CITY.cameras[0]
    now, same, later = (painted(camera, BY_DAY_US + step_us).luma for step_us in (0, 900_000, 1_000_000))
    words = written(f"{camera.number} {camera.name}  ", 2)
    clock = written("21/06/2026 13:50:00", 2)
    corner = now[: clock.shape[0], words.shape[1] : words.shape[1] + clock.shape[1]]
    assert np.array_equal(corner == 225, clock), "13:50 in Lille is 11:50 UTC in June"
    columns = slice(words.shape[1], words.shape[1] + clock.shape[1])
    assert np.array_equal(now[:18, columns], same[:18, columns])
    assert not np.array_equal(now[:18, columns], later[:18, columns])


def test_a_persons_picture_has_no_band_and_is_the_same_street() -> None:
    camera, persons, machines = CITY.cameras[0], planes(), planes()
    for into, bands in ((persons, False), (machines, True)):
        Picture(camera, width_px=640, height_px=360, showing=Showing(bands=bands)).paint(into, BY_DAY_US)
    assert np.array_equal(persons.luma[:300], machines.luma[:300])
    assert band.decode(machines.luma).number == camera.number
    with pytest.raises(BandUnreadable):
        band.decode(persons.luma)


def test_the_hour_and_the_daylight_follow_the_demos_clock_and_the_band_never_does() -> None:
    camera, now, moved = CITY.cameras[0], planes(), planes()
    ahead_s = (BY_NIGHT_US - BY_DAY_US) / 1e6
    for into, showing in ((now, Showing(bands=True)), (moved, Showing(bands=True, ahead_s=lambda: ahead_s))):
        Picture(camera, width_px=640, height_px=360, showing=showing).paint(into, BY_DAY_US)
    assert now.luma[20:330].mean() > 2 * moved.luma[20:330].mean()
    assert np.array_equal(moved.luma[:18], painted(camera, BY_NIGHT_US).luma[:18])
    assert band.decode(moved.luma).stamp == band.decode(now.luma).stamp == band.stamp_of(BY_DAY_US)


TURNING = next(camera for camera in CITY.cameras if camera.ptz)
HOME = home_of(TURNING)


def seen_from(position: Position, *, width: int = 640, height: int = 360) -> Planes:
    """Paint what the camera sees once it has come to a place."""
    into, passed_s = planes(width, height), [0.0]
    head = Head(HOME, lambda: passed_s[0])
    head.look(pan_deg=position.pan_deg, tilt_deg=position.tilt_deg, zoom=position.zoom)
    passed_s[0] = 60.0
    showing = Showing(light=1.0, bands=True)
    Picture(TURNING, width_px=width, height_px=height, showing=showing, head=head).paint(into, BY_DAY_US)
    return into


@pytest.mark.parametrize(
    "position",
    [
        Position(HOME.pan_deg + 30, HOME.tilt_deg, 0.0),
        Position(HOME.pan_deg + 180, HOME.tilt_deg, 0.0),
        Position(HOME.pan_deg, -60.0, 0.0),
        Position(HOME.pan_deg, 20.0, 0.0),
        Position(HOME.pan_deg, HOME.tilt_deg, 0.6),
        Position(HOME.pan_deg - 100, -30.0, 1.0),
    ],
    ids=["right", "behind", "down", "up", "closer", "all"],
)
def test_a_camera_that_turned_sees_something_else_and_its_band_says_where_it_looks(position: Position) -> None:
    turned = seen_from(position)
    assert np.abs(turned.luma[24:300].astype(int) - seen_from(HOME).luma[24:300]).mean() > 5
    reading = band.decode(turned.luma)
    assert reading.number == TURNING.number
    assert reading.position is not None
    assert reading.position.pan_deg == pytest.approx(position.pan_deg % 360, abs=0.01)
    assert reading.position.tilt_deg == pytest.approx(position.tilt_deg, abs=0.01)
    assert reading.position.zoom == pytest.approx(position.zoom, abs=0.001)


def test_at_home_a_turning_camera_shows_the_picture_that_it_shows_without_a_head() -> None:
    assert np.array_equal(seen_from(HOME).luma, painted(TURNING, BY_DAY_US, light=1.0).luma)


def test_what_is_ahead_moves_to_the_left_as_the_camera_turns_right() -> None:
    widest_deg = 360 / round(360 / TURNING.fov_deg)
    eighth = seen_from(Position(HOME.pan_deg + widest_deg / 8, HOME.tilt_deg, 0.0))
    ahead = seen_from(HOME)
    assert np.abs(eighth.luma[40:300, 10:540].astype(int) - ahead.luma[40:300, 90:620]).mean() < 1


def test_a_whole_turn_comes_back_to_the_same_street() -> None:
    one, other = (seen_from(Position(HOME.pan_deg + turn, HOME.tilt_deg, 0.0)).luma for turn in (180.0, -180.0))
    assert np.array_equal(one, other)


def test_accents_are_written_plain() -> None:
    assert np.array_equal(written("Église, Œuvre", 1), written("EGLISE, OEUVRE", 1))


@pytest.mark.parametrize(("width", "height"), [(64, 64), (352, 288), (1920, 1080), (130, 70)])
def test_a_picture_of_any_even_size_is_painted(width: int, height: int) -> None:
    into = planes(width, height)
    Picture(CITY.cameras[3], width_px=width, height_px=height).paint(into, BY_NIGHT_US)
    assert into.luma.min() >= 16


def test_the_lone_camera_of_the_smallest_seed_is_drawn_all_around() -> None:
    camera, passed_s = lone_camera(1, 1, ptz=True), [0.0]
    head = Head(home_of(camera), lambda: passed_s[0])
    head.turn(1.0, 0.0)
    passed_s[0] = 1.0
    into = planes()
    Picture(camera, width_px=640, height_px=360, showing=Showing(1.0, bands=True), head=head).paint(into, BY_DAY_US)
    reading = band.decode(into.luma)
    assert reading.position is not None
    assert reading.position.pan_deg == pytest.approx(60, abs=0.01)
