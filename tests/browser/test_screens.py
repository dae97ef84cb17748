"""The screens themselves, on the real demo: by keyboard, for every eye, with every decoder, under their own policy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import RoomOpener, Town, eventually, picture_of, rooms
from tests.browser.test_story import camera_id, leave, open_event, shown, state_of, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT_PX_MIN = 16
TARGET_PX_MIN = 24
_VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
_SMALL = """
([text_px, target_px]) => {
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const small = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || !seen(holder)) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < text_px) small.push(`${size} px: ${node.data.trim().slice(0, 40)}`);
  }
  for (const target of document.querySelectorAll("button, input, select, textarea, [role=option]")) {
    if (!seen(target)) continue;
    const { width, height } = target.getBoundingClientRect();
    if (width < target_px || height < target_px) small.push(`${width}×${height}: ${target.outerHTML.slice(0, 60)}`);
  }
  return small;
}
"""


def look(page: Page, where: str) -> None:
    """Fail unless the page as it stands passes axe, and no text or target is too small."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(run => run.violations.map("
        "one => ({rule: one.id, nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' — ' "
        "+ node.failureSummary)})))",
        RULES,
    )
    assert not found, f"{where}: {json.dumps(found, ensure_ascii=False, indent=1)}"
    small = page.evaluate(_SMALL, [TEXT_PX_MIN, TARGET_PX_MIN])
    assert not small, f"{where}: {small}"


def other_light_and_language(page: Page) -> None:
    """Change both by their keys; together with the start each language and each lighting is seen once."""
    page.keyboard.press("F6")
    page.keyboard.press("F7")
    page.wait_for_selector("html[lang=en][data-theme=light]")


def back_to_french_in_the_dark(page: Page) -> None:
    page.keyboard.press("F6")
    page.keyboard.press("F7")
    page.wait_for_selector("html[lang=fr][data-theme=dark]")


@pytest.fixture
def page_of(town: Town, chromium: Browser) -> Iterator[RoomOpener]:
    """Sign an account in on a page that notes what its policy refuses, and was prepared by a script."""
    with rooms(town, chromium) as open_room:
        yield lambda role, nth=0, *, script="", **more: open_room(role, nth, script=_VIOLATIONS + script, **more)


def test_the_sign_in_is_for_every_eye_and_says_what_was_wrong(town: Town, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    page = context.new_page()
    page.goto(town.app_url)
    page.wait_for_selector("input[name=login]")
    look(page, "sign-in, French, dark")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Bright room").click()
    look(page, "sign-in, English, light")
    page.locator("input[name=login]").fill("nobody")
    page.locator("input[name=password]").fill("wrong")
    page.locator("input[name=station]").fill("nowhere")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "Wrong login or password" in page.get_by_role("alert").inner_text()
    look(page, "sign-in, refused")
    context.close()


def test_the_state_room_is_for_every_eye(page_of: RoomOpener) -> None:
    page = page_of("cic-operator")
    page.wait_for_selector("[data-map][data-drawn=true]")
    look(page, "State room, empty")
    open_event(page)
    type_number(page, 117)
    type_number(page, 3)
    shown(page, 117)
    shown(page, 3)
    look(page, "State room, two pictures")
    page.keyboard.press("F2")
    page.wait_for_selector("[data-event-panel=event]")
    look(page, "State room, the event in course")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_selector("[data-kind]")
    look(page, "State room, kinds of event")
    page.keyboard.press("Escape")
    type_number(page, 9999)
    page.wait_for_selector("[data-refusal]")
    look(page, "State room, unknown number")
    other_light_and_language(page)
    look(page, "State room, English, light")
    page.keyboard.press("Control+k")
    page.wait_for_selector("[role=listbox]")
    look(page, "search, English, light")
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    page.wait_for_selector("[data-event-panel=event]")
    look(page, "the event in course, English, light")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_selector("[data-kind]")
    look(page, "kinds of event, English, light")
    page.keyboard.press("Escape")
    back_to_french_in_the_dark(page)
    assert page.evaluate("window.__violations") == []
    leave(page)


def test_the_csu_room_and_the_journal_are_for_every_eye(page_of: RoomOpener) -> None:
    officer = page_of("cic-operator")
    open_event(officer)
    type_number(officer, 104)
    shown(officer, 104)
    page = page_of("police-director")
    row = page.locator(f'[data-camera-row="{camera_id(104)}"]')
    row.wait_for()
    look(page, "CSU room")

    # The owner's room opens what a partner watches, and takes no slot.
    row.get_by_role("button", name="voir aussi").click()
    shown(page, 104)
    assert page.locator("[data-slots-used]").first.get_attribute("data-slots-used") == "1"
    look(page, "CSU room with a picture")
    other_light_and_language(page)
    look(page, "CSU room, English, light")
    page.keyboard.press("s")
    page.wait_for_selector("dialog[open]")
    look(page, "suspension, English, light")
    page.keyboard.press("Escape")
    back_to_french_in_the_dark(page)
    page.keyboard.press("j")
    page.wait_for_selector("[data-viewing-line]")
    assert "Flers bourg" in page.locator("[data-journal]").inner_text()
    look(page, "journal")
    page.keyboard.press("Escape")
    assert shown(page, 104).reading.number == 104, "the room's pictures go on behind the journal"
    assert page.evaluate("window.__violations") == []
    leave(officer)


def test_the_whole_work_is_done_by_keyboard_alone(page_of: RoomOpener) -> None:
    page = page_of("cic-operator")

    # Without an event a camera is refused with its article, and opens as soon as the kind is chosen.
    type_number(page, 42)
    page.wait_for_selector("[data-kind]")
    assert "article 3" in page.get_by_role("alert").inner_text()
    page.keyboard.press("a")
    assert shown(page, 42).reading.number == 42

    # The words follow: motive and call number.
    page.keyboard.press("F2")
    page.locator("input[name=motive]").focus()
    page.keyboard.type("rixe signalée")
    page.keyboard.press("Tab")
    page.keyboard.type("4512")
    page.keyboard.press("Enter")
    page.get_by_text("Enregistré").wait_for()
    page.keyboard.press("Escape")
    assert "appel 4512" in page.locator("header").first.inner_text()

    # Before the key, its words: what would be answered, by which article.
    page.keyboard.type("58")
    page.wait_for_selector('[data-foreseen="granted"]')
    assert "article 3" in page.locator("[data-foreseen]").inner_text()
    page.keyboard.press("Enter")
    shown(page, 58)

    # By words instead of a number.
    page.keyboard.press("Control+k")
    page.keyboard.type("bourg fler")
    page.keyboard.press("Enter")
    shown(page, 104)

    # A small picture is enlarged, and no other moves; another is closed.
    before = {number: _place_of(page, number) for number in (42, 58, 104)}
    page.keyboard.press("Enter")
    after = {number: _place_of(page, number) for number in (42, 58, 104)}
    assert after == {42: before[104], 58: before[58], 104: before[42]}
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    eventually("the chosen picture is closed", 3, lambda: page.locator("[data-state]").count() == 2)
    assert _place_of(page, 104) == after[104]
    leave(page)


def _place_of(page: Page, number: int) -> tuple[float, float]:
    box = page.locator(f'[data-state][data-camera="{camera_id(number)}"]').bounding_box()
    assert box is not None
    return box["x"], box["y"]


def test_the_key_pressed_right_after_a_search_was_left_is_heard(page_of: RoomOpener) -> None:
    page = page_of("cic-operator")
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open]")
    # In one task, as by a quick hand: the dialog tells that it has closed only after the next key was heard.
    page.evaluate(
        "() => { document.querySelector('dialog').close();"
        " document.dispatchEvent(new KeyboardEvent('keydown', { key: 'F2', bubbles: true, cancelable: true })); }"
    )
    page.wait_for_selector("[data-kind]")
    page.wait_for_timeout(200)
    assert page.locator("[data-kind]").first.is_visible()
    assert page.locator("dialog[open]").count() == 0


def test_a_number_typed_over_the_lost_cameras_or_a_sheet_opens_that_camera_and_no_other(
    page_of: RoomOpener, town: Town
) -> None:
    page = page_of("cic-operator")
    open_event(page)
    type_number(page, 58)
    shown(page, 58)
    town.camera("vda-077", "drop", seconds=20)
    type_number(page, 77)
    page.locator("button[data-lost]").first.wait_for()
    page.keyboard.press("Delete")

    # The focus stands on « ouvrir quand même » of 77, and Enter is still the number's.
    page.keyboard.press("l")
    page.locator("[data-lost-list] li button").first.focus()
    type_number(page, 42)
    shown(page, 42)
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("i")
    page.wait_for_selector("dialog[open]")
    type_number(page, 61)
    shown(page, 61)
    assert page.locator("dialog[open]").count() == 0
    assert set(page.locator("[data-state]").evaluate_all("all => all.map((one) => one.dataset.number)")) >= {
        "42",
        "58",
        "61",
    }
    assert page.locator('[data-state][data-number="77"]').count() == 0


def test_a_suspension_by_keys_takes_the_words_typed_right_after_the_grounds_digit(page_of: RoomOpener) -> None:
    officer = page_of("cic-operator")
    open_event(officer)
    type_number(officer, 104)
    shown(officer, 104)
    director = page_of("police-director")
    director.locator('[data-camera-row="vda-104"]').first.wait_for()
    director.keyboard.press("s")
    director.wait_for_selector("dialog[open]")
    director.keyboard.press("2")
    director.keyboard.type("masque décalé au 13 de la rue")
    assert director.locator("input[name=ground][value=mask-fault]").is_checked()
    assert director.locator("textarea[name=reason]").input_value() == "masque décalé au 13 de la rue"
    director.keyboard.press("Control+Enter")
    eventually("it is suspended", 15, lambda: state_of(officer, 104) == "suspended")
    tile = officer.locator('[data-camera="vda-104"][data-state]')
    # The socket says that it is suspended, the stream of changes says why: a moment later on a busy machine.
    eventually("the officer reads why", 15, lambda: "masque décalé au 13 de la rue" in tile.inner_text())
    director.locator("[data-suspensions]").get_by_role("button", name="rétablir").click()
    eventually("the suspension is lifted", 15, lambda: tile.get_attribute("data-restored") == "true")


def test_a_click_on_a_mark_opens_it_and_elsewhere_lists_the_five_nearest(page_of: RoomOpener) -> None:
    page = page_of("cic-operator")
    open_event(page)
    page.wait_for_selector("[data-map][data-drawn=true]")

    # Between the marks nothing is opened: the five nearest are listed, each with its number.
    page.mouse.move(520, 120)
    page.mouse.click(520, 120)
    page.wait_for_selector("[data-nearest]")
    assert page.locator("[data-state]").count() == 0
    listed = [int(row.get_attribute("data-near") or 0) for row in page.locator("[data-near]").all()]
    assert len(listed) == 5
    look(page, "the nearest cameras")
    page.keyboard.press("Escape")
    page.locator("[data-nearest]").wait_for(state="detached")
    page.mouse.click(520, 120)
    page.wait_for_selector("[data-nearest]")
    # Digits and Enter are a camera's number, whatever the map lists: one viewing, of that camera, and nothing else.
    assert 117 not in listed
    type_number(page, 117)
    assert shown(page, 117).reading.number == 117
    page.locator("[data-nearest]").wait_for(state="detached")
    assert [tile.get_attribute("data-number") for tile in page.locator("[data-state]").all()] == ["117"]
    page.mouse.click(520, 120)
    type_number(page, listed[1])
    assert shown(page, listed[1]).reading.number == listed[1]
    assert page.locator("[data-state]").count() == 2

    # A number that is typed rings its camera; a click on that mark opens it.
    page.keyboard.type("104")
    ring = page.locator("[data-ring='104']")
    ring.wait_for()
    box = ring.bounding_box()
    assert box is not None
    page.keyboard.press("Escape")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert shown(page, 104).reading.number == 104
    leave(page)


def test_a_reload_and_a_cut_socket_keep_the_pictures_and_their_viewings(page_of: RoomOpener) -> None:
    script = """
    const Plain = window.WebSocket;
    window.__sockets = [];
    window.WebSocket = class extends Plain { constructor(url) { super(url); window.__sockets.push(this); } };
    """
    page = page_of("cic-operator", script=script)
    open_event(page)
    for number in (61, 88):
        type_number(page, number)
        shown(page, number)
    tiles = page.locator("[data-viewing]")
    viewings = [tile.get_attribute("data-viewing") for tile in tiles.all()]
    page.evaluate("window.__sockets.forEach((socket) => socket.close())")
    first = shown(page, 61)
    eventually("the picture moves again", 5, lambda: shown(page, 61).reading.stamp > first.reading.stamp + 50)
    assert [tile.get_attribute("data-viewing") for tile in tiles.all()] == viewings
    page.reload()
    eventually(
        "both pictures are back", 10, lambda: picture_of(page, camera_id(61)) and picture_of(page, camera_id(88))
    )
    assert [tile.get_attribute("data-viewing") for tile in tiles.all()] == viewings
    leave(page)


@pytest.mark.parametrize(
    ("engine", "script"),
    [
        ("webcodecs", ""),
        ("mse", "delete window.MediaStreamTrackGenerator;"),
        ("stills", "delete window.MediaStreamTrackGenerator; delete window.MediaSource;"),
    ],
)
def test_each_way_of_decoding_shows_the_picture_and_its_true_age(page_of: RoomOpener, engine: str, script: str) -> None:
    page = page_of("cic-operator", script=script)
    open_event(page)
    type_number(page, 117)
    tile = page.locator(f'[data-camera="{camera_id(117)}"]')
    eventually("the tile has a picture", 10, lambda: tile.get_attribute("data-age-ms") != "")
    assert tile.get_attribute("data-engine") == engine
    if engine == "stills":
        # A still is as old as its key frame, and is labelled as what it is.
        assert "images fixes" in tile.inner_text()
    else:
        first = shown(page, 117)
        apart_ms = []
        for _ in range(7):
            page.wait_for_timeout(70)
            picture = shown(page, 117)
            apart_ms.append(abs(picture.true_age_ms - picture.shown_age_ms))
        assert shown(page, 117).reading.stamp > first.reading.stamp
        assert sorted(apart_ms)[3] <= 200, apart_ms
        eventually("it is live", 10, lambda: state_of(page, 117) == "live")
    leave(page)
