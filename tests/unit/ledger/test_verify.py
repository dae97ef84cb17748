"""The offline verifier over files that this program exports."""

import random
from collections.abc import Callable

import pytest

from belvedere.ledger.export import LedgerEntry
from belvedere.ledger.reading import BadLedger
from tests.unit.ledger.ledgers import NODE_VKEY, decision, entries_of, exported, line_at, verified

ENTRIES = entries_of([decision(number) for number in range(50)])
FIFTY = exported(ENTRIES)
WITH_ERASED = exported([LedgerEntry(e.index, e.entry, None, None) if e.index % 10 == 3 else e for e in ENTRIES])


def found_in(content: bytes) -> BadLedger:
    with pytest.raises(BadLedger) as bad:
        verified(content, NODE_VKEY)
    return bad.value


def test_a_file_of_fifty_records_verifies_whole_and_after_erasures() -> None:
    assert (verified(FIFTY, NODE_VKEY).size, verified(FIFTY, NODE_VKEY).erased) == (50, 0)
    assert (verified(WITH_ERASED, NODE_VKEY).size, verified(WITH_ERASED, NODE_VKEY).erased) == (50, 5)
    assert verified(FIFTY, NODE_VKEY).root == verified(WITH_ERASED, NODE_VKEY).root


def misnamed(content: bytes, positions: list[int], source: random.Random) -> dict[int, int | None]:
    """Change one byte at each of `positions`; return where the verifier accepted, or named another line."""
    wrong: dict[int, int | None] = {}
    for position in positions:
        changed = bytearray(content)
        changed[position] ^= source.randrange(1, 256)
        try:
            verified(bytes(changed), NODE_VKEY)
        except BadLedger as bad:
            if bad.line != line_at(content, position):
                wrong[position] = bad.line
        else:
            wrong[position] = None
    return wrong


@pytest.mark.slow
def test_a_changed_byte_anywhere_is_refused_and_its_line_named() -> None:
    source = random.Random(20261122)
    positions = [source.randrange(len(FIFTY)) for _ in range(1000)]
    assert misnamed(FIFTY, positions, source) == {}


def test_a_changed_byte_in_an_erased_line_is_refused_and_its_line_named() -> None:
    source = random.Random(3)
    start = WITH_ERASED.index(b'{"entry":')
    positions = list(range(start, WITH_ERASED.index(b"\n", start) + 1))
    assert misnamed(WITH_ERASED, positions, source) == {}


@pytest.mark.sweep
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("content", [FIFTY, WITH_ERASED], ids=["whole", "erased"])
def test_every_byte_of_fifty_records_changed_is_refused_and_its_line_named(content: bytes) -> None:
    assert misnamed(content, list(range(len(content))), random.Random(5)) == {}


def lines() -> list[bytes]:
    return FIFTY.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("edit", "line", "says"),
    [
        pytest.param(lambda kept: kept[:10] + kept[11:], 11, "record 10 stands where 9 must", id="record removed"),
        pytest.param(
            lambda kept: [*kept[:10], kept[11], kept[10], *kept[12:]],
            11,
            "record 10 stands where 9 must",
            id="records swapped",
        ),
        pytest.param(lambda kept: kept[:10] + kept[9:], 11, "record 8 stands where 9 must", id="record doubled"),
        pytest.param(
            lambda kept: kept[:-2] + kept[-1:], 51, "50 records are signed, the file has 49", id="last record removed"
        ),
        pytest.param(lambda kept: kept[:-1], 52, "without a signed checkpoint", id="no checkpoint"),
        pytest.param(lambda kept: [*kept, b"{}\n"], 53, "a line after the checkpoint", id="object after"),
        pytest.param(lambda kept: [*kept, kept[-1]], 53, "a line after the checkpoint", id="checkpoint twice"),
        pytest.param(lambda kept: [kept[0], b"\n", *kept[1:]], 2, "not JSON", id="empty line"),
        pytest.param(lambda kept: kept[1:], 1, "the header is not", id="no header"),
        pytest.param(lambda _: [], 1, "the file is empty", id="empty file"),
        pytest.param(lambda kept: [*kept[:-1], kept[-1][:-1]], 52, "the line has no end", id="no last newline"),
        pytest.param(
            lambda kept: [kept[0].replace(b'"node"', b' "node"'), *kept[1:]], 1, "not in its canonical form", id="blank"
        ),
        pytest.param(
            lambda kept: [kept[0].replace(b"{", b'{"a":1,', 1), *kept[1:]], 1, "the header is not", id="extra member"
        ),
        pytest.param(lambda kept: [b"[" * 100_000 + b"\n", *kept[1:]], 1, "not JSON", id="deep nesting"),
        pytest.param(lambda kept: [kept[0].replace(b":1,", b":1e999,"), *kept[1:]], 1, "JSON", id="infinity"),
        pytest.param(
            lambda kept: [kept[0], b'{"index":0,"index":0}\n', *kept[2:]],
            2,
            "not in its canonical form",
            id="member twice",
        ),
        pytest.param(
            lambda kept: [kept[0], kept[1].replace(b'"epoch":1', b'"epoch":0'), *kept[2:]],
            2,
            "member `epoch`",
            id="epoch zero",
        ),
        pytest.param(
            lambda kept: [kept[0], kept[1].replace(b'"v":1', b'"v":2'), *kept[2:]], 2, "member `v`", id="version two"
        ),
        (
            lambda kept: [kept[0], kept[1].replace(b'"verdict":"refused"', b'"verdict":"oui"'), *kept[2:]],
            2,
            "`verdict`",
        ),
    ],
)
def test_a_file_with_lines_out_of_place_is_refused_where_it_goes_wrong(
    edit: Callable[[list[bytes]], list[bytes]], line: int, says: str
) -> None:
    bad = found_in(b"".join(edit(lines())))
    assert (bad.line, says in bad.message.en) == (line, True), bad.message.en


def test_a_signed_ledger_whose_epochs_go_backwards_is_refused_where_they_do() -> None:
    forward = entries_of([decision(number) for number in range(4)], epochs=[1, 2, 2, 3])
    assert verified(exported(forward), NODE_VKEY).size == 4
    backward = entries_of([decision(number) for number in range(4)], epochs=[1, 2, 1, 3])
    bad = found_in(exported(backward))
    assert (bad.line, bad.message.en) == (4, "epoch 1 comes after 2")


def test_a_changed_epoch_is_named_on_its_own_line_and_not_on_the_next() -> None:
    content = b"".join([*lines()[:5], lines()[5].replace(b'"epoch":1', b'"epoch":9'), *lines()[6:]])
    assert found_in(content).line == 6


def test_a_rewritten_record_with_a_fitting_salt_is_refused_though_no_line_can_be_named() -> None:
    forged = entries_of([decision(number if number != 20 else 99) for number in range(50)], seed=1)
    content = b"".join(exported(forged).splitlines(keepends=True)[:-1] + lines()[-1:])
    bad = found_in(content)
    assert bad.line == 52
    assert "do not make the signed tree" in bad.message.en


def test_a_file_signed_by_another_key_of_the_same_name_is_refused() -> None:
    other = FIFTY.replace(str(NODE_VKEY).encode(), b"belvedere.example/villeneuve-dascq+00000000+AaKJ")
    assert found_in(other).line == 1


def test_every_message_is_in_french_and_in_english() -> None:
    bad = found_in(b"".join(lines()[:-1]))
    assert "point de contrôle" in bad.message.fr
    assert "checkpoint" in bad.message.en
