"""A looped clip over RTSP, as a process of its own: `python -m bench.source WIDTH HEIGHT KBPS` prints its port.

H.264, 25 pictures a second, constant bit rate, a key picture every 2 s, encoded once (x264) and kept under .cache.
"""

import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import belvedere_relay
import numpy as np

from bench.programs import BUILT

PICTURES_PER_S = 25
KEY_EVERY = 50
PICTURES = 150


def clip(width: int, height: int, kbps: int) -> list[bytes]:
    """Return the access units (Annex B) of the clip, the first of which is a key picture."""
    kept = BUILT / f"clip-{width}x{height}-{kbps}.npz"
    if not kept.exists():
        _encode(kept, width, height, kbps)
    with np.load(kept) as stored:
        return [stored[name].tobytes() for name in sorted(stored.files)]


def _encode(kept: Path, width: int, height: int, kbps: int) -> None:
    rate = f"vbv-maxrate={kbps}:vbv-bufsize={kbps // 2}:nal-hrd=cbr:force-cfr=1:keyint={KEY_EVERY}:min-keyint={KEY_EVERY}:scenecut=0"
    coder = av.CodecContext.create("libx264", "w")
    assert isinstance(coder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.framerate, coder.time_base = Fraction(PICTURES_PER_S), Fraction(1, PICTURES_PER_S)
    coder.bit_rate = kbps * 1000
    coder.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": rate}
    chance = np.random.default_rng(1)
    ground = chance.integers(60, 120, (height, width, 3), dtype=np.uint8)
    units: list[bytes] = []
    for number in range(PICTURES):
        picture = np.roll(ground, (number * 2, number * 5), axis=(0, 1))
        picture[:: height // 8, :] = chance.integers(0, 255, (width, 3), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        units += [bytes(packet) for packet in coder.encode(frame)]
    units += [bytes(packet) for packet in coder.encode(None)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    arrays = {f"{number:04}": np.frombuffer(unit, dtype=np.uint8) for number, unit in enumerate(units)}
    np.savez(kept, allow_pickle=False, **arrays)


def main() -> None:
    """Serve until standard input closes."""
    width, height, kbps = (int(argument) for argument in sys.argv[1:4])
    units = clip(width, height, kbps)
    server = belvedere_relay.RtspServer("127.0.0.1", 0)
    server.add_path("cam", units[0])
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    print(server.port, flush=True)
    due_s, number = time.monotonic(), 0
    while not ended.is_set():
        server.push("cam", units[number % len(units)], time.time_ns() // 1000)
        number, due_s = number + 1, due_s + 1 / PICTURES_PER_S
        time.sleep(max(0.0, due_s - time.monotonic()))
    server.close()


if __name__ == "__main__":
    main()
