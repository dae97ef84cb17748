"""The steps behind make: stamps, prerequisites, and a foreground that ends when make is told to."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import lock_covers, prerequisites, relay_wheel, run_tests, screens, stamps, toolchain
from tests.unit.house.tree import ROOT

PATIENT = """
import sys, time
print("started", flush=True)
try:
    time.sleep(50)
except KeyboardInterrupt:
    time.sleep(0.5)
    print("ended in order", flush=True)
"""


def test_a_changed_byte_makes_a_stamp_stale_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    source = tmp_path / "crates/relay/src/lib.rs"
    source.parent.mkdir(parents=True)
    source.write_text("pub fn a() {}\n")
    stamp = tmp_path / ".venv/stamps/relay"
    stamps.put(stamp, stamps.digest(["crates"]))
    os.utime(source, (1, 1))
    (tmp_path / "crates/target").mkdir()
    (tmp_path / "crates/target/made").write_text("made")
    assert stamps.is_fresh(stamp, stamps.digest(["crates"]))
    source.write_text("pub fn b() {}\n")
    assert not stamps.is_fresh(stamp, stamps.digest(["crates"]))
    source.write_text("pub fn a() {}\n")
    source.rename(source.with_name("main.rs"))
    assert not stamps.is_fresh(stamp, stamps.digest(["crates"]))


def test_what_the_steps_read_exists() -> None:
    for name in (*relay_wheel.INPUTS, relay_wheel.MANIFEST, *screens.LOCK):
        assert (ROOT / name).exists(), name


def test_the_lock_answers_for_every_dependency_declared() -> None:
    assert lock_covers.uncovered() == []


def test_a_missing_prerequisite_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prerequisites, "_right_to_install", lambda: None)
    monkeypatch.setitem(
        prerequisites.NEEDS, "build", (prerequisites.Need("a loom", lambda: False, ("loom", "shuttle")),)
    )
    assert prerequisites.main(["build"]) == 1
    told = capsys.readouterr().err
    assert "a loom: missing" in told
    assert "sudo apt-get install --no-install-recommends loom shuttle" in told


def test_what_is_there_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_words: object) -> None:
        pytest.fail("nothing was missing")

    monkeypatch.setattr(prerequisites, "_install", never)
    monkeypatch.setitem(prerequisites.NEEDS, "build", (prerequisites.Need("a loom", lambda: True, ("loom",)),))
    assert prerequisites.main(["build"]) == 0


def test_an_old_rust_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cargo", "rustc"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} 1.63.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = toolchain.rust_folder()
    assert found in {None, Path("/usr/bin")}


def test_the_makefile_names_a_documented_prerequisite_group_for_each_step() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for group in prerequisites.NEEDS:
        assert f"scripts.prerequisites {group}" in makefile


def test_the_sum_of_a_run_counts_what_each_runner_closes_with() -> None:
    closing = {
        "checks": ("checks: 12 passed, 1 failed", (12, 1, 0)),
        "cargo": (
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0\ntest result: FAILED. 4 passed; 2 failed; 0 ignored",
            (7, 2, 1),
        ),
        "screens": ("      Tests  1 failed | 20 passed (21)\n", (20, 1, 0)),
        "browser": ("1 passed in 60.02s (0:01:00)", (1, 0, 0)),
        "units": ("40 passed in 9.12s", (40, 0, 0)),
        "flows": ("3 failed, 40 passed, 2 skipped, 1 error in 9.12s", (40, 4, 2)),
        "faults": ("12 passed, 3 warnings in 80.40s", (12, 0, 0)),
    }
    for stage in run_tests.STAGES:
        text, (passed, failed, skipped) = closing[stage.name]
        assert stage.closing(text) == run_tests.Count(passed, failed, skipped)


@pytest.mark.processes
@pytest.mark.parametrize("how", ["make alone", "whole group", "make killed"])
def test_the_foreground_ends_when_make_is_told_to(tmp_path: Path, how: str) -> None:
    make = shutil.which("make")
    assert make
    program = tmp_path / "patient.py"
    program.write_text(PATIENT)
    sign = tmp_path / "runs"
    (tmp_path / "Makefile").write_text(
        f"demo: {sign}\n{sign}: always\n"
        f"\t@cd {ROOT} && exec {sys.executable} -m scripts.front {sign} {sys.executable} {program}\n.PHONY: demo always\nalways:\n"
    )
    out = tmp_path / "out"
    with out.open("w") as log:
        running = subprocess.Popen(
            # A shell that runs the tests beside itself has them ignore SIGINT, and make with them.
            ["env", "--default-signal=INT", make, "-f", tmp_path / "Makefile", "demo"],
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 20
        while "started" not in out.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        assert "started" in out.read_text()
        match how:
            case "make alone":
                running.send_signal(signal.SIGINT)
            case "whole group":
                os.killpg(running.pid, signal.SIGINT)
            case _:
                running.kill()
        running.wait(timeout=10)
        until = time.monotonic() + 10
        while "ended in order" not in out.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        assert "ended in order" in out.read_text()
        assert "Traceback" not in out.read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
