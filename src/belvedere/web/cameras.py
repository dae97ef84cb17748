"""The catalogue of cameras and the map's ground, GeoJSON (RFC 7946), and the same catalogue for a table program."""

from dataclasses import fields

from fastapi import APIRouter, Response

from belvedere.inventory.cameras import Camera
from belvedere.web import csv_file
from belvedere.web.asking import Ports, SignedIn
from belvedere.web.schemas import CameraOut, CameraPropertiesOut, CamerasOut, PointOut

router = APIRouter(tags=["cameras"])


def _feature(camera: Camera, state: str) -> CameraOut:
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
            state="lost" if state == "lost" else "ok",
            authorised_until=camera.authorised_until,
        ),
    )


@router.get("/cameras")
async def cameras(asker: SignedIn, ports: Ports) -> CamerasOut:
    """Return every camera, unpaged."""
    del asker
    return CamerasOut(features=[_feature(camera, ports.camera_state(camera.id)) for camera in ports.inventory])


@router.get("/cameras.geojson", response_class=Response)
async def cameras_as_a_map(asker: SignedIn, ports: Ports) -> Response:
    """Return the same collection as a file to keep and to hand over (FACTS A4)."""
    collection = await cameras(asker, ports)
    return Response(
        collection.model_dump_json(by_alias=True),
        media_type="application/geo+json",
        headers={"Content-Disposition": 'attachment; filename="cameras.geojson"'},
    )


@router.get("/cameras.csv", response_class=Response)
async def cameras_as_a_table(asker: SignedIn, ports: Ports) -> Response:
    """Return the list of cameras as a file for a table program; one form in every language, so that programs read it."""
    del asker
    names = [each.name for each in fields(Camera)]
    heads = csv_file.line("class" if name == "camera_class" else name for name in names)
    lines = (csv_file.line(_plain(getattr(camera, name)) for name in names) for camera in ports.inventory)
    return Response(
        csv_file.MARK + heads + "".join(lines),
        media_type=csv_file.MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="cameras.csv"'},
    )


def _plain(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


@router.get("/ground", response_class=Response)
async def ground(asker: SignedIn, ports: Ports) -> Response:
    """Return the map's ground: roads, water, green, buildings, sectors."""
    del asker
    return Response(ports.ground, media_type="application/geo+json")
