"""Takes the README's two pictures from a running demo, as a newcomer would see it: `make pictures`.

Uses the screens as a person does: signs in, F2 and a digit for the event, camera numbers with Enter.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.stamps import ROOT

SCREENS = ROOT / "docs/screens"
READY_S_MAX = 120
PICTURES_SETTLE_MS = 8_000
SIZE = {"width": 1920, "height": 1080}
OFFICERS_CAMERAS = (17, 3, 101, 44, 62)
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required")


def _account(ready: dict[str, list[dict[str, object]]], role: str) -> tuple[str, dict[str, str]]:
    for node in ready["nodes"]:
        accounts = node["accounts"]
        assert isinstance(accounts, list)
        for account in accounts:
            if account["role"] == role:
                return str(node["app_url"]), account
    sys.exit(f"the demo has no account of role {role}")


def _enter(browser: Browser, ready: dict[str, list[dict[str, object]]], role: str) -> Page:
    url, account = _account(ready, role)
    page = browser.new_context(viewport=SIZE, locale="fr-FR", color_scheme="dark").new_page()  # type: ignore[arg-type]
    page.goto(url)
    for field in ("login", "password", "station"):
        page.fill(f"#{field}", account[field])
    page.keyboard.press("Enter")
    page.wait_for_selector("#login", state="detached")
    page.wait_for_timeout(2_000)
    return page


def _take(ready: dict[str, list[dict[str, object]]]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        officer = _enter(browser, ready, "cic-operator")
        officer.keyboard.press("F2")
        officer.keyboard.press("2")
        officer.wait_for_timeout(500)
        for number in OFFICERS_CAMERAS:
            for digit in str(number):
                officer.keyboard.press(digit)
            officer.keyboard.press("Enter")
            officer.wait_for_timeout(900)
        room = _enter(browser, ready, "csu-operator")
        officer.bring_to_front()
        officer.wait_for_timeout(PICTURES_SETTLE_MS)
        officer.screenshot(path=SCREENS / "state-room.png")
        room.bring_to_front()
        room.wait_for_timeout(2_000)
        room.screenshot(path=SCREENS / "csu-room.png")
        browser.close()


def main() -> int:
    """Start a demo on free ports, take the pictures, end it."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        demo = subprocess.Popen([ROOT / ".venv/bin/belvedere", "demo", "--ready-file", ready_file], cwd=ROOT)
        try:
            until_s = time.monotonic() + READY_S_MAX
            while not ready_file.exists():
                if demo.poll() is not None or time.monotonic() > until_s:
                    sys.exit("the demo did not come up")
                time.sleep(0.2)
            _take(json.loads(ready_file.read_text()))
        finally:
            demo.send_signal(2)
            demo.wait(30)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    sys.exit(main())
