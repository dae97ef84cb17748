"""The simulated cameras' H.264: no delay, no B-frames, key frames when they must come."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from simulator import band
from simulator.city import build_city
from simulator.clip import clip_of
from simulator.decoder import Decoder
from simulator.encoder import Encoder, Format, parameter_sets, sized
from simulator.picture import Picture, Showing

IDR, SPS, PPS = 5, 7, 8
CAMERA = build_city(seed=5, cameras=20).cameras[4]


def nals(access_unit: bytes) -> list[bytes]:
    return [part.rstrip(b"\0") for part in access_unit.split(b"\0\0\1") if part.rstrip(b"\0")]


def nal_types(access_unit: bytes) -> list[int]:
    return [nal[0] & 31 for nal in nals(access_unit)]


def parameters(access_unit: bytes) -> list[bytes]:
    return [nal for nal in nals(access_unit) if nal[0] & 31 in (SPS, PPS)]


def frames(stream: Format, count: int, *, keys: tuple[int, ...] = ()) -> list[bytes]:
    picture, encoder = (
        Picture(CAMERA, width_px=stream.width_px, height_px=stream.height_px, showing=Showing(0.0)),
        Encoder(stream),
    )
    units = []
    for frame in range(count):
        picture.paint(encoder.planes, 1_774_408_327_000_000 + frame * stream.period_us)
        units.append(encoder.encode(key_frame=frame in keys))
    return units


def test_every_frame_comes_out_at_once_and_the_first_is_a_whole_key_frame() -> None:
    units = frames(sized(640, 360), 5)
    assert all(units)
    assert {IDR, SPS, PPS} <= set(nal_types(units[0]))


def test_a_key_frame_comes_every_two_seconds_and_when_asked() -> None:
    stream = sized(640, 360)
    units = frames(stream, 64, keys=(10,))
    keys = [index for index, unit in enumerate(units) if IDR in nal_types(unit)]
    assert keys[:2] == [0, 10]
    assert all(later - earlier <= 2 * stream.fps for earlier, later in pairwise(keys))
    assert all(SPS in nal_types(units[key]) for key in keys), "a viewer may start at any of them"


def test_the_stream_stays_under_the_bit_rate_that_it_declares() -> None:
    stream = sized(640, 360)
    units = frames(stream, 60)
    assert sum(map(len, units)) * 8 / 4 < stream.bits_per_s


def test_the_description_before_the_first_frame_is_that_of_the_frames() -> None:
    stream = sized(352, 288)
    described, first = parameter_sets(stream), frames(stream, 1)[0]
    assert parameters(described) == parameters(first)
    assert parameters(described) != parameters(parameter_sets(sized(640, 360)))


@pytest.mark.parametrize(("width", "height"), [(641, 360), (640, 361), (32, 360), (640, 4320)])
def test_an_impossible_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="picture of"):
        Format(width, height)


def test_an_impossible_pace_is_refused() -> None:
    with pytest.raises(ValueError, match="frames a second"):
        Format(fps=Fraction(1, 2))


def test_a_clip_is_encoded_once_counts_its_frames_and_loops(tmp_path: Path) -> None:
    stream = Format(320, 180, Fraction(10), 300_000, constant=True)
    clip = clip_of(CAMERA, tmp_path, stream=stream, seconds=4, showing=Showing(bands=True))
    (kept,) = tmp_path.iterdir()
    written_ns = kept.stat().st_mtime_ns
    assert clip_of(CAMERA, tmp_path, stream=stream, seconds=4, showing=Showing(bands=True)) == clip
    assert kept.stat().st_mtime_ns == written_ns
    decoder = Decoder()
    stamps = [band.decode(luma).stamp for unit in clip.access_units * 2 for luma in decoder.lumas(unit)]
    assert stamps == [*range(40), *range(40)]
