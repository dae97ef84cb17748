"""CPU per MB relayed, one 1080p25 camera of 4 Mb/s to 100 viewers, against the floor and peers of the same run.

The process's own user and system time (Linux, /proc), tickets and deadlines on; MB of 10⁶ bytes, as received.
Our relay, the second one of a chain, the floor and the peers that are here take turns, so that a noisy machine weighs on
all.
"""

import asyncio
import os
import statistics
import tempfile
from pathlib import Path

from bench import results
from bench.candidates.belvedere import Belvedere
from bench.candidates.by_path import ByPath
from bench.candidates.candidate import Candidate
from bench.candidates.floor import Floor
from bench.candidates.gstreamer import GStreamer, installed
from bench.candidates.second_hop import SecondHop
from bench.programs import compiled, module, running
from bench.source import PICTURES_PER_S, clip
from bench.viewers import headers_file

WIDTH, HEIGHT, KBPS = 1920, 1080, 4000
VIEWERS = 100
SECONDS = 10.0
TURNS = 3
CHUNK_HEADER_BYTES = 144 + 4  # prft, moof and mdat's own; the WebSocket frame's
PEERS_VARIABLE = "BENCH_PEERS"
"""Names and paths of peers, as `python -m bench --peer NAME=PATH` gives them to its scenarios."""


async def measure(candidate: Candidate, source_url: str) -> dict[str, float]:
    """Return the CPU of one run."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        async with (
            candidate.serve(source_url=source_url, viewers=VIEWERS, folder=folder) as serving,
            running(compiled("load"), serving.mode, str(serving.port), serving.paths, headers_file(folder)) as load,
        ):
            await load.line()
            await asyncio.sleep(3)  # the kept group of pictures is out, everyone is at the newest picture
            before = cpu_ms(serving.pid)
            await load.ask("start")
            await asyncio.sleep(SECONDS)
            await load.ask("stop")
            received, ended = (int(word) for word in (await load.line()).split())
            after = cpu_ms(serving.pid)
    if ended:
        raise RuntimeError(f"{ended} of {VIEWERS} viewers were cut off")
    mb = received / 1e6
    return {"ms_per_mb": (after - before) / mb, "cpu_ms": after - before, "mb": mb}


def _peers() -> list[Candidate]:
    """Return the peers that are here: GStreamer's server, and those that `--peer NAME=PATH` named."""
    named = [each.partition("=") for each in os.environ.get(PEERS_VARIABLE, "").split()]
    return [*([GStreamer()] if installed() else []), *(ByPath(name, Path(path)) for name, _, path in named)]


def cpu_ms(pid: int) -> float:
    """Return the time that all threads of a process have run, user and system, by the scheduler's own count."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6


async def run() -> None:
    """Measure by turns and append the medians."""
    blocks = [len(unit) + CHUNK_HEADER_BYTES for unit in await asyncio.to_thread(clip, WIDTH, HEIGHT, KBPS)]
    candidates: list[Candidate] = [Floor(blocks, blocks_per_s=PICTURES_PER_S), Belvedere(), SecondHop(), *_peers()]
    runs: dict[str, list[dict[str, float]]] = {candidate.name: [] for candidate in candidates}
    async with running(*module("bench.source", str(WIDTH), str(HEIGHT), str(KBPS))) as source:
        url = f"rtsp://127.0.0.1:{await source.line()}/cam"
        for _ in range(TURNS):
            for candidate in candidates:
                runs[candidate.name].append(await measure(candidate, url))
    first_ms = statistics.median(run["ms_per_mb"] for run in runs[Belvedere.name])
    floor_ms = statistics.median(run["ms_per_mb"] for run in runs["floor"])
    for name, of in runs.items():
        middle = {figure: round(statistics.median(run[figure] for run in of), 3) for figure in of[0]}
        line = {
            "candidate": name,
            "viewers": VIEWERS,
            "stream": f"{WIDTH}x{HEIGHT}p{PICTURES_PER_S}, {KBPS} kb/s",
            "seconds": SECONDS,
            "turns": TURNS,
            **middle,
            "ms_per_mb_turns": [round(run["ms_per_mb"], 3) for run in of],
            "ratio_to_floor": round(middle["ms_per_mb"] / floor_ms, 3),
            "ratio_to_first": round(middle["ms_per_mb"] / first_ms, 3),
        }
        print(results.append("relay_cpu", line))
