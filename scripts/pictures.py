"""Takes the README's two pictures from a running demo, as a newcomer would see it: `make pictures`.

Uses the screens as a person does: signs in, F2 and a letter for the event, camera numbers with Enter.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.stamps import ROOT

Ready = dict[str, list[dict[str, object]]]
SCREENS = ROOT / "docs/screens"
SETTLE_MS = 4_000
SIZE = {"width": 1920, "height": 1080}
ROOMS_CAMERAS = (88, 44, 12, 150)
OTHERS_CAMERAS = (9,)
OFFICERS_CAMERAS = (17, 3, 101, 44)
CHECKING_A_REPORT, INTERVENTION = "a", "b"
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required")


def _account(ready: Ready, role: str) -> tuple[str, dict[str, str]]:
    for node in ready["nodes"]:
        accounts = node["accounts"]
        assert isinstance(accounts, list)
        for account in accounts:
            if account["role"] == role:
                return str(node["app_url"]), account
    sys.exit(f"the demo has no account of role {role}")


def _enter(browser: Browser, ready: Ready, role: str) -> Page:
    url, account = _account(ready, role)
    page = browser.new_context(viewport=SIZE, locale="fr-FR", color_scheme="dark").new_page()  # type: ignore[arg-type]
    page.goto(url)
    for field in ("login", "password", "station"):
        page.fill(f"#{field}", account[field])
    page.keyboard.press("Enter")
    page.wait_for_selector("#login", state="detached")
    page.wait_for_timeout(2_000)
    return page


def _open(page: Page, numbers: Sequence[int]) -> None:
    for number in numbers:
        for digit in str(number):
            page.keyboard.press(digit)
        page.keyboard.press("Enter")
        page.wait_for_timeout(900)


def _for_event(page: Page, kind: str) -> None:
    page.keyboard.press("F2")
    page.keyboard.press(kind)
    page.wait_for_timeout(500)


def _take(ready: Ready) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        room = _enter(browser, ready, "csu-operator")
        _open(room, ROOMS_CAMERAS)
        other = _enter(browser, ready, "other-state-operator")
        _for_event(other, CHECKING_A_REPORT)
        _open(other, OTHERS_CAMERAS)
        officer = _enter(browser, ready, "cic-operator")
        _for_event(officer, INTERVENTION)
        _open(officer, OFFICERS_CAMERAS)
        officer.wait_for_timeout(SETTLE_MS)
        officer.screenshot(path=SCREENS / "state-room.png")
        room.bring_to_front()
        room.wait_for_timeout(SETTLE_MS)
        room.screenshot(path=SCREENS / "csu-room.png")
        browser.close()


def main() -> int:
    """Start a demo on free ports, take the pictures, end it."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        demo = subprocess.Popen([ROOT / ".venv/bin/belvedere", "demo", "--ready-file", ready_file], cwd=ROOT)
        try:
            while not ready_file.exists():  # the demo says itself what it waits for
                if demo.poll() is not None:
                    sys.exit("the demo did not come up")
                time.sleep(0.2)
            _take(json.loads(ready_file.read_text()))
        finally:
            demo.send_signal(2)
            demo.wait(60)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    sys.exit(main())
