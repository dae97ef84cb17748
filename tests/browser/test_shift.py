"""What an officer's night rests on: places that are free again, a relief that can finish, answers that were lost."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psutil
import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import RoomOpener, Town, eventually
from tests.browser.test_rooms import tile_of
from tests.browser.test_screens import look
from tests.browser.test_story import EIGHT, another_event, camera_id, leave, open_event, shown, state_of, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SILENT_S = 15.0


def tiles(page: Page) -> set[int]:
    return set(page.locator("[data-state]").evaluate_all("all => all.map((one) => Number(one.dataset.number))"))


def slots_used(page: Page) -> str | None:
    return page.locator("[data-slots-used]").first.get_attribute("data-slots-used")


def refuse_as_busy(page: Page, times: int) -> None:
    """Answer the next openings as a node does that has too many requests at once."""
    texts = {"fr": {"title": "Trop de demandes à la fois"}, "en": {"title": "Too many requests at once"}}
    problem = {**texts["fr"], "cause": "busy", "articles": [], "status": 503, "texts": texts}
    left = [problem] * times

    def busy(route: Route) -> None:
        if route.request.method == "POST" and left:
            headers = {"Retry-After": "1", "Content-Type": "application/problem+json"}
            route.fulfill(status=503, headers=headers, body=json.dumps(left.pop()))
        else:
            route.fallback()

    page.route("**/api/v1/streams", busy)


@contextmanager
def silent_node(town: Town) -> Iterator[None]:
    """Stop the node's process for a while: it answers nothing, and every connection to it stands."""
    (node,) = [each for each in psutil.Process(town.process.pid).children() if "serve" in each.cmdline()]
    since = time.monotonic()
    os.kill(node.pid, signal.SIGSTOP)
    try:
        yield
        time.sleep(max(0.0, since + SILENT_S - time.monotonic()))
    finally:
        os.kill(node.pid, signal.SIGCONT)


def test_a_relief_closes_the_event_of_eight_pictures_and_the_next_call_opens_at_once(
    enter: RoomOpener, town: Town
) -> None:
    page = enter("cic-operator")
    open_event(page)
    for number in EIGHT:
        type_number(page, number)
        eventually(f"{number} is given", 10, partial(tile_of(page, number).get_attribute, "data-viewing"))
    shown(page, EIGHT[0])

    # The relief finishes what the shift before began: the motive, then the end, under its own name.
    relief = town.account("cic-operator", 1)
    page.keyboard.press("F9")
    page.locator("[name=relief-login]").fill(relief["login"])
    page.locator("[name=relief-pin]").fill(relief["pin"])
    page.keyboard.press("Enter")
    page.locator("[data-notice=relieved]").wait_for()
    page.keyboard.press("F2")
    eventually("the cursor is in the motive", 2, lambda: page.locator("input[name=motive]:focus").count())
    kept_by = page.locator("[data-kept-by]")
    kept_by.wait_for()
    assert "suivi par" in kept_by.inner_text()
    page.keyboard.type("rixe, 2 interpellés")
    page.keyboard.press("Enter")
    page.get_by_text("Enregistré").wait_for()
    look(page, "State room, the relief completes the event")
    page.get_by_role("button", name="Clore l'événement").click()
    eventually("all have ended", 5, lambda: all(state_of(page, number) == "ended" for number in EIGHT))
    assert page.locator("[data-event-panel]").count() == 0, "closed, not refused"

    # Eight ended pictures hold nothing: the next call opens in the first place, and the others keep their word.
    another_event(page, "a")
    type_number(page, 117)
    assert shown(page, 117).reading.number == 117
    assert page.locator("[data-refusal]").count() == 0
    assert page.locator(".large [data-state]").get_attribute("data-camera") == camera_id(117)
    assert "événement clos" in tile_of(page, EIGHT[1]).inner_text()
    assert slots_used(page) == "1"
    look(page, "State room, the next call after eight")

    # A node that is too busy is asked once more by the screen, which says so; then the person asks, with one key.
    refuse_as_busy(page, 1)
    type_number(page, 203)
    again = page.locator("[data-asked-again=busy]")
    again.wait_for()
    assert "La caméra est redemandée" in again.inner_text()
    shown(page, 203)
    assert page.locator("[data-refusal]").count() == 0
    page.unroute("**/api/v1/streams")
    refuse_as_busy(page, 2)
    page.keyboard.press("F7")
    type_number(page, 9)
    again.wait_for()
    assert "being asked for again" in again.inner_text()
    refusal = page.locator("[data-refusal=busy]")
    refusal.wait_for()
    assert "Camera 9: not open yet" in refusal.inner_text()
    assert "Too many requests at once" in refusal.inner_text()
    assert "Asked for twice" in refusal.inner_text()
    look(page, "State room, a busy node, English")
    page.keyboard.press("Enter")
    shown(page, 9)
    assert page.locator("[data-refusal]").count() == 0
    page.keyboard.press("F7")
    leave(page)


def test_a_node_that_answers_nothing_for_15_s_leaves_no_ghost_slot_and_gives_what_is_still_waited_for(
    enter: RoomOpener, town: Town
) -> None:
    page = enter("cic-operator")
    open_event(page)
    for number in (42, 58):
        type_number(page, number)
        shown(page, number)
    with silent_node(town):
        type_number(page, 203)
        type_number(page, 117)
        tile_of(page, 58).locator("[data-tile-name]").click()
        page.keyboard.press("Delete")
        eventually("both are told unanswered", 8, lambda: tiles(page) == {42})
        refusal = page.locator("[data-refusal]")
        assert "Caméra 117 : sans réponse" in refusal.inner_text()
        assert "dès que le serveur répond" in refusal.inner_text()
        page.locator("[data-unreachable]").wait_for()
        assert page.locator("[data-elsewhere]").count() == 0, "what was closed here stands in no other window"
        look(page, "State room, a node that is silent")

    # What the last words say is waited for comes to the wall by itself; what was left, or closed, holds no slot.
    assert shown(page, 117).reading.number == 117
    page.locator("[data-unreachable]").wait_for(state="detached")
    eventually("a slot for each picture", 10, lambda: slots_used(page) == "2")
    assert tiles(page) == {42, 117}
    assert page.locator("[data-refusal]").count() == 0
    mine = {
        item["camera"] for item in page.request.get(f"{town.app_url}/api/v1/streams").json()["items"] if item["mine"]
    }
    assert mine == {camera_id(42), camera_id(117)}
    look(page, "State room, the node is back")
    leave(page)
