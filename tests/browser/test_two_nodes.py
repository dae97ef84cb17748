"""The main job with two nodes in two processes: the officer at the State's, the city's room at the city's; both files agree."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import RoomOpener, Town, eventually, rooms, running_town
from tests.browser.test_story import another_event, camera_id, open_event, picture_after, shown, type_number
from tests.promises import allowed_s

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WATCHED = (117, 3, 42)


@pytest.fixture(scope="module")
def two_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("two-nodes"), nodes=2) as town:
        yield town


@pytest.fixture
def enter(two_nodes: Town, chromium: Browser) -> Iterator[RoomOpener]:
    with rooms(two_nodes, chromium) as open_room:
        yield open_room


def is_suspended(tile: Locator) -> bool:
    return tile.get_attribute("data-state") == "suspended" and "article 3" in tile.inner_text()


def test_an_officer_at_the_states_node_watches_and_the_city_sees_and_ends_it(
    two_nodes: Town, enter: RoomOpener, tmp_path: Path
) -> None:
    officer, second = enter("cic-operator"), enter("cic-operator", 1)
    director = enter("police-director")

    # Each tile shows the camera asked for, live, with the age of its picture.
    open_event(officer)
    for number in WATCHED:
        type_number(officer, number)
        first = shown(officer, number)
        assert first.reading.number == number
        eventually(f"the burned time of {number} advances", 15, partial(picture_after, officer, first))
        apart_ms = []
        for _ in range(5):
            picture = shown(officer, number)
            apart_ms.append(abs(picture.true_age_ms - picture.shown_age_ms))
            officer.wait_for_timeout(60)
        assert sorted(apart_ms)[2] <= 1000 * allowed_s(0.1), f"camera {number}: {apart_ms} ms apart"

    # A second officer joins what flows already, and the city sees both, by pseudonyms.
    another_event(second, "b")
    type_number(second, 42)
    shown(second, 42)
    rows = director.locator("[data-camera-row]")
    eventually("three cameras in the CSU", 15, lambda: rows.count() >= len(WATCHED))
    for nth in range(2):
        assert two_nodes.account("cic-operator", nth)["login"] not in director.content()

    # The director suspends one: both officers' pictures of it end, and each reads why.
    of_42 = rows.locator(f'xpath=self::*[@data-camera-row="{camera_id(42)}"]').first
    of_42.get_by_role("button", name="suspendre").click()
    director.locator("input[name=ground][value=mask-fault]").check()
    director.locator("textarea[name=reason]").fill("masque décalé sur une fenêtre")
    director.locator("button[type=submit].confirm").click()
    since = time.monotonic()
    for page in (officer, second):
        tile = page.locator(f'[data-state][data-camera="{camera_id(42)}"]')
        eventually("the tile says that it is suspended, and why", 15, partial(is_suspended, tile))
    assert time.monotonic() - since <= allowed_s(2.0)

    # Each file proves the other's words, offline.
    city, state = two_nodes.ready["nodes"]
    belvedere = Path(sys.executable).with_name("belvedere")
    keys = Path(city["data_dir"]).parent / "convention" / "keys.json"
    for node in (city, state):
        exported = tmp_path / f"{node['party']}.jsonl"
        subprocess.run(
            [belvedere, "ledger", "export", "--data-dir", node["data_dir"], "-o", exported], check=True, timeout=60
        )
        verified = subprocess.run(
            [belvedere, "ledger", "verify", exported, "--vkey", node["vkey"], "--keys", keys],
            check=False,
            timeout=60,
            capture_output=True,
            text=True,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "signed word of another party's node" in verified.stdout
        assert '"cause":"suspended"' in exported.read_text()

    # The city's node freezes: the State's room reads in one line what is lost, since when and where, until it answers again.
    lost = officer.locator("[data-link-lost=villeneuve-dascq]")
    os.kill(city["pid"], signal.SIGSTOP)
    try:
        eventually("the line of the fault", 3, lost.is_visible)
        assert "perdue depuis" in lost.inner_text()
    finally:
        os.kill(city["pid"], signal.SIGCONT)
    eventually("the line goes with the fault", 15, lambda: lost.count() == 0)

    # Each side's inspection reads whether the two journals say the same: what the cut explains at most.
    for nth in range(2):
        inspection = enter("inspector", nth, ready="[data-journal]")
        inspection.get_by_text("Rapprochement avec le journal des autres parties").click()
        told = inspection.locator("[data-reconciliation] [data-differences]")
        eventually("the journals are compared", 15, partial(is_compared, inspection))
        assert "■" not in told.inner_text(), "nothing that no cut explains"


def is_compared(inspection: Page) -> bool:
    """Whether the page says what the comparison found; while the link comes back it says that, and is asked again."""
    if inspection.locator("[data-reconciliation] [data-differences]").count():
        return True
    again = inspection.locator("[data-reconciliation] > button")
    if again.is_enabled():
        again.click()
    return False
