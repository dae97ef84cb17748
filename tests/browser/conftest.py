"""The real demo, its processes and Debian's Chromium: nothing here is stood in for."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from belvedere.demo.accounts import CITY
from belvedere.ledger.keys import load_or_create_key
from belvedere.ledger.note import VerifierKey, verifier_key
from simulator.band import BandReading, BandUnreadable, decode
from tests.promises import allowed_s

UP_S_MAX = 90.0
ENDS_S_MAX = 60.0
PATIENCE_S = 10.0
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
_GRAB = """
(tile) => {
  const video = tile.querySelector("video");
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const at_ms = Date.now();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const luma = new Uint8Array(canvas.width * canvas.height);
  for (let i = 0; i < luma.length; i++) luma[i] = pixels[4 * i + 1];
  let text = "";
  for (let i = 0; i < luma.length; i += 8192) text += String.fromCharCode(...luma.subarray(i, i + 8192));
  return { width: canvas.width, height: canvas.height, luma: btoa(text), at_ms, age_ms: Number(tile.dataset.ageMs) };
}
"""


@dataclass(frozen=True)
class Picture:
    """What a tile shows, read back from its pixels; `true_age_ms` is from the burned time, at most 40 ms early."""

    luma: NDArray[np.uint8]
    reading: BandReading
    shown_age_ms: float
    true_age_ms: float


def picture_of(page: Page, camera: str) -> Picture | None:
    """Return the picture of a camera's tile, or None while it has none that can be read."""
    tile = page.query_selector(f'[data-state][data-camera="{camera}"]')
    grabbed = None if tile is None else tile.evaluate(_GRAB)
    if grabbed is None:
        return None
    luma = np.frombuffer(base64.b64decode(grabbed["luma"]), np.uint8).reshape(grabbed["height"], grabbed["width"])
    try:
        reading = decode(luma)
    except BandUnreadable:
        return None
    modulus = 1 << 40
    age_ms = ((int(grabbed["at_ms"]) // 10 - reading.stamp) % modulus) * 10
    return Picture(luma, reading, float(grabbed["age_ms"]), float(age_ms))


@dataclass
class Town:
    """The running demo."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def app_url(self) -> str:
        url: str = self.ready["nodes"][0]["app_url"]
        return url

    @property
    def data_dir(self) -> Path:
        return Path(self.ready["nodes"][0]["data_dir"])

    def vkey(self) -> VerifierKey:
        """Return the key to pin, from the node's own key file: the ledger does not vouch for itself."""
        return verifier_key(f"belvedere.example/{CITY}", load_or_create_key(self.data_dir / "node-key.pem"))

    def account(self, role: str, nth: int = 0) -> dict[str, str]:
        """Return the nth account of a role."""
        return self._accounts(role)[nth][1]

    def app_url_of(self, role: str, nth: int = 0) -> str:
        """Return where the nth account of a role signs in."""
        return self._accounts(role)[nth][0]

    def _accounts(self, role: str) -> list[tuple[str, dict[str, str]]]:
        found = [
            (node, account) for node in self.ready["nodes"] for account in node["accounts"] if account["role"] == role
        ]
        # At its party's own node, where there is one.
        found.sort(key=lambda each: each[0]["party"] != each[1]["party"])
        return [(node["app_url"], account) for node, account in found]

    def camera(self, camera: str, act: str, **body: object) -> None:
        """Tell a simulated camera what to suffer."""
        request = urllib.request.Request(
            f"{self.ready['simulator_url']}/cameras/{camera}/{act}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            assert answer.status == 200


def eventually(what: str, within_s: float, holds: Callable[[], Any]) -> Any:
    """Return what `holds` returns once it is true; fail naming `what` long after `within_s`, which a busy machine takes."""
    until = time.monotonic() + allowed_s(max(within_s, PATIENCE_S))
    while True:
        found = holds()
        if found:
            return found
        assert time.monotonic() < until, f"not within {within_s} s: {what}"
        time.sleep(0.02)


@contextmanager
def running_town(folder: Path, *, nodes: int = 1) -> Iterator[Town]:
    """Run the demo as `make demo` starts it, with so many nodes, keeping its words in `folder`."""
    ready = folder / "ready.json"
    program = Path(sys.executable).with_name("belvedere")
    with (folder / "demo.log").open("wb") as messages:
        process = subprocess.Popen(
            [program, "demo", "--nodes", str(nodes), "--ready-file", ready, "--bands"],
            stdout=messages,
            stderr=subprocess.STDOUT,
            env={**os.environ, "BELVEDERE_RELAY": ""},
            start_new_session=True,
        )
    try:
        until = time.monotonic() + allowed_s(UP_S_MAX)
        while not ready.exists():
            assert process.poll() is None, (folder / "demo.log").read_text()
            assert time.monotonic() < until, (folder / "demo.log").read_text()
            time.sleep(0.1)
        yield Town(process, json.loads(ready.read_text()))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(ENDS_S_MAX)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The demo that the tests share; its clock is never moved."""
    with running_town(tmp_path_factory.mktemp("demo")) as town:
        yield town


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; it must play H.264."""
    executable = shutil.which("chromium")
    assert executable is not None, "Chromium is missing: make test installs it, see scripts/prerequisites.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        assert page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"avc1.42c01e\"')"), "no avc1"
        page.close()
        yield browser
        browser.close()


RoomOpener = Callable[..., Page]


@contextmanager
def rooms(town: Town, chromium: Browser) -> Iterator[RoomOpener]:
    """Give what signs an account in, in a browser of its own, and waits for its room.

    At the end every session is signed out, however the test ended: the next one finds every slot free.
    """
    contexts: list[tuple[BrowserContext, str]] = []

    def open_room(
        role: str, nth: int = 0, *, locale: str = "fr-FR", script: str = "", ready: str = "[data-number-field]"
    ) -> Page:
        account, app_url = town.account(role, nth), town.app_url_of(role, nth)
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale=locale)
        contexts.append((context, app_url))
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.goto(app_url)
        for name in ("login", "password", "station"):
            page.locator(f"input[name={name}]").fill(account[name])
        page.keyboard.press("Enter")
        page.wait_for_selector(ready)
        return page

    try:
        yield open_room
    finally:
        for context, app_url in contexts:
            context.request.post(f"{app_url}/api/v1/logout", headers={"Origin": app_url})
            context.close()


@pytest.fixture
def enter(town: Town, chromium: Browser) -> Iterator[RoomOpener]:
    """Sign accounts in to the shared demo."""
    with rooms(town, chromium) as open_room:
        yield open_room
