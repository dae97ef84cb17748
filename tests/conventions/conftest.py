"""Both conventions, as fixtures."""

import pytest

from belvedere.policy import Convention
from tests.conventions.texts import LOADED, SLUGS


@pytest.fixture(params=SLUGS)
def convention(request: pytest.FixtureRequest) -> Convention:
    return LOADED[str(request.param)]


@pytest.fixture
def vda() -> Convention:
    return LOADED["villeneuve-dascq-etat"]


@pytest.fixture
def rouen() -> Convention:
    return LOADED["rouen-metropole"]
