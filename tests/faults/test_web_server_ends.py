"""Reliability 11b, 25: a node whose web server is gone ends with an error, so that its supervisor starts it again."""

import shutil
from pathlib import Path

import anyio
import pytest
import uvicorn

from belvedere.demo.signing import sign_for_all
from belvedere.web.server import WebServerEnded
from tests.faults.served import ServedSite
from tests.flows.conftest import CONVENTIONS, CityMaker, _settings

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

PLANTED = """
import uvicorn
async def on_tick(self, counter):
    if counter == 20:
        raise RuntimeError("a bug planted in the web server")
    return False
uvicorn.Server.on_tick = on_tick
"""


@pytest.mark.parametrize("planted", [RuntimeError("a bug planted in the web server"), None])
async def test_a_web_server_that_ends_by_itself_ends_the_node(
    city_maker: CityMaker, monkeypatch: pytest.MonkeyPatch, planted: Exception | None
) -> None:
    async def on_tick(_: uvicorn.Server, counter: int) -> bool:
        if counter == 5 and planted is not None:
            raise planted
        return counter == 5

    monkeypatch.setattr(uvicorn.Server, "on_tick", on_tick)

    async def run_the_node() -> None:
        async with city_maker() as city:
            assert (await city.browser().get("/healthz")).status_code == 200
            await anyio.sleep(120)

    with pytest.raises(BaseExceptionGroup) as ended:
        await run_the_node()
    causes = ended.value.subgroup(WebServerEnded)
    assert causes is not None, "the node went down in order, and said why"
    found: BaseException = causes
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert found.__cause__ is planted


async def test_a_node_that_is_asked_to_end_ends_without_an_error(city_maker: CityMaker) -> None:
    for _ in range(2):
        async with city_maker() as city:
            assert (await city.browser().get("/healthz")).status_code == 200


@pytest.mark.processes
def test_the_process_of_a_node_whose_web_server_ended_exits_with_an_error(tmp_path: Path, enrolled_data: Path) -> None:
    settings = _settings(tmp_path)
    shutil.copytree(enrolled_data, settings.node.data_dir)
    (convention,) = settings.conventions
    sign_for_all(CONVENTIONS / "villeneuve-dascq-etat", convention.directory)
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "sitecustomize.py").write_text(PLANTED)
    site = ServedSite(tmp_path, settings)
    site.environment["PYTHONPATH"] = str(planted)
    with site.serving() as node:
        assert node.app_url, "it served"
        assert node.process.wait(60) == 1
    log = site.log.read_text()
    assert "web_server_ended" in log
    assert "a bug planted in the web server" in log
    assert "belvedere: the web server ended by itself" in log
