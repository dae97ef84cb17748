"""Cameras' faults: what is lost now, where and whose it is, and how long each was lost in a month (rules A19)."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from belvedere.domain.clock import Instant
from belvedere.domain.faults import FaultPlace, OverFault, lost_times
from belvedere.domain.ids import CameraId
from belvedere.domain.source_causes import SourceCause
from belvedere.inventory.cameras import Inventory
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Faults
from belvedere.web.schemas import Out

router = APIRouter(tags=["faults"])
Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Such as 2026-03.")]


class FaultOut(Out):
    """A camera that has no picture: why, where the fault is, and whose it is to restore."""

    camera: str
    number: int | None
    name: str
    cause: SourceCause
    place: FaultPlace
    whose: str
    since: datetime


class FaultsOut(Out):
    """The faults that are told and not restored, of so many cameras; `month` is the one that runs."""

    items: list[FaultOut]
    cameras: int
    month: str


class CameraLostOut(Out):
    """How often and how long a camera was lost, and the share of the time that it was not."""

    camera: str
    number: int | None
    name: str
    faults: int
    lost_s: int
    availability: float


class AvailabilityOut(Out):
    """A month, `until` now where it still runs; the cameras that were lost in it, of so many."""

    month: str
    until: datetime
    cameras: int
    items: list[CameraLostOut]


@router.get("/faults")
async def faults(requester: SignedIn, ports: Faults) -> FaultsOut:
    """Return the cameras that have no picture now: why, where the fault is, whose it is to restore, since when."""
    del requester
    known = await ports.store.read(lambda reading: reading.faults())
    items = []
    for fault in known.values():
        number, name = _called(ports.inventory, fault.camera)
        lost = fault.lost
        items.append(
            FaultOut(
                camera=fault.camera,
                number=number,
                name=name,
                cause=lost.cause,
                place=lost.place,
                whose=ports.owner,
                since=lost.since,
            )
        )
    today = ports.clock.now().astimezone(ports.zone)
    return FaultsOut(items=items, cameras=len(ports.inventory), month=f"{today:%Y-%m}")


@router.get("/faults/availability")
async def availability(requester: SignedIn, ports: Faults, month: Month) -> AvailabilityOut:
    """Return how long each camera was lost in a month of the node's zone, so far; one that is named nowhere never was."""
    del requester
    starts, ends = _month(month, ports)
    now = ports.clock.now()
    until = max(starts, min(now, ends))
    running = await ports.store.read(lambda reading: reading.faults())
    over = [*await ports.over.over_since(starts)]
    over += [OverFault(fault.camera, fault.lost.since, now) for fault in running.values()]
    elapsed_s = (until - starts).total_seconds()
    items = []
    for camera, lost in lost_times(over, starts=starts, ends=until).items():
        number, name = _called(ports.inventory, camera)
        share = round(1 - lost.lost_s / elapsed_s, 5)
        items.append(
            CameraLostOut(
                camera=camera,
                number=number,
                name=name,
                faults=lost.faults,
                lost_s=round(lost.lost_s),
                availability=share,
            )
        )
    return AvailabilityOut(month=month, until=until, cameras=len(ports.inventory), items=items)


def _month(month: str, ports: Faults) -> tuple[Instant, Instant]:
    starts = datetime.fromisoformat(f"{month}-01").replace(tzinfo=ports.zone)
    following = (starts.replace(tzinfo=None) + timedelta(days=31)).replace(day=1)
    return starts, following.replace(tzinfo=ports.zone)


def _called(inventory: Inventory, camera: CameraId) -> tuple[int | None, str]:
    """Return the number and name of a camera; one that has left the inventory goes by its id."""
    found = inventory.camera(camera)
    return (None, camera) if found is None else (found.number, found.name)
