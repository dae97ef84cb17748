"""The catalogue of cameras and the map's ground, GeoJSON (RFC 7946), and the same catalogue for a table program."""

from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from belvedere.acts.read_inventory import Readable
from belvedere.domain.source_causes import SourceCause
from belvedere.inventory.cameras import Camera
from belvedere.web import csv_file
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Cameras, InventoryPorts
from belvedere.web.problems import refused
from belvedere.web.schemas import CameraOut, CameraPropertiesOut, CamerasOut, PointOut

router = APIRouter(tags=["cameras"])


def _feature(camera: Camera, cause: SourceCause | None) -> CameraOut:
    return CameraOut(
        id=camera.id,
        geometry=PointOut(coordinates=(camera.lon_deg, camera.lat_deg)),
        properties=CameraPropertiesOut(
            id=camera.id,
            number=camera.number,
            name=camera.name,
            owner=camera.owner,
            commune=camera.commune,
            sector=camera.sector,
            zone=camera.zone,
            street=camera.street,
            camera_class=camera.camera_class,
            ptz=camera.ptz,
            heading_deg=camera.heading_deg,
            fov_deg=camera.fov_deg,
            range_m=camera.range_m,
            width_px=camera.width_px,
            state="ok" if cause is None else "lost",
            cause=cause,
            authorised_until=camera.authorised_until,
        ),
    )


async def _readable(requester: SignedIn, ports: Cameras) -> list[Camera]:
    """Return the cameras that the convention lets the requester's party know; the reading is recorded, or refused."""
    outcome = await ports.reader(requester)
    if not isinstance(outcome, Readable):
        ports.note(outcome)
        raise refused(outcome)
    return [camera for camera in ports.inventory if camera.owner in outcome.owners]


ReadableCameras = Annotated[list[Camera], Depends(_readable)]


def _collection(readable: list[Camera], ports: InventoryPorts) -> str:
    features = [_feature(camera, ports.lost_cause(camera.id)) for camera in readable]
    return CamerasOut(features=features).model_dump_json(by_alias=True)


@router.get("/cameras", response_model=CamerasOut)
async def cameras(readable: ReadableCameras, ports: Cameras) -> Response:
    """Return every camera that the convention lets the requester's party know, unpaged."""
    # Spelt here: checked a second time by the framework, thousands of cameras would take twice as long.
    return Response(_collection(readable, ports), media_type="application/json")


@router.get("/cameras.geojson", response_class=Response)
async def cameras_as_a_map(readable: ReadableCameras, ports: Cameras) -> Response:
    """Return the same collection as a file to keep and to hand over (rules A4)."""
    return Response(
        _collection(readable, ports),
        media_type="application/geo+json",
        headers={"Content-Disposition": 'attachment; filename="cameras.geojson"'},
    )


@router.get("/cameras.csv", response_class=Response)
async def cameras_as_a_table(readable: ReadableCameras) -> Response:
    """Return the list of cameras as a file for a table program; one form in every language, so that programs read it."""
    names = [each.name for each in fields(Camera)]
    heads = csv_file.line("class" if name == "camera_class" else name for name in names)
    lines = (csv_file.line(_plain(getattr(camera, name)) for name in names) for camera in readable)
    return Response(
        csv_file.MARK + heads + "".join(lines),
        media_type=csv_file.MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="cameras.csv"'},
    )


def _plain(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


@router.get("/ground", response_class=Response)
async def ground(requester: SignedIn, ports: Cameras) -> Response:
    """Return the map's ground: roads, water, green, buildings, sectors."""
    del requester
    return Response(ports.ground, media_type="application/geo+json")
