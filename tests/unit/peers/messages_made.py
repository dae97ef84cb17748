"""Keys of two parties, messages between them, and every message that may be said."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.disclosures import MotiveTaken, MotiveTold, MotiveWords
from belvedere.domain.ids import CameraId, EventId, PartyId, Pseudonym, ServiceId, StationId, ViewingId
from belvedere.domain.peer_requests import EventTold, OpenAnswer, OpenAsked, ViewingOver, Watching
from belvedere.domain.reconciliation import ViewingAccount
from belvedere.domain.record import ConventionRef
from belvedere.domain.resolutions import PseudonymResolved, ResolutionGround, ResolutionTaken
from belvedere.domain.slots import SlotHolder
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold
from belvedere.peers.account_messages import AccountsAsked, AccountsTold
from belvedere.peers.messages import (
    MEMBERS,
    SLOTS_MAX,
    CatalogueAsked,
    Hello,
    PeerMessage,
    Renew,
    Renewed,
    TicketAsked,
    TicketTold,
)
from belvedere.peers.signed_message import Claims, Flaw, PinnedKey, Signed, SigningKey, believe, sign

CITY, STATE = PartyId("villeneuve-dascq"), PartyId("etat")
NOW = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
TEXT = ConventionRef("vda-etat", hashlib.sha256(b"text").hexdigest())


OPEN_ASKED = OpenAsked(
    viewing=ViewingId("v-abcdefghijklmnop"),
    action=Action.VIEW,
    camera=CameraId("vda-001"),
    service=ServiceId("cic"),
    agent=Pseudonym("cic-7Q2M"),
    station=StationId("poste-4"),
    habilitated=True,
    habilitated_until=None,
    station_registered=True,
    event=EventTold(EventId("e-1"), "levee-de-doute", None),
    purpose=None,
)


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
_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)
_codes = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
_instants = st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 (made aware)
_texts = st.builds(Text, st.text(st.characters(codec="utf-8"), max_size=50), st.just("no"))
_viewings = st.lists(_ids, max_size=5).map(tuple)
ANY: dict[type[PeerMessage], st.SearchStrategy[Any]] = {
    Hello: st.builds(Hello, st.integers(0, 1000), st.integers(0, 1000)),
    Renew: st.builds(Renew, _numbers, st.lists(st.builds(Watching, _ids, _ids), max_size=5).map(tuple)),
    Renewed: st.builds(Renewed, _numbers, _numbers, _digests, _viewings, st.integers(0, SLOTS_MAX)),
    OpenAsked: st.builds(
        OpenAsked,
        viewing=_ids,
        action=st.sampled_from(Action),
        camera=_ids,
        service=_ids,
        agent=_ids,
        station=_ids,
        habilitated=st.booleans(),
        habilitated_until=st.none() | _instants,
        station_registered=st.booleans(),
        event=st.none() | st.builds(EventTold, _ids, _codes, st.none() | _digests),
        purpose=st.none() | _codes,
        joined=st.booleans(),
    ),
    OpenAnswer: st.builds(
        OpenAnswer,
        _ids,
        st.sampled_from(Verdict),
        st.lists(_ids, max_size=3).map(tuple),
        valid_until=st.none() | _instants,
        cause=st.none() | _codes,
        reason=st.none() | _texts,
        remedy=st.none() | _texts,
        slot=st.none() | st.integers(1, 8),
        slots_used=st.integers(0, 8),
        slots=st.none() | st.integers(0, 8),
        holders=st.lists(st.builds(SlotHolder, _ids, st.lists(_ids, max_size=3).map(tuple), _instants), max_size=3).map(
            tuple
        ),
    ),
    ViewingOver: st.builds(
        ViewingOver,
        _ids,
        _codes,
        st.integers(1000, 4999),
        st.lists(_ids, max_size=3).map(tuple),
        _texts,
        st.none() | _texts,
        st.none() | _ids,
    ),
    AccountsAsked: st.builds(AccountsAsked, _instants, st.none() | _ids),
    AccountsTold: st.builds(
        AccountsTold,
        _instants,
        st.none() | _ids,
        st.lists(
            st.builds(
                ViewingAccount,
                _ids,
                _ids,
                _ids,
                st.none() | st.sampled_from(Verdict),
                st.none() | _instants,
                st.none() | _instants,
                st.none() | _instants,
                st.none() | _codes,
            ),
            max_size=3,
        ).map(tuple),
        st.booleans(),
    ),
    PseudonymResolved: st.builds(
        PseudonymResolved,
        _ids,
        _ids,
        st.sampled_from(ResolutionGround),
        st.text(st.characters(codec="utf-8"), max_size=50),
        _ids,
        _ids,
        _instants,
    ),
    ResolutionTaken: st.builds(ResolutionTaken, _ids),
    PartyLeaves: st.builds(
        PartyLeaves,
        st.text(st.characters(codec="utf-8"), max_size=50),
        st.dates(date(1900, 1, 1), date(2999, 12, 31)),
        st.none() | _ids,
    ),
    MotiveWords: st.builds(MotiveWords, st.text(st.characters(codec="utf-8"), max_size=50), _digests),
    MotiveTold: st.builds(
        MotiveTold,
        event=_ids,
        kind=_codes,
        number=st.integers(0, 1_000),
        motive_sha256=st.none() | _digests,
        sector_sha256=st.none() | _digests,
        agent=_ids,
        service=_ids,
        at=_instants,
    ),
    MotiveTaken: st.builds(MotiveTaken, _ids, st.integers(0, 1_000)),
    CatalogueAsked: st.builds(CatalogueAsked, _numbers),
    CatalogueTold: st.builds(
        CatalogueTold, _numbers, _numbers, _numbers, _digests, st.lists(_entries, max_size=5).map(tuple)
    ),
    TicketAsked: st.builds(TicketAsked, _ids),
    TicketTold: st.builds(TicketTold, _ids, st.from_regex(r"[A-Za-z0-9._~-]{1,60}", fullmatch=True)),
}
"""How one of each kind is drawn."""
assert ANY.keys() == MEMBERS.keys(), "a message that is new to the union has no strategy yet"
