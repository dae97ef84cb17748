"""`belvedere ledger`: the journal as a file, such a file verified with nothing but keys, its tables made anew.

Exit codes: 0 good, 1 the file is not what was signed, 2 the command cannot be carried out as asked.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from belvedere.domain.untrusted_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from belvedere.ledger.checkpoint import Checkpoint
    from belvedere.ledger.continuation import NotContinued
    from belvedere.ledger.note import VerifierKey
    from belvedere.ledger.verify import VerifiedLedger

_NODE_DATA_ENV = "BELVEDERE_DATA_DIR"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    ledger = typer.Typer(
        help="Le journal : exporter, vérifier, refaire ses tables · the ledger: export, verify, rebuild its tables",
        no_args_is_help=True,
    )
    app.add_typer(ledger, name="ledger")
    ledger.command("export")(export)
    ledger.command("verify")(verify)
    ledger.command("rebuild")(rebuild)


def export(
    data_dir: Annotated[
        Path | None, typer.Option(envvar=_NODE_DATA_ENV, help="The node's data directory; the node may be running.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The node's settings, in place of --data-dir.")] = None,
    database: Annotated[Path | None, typer.Option(help="The database itself, in place of --data-dir.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output without.")
    ] = None,
    until_newest: Annotated[
        bool,
        typer.Option("--until-newest", help="Up to the newest record, even where no witness has co-signed it yet."),
    ] = False,
) -> None:
    """Write the ledger as canonical JSON Lines: header, records with salts, signed checkpoint.

    What another party did for itself, with none of this party's cameras, is there by its hash alone. Where a witness
    co-signs, the file ends with the newest head that it co-signed, so that it verifies with the witness's key too.
    """
    from belvedere.domain.failures import Unreadable
    from belvedere.store.copies import glance
    from belvedere.store.offline import exported_ledger

    try:
        path = _database_path(data_dir=data_dir, config=config, database=database)
        lines = exported_ledger(path, until_cosigned=not until_newest)
        if output is None:
            count = _put(lines, lambda line: typer.echo(line, nl=False))
        else:
            draft = output.with_name(f"{output.name}.part")
            with draft.open("wb") as file:
                count = _put(lines, file.write)
            draft.replace(output)
        later = glance(path).size - count
    except (Unreadable, OSError) as failure:
        typer.echo(f"belvedere: {failure}", err=True)
        raise typer.Exit(2) from None
    if output is not None:
        typer.echo(f"{output} : {count} enregistrements · records")
    if later > 0:
        typer.echo(
            f"{later} enregistrements plus récents, pas encore contresignés, n'y sont pas (--until-newest)", err=True
        )
        typer.echo(f"{later} later records, not co-signed yet, are not in it (--until-newest)", err=True)


def _put(lines: "Iterator[bytes]", put: "Callable[[bytes], object]") -> int:
    """Put every line; return how many records they are: the first line is the header, the last one the checkpoint."""
    count = -2
    for line in lines:
        put(line)
        count += 1
    return count


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
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A signed head that was kept elsewhere, which the file must continue; needs --vkey."),
    ] = None,
    keys_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--keys",
            help="A convention's keys.json: check what other parties' nodes said, as records hold it; may be repeated, "
            "for keys that were followed.",
        ),
    ] = None,
) -> None:
    """Check tree, signatures, co-signatures, order and form of an exported ledger, offline."""
    from belvedere.ledger.note import BadNote, VerifierKey
    from belvedere.ledger.verify import BadLedger, verify_ledger

    try:
        keys = [VerifierKey.parse(text) for text in vkey or ()]
        kept = None if checkpoint is None else _kept_head(checkpoint, keys)
        verified = verify_ledger(lambda: file.open("rb"), vkeys=keys, size_then=None if kept is None else kept.size)
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
    if checkpoint is not None and kept is not None:
        _require_continuation(checkpoint, kept, verified)
    if keys_file:
        _check_evidence(file, keys_file)
    if convention:
        _decide_again(file, convention)


def _check_evidence(file: Path, keys_files: list[Path]) -> None:
    """Say how many records have another party's word; exit code 1 at the first whose word is false."""
    from belvedere.domain.failures import Unreadable
    from belvedere.domain.untrusted_text import read_file
    from belvedere.ledger.pinned_keys import KEYS_BYTES_MAX, UnfitKeys, parse_keys
    from belvedere.peers.evidence import check_file, keys_of
    from belvedere.peers.signed_message import PinnedKey

    keys: dict[str, PinnedKey] = {}
    for path in keys_files:
        try:
            keys |= keys_of(parse_keys(read_file(path, bytes_max=KEYS_BYTES_MAX), parties=None))
        except (OSError, UnfitKeys, Unreadable) as failure:
            typer.echo(f"belvedere: --keys {path}: {failure}", err=True)
            raise typer.Exit(2) from None
    with file.open("rb") as exported:
        checked = check_file(exported, keys)
    if checked.false is not None:
        _say(f"FAUX · {file} · enregistrement {checked.false.index} : {checked.false.said.fr}")
        _say(f"BAD · {file} · record {checked.false.index}: {checked.false.said.en}")
        raise typer.Exit(1)
    _say(f"JUSTE · {checked.records} enregistrements portent la parole signée du nœud d'une autre partie")
    _say(f"GOOD · {checked.records} records hold the signed word of another party's node")


def rebuild(
    config: Annotated[Path, typer.Option(help="The node's settings; the node must be stopped.")],
) -> None:
    """Mend the tables that the journal is read from, by the records themselves; write down that it was done.

    A node that runs does so by itself. Records that are not what was entered are left as they are: exit code 1.
    """
    import anyio

    from belvedere.domain.failures import NotRecorded, Unreadable
    from belvedere.node.database import mend_journal
    from belvedere.settings import read_settings
    from belvedere.store.comparison import RecordsUnsound
    from belvedere.store.database import NotOpened
    from belvedere.store.ledger_log import ForeignLedger

    try:
        rows = anyio.run(mend_journal, read_settings(config))
    except RecordsUnsound as failure:
        _say(f"FAUX · les inscriptions elles-mêmes ne sont pas intactes ({failure}) ; rien n'a été refait")
        _say(f"BAD · the records themselves are not intact ({failure}); nothing was mended")
        raise typer.Exit(1) from None
    except (Unreadable, NotOpened, NotRecorded, ForeignLedger, OSError) as failure:
        typer.echo(f"belvedere: {failure}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"JUSTE · tables comparées aux inscriptions ; lignes refaites : {rows}")
    typer.echo(f"GOOD · tables compared with the records; rows mended: {rows}")


def _kept_head(path: Path, keys: "list[VerifierKey]") -> "Checkpoint":
    """Return the head that somebody kept, by the node's pinned key; exit where it is none."""
    from belvedere.domain.failures import Unreadable
    from belvedere.domain.untrusted_text import read_file
    from belvedere.ledger.continuation import CHECKPOINT_BYTES_MAX, NotContinued, read_kept_head

    if not keys:
        typer.echo("belvedere: --checkpoint: give the node's key too, with --vkey", err=True)
        raise typer.Exit(2)
    try:
        return read_kept_head(read_file(path, bytes_max=CHECKPOINT_BYTES_MAX), keys[0])
    except NotContinued as failure:
        _say_not_continued(path, failure)
        raise typer.Exit(1) from None
    except Unreadable as failure:
        typer.echo(f"belvedere: --checkpoint: {failure}", err=True)
        raise typer.Exit(2) from None
    except OSError as failure:
        typer.echo(f"belvedere: --checkpoint: {path}: {failure.strerror}", err=True)
        raise typer.Exit(2) from None


def _require_continuation(path: Path, kept: "Checkpoint", verified: "VerifiedLedger") -> None:
    """Say whether the verified file continues the kept head; exit 1 where it does not."""
    from belvedere.ledger.continuation import NotContinued, require_continuation

    try:
        require_continuation(kept, size=verified.size, root_then=verified.root_then)
    except NotContinued as failure:
        _say_not_continued(path, failure)
        raise typer.Exit(1) from None
    _say(f"JUSTE · continue {path} : ses {kept.size} inscriptions sont les premières du fichier")
    _say(f"GOOD · continues {path}: its {kept.size} records are the file's first")


def _say_not_continued(path: Path, failure: "NotContinued") -> None:
    _say(f"FAUX · {path} : {failure.message.fr}")
    _say(f"BAD · {path}: {failure.message.en}")


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
