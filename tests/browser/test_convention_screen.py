"""The convention on the screens, on a demo of its own whose clock is moved: what a key says changes with the hour."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Town, eventually, running_town
from tests.browser.test_story import open_event, shown, state_of, type_number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PARIS = ZoneInfo("Europe/Paris")
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def night_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A demo whose clock this module moves: never the one that other tests share."""
    with running_town(tmp_path_factory.mktemp("night")) as town:
        yield town


@pytest.fixture
def sign_in(night_town: Town, chromium: Browser) -> Iterator[SignIn]:
    """Sign an account in, in a browser of its own."""
    contexts = []

    def open_room(role: str, nth: int = 0) -> Page:
        account = night_town.account(role, nth)
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(night_town.app_url)
        for name in ("login", "password", "station"):
            page.locator(f"input[name={name}]").fill(account[name])
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-number-field]")
        return page

    yield open_room
    for context in contexts:
        context.close()


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
    number: int = page.evaluate(
        "fetch('/api/v1/cameras').then(a => a.json()).then(all => all.features.find(one => one.properties.ptz).properties.number)"
    )
    return number


def _demo_page(sign_in_page: Page, town: Town) -> Page:
    page = sign_in_page.context.new_page()
    page.goto(f"{town.app_url}/demo")
    return page


@pytest.fixture(scope="module")
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


@pytest.mark.usefixtures("before_two")
def test_at_two_the_csu_closes_and_the_keys_change_meaning_without_a_reload(sign_in: SignIn, night_town: Town) -> None:
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
    open_event(officer, "3")
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

    # What the key cannot do yet is said where the eye is.
    officer.keyboard.press("p")
    refusal = officer.locator('[data-refusal="not-offered"]')
    refusal.wait_for()
    assert f"Pilotage de la caméra {turning} refusé" in refusal.inner_text()
    assert "article 3" in refusal.inner_text()
