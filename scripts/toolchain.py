"""Finds the Rust toolchain: the one on the PATH if it is new enough, else Debian's."""

import os
import re
import shutil
import subprocess
from pathlib import Path

RUST_MIN = (1, 88)
"""What the relay's crates need (`rust-version` in Cargo.toml)."""


def version_of(program: Path | str) -> tuple[int, int] | None:
    """Return (major, minor) that `program --version` tells, or None where it cannot be run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else None


def rust_folder() -> Path | None:
    """Return the folder of the first `cargo` that has a `rustc` beside it, both at least `RUST_MIN`; None without one."""
    on_path = shutil.which("cargo")
    folders = [Path(on_path).parent] if on_path else []
    for folder in [*folders, Path.home() / ".cargo/bin", Path("/usr/bin")]:
        versions = [version_of(folder / name) for name in ("cargo", "rustc")]
        if all(version is not None and version >= RUST_MIN for version in versions):
            return folder
    return None


def environment() -> dict[str, str]:
    """Return this process's environment with `.venv` first on the PATH (its Node, never the machine's), then the Rust found."""
    root = Path(__file__).resolve().parent.parent
    folders = [str(root / ".venv/bin")]
    rust = rust_folder()
    if rust is not None:
        folders.append(str(rust))
    return {**os.environ, "PATH": os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])}
