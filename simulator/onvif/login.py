"""Who asks a simulated camera: a UsernameToken or HTTP Digest, checked as a careful camera does."""

import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from belvedere.domain.untrusted_text import XmlElement, whole_number
from simulator.onvif.server import Asked

REALM = "simulated camera"
_TOKEN_AGE_MAX = timedelta(seconds=30)
_NONCES_MAX = 256
_PARAMETER = re.compile(r'(\w{1,32})=(?:"([^"]{0,512})"|([^\s,"]{1,512}))')


class Guard:
    """The login of one camera; without a password everybody is let in."""

    def __init__(self, username: str | None, password: str | None, fresh: Callable[[int], bytes]) -> None:
        self._username, self._password, self._fresh = username, password, fresh
        self._nonces: OrderedDict[str, int] = OrderedDict()
        """Each challenge with the highest count that came back with it."""
        self._tokens: OrderedDict[str, None] = OrderedDict()

    @property
    def open(self) -> bool:
        """Tell whether nobody needs a password."""
        return self._password is None

    def challenge(self, *, stale: bool = False) -> str:
        """Return the header of a new challenge, with qop."""
        nonce = self._fresh(12).hex()
        self._nonces[nonce] = 0
        while len(self._nonces) > _NONCES_MAX:
            self._nonces.popitem(last=False)
        told = ', stale="true"' if stale else ""
        return f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{nonce}"{told}'

    def knows_digest(self, asked: Asked) -> bool:
        """Tell whether the Authorization header answers a challenge, counted up each time (RFC 7616)."""
        kind, _, rest = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() != "digest" or self._password is None:
            return False
        given = {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        nonce, count = given.get("nonce", ""), given.get("nc", "")
        number = int(count, 16) if re.fullmatch(r"[0-9a-f]{8}", count) else 0
        if number <= self._nonces.get(nonce, number):
            return False
        a1 = _md5(f"{self._username}:{REALM}:{self._password}")
        a2 = _md5(f"POST:{given.get('uri', '')}")
        wanted = _md5(f"{a1}:{nonce}:{count}:{given.get('cnonce', '')}:auth:{a2}")
        sound = given.get("username") == self._username and hmac.compare_digest(wanted, given.get("response", ""))
        if sound:
            self._nonces[nonce] = number
        return sound

    def knows_token(self, header: XmlElement | None, now: datetime) -> bool:
        """Tell whether a UsernameToken is right, fresh by the camera's clock, and never seen before."""
        token = None if header is None else header.one("Security", "UsernameToken")
        if token is None or self._password is None:
            return False
        created, nonce = token.words("Created"), token.words("Nonce")
        at = _instant(created)
        try:
            octets = base64.b64decode(nonce, validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = base64.b64encode(_sha1(octets + created.encode() + self._password.encode())).decode()
        sound = (
            at is not None
            and abs(now - at) <= _TOKEN_AGE_MAX
            and nonce not in self._tokens
            and token.words("Username") == self._username
            and hmac.compare_digest(wanted, token.words("Password"))
        )
        if sound:
            self._tokens[nonce] = None
            while len(self._tokens) > _NONCES_MAX:
                self._tokens.popitem(last=False)
        return sound


def _instant(text: str) -> datetime | None:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|\+00:00)", text)
    if found is None:
        return None
    parts = [whole_number(each, most=9999) or 0 for each in found.groups()]
    try:
        return datetime.fromisoformat("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*parts))
    except ValueError:
        return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).digest()
