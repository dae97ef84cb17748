"""The life of a simulator's process: the file that says it is ready, and its end. Knows no camera and no Rust.

Ends on SIGTERM, on SIGINT, and when the parent it was given dies, however it dies.
"""

import asyncio
import json
import os
import signal
from pathlib import Path

from simulator.ground import Json

LOOPBACK = "127.0.0.1"


def ending(loop: asyncio.AbstractEventLoop, parent_pid: int | None = None) -> asyncio.Event:
    """Return what is set once this process must end."""
    end = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, end.set)
    if parent_pid is not None:
        try:
            loop.add_reader(os.pidfd_open(parent_pid), end.set)
        except ProcessLookupError:
            end.set()
    return end


def write_ready_file(path: Path, content: Json) -> None:
    """Write what others wait for: whole or not at all, readable by its owner only (it holds passwords)."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, separators=(",", ":"))
    partial.replace(path)
