"""The programs of the bench: C ones are compiled once, every one ends with its `async with`."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

NATIVE = Path(__file__).parent / "native"
BUILT = Path(__file__).parent.parent / ".cache" / "bench"


def compiled(name: str) -> Path:
    """Return the program of `native/<name>.c`, compiled where it is newer than the program."""
    source, program = NATIVE / f"{name}.c", BUILT / name
    newest = max(file.stat().st_mtime for file in NATIVE.iterdir())
    if not program.exists() or program.stat().st_mtime < newest:
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-Wall", "-o", str(program), str(source)], check=True)
    return program


class Program:
    """A running program that is asked by lines and answers by lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def line(self, *, within_s: float = 60) -> str:
        """Return the next line, or raise where it ended instead."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), within_s)
        if not line:
            raise RuntimeError(f"the program ended: {await self._process.wait()}")
        return line.decode().strip()

    async def rest(self, *, within_s: float = 60) -> list[str]:
        """Return the lines up to the program's end."""
        assert self._process.stdout is not None
        return (await asyncio.wait_for(self._process.stdout.read(), within_s)).decode().splitlines()

    async def ask(self, line: str) -> None:
        """Write a line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def running(*command: str | Path, folder: Path | None = None) -> AsyncIterator[Program]:
    """Run a program until the block ends: its input is closed, then it is told to go. What it leaves is left in `folder`."""
    process = await asyncio.create_subprocess_exec(
        *(str(word) for word in command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 22, cwd=folder
    )
    try:
        yield Program(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 3)
        if process.returncode is None:
            process.terminate()
            await process.wait()


def module(name: str, *arguments: str | Path) -> tuple[str | Path, ...]:
    """Return the command that runs a module of the bench."""
    return (sys.executable, "-m", name, *arguments)
