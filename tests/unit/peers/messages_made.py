"""Keys of two parties, messages between them, and every message that may be said."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from belvedere.domain.ids import CameraId, PartyId
from belvedere.domain.record import ConventionRef
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold
from belvedere.peers.messages import (
    MEMBERS,
    CatalogueAsked,
    Hello,
    PeerMessage,
    Renew,
    Renewed,
)
from belvedere.peers.signed_message import Claims, Flaw, PinnedKey, Signed, SigningKey, believe, sign

CITY, STATE = PartyId("villeneuve-dascq"), PartyId("etat")
NOW = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
TEXT = ConventionRef("vda-etat", hashlib.sha256(b"text").hexdigest())


def key_of(name: str) -> SigningKey:
    return SigningKey(
        f"{name}+{hashlib.sha256(name.encode()).hexdigest()[:8]}",
        Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"messages of {name}".encode()).digest()),
    )


CITYS, STATES, STATES_NEXT, RETIRED = map(key_of, ("villeneuve-dascq", "etat", "etat-next", "etat-former"))
PINNED = {
    CITYS.kid: PinnedKey(CITY, CITYS.key.public_key()),
    STATES.kid: PinnedKey(STATE, STATES.key.public_key()),
    STATES_NEXT.kid: PinnedKey(STATE, STATES_NEXT.key.public_key()),
}
CLAIMS = Claims(STATE, CITY, NOW_S, NOW_S + 20, "m-abcdefghij", 3, TEXT)


def camera(number: int, **changed: Any) -> Camera:
    made = Camera(
        id=CameraId(f"vda-{number:03}"),
        number=number,
        name=f"Place n° {number}",
        owner=CITY,
        commune="Villeneuve-d'Ascq",
        sector="Pont-de-Bois",
        zone="centre",
        street="rue des Fusillés",
        camera_class="voie-publique",
        ptz=number % 2 == 0,
        lon_deg=3.1 + number / 1000,
        lat_deg=50.6,
        heading_deg=0.0,
        fov_deg=60.0,
        range_m=60.0,
        authorised_until=date(2031, 12, 2),
        width_px=1920,
    )
    return replace(made, **changed)


def signed(message: PeerMessage, key: SigningKey = STATES, **claims: Any) -> str:
    return sign(message, replace(CLAIMS, **claims), key)


def believed(jws: str, now: datetime = NOW, text: ConventionRef | None = TEXT) -> Signed | Flaw:
    """Return what the city's node makes of it."""
    return believe(jws, keys=PINNED, own=CITY, text=text, now=now)


_numbers = st.integers(0, 2**53 - 1)
_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_cameras = st.builds(
    camera,
    st.integers(1, 999),
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    authorised_until=st.none() | st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    lon_deg=st.floats(-180, 180),
    lat_deg=st.floats(-90, 90),
    width_px=st.none() | st.integers(16, 32768),
)
_entries = st.builds(lambda number, told: CatalogueEntry(number, told.id, told), _numbers, _cameras) | st.builds(
    CatalogueEntry, _numbers, st.just(CameraId("vda-001")), st.none()
)
ANY: dict[type[PeerMessage], st.SearchStrategy[Any]] = {
    Hello: st.builds(Hello, st.integers(0, 1000), st.integers(0, 1000)),
    Renew: st.builds(Renew, _numbers),
    Renewed: st.builds(Renewed, _numbers, _numbers, _digests),
    CatalogueAsked: st.builds(CatalogueAsked, _numbers),
    CatalogueTold: st.builds(
        CatalogueTold, _numbers, _numbers, _numbers, _digests, st.lists(_entries, max_size=5).map(tuple)
    ),
}
"""How one of each kind is drawn."""
assert ANY.keys() == MEMBERS.keys(), "a message that is new to the union has no strategy yet"
