"""The faults that a simulated camera can be told to have, as a client on the network sees them."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from simulator import band
from simulator.decoder import Decoder
from tests.flows.simulator.conftest import Town
from tests.flows.simulator.rtsp_client import AccessUnit, Refused, RtspClient
from tests.promises import allowed_s

pytestmark = [pytest.mark.anyio, pytest.mark.processes, pytest.mark.relay]
IDR, SPS = 5, 7


def nal_types(unit: AccessUnit) -> list[int]:
    return [part[0] & 31 for part in unit.data.split(b"\0\0\0\1")[1:]]


async def next_unit(client: RtspClient, within_s: float = 30) -> AccessUnit:
    return await asyncio.wait_for(client.access_unit(), within_s)


async def read_on(client: RtspClient, within_s: float = 30) -> None:
    """Read pictures, those still on their way too, until none comes `within_s`."""
    while True:
        await next_unit(client, within_s)


async def told(town: Town, camera_id: str, what: str, **body: float) -> None:
    await asyncio.to_thread(town.tell, camera_id, what, **body)


async def tried(town: Town, camera_id: str) -> None:
    async with town.client(camera_id) as client:
        await client.play()


async def playing_again(town: Town, camera_id: str, within_s: float = 30) -> tuple[RtspClient, AccessUnit]:
    """Try as a client does that lost its camera; returns the first that plays, not closed."""
    async with asyncio.timeout(within_s):
        while True:
            client = town.client(camera_id)
            try:
                await client.__aenter__()
                await client.play()
                return client, await client.access_unit()
            except (OSError, asyncio.IncompleteReadError):
                client.writer.close()
                await asyncio.sleep(0.05)


@pytest.fixture
async def client(town: Town) -> AsyncIterator[RtspClient]:
    async with town.client("vda-001") as client:
        yield await client.play()


async def test_the_first_picture_is_a_key_frame_and_comes_at_once(town: Town) -> None:
    async with town.client("vda-002") as client:
        asked = time.monotonic()
        await client.play()
        first = await next_unit(client)
        assert {SPS, IDR} <= set(nal_types(first))
        # Cold: the street is drawn and the encoder opened in this time; 60 ms on an idle machine.
        assert time.monotonic() - asked < allowed_s(1)
        announced = int(client.rtp_info.split("seq=")[1].split(";")[0])
        assert client.sequences[0] == announced


async def test_a_second_client_starts_with_a_key_frame_too_without_waiting_for_the_next(
    client: RtspClient, town: Town
) -> None:
    await next_unit(client)
    async with town.client("vda-001") as second:
        await second.play()
        assert IDR in nal_types(await next_unit(second, within_s=allowed_s(1.5)))


async def test_sender_reports_tell_the_capture_time_burned_into_the_picture(client: RtspClient) -> None:
    decoder = Decoder()
    for _ in range(20):
        unit = await next_unit(client)
        (luma,) = decoder.lumas(unit.data)
        report = client.reports[-1]
        ticks = (unit.rtp_time - report.rtp_time + 2**31) % 2**32 - 2**31
        told_us = report.wall_us + ticks * 1_000_000 // 90_000
        burned_us = band.decode(luma).captured_us(told_us)
        assert -100 <= told_us - burned_us <= 10_100


async def test_frames_come_at_the_pace_of_the_camera_without_gaps(client: RtspClient) -> None:
    units = [await next_unit(client) for _ in range(30)]
    steps = sorted((later.rtp_time - earlier.rtp_time) % 2**32 for earlier, later in pairwise(units))
    assert steps[len(steps) // 2] == pytest.approx(6_000, abs=600), "15 a second on a clock of 90 kHz"
    assert all((later - earlier) % 2**16 == 1 for earlier, later in pairwise(client.sequences))


async def test_a_camera_without_viewers_is_not_encoded(town: Town) -> None:
    assert not (await asyncio.to_thread(town.state, "vda-003"))["live"]
    async with town.client("vda-003") as client:
        await client.play()
        await next_unit(client)
        assert (await asyncio.to_thread(town.state, "vda-003"))["live"]
    async with asyncio.timeout(30):
        while (await asyncio.to_thread(town.state, "vda-003"))["live"]:
            await asyncio.sleep(0.02)


async def test_a_frozen_camera_keeps_its_connection_answers_and_thaws_with_a_key_frame(
    client: RtspClient, town: Town
) -> None:
    await next_unit(client)
    await told(town, "vda-001", "freeze")
    with pytest.raises(TimeoutError):
        await read_on(client, within_s=0.8)
    assert (await client.ask("GET_PARAMETER"))["CSeq"] == str(client.sequence)
    assert (await asyncio.to_thread(town.state, "vda-001"))["condition"] == "frozen"
    await told(town, "vda-001", "thaw")
    assert IDR in nal_types(await next_unit(client))
    assert (await asyncio.to_thread(town.state, "vda-001"))["condition"] == "ok"


async def test_a_freeze_of_told_length_ends_by_itself(client: RtspClient, town: Town) -> None:
    await next_unit(client)
    await told(town, "vda-001", "freeze", seconds=0.5)
    with pytest.raises(TimeoutError):
        await read_on(client, within_s=0.3)
    assert IDR in nal_types(await next_unit(client))


async def test_a_dropped_camera_resets_refuses_and_comes_back(town: Town) -> None:
    async with town.client("vda-004") as client, town.client("vda-005") as bystander:
        await client.play()
        await bystander.play()
        await next_unit(client)
        await told(town, "vda-004", "drop", seconds=1)
        with pytest.raises(ConnectionResetError):
            await read_on(client)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await tried(town, "vda-004")
        await next_unit(bystander)
    again, first = await playing_again(town, "vda-004")
    assert IDR in nal_types(first)
    again.writer.close()


async def test_a_rebooted_camera_comes_back_with_other_numbers(town: Town) -> None:
    async with town.client("vda-006") as client:
        await client.play()
        before = await next_unit(client)
        await told(town, "vda-006", "reboot", seconds=0.6)
        assert (await asyncio.to_thread(town.state, "vda-006"))["condition"] == "rebooting"
        with pytest.raises(ConnectionResetError):
            await read_on(client)
    again, after = await playing_again(town, "vda-006")
    assert again.ssrcs[0] != client.ssrcs[0]
    assert abs(after.rtp_time - before.rtp_time) > 90_000 * 60, "another origin of timestamps"
    again.writer.close()


async def test_a_camera_changes_resolution_in_flight(town: Town) -> None:
    async with town.client("vda-007") as client:
        await client.play()
        decoder = Decoder()
        sizes = []
        for index in range(40):
            if index == 5:
                await told(town, "vda-007", "resolution", width=480, height=272)
            for luma in decoder.lumas((await next_unit(client)).data):
                assert band.decode(luma).number == 7
                sizes.append((luma.shape[1], luma.shape[0]))
            if sizes[-1] == (480, 272):
                break
        assert (sizes[0], sizes[-1]) == ((640, 360), (480, 272))
    async with town.client("vda-007") as later:
        await later.ask("DESCRIBE")
        assert later.description != client.description
    await told(town, "vda-007", "resolution", width=640, height=360)


async def test_an_unknown_path_and_a_wrong_password_are_refused(town: Town) -> None:
    source = town.ready["sources"]["vda-001"]
    with pytest.raises(Refused, match="404"):
        async with RtspClient(source["url"].replace("vda-001", "vda-999")) as nowhere:
            await nowhere.play()
    with pytest.raises(Refused, match="401"):
        async with RtspClient(source["url"], source["username"], "guess") as guessing:
            await guessing.play()
