"""A message between nodes is believed only as its issuer's pinned key signed it, for this node, now. Reliability 5, 6, 28."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belvedere.domain.ids import PartyId, ViewingId
from belvedere.domain.peer_requests import ViewingOver
from belvedere.domain.record import ConventionRef
from belvedere.domain.text import Text
from belvedere.inventory.catalogue import CatalogueEntry, CatalogueTold
from belvedere.ledger.canonical import canonical_json
from belvedere.peers.messages import (
    MEMBERS,
    TYPE_OF,
    TYPES,
    UNDER_ANY_TEXT,
    CatalogueAsked,
    Hello,
    PeerMessage,
    Renew,
    Renewed,
)
from belvedere.peers.signed_message import (
    LIFETIME_S,
    MESSAGE_BYTES_MAX,
    SKEW_S,
    Flaw,
    Signed,
    kept_until_s,
    sha256_of,
    sign,
)
from tests.unit.peers.messages_made import (
    ANY,
    CITY,
    CITYS,
    CLAIMS,
    NOW,
    NOW_S,
    RETIRED,
    STATE,
    STATES,
    STATES_NEXT,
    TEXT,
    believed,
    camera,
    signed,
)

ASKED = CatalogueAsked(7)
GOOD = signed(ASKED)
HEADER: dict[str, Any] = {"alg": "EdDSA", "kid": STATES.kid, "typ": TYPE_OF[CatalogueAsked]}
CONTENT: dict[str, Any] = json.loads(base64.urlsafe_b64decode(GOOD.split(".")[1] + "=="))
OTHER_TEXT = ConventionRef(TEXT.id, "0" * 64)


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def put_together(header: bytes, content: bytes) -> str:
    """Return what the State's key signs, whatever it is."""
    both = f"{part(header)}.{part(content)}"
    return f"{both}.{part(STATES.key.sign(both.encode()))}"


def with_header(**changed: Any) -> str:
    return put_together(canonical_json(HEADER | changed), canonical_json(CONTENT))


def with_content(**changed: Any) -> str:
    return put_together(canonical_json(HEADER), canonical_json(CONTENT | changed))


def without(name: str) -> str:
    return put_together(
        canonical_json(HEADER), canonical_json({key: each for key, each in CONTENT.items() if key != name})
    )


def altered(at: int) -> str:
    return GOOD[:at] + ("A" if GOOD[at] != "A" else "B") + GOOD[at + 1 :]


HEAD, BODY, SIGNATURE = GOOD.split(".")
HMAC = jwt.encode(CONTENT, "x" * 64, algorithm="HS256", headers={"kid": STATES.kid, "typ": TYPE_OF[CatalogueAsked]})
REFUSED: dict[str, tuple[Callable[[], str], Flaw]] = {
    "empty": (lambda: "", Flaw.NO_JWS),
    "two parts": (lambda: f"{HEAD}.{BODY}", Flaw.NO_JWS),
    "four parts": (lambda: f"{GOOD}.{SIGNATURE}", Flaw.NO_JWS),
    "many dots": (lambda: "." * 60_000, Flaw.NO_JWS),
    "other characters": (lambda: f"{HEAD}.{BODY}.é", Flaw.NO_JWS),
    "padding": (lambda: f"{HEAD}.{BODY}.{SIGNATURE}=", Flaw.NO_JWS),
    "a line after it": (lambda: f"{GOOD}\n", Flaw.NO_JWS),
    "a long header": (lambda: with_header(kid="k" * 400), Flaw.NO_JWS),
    "64 KiB and one byte": (lambda: "A" * (MESSAGE_BYTES_MAX + 1), Flaw.TOO_LONG),
    "unsigned": (lambda: f"{HEAD}.{BODY}.", Flaw.UNSIGNED),
    "the algorithm none": (lambda: f"{part(canonical_json(HEADER | {'alg': 'none'}))}.{BODY}.", Flaw.ALGORITHM),
    "the algorithm none, signed": (lambda: with_header(alg="none"), Flaw.ALGORITHM),
    "a symmetric algorithm": (lambda: HMAC, Flaw.ALGORITHM),
    "a symmetric algorithm, signed all the same": (lambda: with_header(alg="HS256"), Flaw.ALGORITHM),
    "the algorithm under another name": (lambda: with_header(alg="Ed25519"), Flaw.ALGORITHM),
    "a key of its own in the header": (lambda: with_header(jwk={"kty": "OKP"}), Flaw.ALGORITHM),
    "a header of no JSON": (lambda: put_together(b"{", canonical_json(CONTENT)), Flaw.SPELLING),
    "a header that is a list": (lambda: put_together(b"[]", canonical_json(CONTENT)), Flaw.SPELLING),
    "a header with spaces": (
        lambda: put_together(json.dumps(HEADER).encode(), canonical_json(CONTENT)),
        Flaw.SPELLING,
    ),
    "a type that nobody knows": (lambda: with_header(typ="belvedere-obey+jws"), Flaw.TYPE),
    "a type that is no text": (lambda: with_header(typ=7), Flaw.TYPE),
    "the type of another message": (lambda: with_header(typ=TYPE_OF[Hello]), Flaw.SPELLING),
    "an unknown key": (lambda: with_header(kid="somebody"), Flaw.KEY),
    "a retired key": (lambda: signed(ASKED, RETIRED), Flaw.KEY),
    "another party's key under the name of one": (
        lambda: sign(ASKED, CLAIMS, type(STATES)(STATES.kid, CITYS.key)),
        Flaw.SIGNATURE,
    ),
    "altered content": (lambda: altered(len(HEAD) + 10), Flaw.SIGNATURE),
    "an altered signature": (lambda: altered(len(GOOD) - 40), Flaw.SIGNATURE),
    "a short signature": (lambda: GOOD[:-4], Flaw.SIGNATURE),
    "a signature with bits beyond its last byte": (
        lambda: GOOD[:-1] + ("B" if GOOD[-1] == "A" else chr(ord(GOOD[-1]) + 1)),
        Flaw.SIGNATURE,
    ),
    "content with spaces": (
        lambda: put_together(canonical_json(HEADER), json.dumps(CONTENT).encode()),
        Flaw.SPELLING,
    ),
    "content that says a member twice": (
        lambda: put_together(canonical_json(HEADER), b'{"aud":"x",' + canonical_json(CONTENT)[1:]),
        Flaw.SPELLING,
    ),
    "a member more": (lambda: with_content(name="Dupont"), Flaw.SPELLING),
    "a member less": (lambda: without("after"), Flaw.SPELLING),
    "a claim less": (lambda: without("jti"), Flaw.SPELLING),
    "a number that is text": (lambda: with_content(after="7"), Flaw.SPELLING),
    "a number that is true": (lambda: with_content(after=True), Flaw.SPELLING),
    "a number below zero": (lambda: with_content(after=-1), Flaw.SPELLING),
    "an instant with a fraction": (lambda: with_content(iat=NOW_S + 0.5), Flaw.SPELLING),
    "a long identifier": (lambda: with_content(jti="m" * 200), Flaw.SPELLING),
    "a bell in an identifier": (lambda: with_content(jti="m\x07"), Flaw.SPELLING),
    "no convention": (lambda: with_content(convention=None), Flaw.SPELLING),
    "nested without end": (
        lambda: put_together(canonical_json(HEADER), b'{"aud":' + b"[" * 9_000 + b"]" * 9_000 + b"}"),
        Flaw.SPELLING,
    ),
    "said to be of another party": (lambda: signed(ASKED, iss=PartyId("lille")), Flaw.ISSUER),
    "said to be of ours": (lambda: signed(ASKED, iss=CITY), Flaw.ISSUER),
    "for another party": (lambda: signed(ASKED, aud=PartyId("lille")), Flaw.AUDIENCE),
    "for its own issuer": (lambda: signed(ASKED, aud=STATE), Flaw.AUDIENCE),
    "our own, sent back": (lambda: signed(ASKED, CITYS, iss=CITY), Flaw.AUDIENCE),
    "valid for too long": (lambda: signed(ASKED, exp=NOW_S + LIFETIME_S + 1), Flaw.LIFETIME),
    "valid never": (lambda: signed(ASKED, exp=NOW_S), Flaw.LIFETIME),
    "valid backwards": (lambda: signed(ASKED, exp=NOW_S - 1), Flaw.LIFETIME),
    "from the future": (lambda: signed(ASKED, iat=NOW_S + SKEW_S + 1, exp=NOW_S + SKEW_S + 5), Flaw.FUTURE),
    "expired": (lambda: signed(ASKED, iat=NOW_S - 30, exp=NOW_S - SKEW_S), Flaw.EXPIRED),
    "under another text": (lambda: signed(ASKED, convention=OTHER_TEXT), Flaw.OTHER_TEXT),
    "under another convention": (
        lambda: signed(ASKED, convention=ConventionRef("rouen-mrn", TEXT.sha256)),
        Flaw.OTHER_TEXT,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_message_is_refused_and_says_why(what: str) -> None:
    make, flaw = REFUSED[what]
    assert believed(make()) is flaw


def test_every_flaw_has_a_message_that_shows_it() -> None:
    # That a message was received before, whoever keeps the received ones tells.
    assert {flaw for _, flaw in REFUSED.values()} == set(Flaw) - {Flaw.REPLAYED}


def test_every_flaw_says_a_thing_of_its_own_in_both_languages() -> None:
    assert len({flaw.said for flaw in Flaw}) == len(Flaw)
    assert all(flaw.said.fr and flaw.said.en for flaw in Flaw)


@pytest.mark.parametrize("key", [STATES, STATES_NEXT], ids=["current", "next"])
def test_a_message_is_believed_under_the_current_key_and_the_next(key: Any) -> None:
    found = believed(signed(ASKED, key))
    assert isinstance(found, Signed)
    assert (found.message, found.claims) == (ASKED, CLAIMS)


@pytest.mark.parametrize("shift_s", [-SKEW_S, 0, 19 + SKEW_S])
def test_clocks_may_differ_by_ten_seconds(shift_s: int) -> None:
    assert isinstance(believed(GOOD, NOW + timedelta(seconds=shift_s)), Signed)


def test_a_message_that_opens_nothing_is_heard_under_another_text_too() -> None:
    over = ViewingOver(ViewingId("v-1"), "closed", 1000, (), Text("fermé", "closed"), None, None)
    heard: list[PeerMessage] = [Hello(1, 1), Renew(1), Renewed(1, 1, "0" * 64), over]
    assert {type(message) for message in heard} == UNDER_ANY_TEXT
    for message in heard:
        assert isinstance(believed(signed(message, convention=OTHER_TEXT)), Signed)
    assert believed(GOOD, text=None) is Flaw.OTHER_TEXT


def test_a_jti_is_kept_for_as_long_as_its_message_would_be_believed() -> None:
    for ahead_s in range(-SKEW_S, SKEW_S + 1):
        jws = signed(ASKED, iat=NOW_S + ahead_s, exp=NOW_S + ahead_s + LIFETIME_S)
        found = believed(jws)
        assert isinstance(found, Signed)
        until = datetime.fromtimestamp(kept_until_s(found.claims), UTC)
        assert believed(jws, until) is Flaw.EXPIRED
        assert isinstance(believed(jws, until - timedelta(milliseconds=1)), Signed)


def test_each_message_has_a_type_members_and_no_claim_for_a_member() -> None:
    assert TYPES.keys() == set(TYPE_OF.values())
    assert set(TYPES.values()) == MEMBERS.keys()
    assert all(not members.keys() & (CONTENT.keys() - {"after"}) for members in MEMBERS.values())


@pytest.mark.parametrize("kind", MEMBERS)
def test_what_is_said_is_what_is_heard(kind: Any) -> None:
    @settings(max_examples=50, deadline=None)
    @given(ANY[kind])
    def round_trip(message: Any) -> None:
        jws = signed(message)
        found = believed(jws)
        assert isinstance(found, Signed)
        assert found.message == message
        assert (found.jws, found.sha256) == (jws, sha256_of(jws))
        assert sign(found.message, found.claims, STATES) == jws, "one spelling"

    round_trip()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 127))
def test_whatever_byte_is_changed_the_message_is_refused(at: int, by: int) -> None:
    changed = GOOD[:at] + chr(ord(GOOD[at]) ^ by) + GOOD[at + 1 :]
    assert isinstance(believed(changed), Flaw)


@settings(max_examples=200, deadline=None)
@given(
    st.text()
    | st.lists(st.text("ABab01_-."), max_size=4).map(".".join)
    | st.integers(0, len(GOOD)).map(lambda at: GOOD[:at])
)
def test_whatever_is_sent_is_refused_without_a_failure(text: str) -> None:
    assert isinstance(believed(text), Flaw) or text == GOOD


def test_another_programs_library_reads_what_is_signed_here() -> None:
    found = jwt.decode(
        GOOD,
        STATES.key.public_key(),
        algorithms=["EdDSA"],
        audience=CITY,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (found["iss"], found["after"]) == (STATE, 7)
    assert jwt.get_unverified_header(GOOD) == HEADER


def test_what_another_programs_library_signs_in_our_spelling_is_believed() -> None:
    made = jwt.PyJWS().encode(canonical_json(CONTENT), STATES.key, algorithm="EdDSA", headers=HEADER)
    assert isinstance(believed(made), Signed)


def test_a_message_longer_than_64_kib_is_not_made() -> None:
    entries = tuple(CatalogueEntry(number, camera(number).id, camera(number)) for number in range(1, 400))
    with pytest.raises(ValueError, match="more than 65536"):
        signed(CatalogueTold(0, 399, 399, "0" * 64, entries))
