"""Half an hour of a room: eight 640×360 pictures on one wall in headless Chromium, while another agent opens and closes.

Told: the age that each tile shows, once a second; pictures presented of those due; and by least squares, once the first
minutes are over, how the resident memory of the node, of the browser (all its processes) and of the city grows an hour.
"""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio.to_thread
import httpx
import psutil
from playwright.sync_api import Page, sync_playwright

from bench import results
from bench.click_to_painted import ARGUMENTS, demo, enter

CAMERAS = (117, 3, 42, 58, 61, 77, 104, 88)
MINUTES = float(os.environ.get("BENCH_MINUTES", "30"))
WARM_UP_SHARE = 1 / 6
OPENS_EVERY_S = 1.0
PICTURES_A_S = 15
_AGES = "[...document.querySelectorAll('[data-state]')].map(tile => [tile.dataset.state, Number(tile.dataset.ageMs)])"
_PRESENTED = (
    "[...document.querySelectorAll('[data-state] video')]"
    ".reduce((sum, video) => sum + video.getVideoPlaybackQuality().totalVideoFrames, 0)"
)


@dataclass
class Memory:
    """Resident MB over time, of one part."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def note(self, at_s: float, processes: Sequence[psutil.Process]) -> None:
        """Note what these processes hold now; one that has gone holds nothing."""
        held = 0
        for process in processes:
            try:
                held += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.seconds.append(at_s)
        self.megabytes.append(held / 1e6)

    def slope_mb_per_h(self, *, after_s: float) -> float:
        """Return the slope by least squares of what was noted after the warm-up."""
        pairs = [(s, mb) for s, mb in zip(self.seconds, self.megabytes, strict=True) if s >= after_s]
        mean_s = sum(s for s, _ in pairs) / len(pairs)
        mean_mb = sum(mb for _, mb in pairs) / len(pairs)
        spread = sum((s - mean_s) ** 2 for s, _ in pairs)
        return 3600 * sum((s - mean_s) * (mb - mean_mb) for s, mb in pairs) / spread


async def run() -> None:
    """Measure once and append."""
    await anyio.to_thread.run_sync(_measure)


def _measure() -> None:
    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("Chromium is missing; run `make test` once, it installs what the tests need")
    with demo("--nodes", "1") as (ready, process), sync_playwright() as playwright:
        before = {each.pid for each in psutil.Process().children(recursive=True)}
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        enter(page, ready)
        for number in CAMERAS:
            page.keyboard.type(str(number))
            page.keyboard.press("Enter")
            page.wait_for_selector(f'[data-state=live][data-camera="vda-{number:03}"]')
        ours = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
        parts = {
            "browser": [each for each in ours if "chrom" in each.name()],
            "node": _of(process.pid, "serve"),
            "simulator": _of(process.pid, "simulator"),
        }
        with _opening_and_closing(ready) as churned:
            told = _watch(page, parts)
        browser.close()
    line = {"cameras": 252, "watched": len(CAMERAS), "minutes": MINUTES, "churned": churned[0], **told}
    print(results.append("half_hour", line))


def _watch(page: Page, parts: dict[str, list[psutil.Process]]) -> dict[str, object]:
    memory = {name: Memory() for name in parts}
    ages_ms: list[float] = []
    not_live = 0
    began_s, presented = time.monotonic(), page.evaluate(_PRESENTED)
    while (at_s := time.monotonic() - began_s) < 60 * MINUTES:
        for state, age_ms in page.evaluate(_AGES):
            ages_ms.append(age_ms)
            not_live += state != "live"
        for name, processes in parts.items():
            memory[name].note(at_s, processes)
        page.wait_for_timeout(1000)
    lasted_s = time.monotonic() - began_s
    due = lasted_s * PICTURES_A_S * len(CAMERAS)
    warm_s = 60 * MINUTES * WARM_UP_SHARE
    return {
        "ages": len(ages_ms),
        "age_p50_ms": round(results.percentile(ages_ms, 50)),
        "age_p95_ms": round(results.percentile(ages_ms, 95)),
        "age_max_ms": round(max(ages_ms)),
        "not_live": not_live,
        "presented_share": round((page.evaluate(_PRESENTED) - presented) / due, 3),
        **{f"{name}_mb": round(each.megabytes[-1], 1) for name, each in memory.items()},
        **{f"{name}_mb_per_h": round(each.slope_mb_per_h(after_s=warm_s), 2) for name, each in memory.items()},
    }


def _of(pid: int, word: str) -> list[psutil.Process]:
    return [each for each in psutil.Process(pid).children(recursive=True) if word in each.cmdline()]


@contextmanager
def _opening_and_closing(ready: dict[str, object]) -> Iterator[list[int]]:
    """Have an agent of the own room open a camera and close it again, once a second, until the block ends."""
    node = json.loads(json.dumps(ready["nodes"]))[0]
    account = next(each for each in node["accounts"] if each["role"] == "csu-operator")
    ended, times = threading.Event(), [0]

    def work() -> None:
        with httpx.Client(base_url=node["app_url"], headers={"Origin": node["app_url"]}, trust_env=False) as client:
            body = {name: account[name] for name in ("login", "password", "station")}
            client.post("/api/v1/login", json=body).raise_for_status()
            while not ended.wait(OPENS_EVERY_S):
                camera = f"vda-{times[0] % 252 + 1:03}"
                opened = client.post("/api/v1/streams", json={"camera": camera, "event": None})
                opened.raise_for_status()
                client.delete(f"/api/v1/streams/{opened.json()['id']}").raise_for_status()
                times[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield times
    finally:
        ended.set()
        thread.join(30)
