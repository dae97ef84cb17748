"""The checked-in clip, told anew at any time."""

from belvedere.media.clip import PICTURES_PER_S, TIMESCALE, Clip


def test_the_clip_is_one_group_of_pictures_of_two_seconds() -> None:
    clip = Clip.load()
    assert clip.init[4:8] == b"ftyp"
    assert len(clip.chunks) == 2 * PICTURES_PER_S
    assert all(chunk[4:8] == b"prft" for chunk in clip.chunks)
    assert [number for number in range(100) if clip.is_key(number)] == [0, 50]


def test_a_chunk_is_told_at_its_time_and_changes_nothing_else() -> None:
    clip = Clip.load()
    told = clip.chunk(57, captured_unix_us=1_800_000_000_500_000)
    original = clip.chunks[7]
    assert int.from_bytes(told[16:20], "big") - 2_208_988_800 == 1_800_000_000
    assert int.from_bytes(told[20:24], "big") == 2**31
    assert int.from_bytes(told[24:32], "big") == int.from_bytes(told[92:100], "big") == 57 * TIMESCALE // 25
    assert told[100:] == original[100:]
    assert len(told) == len(original)
