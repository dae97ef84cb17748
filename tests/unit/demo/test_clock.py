"""The demo's clock: one offset that every process of the demo reads at each `now()`."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from belvedere.clock import MovedClock, SystemClock

SOON = timedelta(seconds=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock"


def test_a_demo_starts_at_any_hour_even_one_long_past_and_runs_on_from_there(file: Path) -> None:
    at = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    clock = MovedClock.starting_at(file, at)
    first, second = clock.now(), clock.now()
    assert at <= first <= second < at + SOON
    assert clock.ahead_s == pytest.approx((at - SystemClock().now()).total_seconds(), abs=5)


def test_without_an_hour_it_is_the_machines(file: Path) -> None:
    assert MovedClock.starting_at(file, None).ahead_s == 0


def test_a_move_is_seen_by_every_process_at_its_next_look(file: Path) -> None:
    moved, other = MovedClock.starting_at(file, None), MovedClock(file)
    at = moved.now() + timedelta(days=3)
    assert moved.move_to(at)
    assert at <= other.now() < at + SOON
    looks = "import sys; from pathlib import Path; from belvedere.clock import MovedClock; print(MovedClock(Path(sys.argv[1])).ahead_s)"
    said = subprocess.run([sys.executable, "-c", looks, file], capture_output=True, text=True, check=True)
    assert float(said.stdout) == moved.ahead_s


def test_it_never_runs_back_whoever_moves_it(file: Path) -> None:
    one, other = MovedClock.starting_at(file, None), MovedClock(file)
    at = one.now() + timedelta(hours=2)
    assert one.move_to(at)
    assert not other.move_to(at - timedelta(hours=1))
    assert one.now() >= at


def test_waits_are_measured_by_the_machine_alone(file: Path) -> None:
    clock = MovedClock.starting_at(file, None)
    before_s = clock.monotonic_s()
    clock.move_to(clock.now() + timedelta(days=30))
    assert clock.monotonic_s() - before_s < 30
