"""A small RTSP client of the tests' own: digest, interleaved, access units and their RTP numbers.

It checks what players hide: SSRC, sequence numbers, whether TCP stays while RTP stops.
"""

import asyncio
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class AccessUnit:
    """One picture as it came: Annex B, and the RTP timestamp."""

    data: bytes
    rtp_time: int


@dataclass(frozen=True)
class Report:
    """A sender report: wall-clock µs since the Unix epoch, and the RTP timestamp that it goes with."""

    wall_us: int
    rtp_time: int


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the camera answered {status}")
        self.status = status


class RtspClient:
    """One connection to one path."""

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        match = re.fullmatch(r"rtsp://([\d.]+):(\d+)/(.*)", url)
        assert match is not None
        self.host, self.port = match[1], int(match[2])
        self.url, self.username, self.password = url, username, password
        self.sequence, self.challenge = 0, ""
        self.session = ""
        self.description = ""
        self.rtp_info = ""
        self.ssrcs: list[int] = []
        self.sequences: list[int] = []
        self.reports: list[Report] = []
        self._pieces: list[bytes] = []

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, method: str, url: str | None = None, **headers: str) -> dict[str, str]:
        """Send a request, once more with digest if challenged; returns the answer's headers."""
        while True:
            self.sequence += 1
            lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self.sequence}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            if self.session:
                lines.append(f"Session: {self.session}")
            if self.challenge:
                lines.append(f"Authorization: {self._proof(method, url or self.url)}")
            self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            status, answer = await self._answer()
            if status == 401 and not self.challenge and self.username:
                self.challenge = answer["WWW-Authenticate"]
                continue
            if status != 200:
                raise Refused(status)
            return answer

    async def play(self) -> Self:
        """DESCRIBE, SETUP, PLAY."""
        await self.ask("DESCRIBE", Accept="application/sdp")
        set_up = await self.ask("SETUP", f"{self.url}/track1", Transport="RTP/AVP/TCP;unicast;interleaved=0-1")
        self.session = set_up["Session"].split(";")[0]
        self.rtp_info = (await self.ask("PLAY"))["RTP-Info"]
        return self

    async def access_unit(self) -> AccessUnit:
        """Return the next whole picture."""
        units: list[bytes] = []
        while True:
            packet = await self._packet()
            sequence, rtp_time, ssrc = struct.unpack_from(">HII", packet, 2)
            self.sequences.append(sequence)
            self.ssrcs.append(ssrc)
            payload = packet[12:]
            if payload[0] & 31 == 28:
                if payload[1] & 0x80:
                    self._pieces = [bytes([payload[0] & 0xE0 | payload[1] & 31])]
                self._pieces.append(payload[2:])
                if payload[1] & 0x40:
                    units.append(b"".join(self._pieces))
            else:
                units.append(payload)
            if packet[1] & 0x80:
                return AccessUnit(b"".join(b"\0\0\0\1" + unit for unit in units), rtp_time)

    async def _packet(self) -> bytes:
        """Return the next RTP packet; sender reports are kept on the way."""
        while True:
            frame = await self.reader.readexactly(4)
            assert frame[:1] == b"$"
            packet = await self.reader.readexactly(int.from_bytes(frame[2:], "big"))
            if frame[1] == 0:
                return packet
            if packet[1] == 200:
                seconds, fraction, rtp_time = struct.unpack_from(">III", packet, 8)
                wall_us = (seconds - 2_208_988_800) * 1_000_000 + (fraction * 1_000_000 >> 32)
                self.reports.append(Report(wall_us, rtp_time))

    async def _answer(self) -> tuple[int, dict[str, str]]:
        while (mark := await self.reader.readexactly(1)) == b"$":
            frame = await self.reader.readexactly(3)
            await self.reader.readexactly(int.from_bytes(frame[1:], "big"))
        head = (mark + await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        if "Content-Length" in headers:
            self.description = (await self.reader.readexactly(int(headers["Content-Length"]))).decode()
        return int(status.split()[1]), headers

    def _proof(self, method: str, url: str) -> str:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', self.challenge))

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        secret, what = md5(f"{self.username}:{fields['realm']}:{self.password}"), md5(f"{method}:{url}")
        response = md5(f"{secret}:{fields['nonce']}:{what}")
        return (
            f'Digest username="{self.username}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
            f'uri="{url}", response="{response}"'
        )
