"""What a viewer's decoder makes of a stream: access units in, luma out. For tests and benchmarks."""

import av
import numpy as np
from numpy.typing import NDArray


class Decoder:
    """One stream's H.264 decoder, without delay."""

    def __init__(self) -> None:
        context = av.CodecContext.create("h264", "r")
        assert isinstance(context, av.VideoCodecContext)
        context.thread_count = 1  # frame threads would hold pictures back
        self._context = context

    def lumas(self, access_unit: bytes) -> list[NDArray[np.uint8]]:
        """Return the luma planes (height × width) of the pictures that this Annex B access unit completes."""
        return [
            frame.to_ndarray(format="gray").astype(np.uint8) for frame in self._context.decode(av.Packet(access_unit))
        ]

    def pictures(self, access_unit: bytes) -> list[NDArray[np.uint8]]:
        """Return the same as RGB pictures (height × width × 3)."""
        return [
            frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in self._context.decode(av.Packet(access_unit))
        ]
