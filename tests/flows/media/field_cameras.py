"""Cameras that play, each with one behaviour of the field; and cameras that play a transcript."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from belvedere.media.clip import Clip
from tests.flows.media.cameras import fragments, nal_units, parameter_sets, scripted_camera

TRANSCRIPTS = Path(__file__).parents[3] / "crates/relay/tests/transcripts"
USER, PASSWORD = "viewer", "canary-66b0"


class Behaviour(StrEnum):
    """What a camera does, and plays all the same."""

    NO_REASON_PHRASE = "status-line-without-a-reason"
    CSEQ_ONE_LOW = "cseq-one-too-low"
    AUTH_INT = "digest-with-auth-and-auth-int"
    SHA_AND_MD5 = "digest-of-sha-256-and-md5-without-qop"
    NONCE_ONCE = "a-nonce-for-each-request"
    STALE = "calls-a-nonce-stale-at-first"
    HATES_GET_PARAMETER = "hangs-up-on-get-parameter"
    HATES_OPTIONS = "hangs-up-on-options-while-it-plays"
    DEAF_TO_OPTIONS = "does-not-answer-options"
    NO_OPTIONS = "501-to-options"
    SESSION_CONTROL = "plays-at-the-sessions-own-address-alone"
    BASE_WITHOUT_SCHEME = "content-base-without-scheme"
    EARLY_PACKETS = "sends-before-it-answers-play"
    UDP_ONLY = "461-over-tcp"
    STRAY_BYTES = "stray-bytes-between-packets"


REFUSALS: tuple[tuple[Behaviour, Callable[[str, str, str], bool], str], ...] = (
    (Behaviour.NO_OPTIONS, lambda method, _uri, _head: method == "OPTIONS", "501 Not Implemented"),
    (Behaviour.UDP_ONLY, lambda method, _uri, head: method == "SETUP" and "TCP" in head, "461 Unsupported Transport"),
    (
        Behaviour.BASE_WITHOUT_SCHEME,
        lambda method, uri, _head: method == "SETUP" and "/cam/elsewhere/t" not in uri,
        "404 Not Found",
    ),
    (
        Behaviour.SESSION_CONTROL,
        lambda method, uri, _head: method == "PLAY" and not uri.endswith("/the-whole"),
        "455 Method Not Valid in This State",
    ),
)
"""What a camera of that behaviour refuses: by method, address and head."""
ASKS_FOR_A_LOGIN = {Behaviour.AUTH_INT, Behaviour.SHA_AND_MD5, Behaviour.NONCE_ONCE, Behaviour.STALE}
KEEPS_ALIVE = {Behaviour.HATES_GET_PARAMETER, Behaviour.HATES_OPTIONS}
TIMEOUT_S = 2


@dataclass
class Nonces:
    """The nonces of one connection."""

    next_one: Callable[[], int]
    stale_due: bool
    """The first proof is refused for its age."""
    now: str = "n0"

    def renew(self) -> None:
        self.now = f"n{self.next_one()}"


@dataclass
class FieldCamera:
    """The clip, 25 pictures a second, from a camera of one behaviour. `asked` are the requests, their heads whole."""

    behaviour: Behaviour
    asked: list[str] = field(default_factory=list)
    _nonces: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    @property
    def methods(self) -> list[str]:
        return [head.split(" ", 1)[0] for head in self.asked]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests, and play beside them once asked to."""
        async with AsyncExitStack() as stack:
            nonces = Nonces(self._nonces, stale_due=self.behaviour is Behaviour.STALE)
            playing, udp = False, None
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method = head.split(" ", 1)[0]
                self.asked.append(head)
                if self._hangs_up(method, playing=playing):
                    return
                if method == "OPTIONS" and self.behaviour is Behaviour.DEAF_TO_OPTIONS:
                    continue
                if not self._is_let_in(head, method, nonces):
                    self._answer(writer, head, "401 Unauthorized", self._challenges(nonces))
                    continue
                told = self._answer_of(method, head)
                if ports := re.findall(r"client_port=(\d+)", head):
                    udp = int(ports[0])
                if method == "PLAY" and told[0].startswith("200"):
                    playing = True
                    sending = asyncio.create_task(self._play(writer, udp))
                    stack.callback(sending.cancel)
                    await asyncio.sleep(0.1 if self.behaviour is Behaviour.EARLY_PACKETS else 0)
                self._answer(writer, head, *told)
                await writer.drain()

    def _hangs_up(self, method: str, *, playing: bool) -> bool:
        hated = {Behaviour.HATES_GET_PARAMETER: "GET_PARAMETER", Behaviour.HATES_OPTIONS: "OPTIONS"}
        return playing and method == hated.get(self.behaviour)

    def _challenges(self, nonces: "Nonces") -> str:
        base = f'Digest realm="a \\"realm\\", of the field", nonce="{nonces.now}"'
        offered = {
            Behaviour.AUTH_INT: [f'{base}, qop="auth, auth-int", opaque="x"'],
            Behaviour.SHA_AND_MD5: [f"{base}, algorithm=MD5", f"{base}, algorithm=SHA-256"],
            Behaviour.STALE: [f"{base}, stale={'false' if nonces.stale_due else 'true'}"],
        }.get(self.behaviour, [base])
        return "".join(f"WWW-Authenticate: {each}\r\n" for each in offered)

    def _is_let_in(self, head: str, method: str, nonces: "Nonces") -> bool:
        if self.behaviour not in ASKS_FOR_A_LOGIN:
            return True
        if not self._proven(head, method, nonces.now):
            return False
        stale_due = nonces.stale_due
        if stale_due or self.behaviour is Behaviour.NONCE_ONCE:
            nonces.renew()
        nonces.stale_due = False
        return not stale_due

    def _proven(self, head: str, method: str, nonce: str) -> bool:
        proof = re.search(r"^Authorization: Digest (.*)\r$", head, re.MULTILINE)
        if proof is None:
            return False
        told = {
            name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"((?:\\.|[^"])*)"|([^,]*))', proof[1])
        }
        if self.behaviour is Behaviour.SHA_AND_MD5 and told.get("algorithm") != "SHA-256":
            return False
        kind = hashlib.sha256 if self.behaviour is Behaviour.SHA_AND_MD5 else hashlib.md5

        def hashed(*parts: str) -> str:
            return kind(":".join(parts).encode()).hexdigest()

        secret = hashed(USER, told["realm"], PASSWORD)
        request = hashed(method, told["uri"])
        middle = (told["nc"], told["cnonce"], told["qop"]) if "qop" in told else ()
        proof_of = (nonce, hashed(secret, nonce, *middle, request))
        return (told["nonce"], told["response"]) == proof_of

    def _answer_of(self, method: str, head: str) -> tuple[str, str, bytes]:
        uri = head.split(" ")[1]
        for behaviour, refused, status in REFUSALS:
            if self.behaviour is behaviour and refused(method, uri, head):
                return status, "", b""
        session = f"Session: 7;timeout={TIMEOUT_S if self.behaviour in KEEPS_ALIVE else 60}\r\n"
        match method:
            case "OPTIONS":
                return "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n", b""
            case "DESCRIBE":
                return "200 OK", f"Content-Type: application/sdp\r\n{self._base(uri)}", self._description(uri)
            case "SETUP":
                transport = re.findall(r"^Transport: (.*)\r$", head, re.MULTILINE)[0]
                return "200 OK", f"{session}Transport: {transport};ssrc=1\r\n", b""
            case _:
                return "200 OK", session, b""

    def _base(self, uri: str) -> str:
        if self.behaviour is not Behaviour.BASE_WITHOUT_SCHEME:
            return ""
        return f"Content-Base: {uri.removeprefix('rtsp://')}/elsewhere/\r\n"

    def _description(self, uri: str) -> bytes:
        whole = f"a=control:{uri}/the-whole\r\n" if self.behaviour is Behaviour.SESSION_CONTROL else ""
        return (
            f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{whole}"
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"
        ).encode()

    def _answer(
        self, writer: asyncio.StreamWriter, head: str, status: str, headers: str = "", body: bytes = b""
    ) -> None:
        sequence = int(re.findall(r"^CSeq: (\d+)\r$", head, re.MULTILINE)[0])
        if self.behaviour is Behaviour.CSEQ_ONE_LOW:
            sequence -= 1
        if self.behaviour is Behaviour.NO_REASON_PHRASE:
            status = status[:3]
        writer.write(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode())
        writer.write(body)

    async def _play(self, writer: asyncio.StreamWriter, udp: int | None) -> None:
        clip = Clip.load()
        sets = [unit for unit in parameter_sets(clip.init).split(b"\0\0\0\1") if unit]
        pictures = [nal_units(chunk[chunk.index(b"mdat") + 4 :]) for chunk in clip.chunks]
        pictures[0] = [*sets, *pictures[0]]
        sequence = itertools.count()
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            for number in itertools.count():
                payloads = [part for unit in pictures[number % len(pictures)] for part in fragments(unit)]
                packets = []
                for place, payload in enumerate(payloads):
                    mark = 0x80 if place == len(payloads) - 1 else 0
                    head = (0x80, mark | 96, next(sequence) % 65_536, number * 3_600, b"ssrc")
                    packets.append(struct.pack(">BBHI4s", *head) + payload)
                if udp is not None:
                    # Every other picture's packets overtake each other.
                    for packet in packets if number % 2 else reversed(packets):
                        datagrams.sendto(packet, ("127.0.0.1", udp))
                else:
                    for packet in packets:
                        writer.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                if self.behaviour is Behaviour.STRAY_BYTES:
                    writer.write(b"\xfe\xfestray\x00")
                await asyncio.sleep(1 / 25)


@asynccontextmanager
async def field_camera(behaviour: Behaviour) -> AsyncIterator[tuple[FieldCamera, str]]:
    """Serve a camera of the field; yields it and its URL."""
    camera = FieldCamera(behaviour)
    async with scripted_camera(camera) as port:
        yield camera, f"rtsp://127.0.0.1:{port}/cam"


@dataclass
class Transcript:
    """A kept transcript: the description, and packets that are sent at the pace of their pictures, once."""

    name: str

    def __post_init__(self) -> None:
        lines = (TRANSCRIPTS / f"{self.name}.rtp").read_text().splitlines()[1:]
        self.description = "".join(f"{line[2:]}\r\n" for line in lines if line.startswith("# ")).encode()
        self.packets = [bytes.fromhex(line.split()[1]) for line in lines if line.startswith("0 ")]

    def as_a_file(self) -> bytes:
        """Return the NAL units that the description and the packets hold, as a file has them (Annex B)."""
        hevc = b"H265" in self.description
        announced = re.findall(rb"sprop-(?:vps|sps|pps|parameter-sets)=([^;\r]*)", self.description)
        units = [base64.b64decode(unit) for told in announced for unit in told.split(b",")]
        for packet in self.packets:
            payload = packet[12:]
            if not payload:
                continue
            kind = payload[0] >> 1 & 0x3F if hevc else payload[0] & 0x1F
            if kind != (49 if hevc else 28):
                units.append(payload)
            elif payload[2 if hevc else 1] & 0x80:
                head = (
                    bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
                    if hevc
                    else bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
                )
                units.append(head + payload[3 if hevc else 2 :])
            else:
                units[-1] += payload[3 if hevc else 2 :]
        return b"".join(b"\0\0\0\1" + unit for unit in units)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests up to PLAY, then send the packets."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            sequence = re.findall(r"^CSeq: (\d+)\r$", head, re.MULTILINE)[0]
            body = self.description if head.startswith("DESCRIBE") else b""
            told = f"CSeq: {sequence}\r\nSession: 1\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(f"RTSP/1.0 200 OK\r\n{told}".encode() + body)
            if head.startswith("PLAY"):
                break
        with contextlib.suppress(ConnectionError):
            for packet in self.packets:
                writer.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                if packet[1] & 0x80:
                    await asyncio.sleep(1 / 25)
        await asyncio.sleep(60)
