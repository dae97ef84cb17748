"""`belvedere convention`: check a convention, print its table or its page, compare two, replay a ledger."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from belvedere.cli.convention_sign import sign
from belvedere.cli.convention_words import words
from belvedere.cli.output_file import writable_place
from belvedere.domain.text import Language
from belvedere.domain.untrusted_text import BadText, read_json, read_lines, shown

if TYPE_CHECKING:
    from belvedere.policy import Convention
    from belvedere.policy.replay import Redecided, Replayed
    from belvedere.policy.table import TableRow

_Directory = Annotated[Path, typer.Argument(help="The convention's directory.")]


class Format(StrEnum):
    """How a table is written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    commands = typer.Typer(name="convention", help="Check, print and compare conventions.", no_args_is_help=True)
    commands.command("check")(check)
    commands.command("table")(table)
    commands.command("diff")(diff)
    commands.command("page")(page)
    commands.command("replay")(replay)
    commands.command("sign")(sign)
    commands.command("words")(words)
    app.add_typer(commands)


def check(directory: _Directory) -> None:
    """Load strictly, run every example, and say what lacks. Exit 1 if anything is wrong."""
    from belvedere.policy import ConventionError
    from belvedere.policy.examples import lacks_of, run_examples

    convention = _load(directory)
    try:
        outcomes = run_examples(convention)
    except ConventionError as error:
        _fail(str(error))
    wrong = [each for each in outcomes if each.complaint is not None]
    lacks = lacks_of(convention)
    for each in wrong:
        place = f"{convention.path}:{each.example.line} ({each.section.article})"
        typer.echo(f"{place}: « {each.example.situation} », {each.example.at}: {each.complaint}", err=True)
    for lack in lacks:
        typer.echo(lack, err=True)
    clauses = sum(len(each.clauses) for each in convention.sections)
    typer.echo(f"{convention.id} {convention.sha256}")
    typer.echo(
        f"{len(convention.sections)} sections, {clauses} clauses, {len(outcomes)} examples, "
        f"{len(wrong)} of them answered otherwise"
    )
    if wrong or lacks:
        raise typer.Exit(1)


def table(
    directory: _Directory,
    form: Annotated[Format, typer.Option("--format", help="How to write the table.")] = Format.TEXT,
) -> None:
    """Print every situation that the convention tells apart, and its answer."""
    from belvedere.policy.table import TableTooLarge, decision_table

    try:
        rows = decision_table(_load(directory))
    except TableTooLarge as error:
        _fail(str(error))
    _print(rows, form)


def diff(
    before: _Directory,
    after: _Directory,
    form: Annotated[Format, typer.Option("--format", help="How to write the table.")] = Format.TEXT,
) -> None:
    """Print every situation that two conventions answer otherwise."""
    from belvedere.policy.table import TableTooLarge, differences

    try:
        rows = differences(_load(before), _load(after))
    except TableTooLarge as error:
        _fail(str(error))
    _print(rows, form)


def page(
    directory: _Directory,
    lang: Annotated[Language, typer.Option(help="Language of the page's own words.")] = Language.FR,
    output: Annotated[
        Path | None, typer.Option(help="File to write; standard output if none.", callback=writable_place)
    ] = None,
) -> None:
    """Print the page of a convention: article, what the program does, examples with their results."""
    from belvedere.policy import ConventionError
    from belvedere.policy.page import convention_page

    try:
        html = convention_page(_load(directory), lang)
    except ConventionError as error:
        _fail(str(error))
    if output is None:
        sys.stdout.buffer.write(html.encode("utf-8"))
    else:
        output.write_text(html, encoding="utf-8")


def replay(
    directory: _Directory,
    ledger: Annotated[Path, typer.Argument(help="An exported ledger.")],
    form: Annotated[Format, typer.Option("--format", help="How to write the differences.")] = Format.TEXT,
) -> None:
    """Decide a past ledger's decisions again under this convention, and list what would be answered otherwise."""
    from belvedere.policy.replay import replay as replayed

    convention = _load(directory)
    found = changed = faults = 0
    for each in replayed(convention, _records(ledger)):  # told as they come: a file may hold years
        found += 1
        if each.fault is not None:
            faults += 1
            typer.echo(f"{each.index}: {each.fault}", err=True)
        if each.redecided is None or not each.redecided.otherwise:
            continue
        changed += 1
        if form is Format.JSON:
            typer.echo("[" if changed == 1 else ",")
            typer.echo(_replayed_json(each, each.redecided), nl=False)
        else:
            typer.echo(_replayed_line(each, each.redecided))
    if form is Format.JSON:
        typer.echo("\n]" if changed else "[]")
    typer.echo(f"{found} decisions, {changed} answered otherwise, {faults} unreadable", err=True)
    if faults:
        raise typer.Exit(1)


def _replayed_json(each: "Replayed", again: "Redecided") -> str:
    return json.dumps(
        {
            "index": each.index,
            "at": each.at,
            "action": each.action,
            "camera": each.camera,
            "recorded": again.recorded,
            "now": again.answer,
            "unrecorded": again.unrecorded,
        },
        ensure_ascii=False,
    )


def _replayed_line(each: "Replayed", again: "Redecided") -> str:
    (was, was_by), (now, now_by) = again.recorded, again.answer
    unsure = f" (not recorded: {', '.join(again.unrecorded)})" if again.unrecorded else ""
    return shown(
        f"{each.index} {each.at} {each.action} {each.camera}: "
        f"{was} [{', '.join(was_by)}] → {now} [{', '.join(now_by)}]{unsure}"
    )


def _records(ledger: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the records of an exported ledger; erased ones are passed over: nothing of them is left to decide."""
    try:
        with ledger.open("rb") as content:
            for number, line in enumerate(read_lines(content), start=1):
                if isinstance(line, BadText):
                    _fail(f"{ledger}:{number}: {line}")
                try:
                    entry = read_json(line)
                except BadText as error:
                    _fail(f"{ledger}:{number}: {error}")
                if not isinstance(entry, dict) or not isinstance(entry.get("record"), dict):
                    continue
                index = entry.get("index", number)
                if not isinstance(index, int):
                    _fail(f"{ledger}:{number}: `index` is no whole number")
                yield index, entry["record"]
    except OSError as error:
        _fail(f"{ledger}: {error.strerror}")


def _print(rows: tuple["TableRow", ...], form: Format) -> None:
    from belvedere.policy.table import UNREAD, columns_of

    columns = columns_of(rows)
    if form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        answers = len(rows[0].answers) if rows else 1
        writer.writerow([*columns, *(["answer"] if answers == 1 else ["before", "after"])])
        for row in rows:
            writer.writerow([*(row.facts.get(name, UNREAD) for name in columns), *map(str, row.answers)])
    elif form is Format.JSON:
        listed = [{"facts": dict(row.facts), "answers": [str(each) for each in row.answers]} for row in rows]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            situation = " · ".join(f"{name} {value}" for name, value in row.facts.items())
            typer.echo(f"{situation} ⇒ {' → '.join(map(str, row.answers))}")
        typer.echo(f"{len(rows)} situations", err=True)


def _load(directory: Path) -> "Convention":
    from belvedere.policy import ConventionError, load_convention

    try:
        return load_convention(directory)
    except ConventionError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
