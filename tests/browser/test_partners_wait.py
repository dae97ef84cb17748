"""After a start that no witness has seen: the rooms say who waits, and the director answers for the journal."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.eyes import cut_off
from tests.browser.test_screens import look
from tests.faults.served import Served, site_of
from tests.flows.conftest import CITY, PASSWORD, STATE, enrolled, station_secret
from tests.flows.two_nodes import two_nodes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
WAITS = f"[data-partner-waits={STATE}]"


@contextmanager
def room(node: Served, chromium: Browser, login: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(40_000)
    page.goto(node.app_url)
    for name, value in (("login", login), ("password", PASSWORD), ("station", station_secret(login))):
        page.locator(f"input[name={name}]").fill(value)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-number-field]")
    try:
        yield page
    finally:
        context.close()


def test_a_partner_that_waits_is_told_in_both_rooms_until_the_director_answers_for_the_journal(
    tmp_path: Path, chromium: Browser
) -> None:
    # Playwright keeps an event loop running in this thread.
    (tmp_path / "enrolled").mkdir()
    with ThreadPoolExecutor(1) as beside:
        data = beside.submit(enrolled, tmp_path / "enrolled", CITY, (CITY, STATE)).result()
    with (
        site_of(two_nodes(tmp_path, data).city).serving() as node,
        room(node, chromium, "police-director") as director,
        room(node, chromium, "cic-operator") as officer,
    ):
        told = director.locator(WAITS)
        assert "aucune autre partie n'a comparé ce journal" in told.inner_text()
        assert "Journal pas encore vu par un témoin" in officer.locator(WAITS).inner_text()
        assert officer.locator(f"{WAITS} button").count() == 0
        for page in (director, officer):
            assert not cut_off(page)
            look(page, "who waits")
        for key in ("F1", "3"):
            director.keyboard.press(key)
        form = director.locator("[data-act=confirm-log]")
        form.locator("input").fill("journal comparé à l'export du matin")
        director.keyboard.press("Enter")
        told.wait_for(state="detached")
        officer.locator(WAITS).wait_for(state="detached")
        assert "Inscrit au journal" in form.inner_text()
