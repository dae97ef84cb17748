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
from belvedere.cli.output_file import writable_place
from belvedere.domain.text import Language

if TYPE_CHECKING:
    from belvedere.policy import Convention
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
    found = list(replayed(convention, _records(ledger)))
    changed = [each for each in found if each.redecided is not None and each.redecided.otherwise]
    faults = [each for each in found if each.fault is not None]
    if form is Format.JSON:
        lines: list[dict[str, object]] = [
            {
                "index": each.index,
                "at": each.at,
                "action": each.action,
                "camera": each.camera,
                "recorded": each.redecided.recorded,
                "now": each.redecided.answer,
                "unrecorded": each.redecided.unrecorded,
            }
            for each in changed
            if each.redecided is not None
        ]
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=1))
    else:
        for each in changed:
            assert each.redecided is not None
            (was, was_by), (now, now_by) = each.redecided.recorded, each.redecided.answer
            unsure = f" (not recorded: {', '.join(each.redecided.unrecorded)})" if each.redecided.unrecorded else ""
            typer.echo(
                f"{each.index} {each.at} {each.action} {each.camera}: "
                f"{was} [{', '.join(was_by)}] → {now} [{', '.join(now_by)}]{unsure}"
            )
    for each in faults:
        typer.echo(f"{each.index}: {each.fault}", err=True)
    typer.echo(f"{len(found)} decisions, {len(changed)} answered otherwise, {len(faults)} unreadable", err=True)
    if faults:
        raise typer.Exit(1)


def _records(ledger: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the records of an exported ledger; erased ones are passed over: nothing of them is left to decide."""
    try:
        with ledger.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    entry = json.loads(line)
                except ValueError:
                    _fail(f"{ledger}:{number}: is not JSON")
                record = entry.get("record") if isinstance(entry, dict) else None
                if isinstance(record, dict):
                    yield int(entry.get("index", number)), record
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
