"""What the fault tests share: the flows' city, one with more cameras, and time enough on a busy machine."""

import json
from pathlib import Path

import pytest

from tests.flows.conftest import CityMaker, anyio_backend, camera_feature, city, city_maker, enrolled_data

__all__ = ["anyio_backend", "city", "city_maker", "crowded_city_maker", "enrolled_data"]

CROWD = 80
"""Enough cameras for 64 clients to ask for one each."""


@pytest.fixture
def crowded_city_maker(city_maker: CityMaker, tmp_path: Path) -> CityMaker:
    """Return what starts the city with `CROWD` cameras."""
    features = [camera_feature(number) for number in range(1, CROWD + 1)]
    (tmp_path / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return city_maker
