"""The convention on the screens, on a demo of its own whose clock is moved: what a key says changes with the hour."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from playwright.sync_api import Browser, Locator, Page

from belvedere.demo.signing import signed_by_all
from tests.browser.conftest import Picture, RoomOpener, Town, eventually, picture_of, rooms, running_town
from tests.browser.eyes import cut_off
from tests.browser.test_screens import look
from tests.browser.test_story import another_event, camera_id, leave, open_event, shown, state_of, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def night_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A demo whose clock this module moves: never the one that other tests share."""
    with running_town(tmp_path_factory.mktemp("night")) as town:
        yield town


@pytest.fixture
def sign_in(night_town: Town, chromium: Browser) -> Iterator[RoomOpener]:
    """Sign accounts in to that demo."""
    with rooms(night_town, chromium) as open_room:
        yield open_room


def _is_usual(day: date) -> bool:
    """Tell whether the CSU opens that day at 07:30 and until 02:00."""
    return day.weekday() != 6 and day not in holidays.country_holidays("FR", years=day.year)


def _last_second_before_closing(now: datetime) -> datetime:
    """Return the next 01:59 of a night on which the CSU closes at 02:00 and opens at 07:30."""
    day = now.astimezone(PARIS).date() + timedelta(days=1)
    while not (_is_usual(day - timedelta(days=1)) and _is_usual(day)):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 1, 59, tzinfo=PARIS)


def _turning_camera(page: Page) -> int:
    """Return the number of the first camera that turns."""
    url = f"{page.url.rstrip('/')}/api/v1/cameras"

    def told() -> list[dict[str, Any]] | None:
        answer = page.request.get(url)
        # A node that has just moved its clock may have its hands full for a moment, and says so.
        if answer.status == 503:
            return None
        assert answer.status == 200, answer.text()
        features: list[dict[str, Any]] = answer.json()["features"]
        return features

    features = eventually("the list of cameras is told", 10, told)
    return next(int(one["properties"]["number"]) for one in features if one["properties"]["ptz"])


def _demo_page(sign_in_page: Page, town: Town) -> Page:
    page = sign_in_page.context.new_page()
    page.goto(f"{town.app_url}/demo")
    return page


@pytest.fixture(scope="module", autouse=True)
def before_two(night_town: Town, chromium: Browser) -> None:
    """Move the demo's clock, on the demo's page, to a minute before the CSU closes."""
    page = chromium.new_page()
    page.goto(f"{night_town.app_url}/demo")
    shown_now = page.locator("time").get_attribute("datetime")
    assert shown_now is not None
    at = _last_second_before_closing(datetime.fromisoformat(shown_now))
    page.locator("input[name=at]").fill(at.strftime("%Y-%m-%dT%H:%M:%S"))
    with page.expect_navigation():
        page.get_by_role("button", name="Aller", exact=True).click()
    moved_to = page.locator("time").get_attribute("datetime")
    assert moved_to is not None
    assert moved_to.startswith(f"{at:%Y-%m-%dT%H:%M}"), moved_to
    page.close()


def test_at_two_the_csu_closes_and_the_keys_change_meaning_without_a_reload(
    sign_in: RoomOpener, night_town: Town
) -> None:
    officer, chief = sign_in("cic-operator"), sign_in("csu-room-chief")
    officer.evaluate("window.__neverReloaded = true")
    chief.evaluate("window.__neverReloaded = true")
    turning = _turning_camera(officer)
    open_event(officer)
    type_number(officer, turning)
    shown(officer, turning)

    # Within hours: only for serious trouble, by both texts.
    steer = officer.locator("[data-steer]")
    eventually("the key says what is refused now", 5, lambda: steer.get_attribute("data-steer") == "refused")
    assert "trouble grave" in steer.inner_text()
    assert "Salle ouverte jusqu'à 02:00" in chief.locator("[data-centre=open]").inner_text()

    # With the kind of event changes what the key says.
    another_event(officer, "c")
    eventually("serious trouble is to be asked for", 5, lambda: steer.get_attribute("data-steer") == "pending")
    assert "CSU ouvert, autorisation à demander (article 3 et délibération)" in steer.inner_text()

    demo = _demo_page(chief, night_town)
    demo.get_by_role("button", name="02:00").click()
    eventually("at once at night", 3, lambda: steer.get_attribute("data-steer") == "granted")
    assert "CSU fermé, immédiat ; avis dû à 07:30 (article 3)" in steer.inner_text()
    assert "Salle fermée, ouvre à 07:30" in chief.locator("[data-centre=closed]").inner_text()
    assert officer.evaluate("window.__neverReloaded")
    assert chief.evaluate("window.__neverReloaded")

    # A clock that was moved ages no picture.
    assert state_of(officer, turning) == "live"

    # At night the key takes the camera at once, and the ribbon says what that makes due.
    officer.keyboard.press("p")
    ribbon = officer.locator(f'[data-number="{turning}"] [data-ribbon=mine]')
    ribbon.wait_for()
    assert "avis dû à 07:30" in ribbon.inner_text()
    officer.keyboard.press("p")
    ribbon.wait_for(state="detached")
    leave(officer)


def test_a_relief_keeps_the_pictures_and_their_viewings_and_the_wall_can_be_blanked(
    sign_in: RoomOpener, night_town: Town
) -> None:
    officer, director = sign_in("cic-operator"), sign_in("police-director")
    open_event(officer)
    for number in (117, 3):
        type_number(officer, number)
        shown(officer, number)
    before = _viewings(officer)
    stamp = shown(officer, 117).reading.stamp

    # One key blanks the wall, another too; the viewings go on behind it.
    picture = officer.locator("[data-state] video").first
    officer.keyboard.press("F12")
    officer.get_by_role("heading", name="Mur blanc").wait_for()
    assert not picture.is_visible()
    officer.keyboard.press("b")
    eventually("the pictures are back", 2, picture.is_visible)

    # A word is left for the next shift.
    officer.keyboard.press("F10")
    officer.locator("[name=note]").fill("rassemblement annoncé à 7 h")
    officer.keyboard.press("Control+Enter")
    officer.locator("[data-note]").wait_for()
    officer.keyboard.press("Escape")

    # A wrong code changes nothing and is told in words.
    relief = night_town.account("cic-operator", 1)
    officer.keyboard.press("F9")
    officer.locator("[name=relief-login]").fill(relief["login"])
    officer.locator("[name=relief-pin]").fill("000")
    officer.keyboard.press("Enter")
    wrong = officer.locator("[data-relief]").get_by_role("alert")
    wrong.wait_for()
    assert "Identifiant ou code personnel incorrect" in wrong.inner_text()
    officer.locator("[name=relief-pin]").fill(relief["pin"])
    officer.keyboard.press("Enter")
    eventually("the top line names the new agent", 5, lambda: "4513" in officer.locator("header").first.inner_text())
    done = officer.locator("[data-notice=relieved]")
    eventually("it says what was taken over", 5, lambda: "agent 4513, 2 vues reprises" in done.inner_text())
    assert _viewings(officer) == before
    eventually("the picture goes on", 5, lambda: shown(officer, 117).reading.stamp > stamp + 50)
    assert "■" not in officer.locator("header").first.inner_text(), "the link was not lost"
    eventually("both changed hands in the journal", 5, lambda: len(_records(director, "relieved")) == 2)

    # The relief is shown the word that was left for it, and says that it read it; the handover says what is owed.
    page = officer.locator("[data-handover]")
    page.wait_for()
    assert "rassemblement annoncé à 7 h" in page.inner_text()
    page.get_by_role("button", name="lu", exact=True).click()
    officer.locator("[data-note]").wait_for(state="detached")
    assert "motif dû" in page.inner_text()
    assert "117" in page.inner_text()
    officer.keyboard.press("Escape")

    # The wall's shape comes back to this station and role at the next sign-in; its pictures do not by themselves.
    officer.keyboard.press("F4")
    leave(officer)
    again = sign_in("cic-operator")
    eventually("eight places and the cell that says why not nine", 5, lambda: again.locator(".place").count() == 9)
    assert again.locator("[data-state]").count() == 0


def _viewings(page: Page) -> list[str | None]:
    return [tile.get_attribute("data-viewing") for tile in page.locator("[data-viewing]").all()]


def _records(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return the journal's records of a kind, as the page's session may read them."""
    found: list[dict[str, Any]] = page.evaluate(
        "kind => fetch('/api/v1/journal').then(a => a.json()).then(all => all.items.filter(one => one.kind === kind))",
        kind,
    )
    return found


def test_the_convention_answers_what_if_and_shows_what_is_in_force(sign_in: RoomOpener) -> None:
    page = sign_in("cic-operator")
    page.keyboard.press("F1")
    screen = page.locator("[data-convention-screen]")
    screen.wait_for()
    eventually("the regime is read", 5, lambda: "autorisation" in screen.inner_text())
    assert screen.locator("[data-reading]").inner_text() == "lecture"
    screen.locator("[data-term]").wait_for()
    text = page.locator("[data-page]")
    text.get_by_role("heading", name="Article 3 : huit flux").wait_for()
    text.get_by_role("link", name="Article 3 : huit flux").click()
    eventually(
        "the article has the focus",
        3,
        lambda: (
            "huit flux" in page.evaluate("document.querySelector('[data-page]').shadowRoot.activeElement.innerText")
        ),
    )
    look(page, "the convention, French, dark")

    page.keyboard.press("2")
    answer = screen.locator("[data-verdict]")
    page.locator("select[name=action]").select_option("take_ptz")
    page.locator("select[name=kind]").select_option("trouble-grave")
    page.locator("input[name=at]").fill("2027-03-10T10:00")
    eventually("within hours it is asked for", 5, lambda: answer.get_attribute("data-verdict") == "pending")
    assert "délibération" in answer.inner_text()
    page.locator("[data-further]").click()
    page.locator("select[name=authorised]").select_option("police-director")
    eventually("authorised, it is granted", 5, lambda: answer.get_attribute("data-verdict") == "granted")
    page.locator("select[name=authorised]").select_option("")
    page.locator("input[name=at]").fill("2027-03-10T03:00")
    eventually(
        "at night it is granted, and a notice due at the opening", 5, lambda: "10/03/2027 07:30" in answer.inner_text()
    )
    assert answer.get_attribute("data-verdict") == "granted"
    page.locator("select[name=action]").select_option("record")
    eventually("the State never records", 5, lambda: answer.get_attribute("data-verdict") == "refused")
    assert "Le CIC veut enregistrer la caméra" in screen.locator("[data-sentence]").inner_text()
    look(page, "what if, French, dark")

    answer.click()
    page.keyboard.press("F6")
    page.keyboard.press("F7")
    page.wait_for_selector("html[lang=en][data-theme=light]")
    eventually("the answer speaks English", 5, lambda: "Refused" in answer.inner_text())
    look(page, "what if, English, light")


def test_the_director_varies_a_sundays_hours_and_a_mondays_are_refused_in_words(
    sign_in: RoomOpener,
) -> None:
    page = sign_in("police-director")
    today = datetime.fromisoformat(_demo_time(page)).astimezone(PARIS).date()
    sunday = today + timedelta(days=(6 - today.weekday()) % 7 or 7)
    page.keyboard.press("F1")
    page.wait_for_selector("[data-convention-screen]")
    page.keyboard.press("3")
    acts = page.locator("[data-acts]")
    acts.wait_for()
    acts.locator("[name=day]").fill(sunday.isoformat())
    acts.locator("[name=closes]").fill("23:00")
    acts.locator("[name=hours-reason]").fill("braderie")
    acts.locator("[name=hours-reason]").press("Enter")
    acts.get_by_text("Annoncé").wait_for()
    page.locator("[data-convention-screen]").get_by_text("10:00 à 23:00").first.wait_for()
    eventually(
        "it is in the journal", 5, lambda: [one for one in _records(page, "centre") if one["cause"] == "hours-varied"]
    )

    monday = sunday + timedelta(days=8)
    acts.locator("[name=day]").fill(monday.isoformat())
    acts.locator("[name=hours-reason]").press("Enter")
    refusal = acts.get_by_role("alert")
    refusal.wait_for()
    assert "article 2" in refusal.inner_text()
    look(page, "the director's acts, French, dark")

    # Declared inactive, the room is told so on every screen at once; and active again.
    other = sign_in("csu-operator")
    acts.locator("[name=activity-reason]").fill("alarme incendie")
    acts.locator("[name=activity-reason]").press("Enter")
    acts.locator("[data-sure]").wait_for()
    page.keyboard.press("Enter")
    assert other.locator("[data-centre=inactive]").count() == 0, "Enter alone declares nothing"
    page.keyboard.press("Control+Enter")
    other.locator("[data-centre=inactive]").wait_for()
    acts.locator("[name=activity-reason]").fill("retour en salle")
    acts.locator("[name=activity-reason]").press("Enter")
    eventually("active again", 5, lambda: other.locator("[data-centre=inactive]").count() == 0)


def _demo_time(page: Page) -> str:
    said: str = page.evaluate(
        "new Date(Number(document.querySelector('time[data-now-ms]').dataset.nowMs)).toISOString()"
    )
    return said


def test_a_supervisor_registers_a_station_and_ends_it(sign_in: RoomOpener, night_town: Town, chromium: Browser) -> None:
    page = sign_in("cic-supervisor")
    page.keyboard.press("t")
    page.locator("[data-stations] [name=label]").fill("CIC · mur 9")
    page.keyboard.press("Enter")
    secret = page.locator("[data-station-secret]").inner_text()
    row = page.locator("[data-station]", has_text="CIC · mur 9")
    row.wait_for()
    look(page, "stations, French, dark")

    account = {**night_town.account("cic-operator", 1), "station": secret}
    new = chromium.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    new.goto(night_town.app_url)
    for name in ("login", "password", "station"):
        new.locator(f"input[name={name}]").fill(account[name])
    new.keyboard.press("Enter")
    new.wait_for_selector("[data-number-field]")

    row.get_by_role("button", name="radier").click()
    page.locator("[data-sure]").wait_for()
    page.keyboard.press("Enter")
    assert "en service" in row.inner_text(), "Enter alone strikes nothing off"
    page.keyboard.press("Control+Enter")
    eventually("it is struck off", 5, lambda: "radié le" in row.inner_text())
    why = new.locator("[role=alert]", has_text="poste")
    why.wait_for()
    told = why.inner_text()
    new.reload()
    why.wait_for()
    assert why.inner_text() == told, "a reload loses nothing of why the session was closed"
    new.close()


def test_a_withdrawal_says_what_it_ends_and_is_asked_for_twice(sign_in: RoomOpener) -> None:
    officer, page = sign_in("cic-operator"), sign_in("police-director")
    open_event(officer)
    type_number(officer, 117)
    shown(officer, 117)
    page.keyboard.press("F1")
    page.wait_for_selector("[data-convention-screen]")
    page.keyboard.press("3")
    act = page.locator("[data-act=withdrawal]")
    act.locator("[name=withdrawal-act]").fill("arrêté du 3 mars")
    page.keyboard.press("Enter")
    sure = act.locator("[data-sure]")
    sure.wait_for()
    assert "1 vue (État) cesse maintenant" in sure.inner_text()
    look(page, "the withdrawal, asked for twice")
    page.keyboard.press("Escape")
    sure.wait_for(state="detached")
    assert state_of(officer, 117) == "live", "nothing was withdrawn"
    act.locator("[name=withdrawal-act]").press("Enter")
    sure.wait_for()
    page.keyboard.press("Control+Enter")
    eventually("the picture ends", 5, lambda: state_of(officer, 117) == "ended")
    # And given again, so that what follows goes on: once this screen has heard of the withdrawal, which the officer's may before.
    eventually("may be given again", 5, lambda: "Inscrire la nouvelle autorisation" in act.inner_text())
    eventually("the act is recorded", 5, lambda: act.locator("[name=withdrawal-act]").input_value() == "")
    act.locator("[name=withdrawal-act]").fill("arrêté du 4 mars")
    page.keyboard.press("Enter")
    eventually("given again", 5, lambda: "Inscrire le retrait" in act.inner_text())


def _morning_after(now: datetime) -> datetime:
    """Return ten o'clock of the next day on which the CSU opens as usual."""
    day = now.astimezone(PARIS).date() + timedelta(days=1)
    while not _is_usual(day):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 10, tzinfo=PARIS)


def _go_to(page: Page, at: datetime) -> None:
    """Move the demo's clock on the demo's page."""
    page.locator("input[name=at]").fill(at.strftime("%Y-%m-%dT%H:%M:%S"))
    with page.expect_navigation():
        page.get_by_role("button", name="Aller", exact=True).click()


def _pan_of(page: Page, number: int) -> float | None:
    """Return where the camera looks, as it is burned into the picture that the tile shows."""
    picture = picture_of(page, camera_id(number))
    return None if picture is None or picture.reading.position is None else picture.reading.position.pan_deg


def _cone_of(page: Page, number: int) -> float | None:
    """Return where the map's cone of a camera that is steered points."""
    turned = dict(each.split(":") for each in (page.locator("[data-map]").get_attribute("data-turned") or "").split())
    return float(turned[str(number)]) if turned.get(str(number)) else None


def test_an_officer_asks_to_steer_the_chief_answers_by_one_key_and_takes_the_camera_back_by_another(
    night_town: Town, chromium: Browser
) -> None:
    clock = chromium.new_page()
    clock.goto(f"{night_town.app_url}/demo")
    shown_now = clock.locator("time").get_attribute("datetime")
    assert shown_now is not None
    _go_to(clock, _morning_after(datetime.fromisoformat(shown_now)))
    clock.close()
    with rooms(night_town, chromium) as sign_in:
        officer, chief = sign_in("cic-operator"), sign_in("csu-room-chief")
        turning = _turning_camera(officer)
        tile = officer.locator(f'[data-number="{turning}"]')
        open_event(officer, "c")
        type_number(officer, turning)
        shown(officer, turning)
        steer = officer.locator("[data-steer]")
        eventually("it is to be asked for", 5, lambda: steer.get_attribute("data-steer") == "pending")
        assert steer.get_attribute("data-offered") == "true"

        # Before that, the officer can ask the room to look: one key takes the camera for that, and gives it back.
        officer.keyboard.press("d")
        officer.locator("[data-look-dialog] input").fill("la fontaine")
        look(officer, "asks for a look")
        officer.keyboard.press("Enter")
        tile.locator("[data-ribbon=look][data-look=asked]").wait_for()
        asked = chief.locator("[data-look-state=asked]")
        asked.wait_for()
        assert "« la fontaine »" in asked.inner_text()
        chief.wait_for_timeout(800)
        chief.keyboard.press("d")
        tile.locator("[data-look=accepted]:has-text('Le CSU pilote pour vous')").wait_for()
        own = chief.locator(f'[data-number="{turning}"] [data-ribbon=mine]')
        own.wait_for()
        chief.keyboard.press("d")
        tile.locator("[data-look=done]").wait_for()
        own.wait_for(state="detached")

        # Asked: the officer reads of whom, the chief who asks, for what, from where; a tone calls, on a blank wall too.
        chief.keyboard.press("F12")
        officer.keyboard.press("p")
        tile.locator("[data-ribbon=asked]").wait_for()
        chief.locator("[data-request-waits]").wait_for()
        chief.keyboard.press("F12")
        request = chief.locator("[data-request]")
        request.wait_for()
        for said in ("Trouble grave", str(turning), "cic-"):
            assert said in request.inner_text()
        assert int(chief.locator("[data-requests]").get_attribute("data-tones") or 0) >= 1
        look(chief, "a request")
        assert not cut_off(chief)

        # What was refused says why on the picture; asked again, one key lets the officer steer.
        chief.wait_for_timeout(800)
        chief.keyboard.press("n")
        chief.locator("[data-refuse]").wait_for()
        look(chief, "why a request is refused")
        chief.keyboard.press("e")
        refused = tile.locator("[data-ribbon=over][data-cause=steering-refused]")
        refused.wait_for()
        assert "Chef de salle : équipage engagé sur place" in refused.inner_text()
        officer.keyboard.press("p")
        tile.locator("[data-ribbon=asked]").wait_for()
        request.wait_for()
        chief.wait_for_timeout(800)
        chief.keyboard.press("o")
        ribbon = tile.locator("[data-ribbon=mine]")
        ribbon.wait_for()
        assert "Vous pilotez" in ribbon.inner_text()
        assert "caméras de l'événement" in ribbon.inner_text()
        assert "délibération" in ribbon.inner_text()
        look(officer, "one steers")
        assert not cut_off(officer)

        # A key that stays down turns the camera; it rests once the key is up, and a click brings its point to the centre.
        before = eventually("where it looks", 10, lambda: _pan_of(officer, turning))
        officer.keyboard.down("ArrowRight")
        eventually("it turns", 10, lambda: abs((_pan_of(officer, turning) or before) - before) > 1)
        officer.keyboard.up("ArrowRight")
        officer.wait_for_timeout(1_500)
        rested = _pan_of(officer, turning)
        officer.wait_for_timeout(500)
        assert _pan_of(officer, turning) == rested
        eventually(
            "the map's cone looks there too", 5, lambda: abs((_cone_of(officer, turning) or 0) - (rested or 0)) < 1
        )
        box = tile.locator("video").bounding_box()
        assert box is not None
        officer.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4)
        eventually("the click turned it", 10, lambda: _pan_of(officer, turning) not in (None, rested))

        # A joystick turns it too, and stops it when it comes back to its rest.
        rested = _pan_of(officer, turning)
        push = "at => { navigator.getGamepads = () => [{connected: true, mapping: '', axes: [at, 0, 0]}]; }"
        officer.evaluate(push, -0.9)
        eventually(
            "the stick turned it", 10, lambda: abs((_pan_of(officer, turning) or rested or 0) - (rested or 0)) > 1
        )
        officer.evaluate(push, 0)

        # The owner's room takes the camera back by one key: the officer reads why at once, and turns nothing any more.
        chief.locator("[data-steered=held]:has-text('CIC')").wait_for()
        chief.keyboard.press("c")
        over = tile.locator("[data-ribbon=over]")
        over.wait_for()
        assert over.get_attribute("data-cause") == "owner-steers"
        assert "article 3" in over.inner_text()
        own.wait_for()
        eventually("the key says who steers", 5, lambda: steer.get_attribute("data-steer") == "refused")
        chief.keyboard.press("p")
        own.wait_for(state="detached")

        # What was given stands until the event is over, unless one key takes it back.
        chief.keyboard.press("x")
        chief.locator("[data-given]").wait_for(state="detached")


def _turning_cameras(page: Page, count: int) -> list[int]:
    answer = page.request.get(f"{page.url.rstrip('/')}/api/v1/cameras")
    assert answer.status == 200, answer.text()
    turning = [int(one["properties"]["number"]) for one in answer.json()["features"] if one["properties"]["ptz"]]
    return turning[:count]


def _tile(page: Page, number: int) -> Locator:
    return page.locator(f'[data-number="{number}"]')


def _until(page: Page, number: int, ribbon: str) -> Locator:
    """Wait until the ribbon of a camera's picture says so; return it."""
    found = _tile(page, number).locator(f"[data-ribbon={ribbon}]")
    found.wait_for()
    return found


def _turns(page: Page, number: int) -> float:
    """Turn the camera in hand by a key; return where it then rests."""
    before = eventually("where it looks", 10, lambda: _pan_of(page, number))
    page.keyboard.down("ArrowRight")
    eventually("it turns", 10, lambda: abs((_pan_of(page, number) or before) - before) > 2)
    page.keyboard.up("ArrowRight")
    page.wait_for_timeout(1_000)
    rested: float = eventually("where it rests", 5, lambda: _pan_of(page, number))
    return rested


def test_a_riot_four_cameras_by_one_key_withdrawn_by_one_given_again_by_radio_and_turned_by_the_csus_own_system(
    night_town: Town, chromium: Browser
) -> None:
    with rooms(night_town, chromium) as sign_in:
        officer, chief = sign_in("cic-operator"), sign_in("csu-room-chief")
        four = _turning_cameras(officer, 4)
        open_event(officer, "c")
        for number in four:
            type_number(officer, number)
            shown(officer, number)
            officer.keyboard.press("p")
            _until(officer, number, "asked")

        # One row for the event, one key for its four cameras.
        request = chief.locator("[data-request]")
        eventually(
            "the four are one request", 5, lambda: all(str(number) in request.first.inner_text() for number in four)
        )
        assert request.count() == 1
        chief.wait_for_timeout(800)
        chief.keyboard.press("o")
        for number in four:
            assert "caméras de l'événement" in _until(officer, number, "mine").inner_text()
        assert request.count() == 0

        # Taken back by one key, with a ground that the officer reads on each picture.
        chief.locator("[data-given]").wait_for()
        look(chief, "what was given")
        chief.wait_for_timeout(800)
        chief.keyboard.press("Shift+X")
        for number in four:
            said = _until(officer, number, "over")
            assert said.get_attribute("data-cause") == "steering-withdrawn"
            assert "Chef de salle : équipage engagé sur place" in said.inner_text()

        # By radio: the operator writes it down, and the officer steers at once; the chief is asked whether he gave it.
        radio = four[-1]
        officer.keyboard.press("p")
        _until(officer, radio, "asked")
        operator = sign_in("csu-operator")
        operator.locator("[data-request]").wait_for()
        operator.wait_for_timeout(800)
        operator.keyboard.press("r")
        operator.locator("[data-oral]").wait_for()
        look(operator, "a word given by voice")
        operator.keyboard.press("Control+Enter")
        _until(officer, radio, "mine")
        chief.locator("[data-given][data-unconfirmed=true]").wait_for()
        chief.keyboard.press("F10")
        chief.locator("[data-steering-handover] [data-unconfirmed]").wait_for()
        chief.keyboard.press("Escape")

        # The CSU's own video system moves the camera: the officer's lease is over, and the camera stays where it was put.
        _turns(officer, radio)
        officer.wait_for_timeout(1_500)
        night_town.camera(camera_id(radio), "hand", pan=0.6, seconds=1.0)
        over = _until(officer, radio, "over")
        assert over.get_attribute("data-cause") == "foreign-movement"
        officer.wait_for_timeout(1_000)
        put = eventually("where it was put", 5, lambda: _pan_of(officer, radio))
        officer.wait_for_timeout(1_000)
        assert _pan_of(officer, radio) == put
        leave(officer)


def test_a_saturday_night_at_two_and_a_takeover_until_half_past_seven(night_town: Town, chromium: Browser) -> None:
    clock = chromium.new_page()
    clock.goto(f"{night_town.app_url}/demo")
    shown_now = clock.locator("time").get_attribute("datetime")
    assert shown_now is not None
    sunday = datetime.fromisoformat(shown_now).astimezone(PARIS).date() + timedelta(days=1)
    while not (
        sunday.weekday() == 6 and _is_usual(sunday - timedelta(days=1)) and _is_usual(sunday + timedelta(days=1))
    ):
        sunday += timedelta(days=1)
    _go_to(clock, datetime(sunday.year, sunday.month, sunday.day, 1, 59, tzinfo=PARIS))
    with rooms(night_town, chromium) as sign_in:
        officer, chief = sign_in("cic-operator"), sign_in("csu-room-chief")
        turning = _turning_camera(officer)
        open_event(officer, "c")
        type_number(officer, turning)
        home = _position_of(shown(officer, turning))
        officer.keyboard.press("p")
        _until(officer, turning, "asked")
        chief.locator("[data-request]").wait_for()
        chief.wait_for_timeout(800)
        chief.keyboard.press("o")
        ribbon = _until(officer, turning, "mine")
        assert "avis dû" not in ribbon.inner_text()

        # Saturday's opening ends on Sunday at two: what the room gave goes on without it, and a notice is owed by ten.
        clock.get_by_role("button", name="02:00").click()
        eventually("the notice is owed", 5, lambda: "avis dû à 10:00" in ribbon.inner_text())
        officer.keyboard.press("p")
        ribbon.wait_for(state="detached")

        # The night before Monday: at once, and at its end the camera goes home, which the room sees and could prevent.
        monday = sunday + timedelta(days=1)
        _go_to(clock, datetime(monday.year, monday.month, monday.day, 3, 0, tzinfo=PARIS))
        type_number(chief, turning)
        shown(chief, turning)
        officer.keyboard.press("p")
        eventually("it is owed by the opening", 5, lambda: "avis dû à 07:30" in ribbon.inner_text())
        _turns(officer, turning)
        officer.keyboard.press("p")
        officer.keyboard.press("Delete")
        away = _until(chief, turning, "away")
        assert "Revient à sa position de repos" in away.inner_text()
        look(chief, "a camera that goes home")
        eventually("it is home", 45, lambda: abs((_pan_of(chief, turning) or 0) - home) < 1)

        # Taken anew, it goes on at half past seven, when the room may take it back; both sides see what is owed.
        type_number(officer, turning)
        shown(officer, turning)
        officer.keyboard.press("p")
        ribbon.wait_for()
        clock.get_by_role("button", name="07:30").click()
        chief.locator("[data-centre=open]").wait_for()
        assert ribbon.is_visible()
        for page in (officer, chief):
            page.keyboard.press("F10")
            page.locator("[data-notice-owed]").nth(2).wait_for()
            page.keyboard.press("Escape")
        chief.keyboard.press("c")
        _until(officer, turning, "over")
        leave(officer)
    clock.close()


def _position_of(picture: Picture) -> float:
    assert picture.reading.position is not None
    return picture.reading.position.pan_deg


def test_the_director_reads_what_a_word_about_the_term_and_a_new_text_would_do(
    sign_in: RoomOpener, night_town: Town, tmp_path: Path
) -> None:
    page = sign_in("police-director")
    page.keyboard.press("F1")
    page.wait_for_selector("[data-convention-screen]")
    page.keyboard.press("3")
    term = page.locator("[data-act=term]")
    term.locator("[name=term-on]").fill("25/03/2027")
    said = term.locator("[data-term-ends]")
    said.wait_for()
    assert "cesse le 01/10/2028" in said.inner_text()
    term.locator("[name=term-on]").fill("")

    installed = night_town.data_dir.parent / "convention"
    text = (installed / "convention.md").read_text().replace("cameras = 8", "cameras = 7")
    note = signed_by_all(text.encode(), installed)
    (tmp_path / "convention.md").write_text(text)
    (tmp_path / "unsigned.note").write_text((installed / "signatures.note").read_text())
    (tmp_path / "signatures.note").write_text(note)
    act = page.locator("[data-act=replacement]")
    act.locator("[name=replacement-text]").set_input_files(tmp_path / "convention.md")
    act.locator("[name=replacement-note]").set_input_files(tmp_path / "unsigned.note")
    act.locator("[data-missing]").wait_for()
    act.locator("[name=replacement-note]").set_input_files(tmp_path / "signatures.note")
    act.locator("[data-missing]").wait_for(state="detached")
    act.locator("[data-changes]").wait_for()
    assert "flux en cours : 7" in act.locator("tbody tr").first.inner_text()
    look(page, "a new text, French, dark")
    act.get_by_role("button", name="Mettre ce texte en vigueur").click()
    act.locator("[data-sure]").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("[data-convention-screen]").get_by_text("État : 7 au plus").wait_for()
