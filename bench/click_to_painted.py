"""Key pressed → first painted picture in headless Chromium, on the demo: decision and durable record included.

Warm: the camera was watched within the last seconds, so its pictures are kept. Cold: nobody watched it since the start.
Painted means a picture that isn't black, read back from the tile's `<video>` on an animation frame.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import psutil
from playwright.sync_api import Page, sync_playwright

from bench import results

WARM_CLICKS = 50
COLD_CLICKS = 20
WARM_CAMERAS = (3, 42, 58, 61, 77)
FIRST_COLD_CAMERA = 120
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
_ARM = """
(camera) => {
  window.painted = new Promise((resolve, reject) => {
    const small = document.createElement("canvas");
    small.width = 32; small.height = 18;
    const context = small.getContext("2d", { willReadFrequently: true });
    const pressed = (event) => {
      if (event.key !== "Enter") return;
      removeEventListener("keydown", pressed, true);
      const from = event.timeStamp;
      const look = (now) => {
        if (now - from > 10000) { reject(new Error("not painted within 10 s")); return; }
        const video = document.querySelector(`[data-state][data-camera="${camera}"] video`);
        if (video && video.videoWidth) {
          context.drawImage(video, 0, 0, 32, 18);
          const pixels = context.getImageData(0, 0, 32, 18).data;
          if (pixels.some((value, at) => at % 4 === 1 && value > 24)) { resolve(performance.now() - from); return; }
        }
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    };
    addEventListener("keydown", pressed, true);
  });
}
"""


async def run() -> None:
    """Measure with one node and with two, whose officer sits at the State's; append the percentiles, in ms."""
    for nodes in (1, 2):
        await anyio.to_thread.run_sync(_measure, nodes)


def _measure(nodes: int) -> None:
    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("Chromium is missing; run `make test` once, it installs what the tests need")
    with demo("--nodes", str(nodes)) as (ready, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        enter(page, ready)
        for number in WARM_CAMERAS:
            _click(page, number)
        simulator_s, from_s = _cpu_s(process, "simulator"), time.monotonic()
        warm_ms = [_click(page, WARM_CAMERAS[at % len(WARM_CAMERAS)]) for at in range(WARM_CLICKS)]
        cores = (_cpu_s(process, "simulator") - simulator_s) / (time.monotonic() - from_s)
        cold_ms = [_click(page, FIRST_COLD_CAMERA + at) for at in range(COLD_CLICKS)]
        browser.close()
    print(
        results.append(
            "click_to_painted",
            {
                "stream": "640x360, simulated live",
                "nodes": nodes,
                "clicks": WARM_CLICKS,
                "warm_p50_ms": round(results.percentile(warm_ms, 50)),
                "warm_p99_ms": round(results.percentile(warm_ms, 99)),
                "cold_clicks": COLD_CLICKS,
                "cold_p50_ms": round(results.percentile(cold_ms, 50)),
                "cold_max_ms": round(max(cold_ms)),
                "simulator_cores": round(cores, 2),
            },
        )
    )


def _click(page: Page, number: int) -> float:
    """Type a camera's number, press Enter, return the ms until its picture is painted; then close it."""
    page.evaluate(_ARM, f"vda-{number:03}")
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    took_ms: float = page.evaluate("window.painted")
    page.keyboard.press("Delete")
    page.wait_for_function("document.querySelectorAll('[data-viewing^=v-]').length === 0")
    page.wait_for_timeout(100)
    return took_ms


def enter(page: Page, ready: dict[str, object]) -> None:
    """Sign an officer in at its own node where it has one, and open an event."""
    node, account = next(
        (node, each)
        for node in reversed(json.loads(json.dumps(ready["nodes"])))
        for each in node["accounts"]
        if each["role"] == "cic-operator"
    )
    page.goto(node["app_url"])
    for name in ("login", "password", "station"):
        page.locator(f"input[name={name}]").fill(account[name])
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-number-field]")
    page.keyboard.press("F2")
    page.keyboard.press("a")
    page.wait_for_selector("[data-event-kind]")


def _cpu_s(process: subprocess.Popen[bytes], name: str) -> float:
    return sum(
        sum(child.cpu_times()[:2])
        for child in psutil.Process(process.pid).children(recursive=True)
        if name in child.cmdline()
    )


@contextmanager
def demo(*words: str) -> Iterator[tuple[dict[str, object], subprocess.Popen[bytes]]]:
    """Run the demo (with further words) until the block ends; yield its ready file and its process."""
    with tempfile.TemporaryDirectory() as made:
        ready = Path(made) / "ready.json"
        process = subprocess.Popen(
            [Path(sys.executable).with_name("belvedere"), "demo", "--ready-file", ready, *words],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "BELVEDERE_RELAY": ""},
            start_new_session=True,
        )
        try:
            while not ready.exists():  # the demo says itself what it waits for
                if process.poll() is not None:
                    raise RuntimeError("the demo did not come up")
                time.sleep(0.1)
            yield json.loads(ready.read_text()), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(60)
