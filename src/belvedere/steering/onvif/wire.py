"""One connection to a camera's services: what is sent, and the one readable answer or the reason why there is none.

Bounded: a second for the whole of an exchange, login included, and 256 KiB of answer. The host is the one that the owner
entered, resolved and looked at before it is dialled; a redirect is refused. Success is a readable answer of the expected
name, whatever the status: a fault under 200 is a refusal.
"""

import ipaddress
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import anyio
import httpx

from belvedere.domain.clock import Clock
from belvedere.domain.ids import IdSource
from belvedere.domain.steering import CommandRefused, CommandUnknown, NotDone, SteeringCause
from belvedere.domain.untrusted_text import XML_BYTES_MAX, BadText, XmlElement, read_xml, shown
from belvedere.steering.onvif import answers
from belvedere.steering.onvif.messages import Message, username_token
from belvedere.steering.profile import Login, Service

ANSWER_WITHIN_S = 1.0
LOGINS_REFUSED_MAX = 3
"""Wrong passwords in a row, after which none is sent any more: cameras lock accounts."""
LOGINS_REFUSED_MAX_OF_STOPS = 12
"""The same for a stop: a camera that may still turn is worth a locked account."""
_DEVICE_PATH = "/onvif/device_service"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SteeringAddress:
    """Where a camera is steered, and as whom; never shown or answered whole."""

    url: str
    """http or https, host, port, and the path of the device service."""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def origin(self) -> httpx.URL:
        """Return scheme, host and port."""
        parts = urlsplit(self.url)
        return httpx.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port)

    @property
    def device_path(self) -> str:
        """Return the path of the device service."""
        parts = urlsplit(self.url)
        path = parts.path if parts.path not in {"", "/"} else _DEVICE_PATH
        return path + (f"?{parts.query}" if parts.query else "")


class Logins:
    """How each service of one camera is told who asks, and how often it refused; shared by the camera's connections."""

    def __init__(self, clock: Clock, ids: IdSource, address: SteeringAddress) -> None:
        self.clock_ahead_s = 0.0
        self.known: dict[Service, Login] = {}
        self._refused = 0
        self._clock, self._ids, self._address = clock, ids, address

    def spent(self, refused_max: int) -> bool:
        """Tell whether no password is sent any more by whoever may be refused so often."""
        return self._refused >= refused_max

    def refused(self) -> None:
        """Count a wrong password."""
        self._refused += 1

    def taken(self) -> None:
        """Forget what was refused before."""
        self._refused = 0

    def token(self) -> str:
        """Return a fresh UsernameToken, dated by the camera's clock."""
        return username_token(
            username=self._address.username,
            password=self._address.password,
            nonce=self._ids.secret(16),
            created=self._clock.now() + timedelta(seconds=self.clock_ahead_s),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    response: httpx.Response
    content: bytes


class Wire:
    """One connection, of which `OnvifSteering` has three; to be entered before it is used."""

    def __init__(
        self,
        address: SteeringAddress,
        logins: Logins,
        *,
        networks: Sequence[_Network] | None = None,
        trust: ssl.SSLContext | None = None,
        refused_max: int = LOGINS_REFUSED_MAX,
    ) -> None:
        assert trust is not None or address.origin.scheme == "http", "what is encrypted is verified"
        self._address, self._logins, self._networks = address, logins, networks
        self._origin, self._refused_max = address.origin, refused_max
        self._digests: dict[Service, httpx.DigestAuth] = {}
        """A state for each service on each connection: a nonce's counter never arrives out of order."""
        self._dialled: str | None = None
        self._client = httpx.AsyncClient(
            # Left to itself each client would read every authority of the machine, for each connection of each camera.
            verify=False if trust is None else trust,
            timeout=ANSWER_WITHIN_S,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def ask(
        self,
        service: Service,
        path: str,
        message: Message,
        *,
        within_s: float = ANSWER_WITHIN_S,
        wanted: Callable[[], bool] = _always,
        may_log_in: bool = True,
    ) -> XmlElement | NotDone:
        """Send `message` and return its answer, or why there is none; `wanted` is asked before anything is sent again."""
        try:
            with anyio.fail_after(within_s):
                return await self._negotiated(service, path, message, wanted=wanted, may_log_in=may_log_in)
        except TimeoutError:
            return CommandUnknown(SteeringCause.TIMED_OUT, f"{message.name}: no answer within {within_s:g} s")

    # 1. Who asks: nothing first, then what the service asks for.

    async def _negotiated(
        self, service: Service, path: str, message: Message, *, wanted: Callable[[], bool], may_log_in: bool
    ) -> XmlElement | NotDone:
        known = self._logins.known.get(service, Login.NONE) if may_log_in else Login.NONE
        tried: list[Login] = []
        challenge: httpx.Response | None = None
        while True:
            tried.append(known)
            answer = await self._sent(service, path, message, login=known, challenge=challenge, wanted=wanted)
            if not isinstance(answer, _Answer):
                return answer
            read = _read(message, answer)
            asks = _login_asked(answer.response, read)
            if asks is None:
                if not isinstance(read, CommandRefused | CommandUnknown) and known is not Login.NONE:
                    self._logins.taken()
                    self._logins.known[service] = known
                return read
            if known is not Login.NONE:
                self._logins.refused()
                self._logins.known.pop(service, None)
            if not may_log_in:
                return CommandRefused(SteeringCause.WRONG_PASSWORD, f"{message.name}: asks for a login")
            if isinstance(asks, CommandRefused):
                return asks
            following = next((login for login in asks if login not in tried), None)
            if following is None or self._logins.spent(self._refused_max) or not self._address.username:
                return CommandRefused(SteeringCause.WRONG_PASSWORD, f"{message.name}: the login is refused")
            if not wanted():
                return CommandRefused(SteeringCause.OVERTAKEN)
            known, challenge = following, answer.response

    # 2. One message, by one login; Digest answers the challenge of the first.

    async def _sent(
        self,
        service: Service,
        path: str,
        message: Message,
        *,
        login: Login,
        challenge: httpx.Response | None,
        wanted: Callable[[], bool],
    ) -> _Answer | NotDone:
        request = await self._request(path, message, self._logins.token() if login is Login.TOKEN else "")
        if not isinstance(request, httpx.Request):
            return request
        if login is not Login.DIGEST:
            return await self._exchanged(request, message, wanted)
        digest = self._digests.get(service)
        if digest is None:
            digest = self._digests[service] = httpx.DigestAuth(self._address.username, self._address.password)
        flow = digest.auth_flow(request)
        first = next(flow)
        answer: _Answer | NotDone | None = None
        if challenge is None:
            answer = await self._exchanged(first, message, wanted)
            if not isinstance(answer, _Answer) or answer.response.status_code != 401:
                return answer
            challenge = answer.response
        try:
            again = flow.send(challenge)
        except StopIteration:  # a 401 without a challenge
            return answer or CommandRefused(SteeringCause.WRONG_PASSWORD, f"{message.name}: no challenge")
        except (httpx.ProtocolError, NotImplementedError, KeyError, ValueError) as failure:
            return CommandRefused(SteeringCause.WRONG_PASSWORD, f"{message.name}: {shown(repr(failure))[:200]}")
        return await self._exchanged(again, message, wanted)

    async def _request(self, path: str, message: Message, security: str) -> httpx.Request | NotDone:
        host = self._dialled or await self._resolved()
        if not isinstance(host, str):
            return host
        self._dialled = host
        netloc = self._origin.netloc.decode("ascii")
        return self._client.build_request(
            "POST",
            self._origin.copy_with(host=host, raw_path=path.encode("ascii")),
            content=message.envelope(security),
            headers={
                "Host": netloc,
                "Content-Type": f'application/soap+xml; charset=utf-8; action="{message.action}"',
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": self._origin.host},
        )

    async def _resolved(self) -> str | NotDone:
        """Return the address that is dialled: one, looked at before anything goes there."""
        try:
            found = await anyio.getaddrinfo(self._origin.host, self._origin.port or 0, type=1)
        except OSError as failure:
            return CommandRefused(SteeringCause.UNREACHABLE, shown(str(failure))[:200])
        for *_, dialled in found:
            host = str(dialled[0])
            if self._networks is None or any(ipaddress.ip_address(host) in network for network in self._networks):
                return host
        return CommandRefused(SteeringCause.ADDRESS_FORBIDDEN)

    # 3. One exchange, sent again once where the kept connection was dead.

    async def _exchanged(
        self, request: httpx.Request, message: Message, wanted: Callable[[], bool]
    ) -> _Answer | NotDone:
        for attempt in (1, 2):
            try:
                return await self._read_answer(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failure:
                self._dialled = None  # a name may stand for another address by now
                cause = SteeringCause.UNTRUSTED if _is_of_tls(failure) else SteeringCause.UNREACHABLE
                return CommandRefused(cause, shown(str(failure))[:200])
            except _TooLong:
                return CommandUnknown(SteeringCause.TOO_LONG, f"{message.name}: more than {XML_BYTES_MAX} bytes")
            except httpx.TimeoutException:
                return CommandUnknown(SteeringCause.TIMED_OUT, message.name)
            except (httpx.HTTPError, OSError) as failure:
                if attempt == 2 or not message.repeatable:
                    return CommandUnknown(SteeringCause.CLOSED, f"{message.name}: {shown(repr(failure))[:200]}")
                if not wanted():
                    return CommandUnknown(SteeringCause.OVERTAKEN)
        raise AssertionError("an attempt ends in an answer or in a reason")

    async def _read_answer(self, request: httpx.Request) -> _Answer:
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > XML_BYTES_MAX:
                    raise _TooLong
            return _Answer(response, bytes(content))
        finally:
            await response.aclose()


class _TooLong(Exception):
    """An answer beyond what is read."""


def _is_of_tls(failure: BaseException | None) -> bool:
    while failure is not None:
        if isinstance(failure, ssl.SSLError):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def _read(message: Message, answer: _Answer) -> XmlElement | NotDone:
    """Return the element of the answer's name, or why it is none."""
    status = answer.response.status_code
    if 300 <= status < 400:
        return CommandRefused(SteeringCause.REDIRECTED, f"{message.name}: status {status}")
    element, unread = None, "no envelope with a body"
    try:
        element = answers.body_of(read_xml(answer.content))
    except BadText as failure:
        unread = str(failure)
    if element is not None and (fault := answers.fault_of(element)) is not None:
        return CommandRefused(SteeringCause.FAULT, f"{message.name}: {fault}")
    if status >= 400:
        return CommandRefused(SteeringCause.FAULT, f"{message.name}: status {status}")
    if element is not None and element.name == message.answer:
        return element
    unread = unread if element is None else f"answered by {shown(element.name[:100])}"
    return CommandUnknown(SteeringCause.UNREADABLE, f"{message.name}: {unread}")


def _login_asked(response: httpx.Response, read: XmlElement | NotDone) -> Sequence[Login] | CommandRefused | None:
    """Return the logins that a service asks for, the best first; None where it asks for none."""
    if response.status_code == 401:
        offered = {each.split(" ", 1)[0].lower() for each in response.headers.get_list("www-authenticate")}
        offered |= {"digest"} if "digest " in response.headers.get("www-authenticate", "").lower() else set()
        if "digest" in offered:
            return (Login.DIGEST, Login.TOKEN)
        if "basic" in offered:
            return CommandRefused(SteeringCause.PASSWORD_IN_CLEAR)
        return (Login.TOKEN,)
    if isinstance(read, CommandRefused) and read.cause is SteeringCause.FAULT and answers.refuses_login(read.detail):
        return (Login.TOKEN,)
    return None
