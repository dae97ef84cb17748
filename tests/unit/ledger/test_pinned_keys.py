"""`keys.json`: what it pins is read whole or refused with the place named; one key serves one use, and follows its rules."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.domain.failures import Unreadable
from belvedere.ledger.agreed_text import agreed_keys, agreed_text, not_signed_by
from belvedere.ledger.note import SignatureType, SignedNote, sign_note, verifier_key
from belvedere.ledger.pinned_keys import (
    ConventionKeys,
    KeyUse,
    UnfitKeys,
    brought_back,
    parse_keys,
    read_keys,
    spell_keys,
    why_not_followed,
)
from belvedere.ledger.public_key import BadPublicKey, PublicKey

PARTIES = ["city", "state"]


def key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def spelt(party: str, use: str, name: str) -> str:
    secret = key(f"{party} {use} {name}")
    if use in {KeyUse.TLS, KeyUse.MESSAGES}:
        return str(PublicKey.of(secret))
    kind = SignatureType.COSIGNATURE_V1 if use == KeyUse.WITNESS else SignatureType.ED25519
    return str(verifier_key(f"example.org/{party}", secret, kind))


def written() -> dict[str, Any]:
    """Return what both parties pin: the city its node, the State its signature alone."""
    return {
        "city": {use.value: {"current": spelt("city", use, "current"), "next": None} for use in KeyUse},
        "state": {"agreement": {"current": spelt("state", "agreement", "current"), "next": None}},
    }


def read(given: dict[str, Any]) -> ConventionKeys:
    return parse_keys(json.dumps(given).encode(), parties=PARTIES)


def changed(change: Callable[[dict[str, Any]], object]) -> ConventionKeys:
    given = written()
    change(given)
    return read(given)


def test_what_is_written_is_read_back_and_its_hash_hangs_on_no_spelling() -> None:
    keys = read(written())
    assert parse_keys(spell_keys(keys), parties=PARTIES) == keys
    turned = {party: dict(reversed(members.items())) for party, members in reversed(written().items())}
    assert read(turned).sha256 == keys.sha256 == hashlib.sha256(keys.canonical()).hexdigest()
    without_null = written()
    del without_null["state"]["agreement"]["next"]
    assert read(without_null).sha256 == keys.sha256
    assert keys.node_of("state") is None
    assert changed(lambda g: g["city"]["tls"].update(next=spelt("city", "tls", "next"))).sha256 != keys.sha256


def test_a_partys_messages_are_checked_with_the_key_that_they_name_current_or_next() -> None:
    node = changed(lambda g: g["city"]["messages"].update(next=spelt("city", "messages", "next"))).node_of("city")
    assert node is not None
    signed = {name: key(f"city messages {name}").sign(b"word") for name in ("current", "next")}
    kids = {name: PublicKey.of(key(f"city messages {name}")).kid for name in signed}
    assert list(node.message_keys()) == [kids["current"], kids["next"]]
    for name, signature in signed.items():
        node.message_keys()[kids[name]].verify(signature, b"word")
    assert PublicKey.of(key("stranger")).kid not in node.message_keys()


def test_a_key_is_named_by_the_thumbprint_that_the_standard_gives() -> None:
    # RFC 8037, appendix A.3
    assert PublicKey.parse("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").kid == (
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


@pytest.mark.parametrize(
    "text", ["", "A" * 42, "A" * 44, "é" * 43, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", "+" * 43]
)
def test_what_spells_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadPublicKey):
        PublicKey.parse(text)


def put(*path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(given: dict[str, Any]) -> None:
        *places, last = path
        for place in places:
            given = given[place]
        given[last] = value

    return change


def drop(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(given: dict[str, Any]) -> None:
        *places, last = path
        for place in places:
            given = given[place]
        del given[last]

    return change


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a party that lacks": (drop("state"), "no keys of state"),
    "a stranger": (put("lille", value={}), "keys of lille, no party of it"),
    "half a node": (drop("city", "witness"), "`city`: no witness"),
    "no signing key": (drop("city", "agreement"), "`city`: no agreement"),
    "an unknown use": (put("city", "mail", value={}), "`mail` is no use of a key"),
    "the former form": (put("state", value={"current": "x", "next": None}), "`current` is no use of a key"),
    "a bare key": (put("city", "tls", value=spelt("city", "tls", "current")), '`city`, tls: write {"current"'),
    "a third key": (put("city", "tls", "former", value="x"), '`city`, tls: write {"current"'),
    "no current one": (put("city", "tls", "current", value=None), '`city`, tls: write {"current"'),
    "a number": (put("city", "tls", "next", value=7), "`city`, tls, next: not a text"),
    "noise": (put("city", "messages", "next", value="noise"), "`city`, messages, next: no Ed25519 key"),
    "a witness's as a log's": (
        put("city", "log", "current", value=spelt("city", "witness", "x")),
        "this is a witness's",
    ),
    "a log's as a witness's": (
        put("city", "witness", "current", value=spelt("city", "log", "x")),
        "the algorithm 0x04",
    ),
    "one key, two uses": (
        put("city", "messages", "current", value=str(PublicKey.of(key("city log current")))),
        "the same key twice: city, messages, current and city, log, current",
    ),
    "one key, two parties": (
        put("state", "agreement", "current", value=spelt("city", "agreement", "current")),
        "the same key twice",
    ),
    "next is current": (put("city", "tls", "next", value=spelt("city", "tls", "current")), "the same key twice"),
    "a log that changes its name": (put("city", "log", "next", value=spelt("other", "log", "x")), "has another name"),
    "no object": (put("city", value=[]), "`city`: not a JSON object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_keys_that_do_not_fit_are_refused_and_the_place_is_named(case: str) -> None:
    change, said = REFUSED[case]
    with pytest.raises(UnfitKeys) as refused:
        changed(change)
    assert said in refused.value.told.en
    assert refused.value.told.fr != refused.value.told.en


def test_two_logs_of_one_name_are_refused() -> None:
    given = written()
    given["state"] = {use.value: {"current": spelt("state", use, "current")} for use in KeyUse}
    given["state"]["log"]["current"] = str(verifier_key("example.org/city", key("state log current")))
    with pytest.raises(UnfitKeys, match="have the same name"):
        read(given)


def test_a_party_that_stands_there_twice_is_refused() -> None:
    once = json.dumps(written()["state"])
    given = json.dumps(written())[:-1] + f', "state": {once}}}'
    with pytest.raises(UnfitKeys, match="`state` stands there twice"):
        parse_keys(given.encode(), parties=PARTIES)


def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    with file.open("wb") as large:
        large.truncate(50 * 1024 * 1024)
    with pytest.raises(Unreadable, match="more than 65536"):
        read_keys(file, PARTIES)
    with pytest.raises(UnfitKeys, match="65536 at most"):
        parse_keys(b" " * 65_537, parties=PARTIES)


# How keys follow each other.


def test_the_next_key_becomes_the_current_one_and_no_key_does_that_was_not_announced() -> None:
    before, following = read(written()), spelt("city", "log", "next")
    announced = changed(put("city", "log", "next", value=following))
    taken = changed(put("city", "log", "current", value=following))
    assert why_not_followed(before, announced) is None
    assert why_not_followed(announced, taken) is None
    assert why_not_followed(announced, before) is None, "what was announced may be dropped"
    told = why_not_followed(before, taken)
    assert told is not None
    assert "`city`, log: the current key was neither the current nor the next one" in told.en


def test_a_node_joins_by_its_keys_and_does_not_leave_by_losing_them() -> None:
    joined = written()
    joined["state"] = {use.value: {"current": spelt("state", use, "current")} for use in KeyUse}
    assert why_not_followed(read(written()), read(joined)) is None
    told = why_not_followed(read(joined), read(written()))
    assert told is not None
    assert "leaves by the act of leaving" in told.en


def test_a_retired_key_does_not_come_back() -> None:
    first, following = read(written()), spelt("city", "tls", "next")
    second = changed(put("city", "tls", "current", value=following))
    back = changed(put("city", "tls", value={"current": following, "next": spelt("city", "tls", "current")}))
    told = brought_back(back, before=second, earlier=[first])
    assert told is not None
    assert "`city`, tls: a retired key does not come back" in told.en
    assert brought_back(second, before=second, earlier=[first]) is None
    given = written()
    given["city"]["tls"]["current"], given["city"]["messages"]["next"] = following, spelt("city", "tls", "current")
    assert brought_back(read(given), before=second, earlier=[first]) is not None, "for another use neither"


# Who signed.


def signed(text: str, *signers: tuple[str, str]) -> str:
    return str(
        SignedNote(
            text,
            tuple(
                sign_note(text, name=f"example.org/{party}", key=key(f"{party} agreement {name}"))
                for party, name in signers
            ),
        )
    )


def test_text_and_keys_are_signed_with_the_current_key_or_the_next_one_and_by_every_party() -> None:
    keys = changed(put("state", "agreement", "next", value=spelt("state", "agreement", "next")))
    for text in (agreed_text("vda-etat", "0" * 64), agreed_keys("vda-etat", keys.sha256)):
        both = signed(text, ("city", "current"), ("state", "current"))
        assert not_signed_by(text, note=both, keys=keys) == []
        assert not_signed_by(text, note=signed(text, ("city", "current"), ("state", "next")), keys=keys) == []
        assert not_signed_by(text, note=signed(text, ("city", "current")), keys=keys) == ["state"]
        assert not_signed_by(text, note=signed(text, ("city", "next"), ("state", "next")), keys=keys) == ["city"]
        assert not_signed_by(text, note="noise", keys=keys) == PARTIES


def test_a_signature_under_the_text_or_under_other_keys_is_none_under_these() -> None:
    keys = read(written())
    others = [
        agreed_text("vda-etat", keys.sha256),
        agreed_keys("vda-etat", "0" * 64),
        agreed_keys("other", keys.sha256),
    ]
    for other in others:
        note = signed(other, ("city", "current"), ("state", "current"))
        assert not_signed_by(agreed_keys("vda-etat", keys.sha256), note=note, keys=keys) == PARTIES
