"""The list of cameras is handed over as a map and as a table, the same cameras in both. Rules A4."""

import csv
import io
import json

import pytest

from tests.flows.conftest import CAMERAS, City, CityMaker, camera_feature

pytestmark = pytest.mark.anyio


async def test_the_list_of_cameras_is_given_as_a_map_and_as_a_table(city: City) -> None:
    officer = await city.sign_in("cic-operator")
    as_map = await officer.client.get("/api/v1/cameras.geojson")
    assert as_map.headers["content-type"] == "application/geo+json"
    assert as_map.headers["content-disposition"] == 'attachment; filename="cameras.geojson"'
    shown = (await officer.client.get("/api/v1/cameras")).json()
    assert as_map.json() == shown
    as_table = await officer.client.get("/api/v1/cameras.csv")
    rows = list(csv.DictReader(io.StringIO(as_table.content.decode("utf-8-sig"))))
    assert len(rows) == CAMERAS
    first = shown["features"][0]
    assert [rows[0]["id"], float(rows[0]["lon_deg"]), float(rows[0]["lat_deg"])] == [
        first["properties"]["id"],
        *first["geometry"]["coordinates"],
    ]
    assert (rows[2]["ptz"], rows[0]["ptz"]) == ("yes", "no")


async def test_a_cameras_name_is_never_a_formula(city_maker: CityMaker) -> None:
    async with city_maker() as city:
        place = city.settings.inventory.cameras
    features = [camera_feature(1, name='=HYPERLINK("x")'), camera_feature(2, name="Rue, du Lac", width_px=1920)]
    place.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    async with city_maker() as city:
        officer = await city.sign_in("cic-operator")
        text = (await officer.client.get("/api/v1/cameras.csv")).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row["name"] for row in rows] == ['\'=HYPERLINK("x")', "Rue, du Lac"]
        assert [row["width_px"] for row in rows] == ["", "1920"]


async def test_nobody_takes_the_list_without_a_session(city: City) -> None:
    for path in ("cameras.csv", "cameras.geojson"):
        assert (await city.browser().get(f"/api/v1/{path}")).status_code == 401
