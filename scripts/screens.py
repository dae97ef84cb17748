"""Builds the screens into `src/belvedere/web/static` with the Node of `.venv`."""

import os
import subprocess
import sys

from scripts import toolchain
from scripts.stamps import ROOT, digest, is_fresh, put

FRONTEND = ROOT / "frontend"
LOCK = ("frontend/package.json", "frontend/package-lock.json", "frontend/.npmrc", "requirements.lock")
STATIC = ROOT / "src/belvedere/web/static"


def _npm(*words: str) -> None:
    told = {**toolchain.environment(), "npm_config_update_notifier": "false", "CI": os.environ.get("CI", "true")}
    subprocess.run(
        [ROOT / ".venv/bin/npm", "--silent", *words], check=True, cwd=FRONTEND, env=told, stdin=subprocess.DEVNULL
    )


def main(*, packages_only: bool) -> int:
    """Bring `node_modules` up to its lock, then, unless `packages_only`, the built screens up to their sources."""
    lock = digest(LOCK)
    if not is_fresh(FRONTEND / "node_modules/.belvedere-stamp", lock):
        print("build: the screens' packages", flush=True)
        _npm("ci")
        put(FRONTEND / "node_modules/.belvedere-stamp", lock)
    if packages_only:
        return 0
    sources = digest(["frontend"], also=lock)
    if not is_fresh(STATIC / ".belvedere-stamp", sources):
        print("build: the screens", flush=True)
        _npm("run", "build")
        put(STATIC / ".belvedere-stamp", sources)
    return 0


if __name__ == "__main__":
    sys.exit(main(packages_only="--packages" in sys.argv[1:]))
