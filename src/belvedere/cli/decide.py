"""`belvedere decide`: one request in, one decision out. Pure: no clock, no network, no ledger."""

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from belvedere.domain.text import Language
from belvedere.domain.untrusted_text import LINE_BYTES_MAX, BadText, read_lines, read_stream


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("decide")(decide)


def decide(
    convention: Annotated[Path, typer.Option(help="The convention's directory.")],
    batch: Annotated[bool, typer.Option("--batch", help="One request per line, one answer per line.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.FR,
) -> None:
    """Answer a request (JSON) read from standard input. Exit 0 whatever the verdict, 2 on a bad request."""
    from belvedere import policy  # the other commands do not need it

    try:
        loaded = policy.load_convention(convention)
    except policy.ConventionError as error:
        _fail(str(error), code=1)
    if not batch:
        try:
            request = policy.parse_request(read_stream(sys.stdin.buffer, bytes_max=LINE_BYTES_MAX))
        except BadText as error:
            _fail(f"request: {error}", code=2)
        except policy.BadRequest as error:
            _fail(str(error), code=2)
        _write(policy.decision_json(policy.decide(loaded, request), lang))
        return
    bad = 0
    for number, line in enumerate(read_lines(sys.stdin.buffer), start=1):
        try:
            if isinstance(line, BadText):
                raise policy.BadRequest("request", str(line))
            request = policy.parse_request(line)
        except policy.BadRequest as error:
            bad += 1
            sys.stderr.write(f"line {number}: {error}\n")
            _write({"error": {"field": error.field, "message": error.message}})
            continue
        _write(policy.decision_json(policy.decide(loaded, request), lang))
    if bad:
        raise typer.Exit(2)


def _write(answer: dict[str, object]) -> None:
    # A lone surrogate of a request comes back as its JSON escape, not as a failure to encode.
    text = json.dumps(answer, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def _fail(message: str, *, code: int) -> NoReturn:
    sys.stderr.buffer.write(message.encode("utf-8", "backslashreplace") + b"\n")
    raise typer.Exit(code)
