"""Growth, 8 → 252 → 2,520 cameras known: opening a stream, the catalogue, the first view of the map, the search.

Opening and the catalogue by a plain client; the screens in headless Chromium. Search: a letter pressed → the list painted.
"""

import json
import shutil
import time

import anyio.to_thread
import httpx
from playwright.sync_api import Page, sync_playwright

from bench import results
from bench.click_to_painted import ARGUMENTS, demo, enter

SIZES = (8, 252, 2520)
SEARCHED = 5000
OPENS = 40
WORDS = ("rue des", "pont", "flers bourg", "stade", "avenue", "12", "metro", "eglise")
_PRESS_TO_PAINT = """
() => new Promise((resolve) => {
  addEventListener("keydown", (event) => {
    const from = event.timeStamp;
    // What the key changed is laid out before the first frame after it, and painted by the second.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - from)));
  }, { capture: true, once: true });
  window.armed = true;
})
"""


async def run() -> None:
    """Measure each size and append."""
    for cameras in SIZES:
        await anyio.to_thread.run_sync(_measure, cameras)
    await anyio.to_thread.run_sync(_search)


def _measure(cameras: int) -> None:
    with demo("--nodes", "1", "--cameras", str(cameras)) as (ready, _):
        opened_ms, catalogue_ms, catalogue_bytes = _by_client(ready)
        map_ms = _first_view(ready)
    line = {
        "candidate": f"{cameras} cameras",
        "cameras": cameras,
        "opens": len(opened_ms),
        "open_p50_ms": round(results.percentile(opened_ms, 50), 1),
        "open_p95_ms": round(results.percentile(opened_ms, 95), 1),
        "catalogue_ms": round(catalogue_ms, 1),
        "catalogue_bytes": catalogue_bytes,
        "first_view_ms": round(map_ms),
    }
    print(results.append("growth", line))


def _by_client(ready: dict[str, object]) -> tuple[list[float], float, int]:
    node = json.loads(json.dumps(ready["nodes"]))[0]
    account = next(each for each in node["accounts"] if each["role"] == "cic-operator")
    opened_ms = []
    with httpx.Client(base_url=node["app_url"], headers={"Origin": node["app_url"]}, trust_env=False) as client:
        body = {name: account[name] for name in ("login", "password", "station")}
        client.post("/api/v1/login", json=body).raise_for_status()
        event = client.post("/api/v1/events", json={"kind": "intervention"}).json()["id"]
        for number in range(OPENS):
            camera = f"vda-{number % 8 + 1:03}"
            from_s = time.perf_counter()
            opened = client.post("/api/v1/streams", json={"camera": camera, "event": event})
            opened_ms.append(1000 * (time.perf_counter() - from_s))
            opened.raise_for_status()
            client.delete(f"/api/v1/streams/{opened.json()['id']}").raise_for_status()
        client.get("/api/v1/cameras").raise_for_status()
        from_s = time.perf_counter()
        catalogue = client.get("/api/v1/cameras")
        catalogue_ms = 1000 * (time.perf_counter() - from_s)
        client.post("/api/v1/logout")
    return opened_ms, catalogue_ms, len(catalogue.content)


def _first_view(ready: dict[str, object]) -> float:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        enter(page, ready)
        page.wait_for_selector("[data-map][data-drawn=true]")
        took_ms = []
        for _ in range(5):
            page.reload(wait_until="commit")
            page.wait_for_selector("[data-map][data-drawn=true]")
            took_ms.append(float(page.evaluate("performance.now()")))
        browser.close()
    return results.percentile(took_ms, 50)


def _search() -> None:
    with demo("--nodes", "1", "--cameras", str(SEARCHED)) as (ready, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        enter(page, ready)
        page.wait_for_selector("[data-map][data-drawn=true]")
        took_ms = [ms for word in WORDS for ms in _typed(page, word)]
        browser.close()
    line = {
        "candidate": f"search in {SEARCHED} cameras",
        "cameras": SEARCHED,
        "keys": len(took_ms),
        "key_to_paint_p50_ms": round(results.percentile(took_ms, 50), 1),
        "key_to_paint_p95_ms": round(results.percentile(took_ms, 95), 1),
        "key_to_paint_max_ms": round(max(took_ms), 1),
    }
    print(results.append("search", line))


def _typed(page: Page, word: str) -> list[float]:
    page.keyboard.press("Control+k")
    page.wait_for_selector("[role=listbox]")
    took_ms = []
    for letter in word:
        page.evaluate("window.armed = false")
        painted = page.evaluate_handle(f"({{ promise: ({_PRESS_TO_PAINT})() }})")
        page.wait_for_function("window.armed")
        page.keyboard.press("Space" if letter == " " else letter)
        took_ms.append(float(painted.evaluate("held => held.promise")))
        page.wait_for_timeout(60)
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('[role=listbox]')")
    return took_ms
