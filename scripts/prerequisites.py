"""Checks what a step needs from the system, installs it where that may be done unasked, else names the command.

Unasked means: a Debian-like system, and root or a `sudo` that asks no question. Nothing installed is ever removed.
Run as `python3 -m scripts.prerequisites build|lint|test…`; exits 1 when something still lacks.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts import toolchain

LOG = Path(__file__).resolve().parent.parent / ".cache/prerequisites.log"
LISTS = Path("/var/lib/apt/lists")
LISTS_STALE_AFTER_S = 7 * 24 * 3600
TYPELIBS = ("/usr/lib/*/girepository-1.0", "/usr/lib/girepository-1.0", "/usr/lib64/girepository-1.0")
PLUGINS = ("/usr/lib/*/gstreamer-1.0", "/usr/lib64/gstreamer-1.0")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing asked of the system: how to see that it is there, and the Debian packages that bring it."""

    what: str
    is_met: Callable[[], bool]
    packages: tuple[str, ...]


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _rust_program(name: str) -> Callable[[], bool]:
    def is_met() -> bool:
        folder = toolchain.rust_folder()
        return folder is not None and toolchain.version_of(folder / name) is not None

    return is_met


def _file(folders: tuple[str, ...], *names: str) -> Callable[[], bool]:
    def is_met() -> bool:
        return all(any(next(Path("/").glob(f"{folder[1:]}/{name}"), None) for folder in folders) for name in names)

    return is_met


def _gi_is_importable() -> bool:
    python = Path("/usr/bin/python3")
    return (
        python.exists() and not subprocess.run([python, "-c", "import gi"], capture_output=True, check=False).returncode
    )


NEEDS: dict[str, tuple[Need, ...]] = {
    "build": (
        Need("certificates of the web's authorities", Path("/etc/ssl/certs/ca-certificates.crt").exists, ("ca-certificates",)),
        Need("Rust 1.88 or newer", lambda: toolchain.rust_folder() is not None, ("cargo-web", "rustc-web")),
        Need("a C compiler and linker", _program("cc"), ("gcc", "libc6-dev")),
    ),
    "lint": (
        Need("cargo fmt", _rust_program("cargo-fmt"), ("rustfmt-web",)),
        Need("cargo clippy", _rust_program("cargo-clippy"), ("rust-web-clippy",)),
    ),
    "test": (
        Need("Chromium", _program("chromium"), ("chromium",)),
        Need("ffmpeg", lambda: all(shutil.which(name) for name in ("ffmpeg", "ffprobe")), ("ffmpeg",)),
        Need("GStreamer's programs", _program("gst-launch-1.0"), ("gstreamer1.0-tools",)),
        Need("GStreamer's RTSP server", _file(TYPELIBS, "GstRtspServer-1.0.typelib"), ("gir1.2-gst-rtsp-server-1.0",)),
        Need("GObject for the system's Python", _gi_is_importable, ("python3-gi",)),
        Need(
            "GStreamer's plugins",
            _file(
                PLUGINS, "libgstvideotestsrc.so", "libgstrtp.so", "libgstrtsp.so", "libgstvideoparsersbad.so",
                "libgstx264.so", "libgstx265.so", "libgstlibav.so",
            ),
            (
                "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad",
                "gstreamer1.0-plugins-ugly", "gstreamer1.0-rtsp", "gstreamer1.0-libav",
            ),
        ),
        Need("strace", _program("strace"), ("strace",)),
    ),
}  # fmt: skip


def _unmet(groups: list[str]) -> list[Need]:
    return [need for group in groups for need in NEEDS[group] if not need.is_met()]


def _right_to_install() -> list[str] | None:
    """Return the words that go before apt-get, or None where installing is not ours to do."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        return ["sudo", "-n"]
    return None


def _lists_are_stale() -> bool:
    newest_s = max((file.stat().st_mtime for file in LISTS.glob("*_Packages*")), default=0.0)
    return time.time() - newest_s > LISTS_STALE_AFTER_S


def _offers_rust() -> bool:
    told = subprocess.run(["apt-cache", "policy", "rustc-web"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Candidate: (\d+)\.(\d+)", told)
    return found is not None and (int(found[1]), int(found[2])) >= toolchain.RUST_MIN


def _install(before: list[str], packages: list[str]) -> None:
    """Run apt-get, its talk kept in `LOG`; the lists are read anew where they are old or offer too old a Rust."""
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", "-q"]
    update = [*apt, "update"]
    install = [*apt, "install", "-y", "--no-install-recommends", "--no-remove", *packages]
    updates_first = _lists_are_stale() or ("rustc-web" in packages and not _offers_rust())
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log:

        def run(command: list[str]) -> int:
            return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode

        if updates_first:
            run(update)
        failed = run(install)
        if failed and not updates_first:
            run(update)
            failed = run(install)
    if failed:
        print(f"prerequisites: apt-get failed; the end of {LOG}:", file=sys.stderr)
        print("\n".join(LOG.read_text(errors="replace").splitlines()[-12:]), file=sys.stderr)


def main(groups: list[str]) -> int:
    """Meet the needs of `groups` (of `NEEDS`); return 0 once all are met, 1 with the command named otherwise."""
    unmet = _unmet(groups)
    if not unmet:
        return 0
    packages = sorted({package for need in unmet for package in need.packages})
    names = ", ".join(need.what for need in unmet)
    before = _right_to_install()
    if before is not None:
        print(f"prerequisites: {names}: not here yet; installing {' '.join(packages)}", flush=True)
        _install(before, packages)
        unmet = _unmet(groups)
        if not unmet:
            return 0
        packages = sorted({package for need in unmet for package in need.packages})
        names = ", ".join(need.what for need in unmet)
    print(
        f"prerequisites: {names}: missing. On Debian 12 this brings it:\n\n"
        f"    sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(packages)}\n\n"
        "Elsewhere, install the same by your system's own means (Rust: https://www.rust-lang.org/tools/install), "
        "then run make again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["build"]))
