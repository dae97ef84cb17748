"""Every screen in both languages and both lightings, opened by keys alone: read by axe, nothing too small, nothing cut.

Structure is the same in every lighting, so the whole of axe is asked for once a language; contrast every time.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import RoomOpener, Town
from tests.browser.eyes import cut_off, walk_the_focus
from tests.browser.test_screens import _SMALL, AXE, TARGET_PX_MIN, TEXT_PX_MIN, look
from tests.browser.test_story import open_event

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Screen:
    """A screen over a room: the keys that open it, one after the other, and what is there once it is whole."""

    name: str
    keys: tuple[str, ...]
    there: str
    over: bool = True
    """Whether Escape takes it away."""
    changes_inside: bool = True
    """Whether its own keys change language and lighting; else they are changed before it is opened."""


LANGUAGES_AND_LIGHTS = (("fr", "dark"), ("en", "dark"), ("en", "light"), ("fr", "light"))
CONVENTION = "[data-convention-screen]"
SCREENS: dict[str, tuple[Screen, ...]] = {
    "cic-operator": (
        Screen("room", (), "[data-map][data-drawn=true]", over=False),
        Screen("event", ("F2",), "[data-event-panel=event]"),
        Screen("kinds of event", ("n",), "[data-kind]"),
        Screen("search", ("Control+k",), "[role=listbox]", changes_inside=False),
        Screen("menu", ("F3",), "dialog[open]"),
        Screen("list of cameras", ("F3", "c"), "[data-inventory]"),
        Screen("lost cameras", ("l",), "[data-lost-list]"),
        Screen("layouts", ("Shift+F4",), "[data-layouts]"),
        Screen("relief", ("F9",), "[data-relief]"),
        Screen("handover", ("F10",), "[data-handover]"),
        Screen("convention", ("F1",), "[data-page] h2"),
        Screen("what if", ("F1", "2"), "[data-verdict]"),
    ),
    "police-director": (
        Screen("room", (), "[data-watched]", over=False),
        Screen("menu", ("F3",), "dialog[open]"),
        Screen("journal", ("j",), "[data-journal][aria-busy=false] [role=status]"),
        Screen("stations", ("t",), "[data-station]"),
        Screen("acts", ("F1", "3"), "[data-acts]"),
        Screen("who could watch", ("F1", "4"), "[data-could-watch]"),
    ),
    "inspector": (
        Screen("journal", (), "[data-journal][aria-busy=false] [role=status]", over=False),
        Screen("menu", ("F3",), "dialog[open]"),
    ),
    "admin": (Screen("administration", (), "[data-part]", over=False),),
    "technician": (Screen("faults", (), "[data-availability^='20']", over=False),),
}


def now_shown(page: Page) -> tuple[str, str]:
    language, light = page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]")
    return language, light


def change_to(page: Page, language: str, light: str) -> None:
    spoken, lit = now_shown(page)
    if spoken != language:
        page.keyboard.press("F7")
    if lit != light:
        page.keyboard.press("F6")
    page.wait_for_selector(f"html[lang={language}][data-theme={light}]")


def see(page: Page, where: str, *, whole: bool) -> None:
    """Look at the page: all that axe knows, or the contrast alone; sizes and cuts every time."""
    if whole:
        look(page, where)
    else:
        if not page.evaluate("typeof window.axe === 'object'"):
            page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations']})"
            ".then(run => run.violations.flatMap(one => one.nodes.map(node => node.html.slice(0, 160))))"
        )
        assert not found, f"{where}: contrast: {json.dumps(found, ensure_ascii=False, indent=1)}"
        small = page.evaluate(_SMALL, [TEXT_PX_MIN, TARGET_PX_MIN])
        assert not small, f"{where}: {small}"
    cut = cut_off(page)
    assert not cut, f"{where}: {json.dumps(cut, ensure_ascii=False, indent=1)}"


def walk(page: Page, screen: Screen, *, opened: Callable[[], None]) -> None:
    # From how the screen before was left, so that the map behind is drawn anew once a screen.
    begins = LANGUAGES_AND_LIGHTS.index(now_shown(page))
    for language, light in LANGUAGES_AND_LIGHTS if begins == 0 else LANGUAGES_AND_LIGHTS[::-1]:
        if not screen.changes_inside:
            page.keyboard.press("Escape")
            change_to(page, language, light)
            opened()
        else:
            change_to(page, language, light)
            page.wait_for_selector(screen.there)
        # The convention's page is asked for anew in its other language.
        page.locator("[aria-busy=true]").wait_for(state="detached")
        see(page, f"{screen.name}, {language}, {light}", whole=(language, light) in (("fr", "dark"), ("en", "light")))


@pytest.mark.parametrize("role", SCREENS)
def test_every_screen_is_whole_in_both_languages_and_both_lightings(enter: RoomOpener, role: str) -> None:
    page = enter(role, ready=SCREENS[role][0].there)
    if role == "cic-operator":
        # Without pictures, which `test_screens` looks at: what decodes them would have axe wait.
        open_event(page)
    for screen in SCREENS[role]:

        def opened(screen: Screen = screen) -> None:
            for key in screen.keys:
                page.keyboard.press(key)
            page.wait_for_selector(screen.there)

        opened()
        walk_the_focus(page, 3)
        # A letter that is pressed next means a screen, wherever the walk has come to.
        page.evaluate("document.activeElement.blur()")
        walk(page, screen, opened=opened)
        if screen.over:
            page.keyboard.press("Escape")
            page.locator("dialog[open]").wait_for(state="detached")


def test_the_sign_in_is_whole_in_both_languages_and_both_lightings(town: Town, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    page = context.new_page()
    page.goto(town.app_url)
    page.wait_for_selector("[data-contact]")
    assert "Villeneuve-d'Ascq" in page.locator("h1").inner_text()
    walk_the_focus(page, 3)
    for name in ("Français", "English"):
        for light in ("dark", "light"):
            page.get_by_role("button", name=name).click()
            page.locator("fieldset").nth(1).get_by_role("button").nth(("dark", "light").index(light)).click()
            see(page, f"sign-in, {name}, {light}", whole=light == "dark")
    page.locator("input[name=login]").fill("nobody")
    page.locator("input[name=password]").fill("wrong")
    page.locator("input[name=station]").fill("nowhere")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    see(page, "sign-in, refused", whole=True)
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (960, 540)])
def test_the_desk_screens_are_whole_on_a_smaller_screen_and_at_twice_the_size(
    enter: RoomOpener, width: int, height: int
) -> None:
    page = enter("police-director", ready="[data-watched]")
    page.set_viewport_size({"width": width, "height": height})
    for keys, there in (
        (("F1",), "[data-page] h2"),
        (("F1", "2"), "[data-verdict]"),
        (("F1", "3"), "[data-acts]"),
        (("F1", "4"), "[data-could-watch]"),
        (("F10",), "[data-handover]"),
        (("t",), "[data-station]"),
        (("j",), "[data-journal][aria-busy=false] [role=status]"),
    ):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_selector(there)
        page.locator("[aria-busy=true]").wait_for(state="detached")
        cut = cut_off(page)
        assert not cut, f"{keys} at {width}: {json.dumps(cut, ensure_ascii=False, indent=1)}"
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")


def test_a_screen_left_and_opened_again_in_one_breath_stands(enter: RoomOpener) -> None:
    page = enter("police-director", ready="[data-watched]")
    page.keyboard.press("F1")
    page.wait_for_selector(CONVENTION)
    # One task holds both keys, as on a busy screen: that the first dialog has closed is told after the second opened.
    told_late = page.evaluate(
        """async () => {
          const first = document.querySelector("dialog[open]");
          const closed = new Promise((told) => first.addEventListener("close", told, { once: true }));
          const press = (key) => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          press("Escape");
          for (let turn = 0; turn < 20; turn++) await Promise.resolve();
          const gone = !document.contains(first);
          press("F1");
          for (let turn = 0; turn < 20; turn++) await Promise.resolve();
          const again = document.querySelector("dialog[open]") !== null;
          await closed;
          return gone && again;
        }"""
    )
    assert told_late, "the screen was not left and opened again before the first told that it had closed"
    page.wait_for_timeout(100)
    assert page.locator("dialog[open]").count() == 1
