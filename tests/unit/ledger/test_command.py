"""`belvedere ledger` as it is typed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from belvedere.cli.ledger import register
from belvedere.domain.vocabulary import Verdict
from tests.unit.ledger.ledgers import NODE_VKEY, VECTORS, WITNESS_VKEY
from tests.unit.ledger.test_redecision import VDA, asked, recorded
from tests.unit.store.opening import VKEY, append, patient, store_in

WHOLE = VECTORS / "ledger-v1.jsonl"
KEYS = ("--vkey", str(NODE_VKEY), "--vkey", str(WITNESS_VKEY))


def belvedere(*words: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_good_file_is_said_to_be_good_by_whom_it_is_signed() -> None:
    result = belvedere("ledger", "verify", WHOLE, *KEYS)
    assert result.exit_code == 0
    assert "3 records, signed by belvedere.example/villeneuve-dascq, belvedere.example/etat" in result.output
    assert "vouches for itself" not in result.output


def test_without_keys_the_answer_says_that_the_file_vouches_for_itself() -> None:
    result = belvedere("ledger", "verify", WHOLE)
    assert result.exit_code == 0
    assert "the file vouches for itself" in result.output
    assert "se porte garant de lui-même" in result.output


def test_a_changed_file_exits_1_and_names_line_and_record(tmp_path: Path) -> None:
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(WHOLE.read_bytes().replace(b'"vda-203"', b'"vda-204"'))
    result = belvedere("ledger", "verify", changed, *KEYS)
    assert result.exit_code == 1
    assert "line 3 (record 1)" in result.output
    assert "ligne 3 (enregistrement 1)" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("verify", "/nowhere"), "No such file"),
        (("verify", WHOLE, "--vkey", "nonsense"), "--vkey: verifier key `nonsense`"),
        (("verify", WHOLE, "--convention", "/nowhere"), "/nowhere"),
        (("export", "--data-dir", "/nowhere"), "there is no database"),
        (("export",), "give --data-dir"),
        (("rebuild", "--config", "/nowhere"), "/nowhere"),
    ],
    ids=["no file", "bad key", "no convention", "no data", "no directory", "no settings"],
)
def test_a_command_that_cannot_be_carried_out_exits_2_and_says_why(words: tuple[object, ...], says: str) -> None:
    result = belvedere("ledger", *words)
    assert result.exit_code == 2
    assert says in result.output


def test_a_node_s_ledger_is_exported_and_verified_with_its_key(tmp_path: Path) -> None:
    async def work() -> None:
        async with store_in(tmp_path) as database:
            await append(database)

    asyncio.run(work())
    exported = tmp_path / "ledger.jsonl"
    assert belvedere("ledger", "export", "--data-dir", tmp_path, "-o", exported).exit_code == 0
    assert belvedere("ledger", "export", "--data-dir", tmp_path).stdout_bytes == exported.read_bytes()
    assert not exported.with_name("ledger.jsonl.part").exists()
    result = belvedere("ledger", "verify", exported, "--vkey", VKEY)
    assert (result.exit_code, "2 records" in result.output) == (0, True)


def test_decisions_are_decided_again_by_the_text_of_their_hash(tmp_path: Path) -> None:
    honest, full = recorded(asked(streams_in_use=0)), recorded(asked(streams_in_use=8))

    async def work() -> None:
        async with store_in(tmp_path) as database:
            await patient(database, lambda t: (t.append(honest), t.append(full)))

    asyncio.run(work())
    exported = tmp_path / "ledger.jsonl"
    belvedere("ledger", "export", "--data-dir", tmp_path, "-o", exported)
    result = belvedere("ledger", "verify", exported, "--vkey", VKEY, "--convention", VDA)
    assert result.exit_code == 0, result.output
    assert "2 decisions decided again, 0 otherwise" in result.output

    async def lie() -> None:
        async with store_in(tmp_path) as database:
            await patient(database, lambda t: t.append(replace(full, verdict=Verdict.GRANTED)))

    asyncio.run(lie())
    belvedere("ledger", "export", "--data-dir", tmp_path, "-o", exported)
    result = belvedere("ledger", "verify", exported, "--vkey", VKEY, "--convention", VDA)
    assert result.exit_code == 1
    assert "BAD · record 4 (vda-017" in result.output
    assert "recorded granted" in result.output
