"""What the two rooms say when something is slow, full, taken away or over: on the real demo, by what a person does."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, Route

from tests.browser.conftest import RoomOpener, Town, eventually, rooms
from tests.browser.test_screens import look, other_light_and_language
from tests.browser.test_story import EIGHT, another_event, camera_id, leave, open_event, shown, state_of, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


_SEEN = """
() => [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("")).join(" ")
"""


@pytest.fixture
def colleague(town: Town, chromium: Browser) -> Iterator[APIRequestContext]:
    """A second officer of the CIC, whose station this test plays without a screen."""
    context = chromium.new_context(base_url=town.app_url, extra_http_headers={"Origin": town.app_url})
    account = town.account("cic-operator", 1)
    signed_in = context.request.post(
        "/api/v1/login", data={name: account[name] for name in ("login", "password", "station")}
    )
    assert signed_in.status == 200
    yield context.request
    context.request.post("/api/v1/logout")
    context.close()


def opened_by(colleague: APIRequestContext, *numbers: int) -> list[str]:
    """Open cameras for an event of the colleague's own; return the viewings."""
    event = colleague.post("/api/v1/events", data={"kind": "intervention"}).json()["id"]
    return [
        colleague.post("/api/v1/streams", data={"camera": camera_id(number), "event": event}).json()["id"]
        for number in numbers
    ]


def tile_of(page: Page, number: int) -> Any:
    return page.locator(f'[data-state][data-camera="{camera_id(number)}"]')


def test_a_lost_link_is_said_across_the_screen_until_it_is_back_and_an_answer_is_never_waited_for_in_silence(
    enter: RoomOpener,
) -> None:
    page = enter("cic-operator")
    open_event(page)

    # Nothing is heard of what is asked: the tile stands there at once, and says so.
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/api/v1/streams", hold)
    type_number(page, 117)
    eventually("the tile stands there unanswered", 2, lambda: "demandée" in tile_of(page, 117).inner_text())
    eventually("the request is held", 2, lambda: waiting)
    assert tile_of(page, 117).get_attribute("data-viewing") == ""
    waiting[0].continue_()
    page.unroute("**/api/v1/streams")
    shown(page, 117)

    # The link goes: each vain attempt starts nothing anew, and the line stays until the node is heard.
    page.route("**/api/v1/changes", lambda route: route.abort())
    page.keyboard.press("F7")
    line = page.locator("[data-unreachable]")
    line.wait_for()
    assert re.search(r"out of reach since \d\d:\d\d:\d\d", line.inner_text())
    look(page, "State room, link lost, English")
    page.keyboard.press("F7")
    assert "Serveur injoignable depuis" in line.inner_text()
    page.unroute("**/api/v1/changes")
    line.wait_for(state="detached")

    # A second window says where the picture is; taken up there it ends here, and nobody fights over it.
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("[data-elsewhere]").first.wait_for()
    assert "1 image ouverte dans une autre fenêtre" in second.locator(".chips").inner_text()
    type_number(second, 117)
    stamp = shown(second, 117).reading.stamp
    eventually("the first gave way", 5, lambda: tile_of(page, 117).get_attribute("data-cause") == "replaced")
    assert "ouverte dans une autre fenêtre" in tile_of(page, 117).inner_text()
    eventually("the second keeps it", 5, lambda: shown(second, 117).reading.stamp > stamp + 100)
    assert tile_of(page, 117).get_attribute("data-cause") == "replaced"
    leave(page)


def test_a_ninth_camera_offers_only_pictures_that_free_a_stream_and_a_swap_gives_back_what_it_took(
    enter: RoomOpener, colleague: APIRequestContext
) -> None:
    page = enter("cic-operator")
    open_event(page)
    for number in EIGHT:
        type_number(page, number)
        eventually(f"{number} is given", 10, partial(tile_of(page, number).get_attribute, "data-viewing"))
    watched = opened_by(colleague, *EIGHT)

    # What the key would do is said in the room's own words, and nothing is promised that would destroy a picture.
    page.keyboard.type("203")
    foreseen = page.locator("[data-foreseen=refused]")
    foreseen.wait_for()
    eventually("none of the pictures would free a stream", 5, lambda: "ne libère un flux" in foreseen.inner_text())
    assert "8 / 8" in foreseen.inner_text()
    assert "vda-" not in foreseen.inner_text()
    page.keyboard.press("Enter")
    refusal = page.locator('[data-refusal="quota"]')
    refusal.wait_for()
    assert "Aucune de vos images ne libère un flux" in refusal.inner_text()
    assert page.locator("[data-swap]").count() == 0
    look(page, "a ninth camera, nothing to swap")
    page.keyboard.press("e")
    assert page.locator("[data-viewing^=v-]").count() == 8

    # A colleague closes two of them: those can be given up, the large and the selected one last.
    for number in (61, 104):
        colleague.delete(f"/api/v1/streams/{watched[EIGHT.index(number)]}")
    offer = page.locator("[data-swap]")
    eventually("the first is offered", 5, lambda: offer.get_attribute("data-swap") == camera_id(61))
    eventually("both can be picked", 5, lambda: page.locator(".pick").count())
    page.keyboard.press("ArrowRight")
    assert offer.get_attribute("data-swap") == camera_id(104)
    assert "échanger" in tile_of(page, 104).inner_text()

    # Refused after all, the picture that was given up stands again, in its place.
    place = tile_of(page, 104).bounding_box()
    problem = {"title": "Flux suspendu", "detail": "…", "cause": "suspended", "articles": [], "status": 403}

    def refuse_203(route: Route) -> None:
        if (route.request.post_data_json or {}).get("camera") == camera_id(203):
            route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.fallback()

    page.route("**/api/v1/streams", refuse_203)
    page.keyboard.press("e")
    page.locator('[data-refusal="suspended"]').wait_for()
    assert "La 104 est rouverte" in page.locator("[data-refusal]").inner_text()
    shown(page, 104)
    assert tile_of(page, 104).bounding_box() == place
    page.unroute("**/api/v1/streams")

    type_number(page, 203)
    page.locator(f'[data-swap="{camera_id(61)}"]').wait_for()
    page.keyboard.press("e")
    assert shown(page, 203).reading.number == 203
    assert page.locator("[data-viewing^=v-]").count() == 8
    assert page.locator("[data-refusal]").count() == 0
    leave(page)


def test_the_header_names_the_event_of_the_picture_in_hand_and_a_closed_event_is_no_alarm(enter: RoomOpener) -> None:
    page = enter("cic-operator")
    header = page.locator("header").first
    in_course = page.locator("[data-event-kind]")
    open_event(page)
    type_number(page, 42)
    shown(page, 42)

    # With an event in course F2 completes it, and a number typed then opens no second one.
    page.keyboard.press("F2")
    eventually("the cursor is in the motive", 2, lambda: page.locator("input[name=motive]:focus").count())
    page.keyboard.type("203")
    page.keyboard.press("Escape")
    assert "Levée de doute" in header.inner_text()

    another_event(page, "c")
    eventually("the new event is in course", 3, lambda: in_course.get_attribute("data-event-kind") == "trouble-grave")
    assert "autre événement : levée de doute" in tile_of(page, 42).inner_text()
    type_number(page, 58)
    shown(page, 58)
    page.keyboard.press("ArrowLeft")
    eventually("the picture's event", 2, lambda: in_course.get_attribute("data-event-kind") == "levee-de-doute")
    assert "autre événement : trouble grave" in tile_of(page, 58).inner_text()
    assert page.locator("[data-viewing^=v-]").count() == 2

    # The picture is moved to the other event, in its place and on its slot.
    assert "trouble grave" in page.locator("[data-pour]").inner_text()
    place = tile_of(page, 42).bounding_box()
    page.keyboard.press("v")
    eventually("it is the other's", 5, lambda: in_course.get_attribute("data-event-kind") == "trouble-grave")
    shown(page, 42)
    assert tile_of(page, 42).bounding_box() == place
    assert page.locator("[data-slots-used]").first.get_attribute("data-slots-used") == "2"

    # Closing it is an ordinary act: no red, and one key clears all.
    page.keyboard.press("F2")
    page.locator("input[name=motive]").fill("attroupement dispersé")
    page.get_by_role("button", name="Clore l'événement").click()
    eventually("both are closed", 5, lambda: state_of(page, 42) == state_of(page, 58) == "ended")
    assert "événement clos" in tile_of(page, 42).inner_text()
    assert "■" not in tile_of(page, 42).inner_text() + tile_of(page, 58).inner_text()
    look(page, "State room, event closed")
    page.keyboard.press("Shift+Delete")
    eventually("all are cleared", 2, lambda: page.locator("[data-state]").count() == 0)
    leave(page)


def test_a_post_is_left_knowingly_and_a_blank_wall_outlives_a_reload_and_shows_nothing_of_what_goes_on(
    enter: RoomOpener,
) -> None:
    page = enter("cic-operator")
    open_event(page)
    type_number(page, 88)
    shown(page, 88)
    page.keyboard.press("F8")
    asked = page.locator("[data-leave]")
    asked.wait_for()
    assert "1 image sera fermée" in asked.inner_text()
    assert "« Levée de doute » reste en cours, motif dû" in asked.inner_text()
    look(page, "leaving the post")
    page.keyboard.press("Escape")

    # A post that could not be left stays, and says so: a reload would find its session.
    page.route("**/api/v1/logout", lambda route: route.fulfill(status=503, json={"title": "Le journal ne répond pas"}))
    page.keyboard.press("F8")
    asked.wait_for()
    page.keyboard.press("Enter")
    asked.get_by_role("alert").first.wait_for()
    assert "Le poste n'a pas été quitté" in asked.inner_text()
    assert "Le journal ne répond pas" in asked.inner_text()
    page.unroute("**/api/v1/logout")
    page.keyboard.press("Escape")
    assert state_of(page, 88) == "live"

    # The session's end is said long before; a blank wall is blank after a reload too.
    def ending(route: Route) -> None:
        answer = route.fetch()
        ends_at = datetime.now(UTC) + timedelta(minutes=12)
        route.fulfill(response=answer, json={**answer.json(), "ends_at": ends_at.isoformat()})

    page.route("**/api/v1/session", ending)
    page.keyboard.press("F12")
    page.get_by_role("heading", name="Mur blanc").wait_for()
    page.reload()
    page.get_by_role("heading", name="Mur blanc").wait_for()
    page.locator("[data-session-stage=near]").wait_for()
    assert "session jusqu'à" in page.locator("[data-session-stage]").inner_text()
    # One that is being answered is answered first.
    page.unroute_all(behavior="wait")
    eventually("the picture goes on behind", 10, lambda: state_of(page, 88) == "live")
    for key in ("F10", "j", "Control+k", "F1", "i", "F2"):
        page.keyboard.press(key)
        page.get_by_text("Mur blanc : F12 d'abord").wait_for()
    assert page.locator("dialog[open]").count() == 0
    seen: str = page.evaluate(_SEEN)
    assert "Mur blanc" in seen
    for told in ("Levée de doute", "Stade est", "vue par vous"):
        assert told not in seen
    look(page, "blank wall, session near its end")
    page.keyboard.press("b")
    eventually("the picture is back", 3, page.locator("[data-state] video").first.is_visible)

    # Whatever is asked once the session is gone, the post says so.
    gone = {"title": "Non connecté", "cause": "not-signed-in"}
    page.route("**/api/v1/**", lambda route: route.fulfill(status=401, json=gone))
    type_number(page, 3)
    page.wait_for_selector("input[name=login]")
    assert "La session est terminée" in page.get_by_role("alert").inner_text()


def test_the_owners_room_reads_who_watches_in_rows_that_stand_and_an_officer_reads_when_a_suspension_is_over(
    enter: RoomOpener, colleague: APIRequestContext
) -> None:
    officer, director = enter("cic-operator"), enter("police-director")
    open_event(officer)
    for number in (42, 104):
        type_number(officer, number)
        shown(officer, number)
    opened_by(colleague, 42)

    # One row a camera, in the order in which they came; one line for what came together.
    rows = director.locator("[data-camera-row]")
    eventually("two rows", 5, lambda: rows.count() == 2)
    assert [row.get_attribute("data-camera-row") for row in rows.all()] == [camera_id(42), camera_id(104)]
    eventually("two stations on one camera", 5, lambda: "CIC · 2 postes" in rows.first.inner_text())
    feed = director.locator("[data-feed]")
    assert "CIC ouvre 2 caméras, levée de doute : 42, 104" in feed.inner_text()

    # Several streams: S lets one be chosen by the arrows; what it cuts is said before.
    director.keyboard.press("s")
    director.keyboard.press("Enter")
    director.wait_for_selector("dialog[open]")
    assert "Coupe CIC (2 postes) sur la 42" in director.locator("[data-cuts]").inner_text()
    look(director, "suspension")
    director.keyboard.press("2")
    director.locator("textarea[name=reason]").fill("masque décalé")
    director.keyboard.press("Control+Enter")
    tile = tile_of(officer, 42)
    eventually("it is suspended", 5, lambda: tile.get_attribute("data-state") == "suspended")
    eventually("its ground stands there", 5, lambda: "défaut de masquage" in tile.inner_text())

    # Everything about it is one key away, and its words follow the language.
    while officer.locator("[aria-pressed=true] b").inner_text() != "42":
        officer.keyboard.press("ArrowLeft")
    officer.keyboard.press("i")
    detail = officer.locator("[data-detail]")
    detail.wait_for()
    assert "Flux suspendu par la direction de la police municipale" in detail.inner_text()
    other_light_and_language(officer)
    assert "suspended by the director" in detail.inner_text()
    look(officer, "details of a suspended picture, English, light")
    officer.keyboard.press("Escape")

    # Lifted, the tile no longer says that it is suspended.
    director.locator("[data-suspensions]").get_by_role("button", name="rétablir").click()
    eventually("what ended it is gone", 5, lambda: tile.get_attribute("data-restored") == "true")
    assert "restored at" in tile.inner_text()
    look(officer, "State room, a restored picture, English, light")
    officer.keyboard.press("Enter")
    shown(officer, 42)
    director.set_viewport_size({"width": 960, "height": 540})
    look(director, "CSU room at 200 %")
    leave(officer)
    eventually("its end is told with its cause", 5, lambda: "CIC quitte le poste" in feed.inner_text())


def test_a_zoomed_screen_loses_no_key_and_the_map_has_one(town: Town, chromium: Browser) -> None:
    with rooms(town, chromium) as open_room:
        page = open_room("cic-operator")
        page.set_viewport_size({"width": 960, "height": 540})
        open_event(page)
        type_number(page, 3)
        shown(page, 3)
        for selector in (
            "header .event",
            "time[data-now-ms]",
            "header .who",
            "footer .end button",
            "[data-slots-used]",
        ):
            for found in page.locator(selector).all():
                box = found.bounding_box()
                assert box is not None, selector
                assert box["x"] >= 0, selector
                assert box["x"] + box["width"] <= 960, selector
                assert box["y"] + box["height"] <= 540, selector
        assert not page.locator("[data-map]").is_visible()
        look(page, "State room at 200 %")
        page.keyboard.press("F5")
        eventually("the map stands over the wall", 5, lambda: page.locator("[data-map][data-drawn=true]").is_visible())
        page.keyboard.press("F5")
        page.keyboard.press("n")
        page.wait_for_selector("[data-kind]")
        look(page, "kinds of event at 200 %")
        page.keyboard.press("Escape")

        # A street is found by its name, and gives its nearest cameras; what opening one would be answered is said.
        page.keyboard.press("Control+k")
        page.keyboard.type("12 rue vermeer")
        page.locator("[data-found^=place][aria-selected=true]").wait_for()
        page.keyboard.press("Enter")
        page.locator(f'[data-found="{camera_id(3)}"]').wait_for()
        page.keyboard.press("ArrowDown")
        page.locator("[data-palette-foreseen=granted]").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")

        # Keys of a single letter can be turned off, for this station.
        page.keyboard.press("F3")
        look(page, "all the keys at 200 %")
        page.locator("[data-letters]").click()
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.wait_for_timeout(300)
        assert page.locator("[data-kind]").count() == 0
        page.keyboard.press("F3")
        page.locator("[data-letters=off]").click()
        page.keyboard.press("Escape")

        # A wall under a name comes back with its cameras.
        page.keyboard.press("Shift+F4")
        page.locator("[name=layout-0]").fill("Gare")
        page.keyboard.press("Enter")
        page.locator("[data-hang]").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("Delete")
        eventually("the picture is closed", 3, lambda: page.locator("[data-state]").count() == 0)
        page.keyboard.press("Shift+F4")
        page.keyboard.press("a")
        assert shown(page, 3).reading.number == 3
        leave(page)
