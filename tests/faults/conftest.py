"""What the fault tests share: the flows' city, one with more cameras, and time enough on a busy machine."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.flows.conftest import (
    CityMaker,
    anyio_backend,
    camera_feature,
    cheap_passwords,
    city,
    city_maker,
    enrolled_data,
    enrolled_state_data,
)

__all__ = [
    "anyio_backend",
    "cheap_passwords",
    "city",
    "city_maker",
    "crowded_city_maker",
    "enrolled_data",
    "enrolled_state_data",
    "failing_disk",
]

CROWD = 80
"""Enough cameras for 64 clients to ask for one each."""


@pytest.fixture(scope="session")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shared object of `disk.c`, compiled once a session."""
    built = tmp_path_factory.mktemp("disk") / "disk.so"
    source = Path(__file__).with_name("disk.c")
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(built), str(source)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return built


@pytest.fixture
def crowded_city_maker(city_maker: CityMaker, tmp_path: Path) -> CityMaker:
    """Return what starts the city with `CROWD` cameras."""
    features = [camera_feature(number) for number in range(1, CROWD + 1)]
    (tmp_path / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return city_maker
