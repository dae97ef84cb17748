"""Runs a program in make's foreground, so that it stops when make is told to, however make is told.

The terminal's Ctrl-C reaches the whole process group. A signal sent to make alone does not: make then deletes the file of
the rule it was making and waits. That file is our sign: `python -m scripts.front SIGN PROGRAM…` ends the program once the
file, or make itself, is gone.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

LOOK_EVERY_S = 0.2
GRACE_S = 20.0
"""How long the program has to end by itself, once it was told, before it is told again."""


def main(sign: Path, command: list[str]) -> int:
    """Run `command` until it ends; return its exit code, with an end by SIGINT counted as a good one."""
    sign.parent.mkdir(parents=True, exist_ok=True)
    sign.write_text(str(os.getpid()))
    make = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what the program starts with, even where a shell had it ignored
    program = subprocess.Popen(command)
    told = False

    def heard(number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if number != signal.SIGINT and not told:
            program.send_signal(signal.SIGINT)
        told = True  # a SIGINT that reached this process came from the terminal, and reached the program as well

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, heard)
    while program.poll() is None and not told and sign.exists() and os.getppid() == make:
        time.sleep(LOOK_EVERY_S)
    code = _end(program, told=told)
    sign.unlink(missing_ok=True)
    return 0 if code in {0, -signal.SIGINT, 128 + signal.SIGINT} else code


def _end(program: subprocess.Popen[bytes], *, told: bool) -> int:
    """Return the exit code of `program`, which is told to end now unless it was `told` already."""
    while True:
        if not told:
            program.send_signal(signal.SIGINT)
        try:
            return program.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            told = False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
