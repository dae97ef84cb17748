"""Builds the relay's wheel and installs it. Kept under `.cache/wheels/<hash of what it is built from>`.

Unchanged crates are never built twice, not even after `.venv` was thrown away.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from scripts import toolchain
from scripts.stamps import ROOT, digest, is_fresh, put

INPUTS = ("Cargo.toml", "Cargo.lock", "crates")
MANIFEST = "crates/relay-py/Cargo.toml"
WHEELS_KEPT = 4


def main() -> int:
    """Have the wheel of the present crates installed in `.venv`."""
    built_from = digest(INPUTS)
    stamp = ROOT / ".venv/stamps/relay"
    if is_fresh(stamp, built_from):
        return 0
    wheels = ROOT / ".cache/wheels"
    folder = wheels / built_from[:24]
    if not list(folder.glob("*.whl")):
        print("build: the relay (Rust); about four minutes on two cores the first time", flush=True)
        making = wheels / "making"
        shutil.rmtree(making, ignore_errors=True)
        build: list[str | Path] = [
            ROOT / ".venv/bin/maturin",
            "build",
            "--release",
            "--locked",
            "-m",
            MANIFEST,
            "-o",
            making,
        ]
        subprocess.run(
            [*build, "-i", ROOT / ".venv/bin/python"],
            check=True, cwd=ROOT, env=toolchain.environment(), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
        for old in sorted(wheels.iterdir(), key=lambda kept: kept.stat().st_mtime)[:-WHEELS_KEPT]:
            shutil.rmtree(old)
    (wheel,) = folder.glob("*.whl")
    install: list[str | Path] = [ROOT / ".venv/bin/uv", "pip", "install", "--quiet", "--no-deps", "--reinstall", wheel]
    subprocess.run(install, check=True, env={**toolchain.environment(), "VIRTUAL_ENV": str(ROOT / ".venv")})
    put(stamp, built_from)
    return 0


if __name__ == "__main__":
    sys.exit(main())
