"""The catalogue of cameras and the map's ground, GeoJSON (RFC 7946)."""

from fastapi import APIRouter, Response

from belvedere.inventory.cameras import Camera
from belvedere.live.read_inventory import Readable
from belvedere.web.asking import Ports, SignedIn
from belvedere.web.problems import refused
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
            state="lost" if state == "lost" else "ok",
            authorised_until=camera.authorised_until,
        ),
    )


@router.get("/cameras")
async def cameras(asker: SignedIn, ports: Ports) -> CamerasOut:
    """Return every camera that the convention lets the asker's party know, unpaged."""
    outcome = await ports.inventory_reader(asker)
    if not isinstance(outcome, Readable):
        ports.tally.note(outcome)
        raise refused(outcome)
    return CamerasOut(
        features=[
            _feature(camera, ports.camera_state(camera.id))
            for camera in ports.inventory
            if camera.owner in outcome.owners
        ]
    )


@router.get("/ground", response_class=Response)
async def ground(asker: SignedIn, ports: Ports) -> Response:
    """Return the map's ground: roads, water, green, buildings, sectors."""
    del asker
    return Response(ports.ground, media_type="application/geo+json")
