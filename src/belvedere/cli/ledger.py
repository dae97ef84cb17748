"""`belvedere ledger`: the journal as a file, and the verification of such a file with nothing but keys.

Exit codes: 0 good, 1 the file is not what was signed, 2 the command cannot be carried out as asked.
"""

from pathlib import Path
from typing import Annotated

import typer

from belvedere.domain.untrusted_text import shown

_NODE_DATA_ENV = "BELVEDERE_DATA_DIR"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    ledger = typer.Typer(help="Le journal : exporter, vérifier · the ledger: export, verify", no_args_is_help=True)
    app.add_typer(ledger, name="ledger")
    ledger.command("export")(export)
    ledger.command("verify")(verify)


def export(
    data_dir: Annotated[
        Path | None, typer.Option(envvar=_NODE_DATA_ENV, help="The node's data directory; the node may be running.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The node's settings, in place of --data-dir.")] = None,
    database: Annotated[Path | None, typer.Option(help="The database itself, in place of --data-dir.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output without.")
    ] = None,
) -> None:
    """Write the whole ledger as canonical JSON Lines: header, records with salts, signed checkpoint."""
    from belvedere.domain.failures import Unreadable
    from belvedere.store.offline import exported_ledger

    try:
        path = _database_path(data_dir=data_dir, config=config, database=database)
        lines = exported_ledger(path)
        if output is None:
            for line in lines:
                typer.echo(line, nl=False)
            return
        draft = output.with_name(f"{output.name}.part")
        with draft.open("wb") as file:
            count = 0
            for line in lines:
                file.write(line)
                count += 1
        draft.replace(output)
    except (Unreadable, OSError) as failure:
        typer.echo(f"belvedere: {failure}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{output} : {count - 2} enregistrements · records")


def verify(
    file: Annotated[Path, typer.Argument(help="An exported ledger.")],
    vkey: Annotated[
        list[str] | None,
        typer.Option(help="A key that must have signed (the node's first, then its witnesses'); may be repeated."),
    ] = None,
    convention: Annotated[
        list[Path] | None,
        typer.Option(help="A convention's directory: decide again what was decided under it; may be repeated."),
    ] = None,
) -> None:
    """Check tree, signatures, co-signatures, order and form of an exported ledger, offline."""
    from belvedere.ledger.note import BadNote, VerifierKey
    from belvedere.ledger.verify import BadLedger, verify_ledger

    try:
        keys = [VerifierKey.parse(text) for text in vkey or ()]
        verified = verify_ledger(lambda: file.open("rb"), vkeys=keys)
    except BadNote as failure:
        typer.echo(f"belvedere: --vkey: {failure}", err=True)
        raise typer.Exit(2) from None
    except OSError as failure:
        typer.echo(f"belvedere: {file}: {failure.strerror}", err=True)
        raise typer.Exit(2) from None
    except BadLedger as bad:
        record_fr = "" if bad.index is None else f" (enregistrement {bad.index})"
        record_en = "" if bad.index is None else f" (record {bad.index})"
        _say(f"FAUX · {file} · ligne {bad.line}{record_fr} : {bad.message.fr}")
        _say(f"BAD · {file} · line {bad.line}{record_en}: {bad.message.en}")
        raise typer.Exit(1) from None
    erased_fr = f", dont {verified.erased} effacés" if verified.erased else ""
    erased_en = f", {verified.erased} of them erased" if verified.erased else ""
    signers = ", ".join(verified.signed_by)
    _say(f"JUSTE · {verified.header.node} : {verified.size} enregistrements{erased_fr}, signés par {signers}")
    _say(f"GOOD · {verified.header.node}: {verified.size} records{erased_en}, signed by {signers}")
    if verified.vouches_for_itself:
        typer.echo(
            "Sans --vkey, le fichier se porte garant de lui-même : cela ne prouve pas d'où il vient.\n"
            "Without --vkey the file vouches for itself: that does not prove where it comes from."
        )
    if convention:
        _decide_again(file, convention)


def _decide_again(file: Path, directories: list[Path]) -> None:
    """Name each recorded decision that its own text answers otherwise; exit 1 where there is one."""
    from belvedere.ledger.redecision import redecide_file
    from belvedere.policy import ConventionError, load_convention

    try:
        conventions = [load_convention(directory) for directory in directories]
    except (ConventionError, OSError) as failure:
        typer.echo(f"belvedere: {failure}", err=True)
        raise typer.Exit(2) from None
    with file.open("rb") as content:
        again = redecide_file(content, conventions)
    for each in again.told:
        if each.redecided is None:
            _say(f"FAUX · enregistrement {each.index} : ses faits ne permettent pas de redécider ({each.fault})")
            _say(f"BAD · record {each.index}: its facts do not allow deciding again ({each.fault})")
        else:
            was, now = _answer_text(each.redecided.recorded), _answer_text(each.redecided.answer)
            _say(f"FAUX · enregistrement {each.index} ({each.camera}, {each.at}) : inscrit {was}, redécidé {now}")
            _say(f"BAD · record {each.index} ({each.camera}, {each.at}): recorded {was}, decided again {now}")
    word_fr, word_en = ("FAUX", "BAD") if again.differing else ("JUSTE", "GOOD")
    typer.echo(
        f"{word_fr} · {again.decided} décisions redécidées, {again.differing} autrement ; "
        f"{again.without_text} sous un texte qui n'a pas été donné, {again.by_the_node} refusées par le nœud lui-même"
    )
    typer.echo(
        f"{word_en} · {again.decided} decisions decided again, {again.differing} otherwise; "
        f"{again.without_text} under a text that was not given, {again.by_the_node} refused by the node itself"
    )
    if again.differing:
        raise typer.Exit(1)


def _say(line: str) -> None:
    """Print what repeats the file's own words: no control character of them reaches the terminal."""
    typer.echo(shown(line))


def _answer_text(answer: tuple[str, tuple[str, ...]]) -> str:
    verdict, articles = answer
    return f"{verdict} ({', '.join(articles)})"


def _database_path(*, data_dir: Path | None, config: Path | None, database: Path | None) -> Path:
    from belvedere.domain.failures import Unreadable
    from belvedere.store.database import DATABASE_FILE

    if database is not None:
        return database
    if config is not None:
        from belvedere.settings import read_settings

        return read_settings(config).node.data_dir / DATABASE_FILE
    if data_dir is None:
        raise Unreadable(f"give --data-dir, --config or --database (or set {_NODE_DATA_ENV})")
    return data_dir / DATABASE_FILE
