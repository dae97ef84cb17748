"""Who saw this camera? The inspection asks by keyboard, reads whole viewings, and takes them away as a file."""

import csv
import io

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import RoomOpener, eventually
from tests.browser.test_screens import look
from tests.browser.test_story import camera_id, open_event, shown, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def ask(page: Page, **typed: str) -> None:
    for name, words in typed.items():
        page.locator(f"[data-journal] [name={name.rstrip('_')}]").fill(words)
    page.keyboard.press("Enter")


def cameras_of(page: Page) -> set[str]:
    return set(page.locator("[data-line-camera]").all_inner_texts())


def test_an_inspection_reads_who_watches_a_camera_and_takes_the_answer_away(enter: RoomOpener) -> None:
    officer = enter("cic-operator")
    open_event(officer)
    type_number(officer, 104)
    shown(officer, 104)
    page = enter("inspector", ready="[data-journal]")

    # It runs: a time that begins after it did finds it all the same.
    ask(page, camera="104", from_="dernière heure")
    assert page.locator("[data-fault=from]").inner_text()
    page.locator("[data-preset=lastHour]").click()
    eventually("every line is of camera 104", 5, lambda: cameras_of(page) == {"104 Flers bourg"})
    line = page.locator("[data-viewing-line]").first.inner_text()
    assert "en cours" in line
    assert "cic-mur-1" in line, "another party's station is known by its id"
    assert "motif non donné" in line
    look(page, "journal of the inspector")

    # What cannot be asked is said in words, and asks nothing.
    ask(page, camera="9999", from_="")
    assert "Aucune caméra 9999" in page.locator("[data-fault=no-camera]").inner_text()
    ask(page, camera="104", from_="14/07 22:00", to="14/07 21h")
    assert page.locator("[data-fault=backwards]").is_visible()
    ask(page, camera="104", from_="", to="")
    page.locator("[data-fault]").wait_for(state="detached")

    with page.expect_download() as waiting:
        page.locator("[data-download]").click()
    assert waiting.value.suggested_filename == "journal-104.csv"
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == page.locator("[data-viewing-line]").count()
    assert {row["Caméra n°"] for row in rows} == {"104"}

    # The entries themselves, this reading among them.
    page.locator("[data-detail]").click()
    eventually(
        "the reading is in the journal", 5, lambda: "Consultation du journal" in page.locator("tbody").inner_text()
    )
    page.keyboard.press("F7")
    page.keyboard.press("F6")
    page.wait_for_selector("html[lang=en][data-theme=light]")
    look(page, "the journal's entries, English, light")
    page.keyboard.press("F3")
    menu = page.locator("dialog[open]")
    menu.wait_for()
    assert "Blank wall" not in menu.inner_text(), "there is no wall here"
    assert camera_id(104) not in page.content()
