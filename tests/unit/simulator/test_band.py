"""The band of a simulated picture: its exact bits (api, The simulated picture), and that they survive the encoder."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import band
from simulator.band import BandUnreadable, Position
from simulator.city import Camera, build_city
from simulator.decoder import Decoder
from simulator.encoder import Encoder, sized
from simulator.picture import Picture, Showing

NOON_US = 1_774_436_400_000_000
CITY = build_city(seed=5)
FIXED = next(camera for camera in CITY.cameras if not camera.ptz)
TURNING = next(camera for camera in CITY.cameras if camera.ptz)


def picture(height: int = 360, width: int = 640) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((height, width), 90, np.uint8)


def cells(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]], row: int) -> str:
    """Return 64 cells of a row, read as the contract's words say: sample the middle of each."""
    width = luma.shape[1]
    return "".join("1" if luma[row, int((i + 0.5) * width / 64)] > 125 else "0" for i in range(64))


def test_the_band_is_drawn_bit_by_bit_as_the_contract_says() -> None:
    luma = picture()
    band.draw(luma, number=412, stamp=0xAB_CDEF_0123)
    read = cells(luma, 354)
    assert read[:4] == "1010"
    assert int(read[4:20], 2) == 412
    assert int(read[20:60], 2) == 0xAB_CDEF_0123
    check = 0
    for nibble in range(4, 60, 4):
        check ^= int(read[nibble : nibble + 4], 2)
    assert int(read[60:], 2) == check
    assert (luma[:348] == 90).all()
    assert set(np.unique(luma[348:])) <= {16, 235}


def test_a_camera_that_turns_has_a_second_band_above() -> None:
    luma = picture()
    band.draw(luma, number=1, stamp=2, position=Position(pan_deg=90, tilt_deg=-45, zoom=1))
    read = cells(luma, 342)
    assert read[:4] == "1010"
    assert abs(int(read[4:20], 2) - 16_384) <= 1
    assert abs(int(read[20:36], 2) - 16_384) <= 1
    assert int(read[36:52], 2) == 65_535
    assert read[52:60] == "00000000"
    check = 0
    for nibble in range(4, 60, 4):
        check ^= int(read[nibble : nibble + 4], 2)
    assert int(read[60:], 2) == check


@given(
    number=st.integers(0, 65_535),
    stamp=st.integers(0, 2**40 - 1),
    position=st.builds(Position, st.floats(0, 359.99), st.floats(-90, 90), st.floats(0, 1)),
    size=st.sampled_from([(360, 640), (1080, 1920), (288, 352), (480, 704), (64, 64)]),
)
@settings(max_examples=60, deadline=None)
def test_what_was_drawn_is_read_back(number: int, stamp: int, position: Position, size: tuple[int, int]) -> None:
    luma = picture(*size)
    band.draw(luma, number=number, stamp=stamp, position=position)
    reading = band.decode(luma)
    assert (reading.number, reading.stamp) == (number, stamp)
    assert reading.position is not None
    assert reading.position.pan_deg == pytest.approx(position.pan_deg, abs=0.01)
    assert reading.position.tilt_deg == pytest.approx(position.tilt_deg, abs=0.01)
    assert reading.position.zoom == pytest.approx(position.zoom, abs=0.001)


@pytest.mark.parametrize("cell", [0, 3, 4, 19, 20, 59, 60, 63])
def test_a_damaged_cell_is_noticed(cell: int) -> None:
    luma = picture()
    band.draw(luma, number=77, stamp=123_456)
    part = luma[348:, cell * 10 : cell * 10 + 10]
    part[:] = 251 - part
    with pytest.raises(BandUnreadable):
        band.decode(luma)


def test_a_picture_without_band_is_not_taken_for_one() -> None:
    with pytest.raises(BandUnreadable):
        band.decode(picture())


def test_the_capture_time_is_found_across_the_turn_of_the_counter() -> None:
    turn_us = (1 << 40) * 10_000
    for captured_us in (NOON_US, turn_us - 10_000, turn_us, turn_us + 30_000):
        luma = picture()
        band.draw(luma, number=1, stamp=band.stamp_of(captured_us))
        assert band.decode(luma).captured_us(captured_us + 2_000_000) == captured_us // 10_000 * 10_000


@pytest.mark.parametrize("light", [0.0, 1.0])
@pytest.mark.parametrize(
    ("camera", "size"), [(FIXED, (640, 360)), (TURNING, (640, 360)), (TURNING, (352, 288)), (FIXED, (1280, 720))]
)
def test_the_band_survives_encoding_at_the_simulators_bit_rate(
    camera: Camera, size: tuple[int, int], light: float
) -> None:
    painted = Picture(camera, width_px=size[0], height_px=size[1], showing=Showing(light, bands=True))
    encoder, in_grey, in_colour = Encoder(sized(*size)), Decoder(), Decoder()
    read = 0
    for frame in range(24):
        captured_us = NOON_US + frame * 66_667
        painted.paint(encoder.planes, captured_us)
        access_unit = encoder.encode()
        for pixels in [*in_grey.lumas(access_unit), *in_colour.pictures(access_unit)]:
            reading = band.decode(pixels)
            assert reading.number == camera.number
            assert reading.captured_us(captured_us) == captured_us // 10_000 * 10_000
            assert (reading.position is not None) == camera.ptz
            read += 1
    assert read == 48


def test_a_position_is_read_as_it_was_drawn_after_encoding() -> None:
    camera = replace(TURNING, heading_deg=213)
    painted = Picture(camera, width_px=640, height_px=360, showing=Showing(0.0, bands=True))
    encoder, decoder = Encoder(sized(640, 360)), Decoder()
    painted.paint(encoder.planes, NOON_US)
    (luma,) = decoder.lumas(encoder.encode())
    position = band.decode(luma).position
    assert position is not None
    assert position.pan_deg == pytest.approx(213, abs=0.01)
