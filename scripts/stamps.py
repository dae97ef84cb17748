"""Stamps: what a step was last made from. A stamp lies inside what it vouches for, and goes when that goes."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = frozenset({"__pycache__", "node_modules", "target", ".cache"})


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if child.name not in SKIPPED:
                yield from _files(child)


def digest(inputs: Iterable[str], *, also: str = "") -> str:
    """Return the SHA-256 (hex) over names and bytes of the files under `inputs` (relative to the root), and `also`."""
    whole = hashlib.sha256(also.encode())
    for name in inputs:
        for file in _files(ROOT / name):
            content = file.read_bytes()
            whole.update(f"\0{file.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
            whole.update(content)
    return whole.hexdigest()


def is_fresh(stamp: Path, digest_hex: str) -> bool:
    """Return whether `stamp` says that its step was made from exactly these inputs."""
    return stamp.is_file() and stamp.read_text() == digest_hex


def put(stamp: Path, digest_hex: str) -> None:
    """Write `stamp` once its step has succeeded."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest_hex)
