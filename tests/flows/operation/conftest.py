"""A site of its own for each test: a folder with settings, conventions and data, started as the test wants it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from belvedere.demo.signing import sign_for_all
from belvedere.media.relay import MediaRelay
from belvedere.node.compose import run_node
from belvedere.settings import Settings
from tests.flows.conftest import CONVENTIONS, City, MovedClock, NotingRelay, _settings
from tests.flows.operation.quiet import logs_as_before

__all__ = ["Site", "logs_as_before", "site"]


@dataclass
class Site:
    """What stands in the folder, and how a node is started on it."""

    folder: Path
    settings: Settings
    clock: MovedClock = field(default_factory=MovedClock)

    def change(self, section: str, **values: object) -> None:
        """Change settings of one section, as editing node.toml would."""
        changed = getattr(self.settings, section).model_copy(update=values)
        self.settings = self.settings.model_copy(update={section: changed})

    @asynccontextmanager
    async def serving(self, relay: MediaRelay | None = None) -> AsyncIterator[City]:
        """Run the node until the block ends."""
        noting = NotingRelay()
        try:
            async with run_node(self.settings, clock=self.clock, relay=relay or noting, record_within_s=20.0) as node:
                city = City(node, self.clock, noting, self.settings)
                try:
                    yield city
                finally:
                    for client in city.clients:
                        await client.aclose()
        finally:
            if hasattr(noting, "_receive"):
                noting._receive.close()  # a node that did not come up has not read it


@pytest.fixture
def site(tmp_path: Path, enrolled_data: Path) -> Site:
    """The small city's site, its node not started yet."""
    settings = _settings(tmp_path)
    shutil.copytree(enrolled_data, settings.node.data_dir)
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", tmp_path / "convention")
    return Site(tmp_path, settings)
