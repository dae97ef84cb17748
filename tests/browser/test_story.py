"""The main job, end to end, with two browsers on the real demo: an officer watches, the city sees, a director acts."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Picture, RoomOpener, Town, eventually, picture_of
from tests.promises import allowed_s

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
EIGHT = (117, 3, 42, 58, 61, 77, 104, 88)


def camera_id(number: int) -> str:
    return f"vda-{number:03}"


def type_number(page: Page, number: int) -> None:
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")


def open_event(page: Page, key: str = "a") -> None:
    page.keyboard.press("F2")
    page.wait_for_selector("[data-kind]")
    page.keyboard.press(key)
    page.wait_for_selector("[data-event-kind]")


def another_event(page: Page, key: str) -> None:
    """Open a second event: the panel of the first stands there first."""
    page.keyboard.press("n")
    page.wait_for_selector("[data-kind]")
    page.keyboard.press(key)
    page.wait_for_selector("[data-kind]", state="detached")


def leave(page: Page) -> None:
    """Sign out by the key; where something runs, what would end is said first."""
    page.keyboard.press("F8")
    page.wait_for_selector("[data-leave], input[name=login]")
    if page.locator("[data-leave]").count():
        page.keyboard.press("Enter")
    page.wait_for_selector("input[name=login]")


def shown(page: Page, number: int, within_s: float = 30) -> Picture:
    found: Picture = eventually(
        f"a readable picture of camera {number}", within_s, lambda: picture_of(page, camera_id(number))
    )
    return found


def picture_after(page: Page, first: Picture) -> Picture | None:
    found = picture_of(page, camera_id(first.reading.number))
    return found if found is not None and found.reading.stamp > first.reading.stamp else None


def state_of(page: Page, number: int) -> str | None:
    return page.locator(f'[data-state][data-camera="{camera_id(number)}"]').get_attribute("data-state")


def test_the_whole_story_from_one_key_to_a_verified_ledger(town: Town, enter: RoomOpener, tmp_path: Path) -> None:
    officer, director = enter("cic-operator"), enter("police-director")

    # One key for the kind of event, then eight cameras by their numbers: each tile shows the camera asked for.
    open_event(officer)
    for number in EIGHT:
        type_number(officer, number)
        shown(officer, number)
    assert officer.locator("[data-slots-used]").first.get_attribute("data-slots-used") == "8"
    for number in EIGHT:
        first = shown(officer, number)
        assert first.reading.number == number
        later = eventually(f"the burned time of {number} advances", 15, partial(picture_after, officer, first))
        assert later.reading.number == number

    # The age displayed is the age of the picture.
    for number in EIGHT:
        apart_ms = []
        for _ in range(5):
            picture = shown(officer, number)
            apart_ms.append(abs(picture.true_age_ms - picture.shown_age_ms))
            officer.wait_for_timeout(60)
        assert sorted(apart_ms)[2] <= 1000 * allowed_s(0.1), (
            f"camera {number}: age displayed and true are {apart_ms} ms apart"
        )

    # The ninth is refused where the eye is, with the article, naming the eight.
    type_number(officer, 203)
    refusal = officer.locator('[data-refusal="quota"]')
    refusal.wait_for()
    named = {holder.get_attribute("data-holder") for holder in refusal.locator("[data-holder]").all()}
    assert named == {camera_id(number) for number in EIGHT}
    assert "article 3" in refusal.inner_text()
    assert officer.locator("[data-viewing^=v-]").count() == 8, "nothing was evicted"
    officer.keyboard.press("Escape")

    # The city sees each of them, for what, under a pseudonym.
    rows = director.locator("[data-camera-row]")
    eventually("eight rows in the CSU", 15, lambda: rows.count() == 8)
    table = director.locator("[data-watched]").inner_text()
    assert "Levée de doute" in table
    assert town.account("cic-operator")["login"] not in director.content()

    # The director suspends one, and the officer reads why within a second.
    rows.locator(f'xpath=self::*[@data-camera-row="{camera_id(42)}"]').get_by_role("button", name="suspendre").click()
    director.locator("input[name=ground][value=mask-fault]").check()
    director.locator("textarea[name=reason]").fill("masque décalé sur une fenêtre")
    director.locator("button[type=submit].confirm").click()
    since = time.monotonic()
    tile = officer.locator(f'[data-state][data-camera="{camera_id(42)}"]')
    eventually("the officer's tile says it is suspended", 15, lambda: tile.get_attribute("data-state") == "suspended")
    assert time.monotonic() - since <= allowed_s(1.0)
    eventually("the reason stands on the tile", 15, lambda: "masque décalé" in tile.inner_text())
    assert "article 3" in tile.inner_text()
    eventually("seven rows in the CSU", 15, lambda: rows.count() == 7)

    # A frozen camera is shown as frozen, and comes back by itself.
    since = time.monotonic()
    town.camera(camera_id(58), "freeze")
    eventually("the frozen camera is shown as such", 15, lambda: state_of(officer, 58) in ("frozen", "lost"))
    assert time.monotonic() - since <= allowed_s(3.5)
    assert "figée" in officer.locator(f'[data-state][data-camera="{camera_id(58)}"]').inner_text().lower()
    stamp = shown(officer, 58).reading.stamp
    town.camera(camera_id(58), "thaw")
    eventually("the camera is live again", 30, lambda: state_of(officer, 58) == "live")
    assert shown(officer, 58).reading.stamp > stamp

    # What happened verifies offline, with the node's key pinned.
    exported = tmp_path / "ledger.jsonl"
    belvedere = Path(sys.executable).with_name("belvedere")
    subprocess.run([belvedere, "ledger", "export", "--data-dir", town.data_dir, "-o", exported], check=True, timeout=60)
    verified = subprocess.run(
        [belvedere, "ledger", "verify", exported, "--vkey", str(town.vkey())],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert '"cause":"suspended"' in exported.read_text()
