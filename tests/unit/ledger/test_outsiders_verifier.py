"""Whoever has read docs/reference/ledger-format.md, and no code of ours, can verify a ledger and a convention's signatures."""

import ast
import hashlib
import inspect
import json
import random
import re
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from belvedere.ledger.agreed_text import agreed_keys, agreed_text
from belvedere.ledger.export import LedgerEntry
from belvedere.ledger.note import SignedNote, sign_note, verifier_key
from belvedere.ledger.pinned_keys import parse_keys
from tests.unit.house.tree import ROOT
from tests.unit.ledger import outsiders_verifier
from tests.unit.ledger.ledgers import NODE_VKEY, VECTORS, WITNESS_VKEY, decision, entries_of, exported
from tests.unit.ledger.outsiders_verifier import Bad, keys_signed_by_all, signed_by_all, verify

PAGE = (ROOT / "docs/reference/ledger-format.md").read_text()
KEYS = [str(NODE_VKEY), str(WITNESS_VKEY)]


@pytest.mark.parametrize(("name", "erased"), [("ledger-v1.jsonl", 0), ("ledger-v1-erased.jsonl", 1)])
def test_an_outsiders_verifier_accepts_both_vectors_and_no_changed_byte_of_them(name: str, erased: int) -> None:
    content = (VECTORS / name).read_bytes()
    assert verify(content, KEYS) == (3, erased)
    source = random.Random(name)
    accepted = []
    for position in source.sample(range(len(content)), 600):
        changed = bytearray(content)
        changed[position] ^= 1 << source.randrange(8)
        try:
            verify(bytes(changed), KEYS)
        except Bad:
            continue
        accepted.append(position)
    assert accepted == []


def test_an_outsiders_verifier_accepts_what_a_node_exports_and_refuses_it_changed() -> None:
    entries = entries_of([decision(number) for number in range(50)])
    kept = [LedgerEntry(each.index, each.entry, None, None) if each.index % 10 == 3 else each for each in entries]
    assert verify(exported(kept), KEYS[:1]) == (50, 5)
    with pytest.raises(Bad, match="has not signed"):
        verify(exported(kept), KEYS)
    with pytest.raises(Bad, match="not those that were signed"):
        verify(exported(entries).replace(b"vda-007", b"vda-008"), KEYS[:1])
    with pytest.raises(Bad, match="line 12: node, epoch"):
        verify(exported(entries_of([decision(each) for each in range(12)], epochs=[2] * 10 + [1, 2])), KEYS[:1])


def test_an_outsider_tells_whether_every_party_signed_a_convention() -> None:
    city, state, other = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(3))
    sha256 = hashlib.sha256(b"convention").hexdigest()
    text = agreed_text("vda-etat", sha256)
    both = SignedNote(text, (sign_note(text, name="city", key=city), sign_note(text, name="state", key=state)))
    keys: dict[str, dict[str, dict[str, str | None]]] = {
        "city": {"agreement": {"current": str(verifier_key("city", other)), "next": str(verifier_key("city", city))}},
        "state": {"agreement": {"current": str(verifier_key("state", state)), "next": None}},
    }
    assert signed_by_all("vda-etat", sha256, str(both), keys)
    assert not signed_by_all("vda-etat", "0" * 64, str(both), keys)
    pinned = parse_keys(json.dumps(keys).encode(), parties=["city", "state"])
    text = agreed_keys("vda-etat", pinned.sha256)
    both_keys = SignedNote(text, (sign_note(text, name="city", key=city), sign_note(text, name="state", key=state)))
    assert keys_signed_by_all("vda-etat", str(both_keys), keys)
    keys["state"]["agreement"]["current"] = str(verifier_key("state", other))
    assert not signed_by_all("vda-etat", sha256, str(both), keys)
    assert not keys_signed_by_all("vda-etat", str(both_keys), keys)


def test_the_outsiders_verifier_knows_nothing_of_ours() -> None:
    tree = ast.parse(inspect.getsource(outsiders_verifier))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in imported}
    assert roots - sys.stdlib_module_names == {"cryptography"}


def test_the_page_gives_the_vectors_keys_and_every_member_that_a_record_must_have() -> None:
    assert all(key in PAGE for key in KEYS)
    members = re.findall(r"(?m)^\| `(\w+)` \|", PAGE.split("## 2. The record\n")[1].split("\n## ", maxsplit=1)[0])
    assert set(members) == outsiders_verifier.MEMBERS
